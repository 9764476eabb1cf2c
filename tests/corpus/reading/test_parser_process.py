"""Work is done in a process of its own, and nothing that it does there holds up or breaks what is here."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator

import bombs
import errands
import pytest
from fakes import until

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.reading.extract import extract
from corpus.reading.parser_process import MEMORY, ParseLimitExceeded, ParserProcess, _bounded


@pytest.fixture
def parser() -> Iterator[ParserProcess]:
    """A workshop, which leaves nothing behind."""
    made = ParserProcess()
    yield made
    made.close()
    assert multiprocessing.active_children() == []


def alive(process: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_work_is_done_elsewhere_and_what_comes_of_it_here(parser: ParserProcess) -> None:
    assert await parser.run(errands.echo, b"x" * 5_000_000, "é") == (b"x" * 5_000_000, "é")
    page = b"<html><body><p>The lighthouse cost four million pounds. It opened in 1901.</p></body></html>"
    assert await parser.run(extract, page, "https://coast.example/a") == extract(
        page, "https://coast.example/a"
    )
    process = await parser.run(errands.process)
    assert process != os.getpid()
    assert await parser.run(errands.process) == process


async def test_errors_of_the_work_are_raised_here(parser: ParserProcess) -> None:
    with pytest.raises(NotAnArticle, match=r"^empty$"):
        await parser.run(errands.refuse, "empty")
    assert await parser.run(errands.echo) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "args"),
    [
        (errands.spin, ()),
        (errands.spin_in_c, ()),
        (errands.nap, ()),
        (errands.hoard, ()),
        (errands.leave, (0,)),
        (errands.leave, (3,)),
        (errands.die, ()),
        (errands.fail_oddly, ()),
        (_bounded, (0.0, errands.spin)),
    ],
)
async def test_what_is_too_hard_is_ended_and_the_next_work_done(
    parser: ParserProcess, work: Callable[..., object], args: tuple[object, ...]
) -> None:
    process = await parser.run(errands.process)
    with pytest.raises(ParseLimitExceeded, match="gigabyte"):
        await parser.run(work, *args, seconds=20.0 if work is _bounded else 0.5)
    assert not alive(process)
    assert await parser.run(errands.echo, 1) == (1,)


async def test_a_process_that_dies_between_two_works_is_replaced(parser: ParserProcess) -> None:
    process = await parser.run(errands.process)
    os.kill(process, signal.SIGKILL)
    await until(lambda: not parser._pool.active)
    assert await parser.run(errands.process) != process


async def test_work_waits_its_turn(parser: ParserProcess) -> None:
    done = await asyncio.gather(*(parser.run(errands.echo, n) for n in range(20)))
    assert done == [(n,) for n in range(20)]


async def test_work_that_nobody_waits_for_any_more_is_ended(parser: ParserProcess) -> None:
    process = await parser.run(errands.process)
    task = asyncio.create_task(parser.run(errands.nap))
    await asyncio.sleep(0.3)  # whether it has begun or not must make no difference
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await parser.run(errands.echo, 1) == (1,)
    await until(lambda: not alive(process))


async def test_the_process_has_no_secrets_no_model_and_little_room(
    parser: ParserProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEWIRE_TOKEN", "1:secret")
    assert await parser.run(errands.environment) == {}
    await parser.run(extract, b"The lighthouse cost four million pounds.", "a.txt")
    assert await parser.run(errands.imported, "corpus", "index", "bot", "torch") == ["corpus"]
    memory, seconds, core = await parser.run(errands.bounds, seconds=2.0)
    assert (memory, core) == (MEMORY, 0)
    assert 2 < seconds < 60


async def test_closing_ends_what_is_at_work() -> None:
    parser = ParserProcess()
    process = await parser.run(errands.process)
    task = asyncio.create_task(parser.run(errands.spin))
    await asyncio.sleep(0.3)  # whether it has begun or not must make no difference
    parser.close()
    assert not alive(process)
    task.cancel()
    await asyncio.wait([task])


def test_nothing_is_started_before_it_is_needed() -> None:
    ParserProcess().close()
    assert multiprocessing.active_children() == []


@pytest.mark.slow
@pytest.mark.parametrize("what", bombs.PAGES)
async def test_a_page_made_to_keep_a_parser_busy_is_read_refused_or_given_up(what: str) -> None:
    parser = ParserProcess()
    try:
        found: object = await parser.run(
            extract, bombs.PAGES[what](2_000_000), "https://a.example/x", seconds=1.0
        )
    except (NotAnArticle, ParseLimitExceeded) as refused:
        found = refused
    assert await parser.run(errands.echo, what) == (what,)
    parser.close()
    assert isinstance(found, Article | NotAnArticle | ParseLimitExceeded)
