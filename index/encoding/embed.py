"""Text to vectors.

A sentence is read within its passage, so that "it" and "he" mean what they mean there: its vector is
the mean of its own tokens' vectors (late chunking, Günther et al. 2024). The vectors of the tokens are
kept too, two bits a dimension, to be matched with those of a question (late interaction, Khattab and
Zaharia 2020).
"""

import copy
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import LifoQueue
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.article import Span
from index.encoding import texts
from index.encoding.codes import Codes, Vectors, pack
from index.encoding.models import (
    BFLOAT16_COSINE,
    DEFAULT_MODEL,
    MODELS,
    PROBES,
    find_model,
    identity,
    load_model,
)
from index.encoding.profile import Role, profile_of
from index.encoding.texts import Text
from index.errors import ModelError

# A copy of the bundled model takes 40 to 70 MB more while it encodes, since all share the weights; others
# may take more.
COPY_BYTES = 100_000_000
# What limits the memory of a container, though the machine has more.
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
# How far bulk work stands back behind questions, from 0 to 19.
NICE = 5
# So many tokens are read at once, where the model can; passages of more are read in parts, which leave
# room for the prompt and what marks the ends.
READ_TOKENS = 512
ADDED = 8
# What some tokenizers put before a word, at times as a piece of its own.
SPACE = "▁"


class Question(NamedTuple):
    """The vectors of a question, all of unit length."""

    vector: Vectors  # shape (dimension,)
    tokens: Vectors  # shape (tokens, dimension); of those that hold letters or figures


class Sentence(NamedTuple):
    """The vector of a sentence, of unit length, and the codes of its tokens' vectors."""

    vector: Vectors  # shape (dimension,)
    tokens: Codes  # as `codes.pack` makes them


class Encoder(Protocol):
    """What turns text into vectors; the model below, or a fake of the same shape in tests."""

    name: str
    encoding: str  # the way of encoding: an index made in another way is rebuilt

    def encode_question(self, question: str, language: str = "") -> Question:
        """The vectors of one question; its language may be unknown."""

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """All sentences of `passages`, in order; `done(n)` after n more characters."""

    def knows(self, word: str) -> bool:
        """Whether the model learned `word` as a whole, which it did of common words and names."""

    def reads(self, language: str) -> bool:
        """Whether its vectors say what a text in that language means."""


def bulk_copies(cores: int, memory: int) -> int:
    """How many copies encode in bulk: one a core, as long as they take no more than a quarter of the memory.

    Each has one thread and shares no work, so none waits for another where cores are busy (two threads of
    torch's own took four times as long as one).
    """
    return max(1, min(cores, memory // 4 // COPY_BYTES))


def _memory() -> int:
    """The bytes of memory that this process may take, as far as that is known."""
    known = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")] if hasattr(os, "sysconf") else []
    with suppress(OSError, ValueError):  # no such file, or "max" in it
        known.append(int(MEMORY_LIMIT.read_text()))
    return min(known, default=4 * 10**9)


class Model:
    """A sentence-transformers model, loaded when first used.

    The default one is unpacked into the folder `models` before its first use. Raises ModelError where
    `name` is neither that, the other bundled model, a folder, nor a model that the Hugging Face cache of
    this machine holds.
    """

    encoding = "late/2"

    def __init__(self, name: str = DEFAULT_MODEL, models: Path = MODELS) -> None:
        self._folder = find_model(name, models)
        self._profile = profile_of(name)
        self._loaded: Any = None
        self._lock = threading.Lock()  # the tokenizer is not thread-safe
        # For bulk work; each is made when it is first needed, and the last that was used is taken first.
        self._copies: LifoQueue[Any] = LifoQueue()
        self._at_once = bulk_copies(os.cpu_count() or 1, _memory())
        for _ in range(self._at_once):
            self._copies.put(None)
        self.name = identity(name, self._folder)

    def encode_question(self, question: str, language: str = "") -> Question:
        """The vectors of one question."""
        with self._lock:
            [read] = _read(self._model(), [question], "query")
        tokens = self._profile.centred(read.tokens, "query", language)
        known = self._profile.centre is not None and len(tokens)
        vector = unit(tokens.mean(axis=0)) if known else read.vector
        return Question(vector, unit(tokens[read.words(question)]))

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """All sentences of `passages`, in order, read in batches of like length."""
        with self._borrowed() as model:
            together = _pools_by_mean(model)
            most = _limit(model) - ADDED if together else 0
            count = _counter(model)
            parts = [part for passage in passages for part in texts.parts(passage, most, count)]
            batches = texts.batches([count(part.text) + ADDED for part in parts])

        def encode(batch: list[int]) -> list[list[Sentence]]:
            with self._borrowed() as model:
                made = _read(model, [parts[i].text for i in batch], "document")
                return [
                    self._sentences(parts[i], each, together) for i, each in zip(batch, made, strict=True)
                ]

        encoded: dict[int, list[Sentence]] = {}
        with ThreadPoolExecutor(self._at_once, initializer=_stand_back) as pool:
            try:
                for batch, sentences in zip(batches, pool.map(encode, batches), strict=True):
                    encoded.update(zip(batch, sentences, strict=True))
                    done(sum(len(parts[i].text) for i in batch))
            finally:
                pool.shutdown(cancel_futures=True)  # where `done` had enough
        return [sentence for i in range(len(parts)) for sentence in encoded[i]]

    def _sentences(self, text: Text, read: "_Read", together: bool) -> list[Sentence]:
        tokens = self._profile.centred(read.tokens, "document", text.language)
        centred = read._replace(tokens=tokens)
        return [centred.sentence(span, together) for span in text.sentences]

    def tokens(self, texts: Sequence[str], role: Role) -> list[Vectors]:
        """The vectors of the tokens of each text, shape (tokens, dimension), whatever its language."""
        with self._lock:
            return [read.tokens for read in _read(self._model(), texts, role)]

    def reads(self, language: str) -> bool:
        """Whether its vectors say what a text in that language means."""
        return self._profile.reads(language)

    @contextmanager
    def _borrowed(self) -> Iterator[Any]:
        """A copy of the model that nobody else uses meanwhile."""
        model = self._copies.get()
        try:
            model = model or self._copy()
            yield model
        finally:
            self._copies.put(model)

    def _copy(self) -> Any:
        """The model once more, its weights shared: work on it keeps no question waiting for the tokenizer."""
        with self._lock:
            model = self._model()
            return copy.deepcopy(model, {id(weight): weight for weight in model.parameters()})

    def knows(self, word: str) -> bool:
        """Whether the model learned `word` as a whole, which it did of common words and names."""
        with self._lock:
            tokenizer = self._model().tokenizer
            pieces = tokenizer(word, add_special_tokens=False).input_ids
            space = tokenizer.convert_tokens_to_ids(SPACE)  # that of an unknown piece, where it has none
        known = [piece for piece in pieces if piece != space]
        return len(known) == 1 and known[0] != tokenizer.unk_token_id

    def _model(self) -> Any:
        if self._loaded is None:
            from sentence_transformers import SentenceTransformer

            loaded = load_model(
                SentenceTransformer, self._folder, None if self._profile.centre is not None else _same_vectors
            )
            if not getattr(loaded.tokenizer, "is_fast", False):
                raise ModelError(
                    f"The model in {self._folder} does not tell where its tokens are: use another."
                )
            self._loaded = loaded
        return self._loaded


class _Read(NamedTuple):
    """What a model makes of one text; prompts and what else it adds to the text left out."""

    vector: Vectors  # of unit length, of the whole text
    tokens: Vectors  # as the model gives them
    ends: NDArray[np.int64]  # where each token ends in the text

    def words(self, text: str) -> list[int]:
        """Which of the tokens of `text` hold a letter or a figure: what ends a question tells nothing."""
        starts = [0, *self.ends[:-1].tolist()]
        spans = zip(starts, self.ends.tolist(), strict=False)
        return [i for i, (start, end) in enumerate(spans) if any(map(str.isalnum, text[start:end]))]

    def sentence(self, span: Span, together: bool) -> Sentence:
        """The sentence at `span`; where the model pools otherwise than by mean, it is the whole text."""
        first, last = np.searchsorted(self.ends, span, side="right")
        tokens = self.tokens[first:last]
        vector = unit(tokens.mean(axis=0)) if together and len(tokens) else self.vector
        return Sentence(vector, pack(tokens))


def _read(model: Any, texts: Sequence[str], prompt: Role) -> Iterator[_Read]:
    import torch

    before = model.prompts.get(prompt) or ""
    features = model.preprocess(
        list(texts),
        prompt=before,
        processing_kwargs={"text": {"return_offsets_mapping": True, "max_length": _limit(model)}},
    )
    offsets = features.pop("offset_mapping").numpy()
    with torch.inference_mode():
        made = model(features)
    vectors, tokens = (
        unit(made["sentence_embedding"].float().numpy()),
        made["token_embeddings"].float().numpy(),
    )
    for i, ends in enumerate(offsets[:, :, 1]):
        own = (ends > offsets[i, :, 0]) & (ends > len(before))
        yield _Read(vectors[i], tokens[i, own], ends[own] - len(before))


def _stand_back() -> None:
    """Let this thread give way to others that want the processor; only Linux can be told so of a thread."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(NICE, os.getpriority(os.PRIO_PROCESS, thread)))


def _same_vectors(exact: Any, small: Any) -> bool:
    true, near = (unit(m.encode_document(list(PROBES), show_progress_bar=False)) for m in (exact, small))
    return float((true * near).sum(axis=1).min()) >= BFLOAT16_COSINE


def _counter(model: Any) -> Callable[[str], int]:
    return lambda text: len(model.tokenizer(text, add_special_tokens=False, verbose=False).input_ids)


def _limit(model: Any) -> int:
    """How many tokens the model reads at once; READ_TOKENS at most, though some were trained on fewer."""
    return min(READ_TOKENS, getattr(model[0].auto_model.config, "max_position_embeddings", READ_TOKENS))


def _pools_by_mean(model: Any) -> bool:
    """Whether the vector of a text is the mean of its tokens', so that a part of it has one too."""
    return [type(module).__name__ for module in model][1:] in (["Pooling"], ["Pooling", "Normalize"]) and (
        model[1].pooling_mode == "mean"
    )


def unit(vectors: Vectors) -> Vectors:
    """The vectors, each of length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    of_unit_length: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
    return of_unit_length
