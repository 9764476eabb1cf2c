"""Articles into a generation: encoded and put in, a batch a transaction."""

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
    """Encodes and puts in; `brake` is heeded whenever something was encoded."""

    def __init__(self, encoder: Encoder, progress: Progress, stop_flag: StopFlag) -> None:
        self._encoder = encoder
        self._progress = progress
        self._stop_flag = stop_flag

    def fill(self, generation: Generation, batches: Batches, step: Step) -> dict[str, str]:
        """Put `batches` in, and return what was put with its fingerprint; `step` is what there is to do."""
        put: dict[str, str] = {}
        with closing(batches):  # where this ends early, too: who shares the work gets it back at once
            for batch in batches:
                self._stop_flag.check()
                if not batch:  # others have taken what is left
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
        """Encode the sentences of a batch, and say how far that is."""
        done = begun.done

        def told(characters: int) -> None:
            nonlocal done
            done = min(done + characters, begun.total)
            self._progress(replace(begun, done=done))
            self._stop_flag.check()

        texts = [text for entry in batch for text in entry.texts()]
        encoded = iter(self._encoder.encode_passages(texts, told))
        for entry in batch:
            entry.encoded = [list(islice(encoded, len(p.sentences))) for p in entry.passages]


def help_fill(index_store: IndexStore, encoder: Encoder, progress: Progress, stop_flag: StopFlag) -> int:
    """Put in what others offered of the generations that they are making; returns how many articles."""
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
    """Unverified where a model behind the same name gives vectors of another length than before."""
    given = {len(each.vector) for entry in batch for passage in entry.encoded for each in passage}
    if len(given | ({dimension} if dimension else set())) > 1:
        raise Unverified(
            f"The model now gives vectors of {max(given)} numbers, the index holds {dimension}: "
            "`citewire reindex --full` makes it anew."
        )
