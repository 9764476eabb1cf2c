"""Buttons under answers: pages, context, votes, and postponed questions."""

from functools import partial

from bot.asking import pages, questions
from bot.chats import Services, Tap
from bot.records import AnswerRecord
from bot.records.answers import Vote
from bot.transport import View

VOTES: dict[str, Vote] = {"u": "up", "d": "down"}


async def vote(services: Services, tap: Tap) -> None:
    """Stores a vote, or removes it on the second tap."""
    record = await known(services, tap)
    if record is not None:
        stands = await services.answers.vote(record.id, tap.person, VOTES[tap.parts[1]])
        await tap.answer(tap.words("thanks" if stands else "vote-taken-back"))


async def turn(services: Services, tap: Tap) -> None:
    """Shows another page."""
    record, number = await _own(services, tap), int(tap.parts[1])
    if record is None or await _is_settled(tap, record, str(number), number <= record.pages):
        return
    record, view = pages.page(services, record, number, tap.words)
    await _show(services, tap, record, view, str(number))


async def show_context(services: Services, tap: Tap) -> None:
    """Shows a passage in its context."""
    record, rank = await _own(services, tap), int(tap.parts[1])
    if record is None or await _is_settled(tap, record, f"c{rank}", rank < len(record.quotes)):
        return
    view = pages.context(services, record, rank, tap.words)
    if view is None:
        await tap.answer(tap.words("changed-since"))
    else:
        await _show(services, tap, record, view, f"c{rank}")


async def answer_now(services: Services, tap: Tap) -> None:
    """Answers a postponed question."""
    record = await _own(services, tap)
    if record is None:
        return
    if record.state != "waits":  # otherwise the tap was answered on arrival
        await tap.answer(None if record.question else tap.words("answer-too-old"))
    if record.state in ("late", "waits"):
        await questions.answer_late(services, record, tap.words)


async def known(services: Services, tap: Tap) -> AnswerRecord | None:
    """Returns the answer whose id a button carries; tells the person and returns None if it is gone."""
    record = services.answers.get(tap.parts[0])
    if record is None or record.chat != tap.chat.id or record.message is None:
        await tap.answer(tap.words("answer-too-old"))
        return None
    return record


async def _own(services: Services, tap: Tap) -> AnswerRecord | None:
    """Returns the same as `known`, but only to the person who asked, or to anybody if that was forgotten.

    Anonymous admins ask in the name of a chat and tap in their own.
    """
    record = await known(services, tap)
    if record is None or record.person is None or record.person < 0 or record.person == tap.person:
        return record
    await tap.answer(tap.words("not-yours"))
    return None


async def _is_settled(tap: Tap, record: AnswerRecord, view: str, is_there: bool) -> bool:
    """Answers a tap whose view is already shown or unavailable; returns whether it did."""
    if record.shown != view and is_there:
        return False
    await tap.answer(None if record.shown == view else tap.words("button-unknown"))
    return True


async def _show(services: Services, tap: Tap, record: AnswerRecord, view: View, name: str) -> None:
    await tap.answer()
    await services.answers.note(record)
    now = services.answers.get(record.id)
    if now and now.shown != name:  # a previous tap's edit may have been sent meanwhile
        shows = partial(services.answers.shows, record.id, name)
        services.edits.put(record.chat, record.message or tap.number, view, shows)
