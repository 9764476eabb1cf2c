"""Text to vectors.

A sentence is read within its passage, so that "it" and "he" mean what they mean there: its vector is
the mean of its own tokens' vectors (late chunking, Günther et al. 2024). The vectors of the tokens are
kept too, one bit a dimension, to be matched with those of a question (late interaction, Khattab and
Zaharia 2020).
"""

import copy
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import LifoQueue
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.article import Span
from index.encoding.models import (
    BFLOAT16_COSINE,
    DEFAULT_MODEL,
    PROBES,
    ModelError,
    find_model,
    identity,
    load_model,
)

Vectors = NDArray[np.float32]
Codes = NDArray[np.uint8]

BATCH_TOKENS = 2048
# A copy of the bundled model takes 40 to 70 MB more while it encodes, since all share the weights; others
# may take more.
COPY_BYTES = 100_000_000
# What limits the memory of a container, though the machine has more.
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
# How far bulk work stands back behind questions, from 0 to 19.
NICE = 5
# So many tokens are read at once, where the model can; passages of more are read in parts, which leave
# room for what `_tokens` estimates too low.
READ_TOKENS = 512
PART = 0.8


class Question(NamedTuple):
    """The vectors of a question, all of unit length."""

    vector: Vectors  # shape (dimension,)
    tokens: Vectors  # shape (tokens, dimension)


class Sentence(NamedTuple):
    """The vector of a sentence, of unit length, and the signs of its tokens' vectors."""

    vector: Vectors  # shape (dimension,)
    tokens: Codes  # shape (tokens, ceil(dimension / 8)), 8 signs a byte


class Text(NamedTuple):
    """Sentences that are read together, with their spans in the text that they make up."""

    text: str
    sentences: Sequence[Span]


class Encoder(Protocol):
    """What turns text into vectors; the model below, or a fake of the same shape in tests."""

    name: str
    encoding: str  # the way of encoding: an index made in another way is rebuilt

    def encode_question(self, question: str) -> Question:
        """The vectors of one question."""

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """All sentences of `passages`, in order; `done(n)` after n more characters."""

    def knows(self, word: str) -> bool:
        """Whether the model learned `word` as a whole, which it did of common words and names."""


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

    Raises ModelError where `name` is neither the bundled model, a folder, nor a model that the
    Hugging Face cache of this machine holds.
    """

    encoding = "late/1"

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        self._folder = find_model(name)
        self._loaded: Any = None
        self._lock = threading.Lock()  # the tokenizer is not thread-safe
        # For bulk work; each is made when it is first needed, and the last that was used is taken first.
        self._copies: LifoQueue[Any] = LifoQueue()
        self._at_once = bulk_copies(os.cpu_count() or 1, _memory())
        for _ in range(self._at_once):
            self._copies.put(None)
        self.name = identity(name, self._folder)

    def encode_question(self, question: str) -> Question:
        """The vectors of one question."""
        with self._lock:
            [read] = _read(self._model(), [question], "query")
        return Question(read.vector, unit(read.tokens))

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """All sentences of `passages`, in order, read in batches of like length."""
        with self._lock:
            together, limit = _pools_by_mean(self._model()), PART * _limit(self._model())
        parts = [part for passage in passages for part in _parts(passage, limit if together else 0)]
        batches = _batches([_tokens(part.text) for part in parts])

        def encode(batch: list[int]) -> list[list[Sentence]]:
            model = self._copies.get()
            try:
                model = model or self._copy()
                read = _read(model, [parts[i].text for i in batch], "document")
                return [
                    [each.sentence(span, together) for span in parts[i].sentences]
                    for i, each in zip(batch, read, strict=True)
                ]
            finally:
                self._copies.put(model)

        encoded: dict[int, list[Sentence]] = {}
        with ThreadPoolExecutor(self._at_once, initializer=_stand_back) as pool:
            try:
                for batch, sentences in zip(batches, pool.map(encode, batches), strict=True):
                    encoded.update(zip(batch, sentences, strict=True))
                    done(sum(len(parts[i].text) for i in batch))
            finally:
                pool.shutdown(cancel_futures=True)  # where `done` had enough
        return [sentence for i in range(len(parts)) for sentence in encoded[i]]

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
        return len(pieces) == 1 and pieces[0] != tokenizer.unk_token_id

    def _model(self) -> Any:
        if self._loaded is None:
            from sentence_transformers import SentenceTransformer

            loaded = load_model(SentenceTransformer, self._folder, _same_vectors)
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

    def sentence(self, span: Span, together: bool) -> Sentence:
        """The sentence at `span`; where the model pools otherwise than by mean, it is the whole text."""
        first, last = np.searchsorted(self.ends, span, side="right")
        tokens = self.tokens[first:last]
        vector = unit(tokens.mean(axis=0)) if together and len(tokens) else self.vector
        return Sentence(vector, np.packbits(tokens > 0, axis=1))


def _read(model: Any, texts: Sequence[str], prompt: str) -> Iterator[_Read]:
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


def _limit(model: Any) -> int:
    """How many tokens the model reads at once; READ_TOKENS at most, though some were trained on fewer."""
    return min(READ_TOKENS, getattr(model[0].auto_model.config, "max_position_embeddings", READ_TOKENS))


def _pools_by_mean(model: Any) -> bool:
    """Whether the vector of a text is the mean of its tokens', so that a part of it has one too."""
    return [type(module).__name__ for module in model][1:] in (["Pooling"], ["Pooling", "Normalize"]) and (
        model[1].pooling_mode == "mean"
    )


def _parts(passage: Text, most: float) -> Iterator[Text]:
    """The passage in runs of whole sentences of at most `most` tokens, or of one sentence."""
    run: list[Span] = []
    for start, end in passage.sentences:
        if run and _tokens(passage.text[run[0][0] : end]) > most:
            yield _part(passage.text, run)
            run = []
        run.append((start, end))
    if run:
        yield _part(passage.text, run)


def _part(text: str, run: Sequence[Span]) -> Text:
    by = run[0][0]
    return Text(text[by : run[-1][1]], [(start - by, end - by) for start, end in run])


def _tokens(text: str) -> int:
    """About how many tokens a text is: 4 characters of English each, of what else a model may not know 1."""
    plain = sum(map(str.isascii, text)) if not text.isascii() else len(text)
    return plain // 4 + len(text) - plain + 2


def unit(vectors: Vectors) -> Vectors:
    """The vectors, each of length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    of_unit_length: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
    return of_unit_length


def _batches(tokens: Sequence[int]) -> list[list[int]]:
    """Indices grouped by like length, about BATCH_TOKENS tokens a group with padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(tokens)), key=tokens.__getitem__):
        if not batches or (len(batches[-1]) + 1) * tokens[i] > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(i)
    return batches
