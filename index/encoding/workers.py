"""A model in several processes, for machines with more cores than one process keeps busy."""

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import LifoQueue
from threading import Event
from types import TracebackType

from corpus.errors import CitewireError
from index.encoding.embed import Model, Question, Sentence, Text
from index.encoding.parts import in_parts

# Sentences that a process encodes at once: a second or two of work, which is lost with it.
PART_SENTENCES = 128
CLOSING = 5.0  # seconds that a process may take to end by itself
DEATHS = 3  # of processes at one part, until it is given up

# Spawned, since a forked process may hang on the locks of torch.
CONTEXT = get_context("spawn")


class Died(CitewireError):
    """Processes that encode end before they have done their work."""


class Workers:
    """The model `name`, whose bulk work is shared among processes of one thread each, until it is closed.

    sentence-transformers has such a pool, which does not tell where the tokens of a text stand. Those of
    concurrent.futures and pebble have one pipe for all processes: one that is killed while it writes leaves
    half a message in it, or a lock, for which the others wait forever. Here each has a pipe of its own.
    """

    encoding = Model.encoding

    def __init__(self, name: str, processes: int) -> None:
        self._model = Model(name)
        self._processes = processes
        self.name = self._model.name
        # The one that was used last is taken first, so none starts that is not needed.
        self._workers: LifoQueue[_Worker] = LifoQueue()
        for _ in range(processes):
            self._workers.put(_Worker(name))

    def encode_question(self, question: str) -> Question:
        """The vectors of one question, made in this process."""
        return self._model.encode_question(question)

    def knows(self, word: str) -> bool:
        """Whether the model learned `word` as a whole."""
        return self._model.knows(word)

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """All sentences of `passages`, in order; Died where processes end again and again."""
        made = in_parts(self._encode, _parts(passages), _characters, done, self._processes)
        return [sentence for sentences in made for sentence in sentences]

    def _encode(self, part: list[Text], over: Event) -> list[Sentence]:
        worker = self._workers.get()
        try:
            for _ in range(DEATHS):
                try:
                    return worker.encode(part)
                except (EOFError, OSError):
                    worker.close()
                    if over.is_set():
                        break
            raise Died(
                "The processes that encode are killed, for want of memory perhaps: try fewer --workers."
            )
        finally:
            self._workers.put(worker)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for _ in range(self._processes):
            self._workers.get().close()


class _Worker:
    """One process, which starts with its first work, and anew after it was closed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pipe: Connection | None = None

    def encode(self, part: list[Text]) -> list[Sentence]:
        """The sentences of a part; EOFError or OSError where the process has ended."""
        if self._pipe is None:
            self._pipe, theirs = CONTEXT.Pipe()
            self._process = CONTEXT.Process(target=_work, args=(theirs, self._name), daemon=True)
            self._process.start()
            theirs.close()  # else the end of the process would go unnoticed
        self._pipe.send(part)
        made = self._pipe.recv()
        if isinstance(made, Exception):
            raise made
        sentences: list[Sentence] = made
        return sentences

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._pipe is not None:
            self._pipe.close()  # which ends it, unless it is at work
            self._process.join(CLOSING)
            self._process.kill()
            self._process.join()
            self._process.close()
            self._pipe = None


def _work(pipe: Connection, name: str) -> None:
    """What a process does: encode what comes, until nobody is there any more who sends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that shares the work
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_made(name, pipe.recv()))


def _made(name: str, part: list[Text]) -> list[Sentence] | Exception:
    try:
        return _model(name).encode_passages(part, lambda _characters: None)
    except Exception as error:  # noqa: BLE001 - raised where the part was sent from
        return error


@cache
def _model(name: str) -> Model:
    return Model(name, copies=1)


def _parts(passages: Sequence[Text]) -> list[list[Text]]:
    """The passages in runs of about PART_SENTENCES sentences."""
    parts: list[list[Text]] = []
    room = 0
    for passage in passages:
        if room <= 0:
            parts.append([])
            room = PART_SENTENCES
        parts[-1].append(passage)
        room -= len(passage.sentences)
    return parts


def _characters(part: list[Text]) -> int:
    return sum(len(passage.text) for passage in part)
