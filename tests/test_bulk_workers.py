"""Processes that encode: they make what one does, and none that is killed loses or holds up anything."""

import asyncio
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from fakes import until
from test_cli import PAY, Terminal
from tiny import WORDS

from index.encoding.embed import Model, Text
from index.encoding.models import ModelError
from index.encoding.workers import PART_SENTENCES, Died, Workers

PASSAGES = [
    Text(f"{one} {two} one. {two} {one} two.", [(0, len(one) + len(two) + 6), (len(one) + len(two) + 7, 30)])
    for one in WORDS[10:]
    for two in WORDS[10:]
]


@pytest.fixture
def workers(tiny_folder: Path) -> Iterator[Workers]:
    """Two processes, which leave nothing behind."""
    with Workers(str(tiny_folder), 2) as made:
        yield made
    assert multiprocessing.active_children() == []


def untold(_characters: int) -> None:
    """Nobody wants to know."""


def encodes_all(workers: Workers, folder: Path) -> bool:
    """Whether it makes of PASSAGES what one process makes of them."""
    made = workers.encode_passages(PASSAGES, untold)
    wanted = Model(str(folder)).encode_passages(PASSAGES, untold)
    return len(made) == len(wanted) and all(
        np.allclose(a.vector, b.vector, atol=0.02) and a.tokens.shape == b.tokens.shape
        for a, b in zip(made, wanted, strict=True)
    )


def processes() -> set[int]:
    """Those at work."""
    return {child.pid for child in multiprocessing.active_children() if child.pid}


def kill_all() -> None:
    """Kill them."""
    for process in processes():
        os.kill(process, signal.SIGKILL)


def test_they_are_known_as_their_model_and_start_when_they_are_needed(
    workers: Workers, tiny_folder: Path
) -> None:
    model = Model(str(tiny_folder))
    assert (workers.name, workers.encoding) == (model.name, model.encoding)
    assert workers.knows("w1") > workers.knows("elsewhere")
    assert np.array_equal(workers.encode_question("w1?").vector, model.encode_question("w1?").vector)
    assert workers.encode_passages([], untold) == []
    assert processes() == set()


def test_they_make_what_one_process_makes_in_its_order_and_tell_how_far_it_is(
    workers: Workers, tiny_folder: Path
) -> None:
    assert encodes_all(workers, tiny_folder)
    assert len(processes()) == 2
    told: list[int] = []
    workers.encode_passages(PASSAGES, told.append)
    assert sum(told) == sum(len(passage.text) for passage in PASSAGES)
    assert len([n for n in told if n]) > 1


@pytest.mark.slow
def test_what_killed_processes_were_at_is_done_again(workers: Workers, tiny_folder: Path) -> None:
    assert len(PASSAGES) > 5 * PART_SENTENCES
    killed: set[int] = set()

    def kill(characters: int) -> None:
        if characters and not killed:
            killed.update(processes())
            kill_all()

    made = workers.encode_passages(PASSAGES, kill)
    assert len(made) == 2 * len(PASSAGES)
    assert len(killed) == 2
    assert processes().isdisjoint(killed)
    kill_all()  # while nothing is to be done
    assert encodes_all(workers, tiny_folder)


def test_processes_that_die_again_and_again_are_given_up(workers: Workers) -> None:
    over = Event()

    def kill_on() -> None:
        while not over.wait(0.01):
            kill_all()

    killer = Thread(target=kill_on)
    killer.start()
    try:
        with pytest.raises(Died, match="try fewer --workers"):
            workers.encode_passages(PASSAGES, untold)
    finally:
        over.set()
        killer.join()


def test_what_a_process_can_not_do_is_told_here(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    with Workers(str(folder), 1) as workers:
        (folder / "model.safetensors").write_bytes(b"nothing")
        with pytest.raises(ModelError, match="can't be loaded"):
            workers.encode_passages(PASSAGES, untold)


@pytest.mark.slow
def test_who_has_had_enough_ends_the_work(workers: Workers) -> None:
    def enough(_characters: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workers.encode_passages(PASSAGES, enough)


ENDLESS = """
import multiprocessing, sys
from index.encoding.embed import Text
from index.encoding.workers import Workers

def tell(characters):
    if characters:
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)

if __name__ == "__main__":
    with Workers(sys.argv[1], 2) as workers:
        workers.encode_passages([Text("w1 w2 w3.", [(0, 9)])] * 1_000_000, tell)
"""


@pytest.mark.slow
async def test_they_end_with_the_process_that_started_them(tiny_folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        script,
        tiny_folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout
    started = (await parent.stdout.readline()).decode().split()
    assert len(started) == 2
    parent.kill()
    await parent.wait()
    await until(lambda: not any(Path(f"/proc/{process}").exists() for process in started))


@pytest.mark.slow
def test_the_index_is_made_by_several_processes(tmp_path: Path) -> None:
    citewire = Terminal(tmp_path / "data")
    done = citewire("reindex", "--full", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert "1 added" in done.stdout
    assert "0 added" in citewire("reindex").stdout
    assert "£300,000" in citewire("ask", PAY).stdout
