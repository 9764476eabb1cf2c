"""Withdrawing and restoring articles: one, all of an outlet, all that came by a feed."""

from bot.admin import acts, desk
from bot.admin.acts import Selection
from bot.admin.articles import OLD
from bot.chats import Request, Services, Tap
from bot.text import foreign, line
from bot.transport import plain
from corpus.errors import CitewireError, NotStored

WITHDRAW = (
    "Send /withdraw and the id of an article, or take out all of a source: "
    "/withdraw outlet and its name, /withdraw feed and its number."
)
RESTORE = "Send /restore and the id of an article that was withdrawn, or /restore outlet and its name."


async def withdraw(services: Services, request: Request) -> None:
    """/withdraw asks before it takes out what was named."""
    if request.text:
        await _ask(services, request, Selection.read(request.text))
    else:
        await services.say(request, foreign(WITHDRAW))


async def tap_withdraw(services: Services, tapped: Tap) -> None:
    """Ask before the article of a button is taken out."""
    selection = _article(services, tapped)
    await tapped.answer(None if selection else OLD)
    if selection is not None:
        await _ask(services, tapped, selection)


async def restore(services: Services, request: Request) -> None:
    """/restore puts back what was named."""
    if not request.text:
        await services.say(request, foreign(RESTORE))
        return
    act = acts.restore(services, request.person, Selection.read(request.text, feeds=False))
    await services.say(request, foreign(await desk.outcome(act)))


async def tap_restore(services: Services, tapped: Tap) -> None:
    """Put back the article of a button."""
    selection = _article(services, tapped)
    await tapped.answer(None if selection else OLD)
    if selection is not None:
        act = acts.restore(services, tapped.person, selection)
        await services.show(tapped, plain(await desk.outcome(act)))


def _article(services: Services, tapped: Tap) -> Selection | None:
    """The article of a button: one alone, whatever its id reads like; None if the button is too old."""
    number = services.pending.text("id", tapped.parts[0])
    return Selection("article", (number,)) if number else None


async def _ask(services: Services, request: Request | Tap, selection: Selection) -> None:
    """Ask before articles are taken out, or say why there are none to take out."""
    try:
        named = _named(services, selection)
    except CitewireError as error:
        await services.show(request, plain(acts.reason(error)))
        return
    text = f"Withdraw {named}? It is then neither found nor shown to anybody."
    await desk.question(services, request, text, "Withdraw", "withdraw", selection.dump())


def _named(services: Services, selection: Selection) -> str:
    """What a person calls articles that stand; NotStored or NotFollowed where there are none."""
    name, ids = line(selection.names[0]), selection.ids(services)
    if selection.kind == "feed":
        feed = services.feeds.get(int(name))
        return f"the {len(ids)} articles that came by feed {name}, {feed.title}, and follow it no longer"
    if selection.kind == "outlet":
        if not ids:
            raise NotStored(f"No article of an outlet called {name} stands: /articles lists them.")
        return f"all {len(ids)} articles of the outlet {name}"
    record = services.catalogue.get(selection.names[0])
    if record is None or record.withdrawn:
        raise NotStored(f"There is no article {name}: /articles lists them.")
    return f"“{line(record.title)}” ({name})"
