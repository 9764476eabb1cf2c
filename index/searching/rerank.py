"""Question and passage read together by a cross-encoder, for those who have one on their machine."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from index.encoding.models import PROBES, find_model, identity, load_model
from index.errors import ModelError
from index.searching.weighing import Table

SETTING = "CITEWIRE_RERANKER"
# bfloat16 is kept only where it moves the scores of the probes by less than this share of their range.
BFLOAT16_SHIFT = 0.05


class Reranker:
    """A cross-encoder, loaded from safetensors and without a network when first used.

    Threads take turns. Raises ModelError where `name` is neither a folder nor a model that the
    Hugging Face cache of this machine holds, or has no safetensors weights.
    """

    def __init__(self, name: str) -> None:
        self._folder = find_model(name, setting=SETTING)
        self._called = name
        self._loaded: Any = None
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """What the model is called, and a hash of its files."""
        return identity(self._called, self._folder)

    def scores(self, question: str, texts: Sequence[str]) -> Table:
        """How well each text answers the question, higher is better; comparable within one question.

        Raises ModelError where the model can't be loaded or is no cross-encoder with one score a pair.
        """
        with self._turn:
            if self._loaded is None:
                self._loaded = self._load()
            return _scores(self._loaded, question, texts)

    def _load(self) -> Any:
        from sentence_transformers import CrossEncoder

        try:
            model = load_model(CrossEncoder, self._folder, _same_scores)
        except ModelError as error:
            raise ModelError(f"{SETTING}: {error}") from error
        if not _is_reranker(model):
            raise ModelError(
                f"{SETTING} names {str(self._folder)!r}, which is no cross-encoder with one score a pair."
            )
        return model


def _is_reranker(model: Any) -> bool:
    """Whether the folder held what makes one score of a pair; for other models a random head is made up."""
    made_as = (model.config.architectures or [""])[0]
    return bool((len(model) > 1 or made_as.endswith("ForSequenceClassification")) and model.num_labels == 1)


def _scores(model: Any, question: str, texts: Sequence[str]) -> Table:
    from torch.nn import Identity

    pairs = [(question, text) for text in texts]
    # Without the model's own sigmoid, under which all good scores are 1.
    scores = model.predict(pairs, activation_fn=Identity(), show_progress_bar=False)
    return np.asarray(scores, dtype=np.float32)


def _same_scores(exact: Any, small: Any) -> bool:
    true, near = (_scores(model, PROBES[1], PROBES) for model in (exact, small))
    return float(np.abs(true - near).max()) <= BFLOAT16_SHIFT * float(np.ptp(true))
