"""The commands of admins about the index: reindex, call that off, list the generations, roll back."""

import asyncio
import logging
from functools import partial

from telegram import CallbackQuery
from telegram.error import TelegramError

from bot.admin import desk, reindex_jobs
from bot.admin.reindex_jobs import ReindexWorker
from bot.admin.status import NO_INDEX
from bot.chats import Request, Services, Tap
from bot.text import Message, foreign, join
from bot.transport import NO_BUTTONS, plain

log = logging.getLogger(__name__)

HOW = "Send /reindex to bring the index up to the articles, or /reindex full to make it anew."
BUSY = "One reindex runs and one waits: the one that waits sees to this too, and says when it is done."
WAITS = "This begins when the reindex that runs is done."
ENDING = "It is called off …"
UNBEGUN = "It was called off before it began."
ASKED = "Shall the index before serve again? What came in since is put into it."
NONE_BEFORE = "There is no index before the one that serves."
SETTLED = "That is over already."


async def reindex(worker: ReindexWorker, services: Services, request: Request) -> None:
    """/reindex brings the index up to the articles; /reindex full rebuilds it."""
    full = {"": False, "full": True}.get(request.text.casefold())
    if full is None:
        await services.say(request, foreign(HOW))
    elif await services.database.written(partial(reindex_jobs.share_job, full=full)):
        await services.say(request, BUSY)
    else:
        await _add_job(services, request, full=full)
        worker.start()


async def _add_job(services: Services, request: Request, *, full: bool) -> None:
    """Add a job with the message that will show its progress."""
    waits = reindex_jobs.jobs(services.database.read())
    opening = f"{reindex_jobs.HEADS[full]}\n{WAITS if waits else reindex_jobs.MEANWHILE}"
    sent = await services.sender.send(request.place, Message(opening), keyboard=reindex_jobs.CANCEL)
    chat, message = request.place.chat, sent.message_id
    add = partial(reindex_jobs.add_job, chat=chat, message=message, person=request.person, full=full)
    if not await services.database.written(add):
        services.edits.put(chat, message, (Message(BUSY), NO_BUTTONS))


async def call_off(worker: ReindexWorker, services: Services, tapped: Tap) -> None:
    """Cancel the reindex that a message follows: within a batch if it runs, at once if it waits."""
    chat, message = tapped.chat.id, tapped.number
    if worker.call_off(chat, message):
        said = ENDING
    elif await services.database.written(partial(reindex_jobs.call_off_job, chat=chat, message=message)):
        services.replace(tapped, plain(UNBEGUN))
        said = UNBEGUN
    else:
        await tapped.answer(SETTLED)
        await _remove_buttons(tapped.query)
        return
    await services.audit.note(tapped.person, "call off a reindex", "", said)
    await tapped.answer(said)


async def list_generations(services: Services, request: Request) -> None:
    """/generations lists the indexes that are kept."""
    kept = await asyncio.to_thread(services.assistant.generations)
    lines = [foreign(each.sentence()) for each in kept]
    await services.say(request, *(join(lines) or [Message(NO_INDEX)]))


async def roll_back(services: Services, request: Request) -> None:
    """/rollback asks whether the previous index shall serve again."""
    kept = await asyncio.to_thread(services.assistant.generations)
    previous = [each for each in kept if not each.serves]
    if previous:
        text = f"{ASKED}\n{previous[0].sentence()}"
        await desk.question(services, request, text, "Go back", "roll back")
    else:
        await services.say(request, NONE_BEFORE)


async def _remove_buttons(query: CallbackQuery) -> None:
    """Remove the buttons from the message that was tapped, whose text may have changed."""
    try:
        await query.edit_message_reply_markup()
    except TelegramError as error:
        log.debug("Buttons of a job that is over could not be removed: %s", error)
