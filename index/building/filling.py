"""Encodes articles into a generation, one transaction per batch."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice

from index.building.progress import Progress, Step, StopFlag
from index.encoding.embed import Encoder
from index.entries import Batches, Entry
from index.errors import Unverified
from index.generation import Generation
from index.index_store import IndexStore


class Filler:
    """Encodes and stores articles; checks `stop_flag` after each encoding."""

    def __init__(self, encoder: Encoder, progress: Progress, stop_flag: StopFlag) -> None:
        self._encoder = encoder
        self._progress = progress
        self._stop_flag = stop_flag

    def fill(self, generation: Generation, batches: Batches, step: Step) -> dict[str, str]:
        """Stores `batches` and returns their fingerprints; `step` is the progress to start from."""
        put: dict[str, str] = {}
        with closing(batches):  # on early exit, too: other machines get the work back at once
            for batch in batches:
                self._stop_flag.check()
                if not batch:  # others have claimed the rest
                    continue
                self._encode(batch, step)
                _check_lengths(generation.dimension(), batch)
                generation.put(entry.indexed() for entry in batch)
                put |= {entry.article.id: entry.fingerprint for entry in batch}
                done = step.done + sum(len(entry.article.text) for entry in batch)
                step = replace(step, done=min(done, step.total), articles=step.articles + len(batch))
                self._progress(step)
        return put

    def _encode(self, batch: Sequence[Entry], begun: Step) -> None:
        """Encodes the sentences of a batch and reports progress."""
        done = begun.done

        def told(characters: int) -> None:
            nonlocal done
            done = min(done + characters, begun.total)
            self._progress(replace(begun, done=done))
            self._stop_flag.check()

        texts = [text for entry in batch for text in entry.texts()]
        encoded = iter(self._encoder.encode_passages(texts, told))
        for entry in batch:
            entry.encoded = [list(islice(encoded, len(p.lines))) for p in entry.passages]


def help_fill(index_store: IndexStore, encoder: Encoder, progress: Progress, stop_flag: StopFlag) -> int:
    """Encodes what other machines offered of their new generations; returns the number of articles."""
    put: dict[str, str] = {}
    for name in index_store.everything():
        generation = index_store.open(name)
        if generation is None:
            continue
        with closing(generation):
            if name not in index_store.names() and generation.difference(encoder) is None:
                step = Step("encoding", 0, 0, 0, 0)
                put |= Filler(encoder, progress, stop_flag).fill(generation, generation.claims(), step)
    return len(put)


def _check_lengths(dimension: int, batch: Sequence[Entry]) -> None:
    """Raises Unverified if the model of this name now gives vectors of another length."""
    given = {len(each.vector) for entry in batch for passage in entry.encoded for each in passage}
    if len(given | ({dimension} if dimension else set())) > 1:
        raise Unverified(
            f"The model now gives vectors of {max(given)} numbers, the index holds {dimension}: "
            "`citewire reindex --full` makes it anew."
        )
