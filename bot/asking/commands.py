"""Public commands, except those for subscriptions and watches."""

import asyncio
from dataclasses import replace
from secrets import token_urlsafe

from bot.asking import about, pages
from bot.asking.why import why
from bot.chats import Request, Services
from bot.chats.membership import ways
from bot.chats.rights import sees_all
from bot.records import AnswerRecord, RecordedPassage
from bot.text import title
from bot.text.passages import listing
from index.errors import Away

LISTED = 20  # articles listed by /articles
PERMALINK = "a_"


async def start(services: Services, request: Request) -> None:
    """Greets, or opens a link's target: an answer, or a question about the article of a post."""
    if not request.is_private:
        await send_help(services, request)
    elif request.text.startswith(PERMALINK):
        await _open_again(services, request, request.text.removeprefix(PERMALINK))
    elif request.text.startswith(about.QUESTION):
        await about.begin(services, request, request.text.removeprefix(about.QUESTION))
    else:
        await services.say(request, request.words("start"))


async def send_help(services: Services, request: Request) -> None:
    """Explains what the bot does and how to ask it here."""
    name = f"@{services.bot_name}"
    if request.is_private:
        await services.say(request, request.words("help", bot=name))
    else:
        everything = await sees_all(services.sender.bot, request.chat.id)
        listed = ways(request.chat.mode, request.words, name, everything=everything)
        await services.say(request, request.words("help-group", ways=listed))


async def privacy(services: Services, request: Request) -> None:
    """Explains what is stored about people."""
    await services.say(request, request.words("privacy", days=services.config.keep_days))


async def list_articles(services: Services, request: Request) -> None:
    """Lists the newest articles."""
    newest, (total, _) = services.store.articles(LISTED), services.store.extent()
    await services.say(request, *listing(newest, total, request.words))


async def explain(services: Services, request: Request) -> None:
    """Explains how the answer that is replied to was found."""
    replied, words = request.message.reply_to_message, request.words
    answer = services.answers.of_message(request.place.chat, replied.message_id) if replied else None
    if answer is None:
        await services.say(request, words("why-unknown" if replied else "why-how"))
    elif answer.state == "waits":
        await services.say(request, words("index-away"))
    else:
        serving = await _serving(services, answer)
        await services.say(request, why(answer, services.answers, serving, words))


async def new_topic(services: Services, request: Request) -> None:
    """Stops later questions from depending on earlier ones."""
    await services.answers.start_afresh(request.place.chat, request.person)
    await services.say(request, request.words("new-topic"))


async def _serving(services: Services, answer: AnswerRecord) -> str:
    """Returns the name of the serving index; during an outage, of the index that answered."""
    try:
        return await asyncio.to_thread(services.assistant.generation)
    except Away:
        return answer.generation


async def _open_again(services: Services, request: Request, number: str) -> None:
    """Shows an answer again in this chat, and says if one of its articles has changed."""
    answer = services.answers.get(number)
    quotes = [quote for quote in answer.quotes if quote.page == 0] if answer else []
    if answer is None or not quotes:
        await services.say(request, request.words("permalink-gone"))
        return
    changes = [said for quote in quotes if (said := _changed(services, quote, request))]
    again = AnswerRecord(
        request.place.chat, answer.state, person=request.person, head="\n".join(dict.fromkeys(changes)),
        generation=answer.generation, articles=answer.articles, code=request.words.code,
        about=answer.about, quotes=answer.quotes, id=token_urlsafe(9),
    )  # fmt: skip
    again, (message, keyboard) = pages.page(services, again, 0, request.words)
    sent = await services.sender.send(request.place, message, request.number, keyboard)
    await services.answers.note(replace(again, message=sent.message_id))


def _changed(services: Services, quote: RecordedPassage, request: Request) -> str:
    """Returns what happened to a passage since it was quoted; "" if nothing did."""
    article = services.store.article(quote.article)
    if article is None:
        return request.words("permalink-withdrawn")
    if article.content_hash == quote.version:
        return ""
    if services.answers.hit(quote):
        return request.words("permalink-changed")
    return request.words("permalink-rewritten", title=title(article))
