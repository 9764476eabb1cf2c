"""What goes to chats by itself: each post once and in order, whatever Telegram does meanwhile."""

import asyncio
import random
import time
from collections import Counter
from typing import Any

import pytest
from bot_api import BotApi, Call
from fakes import LONG_AFTER, FakeTime, Wired, until, wired
from updates import ANN, GROUP, migration, private

from bot.assistant import Assistant
from bot.chats.chat import DEAD_AFTER
from bot.posting import broadcast, outbox
from bot.posting.outbox import Delivery
from bot.text.words import words_for
from bot.transport.errors import OUTAGE_SECONDS
from corpus.article import Article
from corpus.store import Incoming

BEN, TOWN, SUPER, CHANNEL = 200, -5, -1_009_999_999_999, -1_001_111_111_111
OWNER = 900


async def subscribe(bot: Wired, *places: int | tuple[int, int], **choices: Any) -> None:
    """Subscribe chats, or topics of them, to everything."""
    for place in places:
        chat, thread = place if isinstance(place, tuple) else (place, 0)
        made = await bot.subscriptions.begin(chat, thread, chat if chat > 0 else OWNER)
        if thread:
            bot.api.chats[chat].is_forum = True
            bot.api.chats[chat].topics.setdefault(thread, "open")
        if choices:
            await bot.subscriptions.choose(made.id, **choices)


def publish(assistant: Assistant, *numbers: int) -> list[str]:
    """New articles that can be found; returns their titles."""
    fresh = [storm(number) for number in numbers]
    assistant.store.put(*(Incoming(article, article.id, keep_id=True) for article in fresh))
    assistant.reindex()
    return [article.title for article in fresh]


def storm(number: int) -> Article:
    text = f"""Storm number {number} closed the harbour of Aarhus on Monday, and the ferries stayed in port.

Nobody was hurt, said the harbour master of Aarhus on the telephone, but {number + 2} boats broke loose."""
    return Article(
        f"storm{number}", f"Storm {number}", text, "Coast Daily", url=f"https://coast.example/s{number}"
    )


def posts(bot: Wired, chat: int, thread: int | None = None) -> list[str]:
    """The titles of the posts in a chat, in the order in which they came."""
    sent = [message for message in bot.api.messages if (message.chat_id, message.thread) == (chat, thread)]
    return [
        title for message in sent for title in (message.text.split("\n")[0],) if title.startswith("Storm")
    ]


def states(bot: Wired) -> dict[str, int]:
    return dict(outbox.counts(bot.services.database.read()))


def tries(bot: Wired, chat: int) -> int:
    """How many messages Telegram was asked to send to a chat."""
    return sum(call.method == "sendMessage" and call.params["chat_id"] == chat for call in bot.api.calls)


async def test_every_place_that_is_subscribed_gets_every_new_article_once(
    bot: Wired, coast: Assistant
) -> None:
    await subscribe(bot, ANN, TOWN, (GROUP, 4), (GROUP, 7), CHANNEL)
    bot.api.chats[CHANNEL].kind, bot.api.chats[CHANNEL].bot = "channel", "administrator"
    titles = publish(coast, 1, 2, 3)
    await bot.work_off()
    for chat, thread in ((ANN, None), (TOWN, None), (GROUP, 4), (GROUP, 7), (CHANNEL, None)):
        assert posts(bot, chat, thread) == titles
    publish(coast, 1, 2, 3)
    await bot.work_off()
    assert len(bot.api.messages) == 15
    assert states(bot) == {"sent": 15}
    assert not bot.api.violations


async def test_a_post_is_about_nothing_that_can_not_be_found_yet(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN)
    coast.store.put(Incoming(storm(1), "storm1", keep_id=True))
    await bot.work_off(seconds=60)
    assert (states(bot), bot.api.messages) == ({"held": 1}, [])
    coast.reindex()
    await bot.work_off()
    assert posts(bot, ANN) == ["Storm 1"]


async def test_what_is_withdrawn_or_unsubscribed_before_its_turn_is_not_posted(
    bot: Wired, coast: Assistant
) -> None:
    await subscribe(bot, ANN, BEN)
    publish(coast, 1, 2)
    coast.store.withdraw(["storm1"], "removed")
    await bot.subscriptions.end(BEN)
    await bot.work_off()
    assert (posts(bot, ANN), posts(bot, BEN)) == (["Storm 2"], [])


REFUSED: dict[str, tuple[dict[str, Any], bool, int]] = {
    "blocked": ({"code": 403, "description": "Forbidden: bot was blocked by the user"}, True, 1),
    "thrown out": ({"code": 403, "description": "Forbidden: bot was kicked from the group chat"}, True, 1),
    "muted": ({"description": "Bad Request: not enough rights to send text messages to the chat"}, True, 1),
    "not there": ({"description": "Bad Request: chat not found"}, False, DEAD_AFTER),
    "our own fault": ({"description": "Bad Request: message is too long"}, False, 0),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_where_nothing_can_arrive_the_subscription_pauses_and_its_owner_hears_of_it_once(
    bot: Wired, coast: Assistant, case: str
) -> None:
    fault, _, paused_after = REFUSED[case]
    await subscribe(bot, TOWN, ANN)
    titles = publish(coast, *range(1, DEAD_AFTER + 3))
    bot.api.fault("sendMessage", "error", times=100, chat_id=TOWN, **fault)
    await bot.work_off()
    subscription = bot.subscriptions.of(TOWN)
    assert subscription is not None
    assert (subscription.paused is not None) == bool(paused_after)
    assert tries(bot, TOWN) == (paused_after or len(titles))
    assert len([message for message in bot.api.messages if message.chat_id == OWNER]) == bool(paused_after)
    assert posts(bot, ANN) == titles


async def test_a_topic_that_is_gone_is_given_up_alone(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, (GROUP, 4), (GROUP, 7))
    bot.api.chats[GROUP].topics[4] = "closed"
    titles = publish(coast, 1, 2)
    await bot.work_off()
    assert (posts(bot, GROUP, 4), posts(bot, GROUP, 7)) == ([], titles)
    assert tries(bot, GROUP) == 3
    of = bot.subscriptions.of
    assert [of(GROUP, thread).paused is None for thread in (4, 7)] == [False, True]  # type: ignore[union-attr]


async def test_an_answer_that_is_lost_is_uncertain_and_holds_nothing_up(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN, BEN)
    titles = publish(coast, 1, 2, 3)
    bot.api.fault("sendMessage", "lost", chat_id=ANN)
    bot.api.fault("sendMessage", "reset", chat_id=BEN, after=1)
    await bot.work_off()
    assert (posts(bot, ANN), posts(bot, BEN)) == (titles, [titles[0], titles[2]])
    rows = outbox.rows(bot.services.database.read(), "uncertain", 9)
    assert sorted((row.chat, row.article) for row in rows) == [(ANN, "storm1"), (BEN, "storm2")]


async def test_what_is_uncertain_is_sent_again_only_when_somebody_says_so(
    bot: Wired, coast: Assistant
) -> None:
    await subscribe(bot, ANN)
    publish(coast, 1)
    bot.api.fault("sendMessage", "reset")
    await bot.work_off()
    await bot.work_off(seconds=600)
    assert (posts(bot, ANN), states(bot)) == ([], {"uncertain": 1})
    coast.database.write(lambda db: outbox.send_again(db, 1))
    await bot.work_off()
    assert (posts(bot, ANN), states(bot)) == (["Storm 1"], {"sent": 1})


@pytest.mark.slow
async def test_while_telegram_is_away_nothing_is_lost_and_each_chat_is_tried_seldom(
    bot: Wired, coast: Assistant
) -> None:
    chats = range(1000, 1020)
    await subscribe(bot, *chats)
    titles = publish(coast, 1, 2)
    bot.api.is_away = True
    await bot.work_off(seconds=60)
    assert states(bot) == {"waiting": 40}
    assert 0 < max(Counter(bot.api.unmade).values()) <= 60 / OUTAGE_SECONDS
    bot.api.is_away = False
    await bot.work_off()
    assert [posts(bot, chat) for chat in chats] == [titles] * 20
    assert states(bot) == {"sent": 40}


@pytest.mark.slow
async def test_an_outage_that_swallows_messages_makes_few_of_them_uncertain(
    bot: Wired, coast: Assistant
) -> None:
    await subscribe(bot, *range(1000, 1100))
    publish(coast, 1)
    bot.api.fault("sendMessage", "reset", times=broadcast.AT_ONCE + 3)
    await bot.work_off()
    assert states(bot) == {"uncertain": broadcast.AT_ONCE + 3, "sent": 100 - broadcast.AT_ONCE - 3}


@pytest.mark.parametrize("seconds", [2, 30, 43_837])
async def test_a_chat_that_asks_for_time_gets_it_and_keeps_no_other_waiting(
    bot: Wired, coast: Assistant, seconds: int
) -> None:
    others = range(1000, 1040)
    await subscribe(bot, ANN, *others)
    titles = publish(coast, 1, 2)
    began, calls = bot.time.now, list[tuple[float, int]]()
    bot.api.on("sendMessage", "received", lambda call: calls.append((bot.time.now, call.params["chat_id"])))
    bot.api.fault("sendMessage", "retry_after", seconds=seconds, chat_id=ANN)
    await bot.work_off()
    refused, first, *_ = [at for at, chat in calls if chat == ANN]
    assert refused + seconds <= first
    assert max(at for at, chat in calls if chat != ANN) < began + 10
    assert [posts(bot, chat) for chat in (ANN, *others)] == [titles] * 41


@pytest.mark.slow
async def test_half_a_day_of_silence_is_kept_over_restarts(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, pace, others = BotApi(), FakeTime(), range(1000, 1199)
    async with wired(coast, monkeypatch, api, pace) as bot:
        await subscribe(bot, ANN, *others)
        titles = publish(coast, 1, 2)
        api.fault("sendMessage", "retry_after", seconds=43_837, chat_id=ANN)
        end = pace.now + 43_837
        await bot.work_off(seconds=30)
        assert [posts(bot, chat) for chat in others] == [titles] * 199
    for _ in range(2):
        async with wired(coast, monkeypatch, api, pace) as bot:
            await bot.work_off(seconds=3600)
            assert tries(bot, ANN) == 1
    async with wired(coast, monkeypatch, api, pace) as bot:
        await bot.work_off()
        assert (posts(bot, ANN), pace.now >= end) == (titles, True)


MOVES = ["before", "error", "message first", "message between"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
async def test_a_group_that_becomes_a_supergroup_gets_each_post_once_and_in_order(
    bot: Wired, coast: Assistant, seed: int
) -> None:
    """The bot learns of it from an error and from two messages, in any order, before or between posts."""
    chance = random.Random(seed)
    await subscribe(bot, TOWN, *range(1000, 1005))
    titles = publish(coast, 1, 2, 3, 4)
    told = list(migration(TOWN, SUPER))
    chance.shuffle(told)

    async def tell() -> None:
        for number, update in enumerate(told):
            await asyncio.sleep(chance.uniform(0, 0.03))
            await bot.process({"update_id": 900 + number, **update})

    def move(call: Call) -> None:
        if len([c for c in bot.api.calls if c.method == "sendMessage"]) == after:
            bot.api.chats[TOWN].migrated_to = SUPER

    after = chance.randrange(24)
    bot.api.on("sendMessage", "received", move)
    await asyncio.gather(bot.work_off(), tell())
    assert posts(bot, TOWN) + posts(bot, SUPER) == titles
    assert states(bot) == {"sent": 24}
    of = bot.subscriptions.of
    assert (of(TOWN), of(SUPER) is not None) == (None, True)


@pytest.mark.slow
async def test_two_hundred_chats_with_all_that_goes_wrong_get_each_post_once_and_in_order(
    bot: Wired, coast: Assistant
) -> None:
    """A tenth has blocked the bot, a twentieth asks for time, five move, of a hundredth no answer comes."""
    chance, people, groups = random.Random(5), range(1000, 1160), range(-140, -100)
    live = [*people, *groups]
    moving = chance.sample(groups, 5)
    unlucky = chance.sample(people, 36)
    blocked, slow, lost = unlucky[:20], unlucky[20:30], unlucky[30:]
    for chat in blocked:
        bot.api.chats[chat].bot = "kicked"
    for chat in slow:
        bot.api.fault("sendMessage", "retry_after", seconds=chance.randint(2, 90), chat_id=chat, after=1)
    for chat in lost:
        bot.api.fault("sendMessage", "lost", chat_id=chat, after=chance.randrange(3))
    for chat in moving:
        bot.api.chats[chat].migrated_to = SUPER + chat
    await subscribe(bot, *live)
    titles = publish(coast, 1, 2, 3)
    calls, silent = list[tuple[float, int]](), dict[int, float]()

    def note(call: Call) -> None:
        chat = call.params["chat_id"]
        assert bot.time.now >= silent.get(chat, 0)
        calls.append((bot.time.now, chat))

    def obey(call: Call) -> None:
        wait = (call.response or {}).get("parameters", {}).get("retry_after", 0)
        silent[call.params["chat_id"]] = bot.time.now + wait

    bot.api.on("sendMessage", "received", note)
    bot.api.on("sendMessage", "answered", obey)
    await bot.work_off()
    assert Counter(chat for _, chat in calls if chat in blocked) == dict.fromkeys(blocked, 1)
    for chat in {*live} - {*blocked}:
        assert posts(bot, chat) + posts(bot, SUPER + chat) == titles
    uncertain = outbox.rows(coast.database.read(), "uncertain", 99)
    assert sorted(row.chat for row in uncertain) == sorted(lost)
    assert states(bot) == {"sent": 3 * 180 - 6, "uncertain": 6, "failed": 20}


async def test_a_loop_that_was_blocked_drops_nothing(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN)
    bot.parts.broadcast.start()
    await asyncio.sleep(0)
    time.sleep(100 * broadcast.LOOK_SECONDS)  # noqa: ASYNC251 - the loop is to be blocked
    titles = publish(coast, 1)
    bot.time.now += 60
    await until(lambda: posts(bot, ANN) == titles)
    await bot.parts.broadcast.stop()


async def test_what_a_post_quotes_is_noted_with_its_message(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, TOWN)
    publish(coast, 1)
    bot.api.chats[TOWN].migrated_to = SUPER
    await bot.work_off()
    (message,) = bot.api.messages
    (opening,) = message.pieces("expandable_blockquote")
    article = coast.store.article("storm1")
    assert article is not None
    db = coast.database.read()
    (answer,) = db.execute("select id, chat, message, state from answers").fetchall()
    assert answer[1:] == (SUPER, message.message_id, "post")
    sql = "select article, version, start, end from quotes where answer = ?"
    ((number, version, start, end),) = db.execute(sql, [answer[0]]).fetchall()
    assert (number, version, article.text[start:end]) == ("storm1", article.content_hash, opening)


async def test_who_is_forgotten_is_in_no_record_of_posts(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN, TOWN)
    publish(coast, 1)
    await bot.work_off()
    await bot.forget(ANN)
    rows = coast.database.read().execute("select chat, message is null from answers order by 1").fetchall()
    assert rows == [(TOWN, 0), (0, 1)]


async def test_a_post_is_taken_for_no_answer(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN)
    publish(coast, 1)
    await bot.work_off()
    (post,) = bot.api.messages
    (said,) = await bot.tell(private("/why", reply_to=post))
    (without,) = await bot.tell(private("/why", BEN, reply_to=private("Hello", BEN)["message"]))
    assert said["text"] == without["text"]
    (number,) = coast.database.read().execute("select id from answers").fetchone()
    await bot.tell(private(f"/start a_{number}"))
    assert bot.api.messages[-1].text == words_for("en")("permalink-gone")


async def test_a_group_that_moves_just_before_its_post_is_composed_still_gets_it(
    bot: Wired, coast: Assistant
) -> None:
    await subscribe(bot, TOWN)
    titles = publish(coast, 1)
    await bot.parts.broadcast._release()
    (delivery,) = outbox.due(coast.database.read(), LONG_AFTER, (), 1)
    for update in migration(TOWN, SUPER):
        await bot.tell(update)
    await bot.parts.broadcast._deliver(delivery)
    await bot.work_off()
    assert (posts(bot, TOWN), posts(bot, SUPER)) == ([], titles)


async def test_formatting_that_is_refused_costs_the_formatting_only(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN)
    titles = publish(coast, 1, 2)
    bot.api.fault("sendMessage", "error", description="Bad Request: can't parse entities: no reason")
    await bot.work_off()
    assert (posts(bot, ANN), states(bot)) == (titles, {"sent": 2})


async def test_a_passing_rejection_of_the_token_loses_nothing(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN)
    titles = publish(coast, 1, 2)
    bot.api.fault("sendMessage", "error", code=401, description="Unauthorized")
    await bot.work_off()
    assert (posts(bot, ANN), states(bot)) == (titles, {"sent": 2})


async def test_what_can_not_be_composed_fails_alone_and_is_logged(
    bot: Wired, coast: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(bot, ANN)
    coast.database.write(lambda db: outbox.put(db, Delivery(BEN, 0, "unknown", ("light1",)), 0, 0))
    titles = publish(coast, 1)
    await bot.work_off()
    assert (posts(bot, ANN), states(bot)) == (titles, {"failed": 1, "sent": 1})
    (row,) = outbox.rows(coast.database.read(), "failed", 9)
    assert f"({row.why})" in caplog.text


async def test_a_digest_names_its_articles_once(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN, rhythm="daily")
    publish(coast, *range(1, 24))
    await bot.work_off()
    links = [message.pieces("text_link") for message in bot.api.messages]
    assert [len(each) for each in links] == [20, 3]
    assert len(set(links[0] + links[1])) == 23
    assert states(bot) == {"sent": 23}


async def test_a_digest_of_long_titles_is_as_many_messages_as_it_needs(bot: Wired, coast: Assistant) -> None:
    await subscribe(bot, ANN, rhythm="daily")
    fresh = [
        Article(
            f"long{n}",
            f"{n} " + "🌊" * 90,
            storm(n).text,
            f"{n} " + "⛵" * 95,
            url=f"https://coast.example/{n}",
        )
        for n in range(20)
    ]
    coast.store.put(*(Incoming(article, article.id, keep_id=True) for article in fresh))
    coast.reindex()
    await bot.work_off()
    links = [link for message in bot.api.messages for link in message.pieces("text_link")]
    assert len(bot.api.messages) > 1
    assert sorted(links) == sorted(article.title for article in fresh)
    assert not bot.api.violations


async def test_a_stop_leaves_what_was_not_begun_to_the_next_run(
    coast: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, pace = BotApi(), FakeTime()
    chats = range(1000, 1100)
    async with wired(coast, monkeypatch, api, pace) as bot:
        await subscribe(bot, *chats)
        titles = publish(coast, 1)
        await bot.work_off(seconds=5)
        assert {"waiting", "sent"} == states(bot).keys()
    async with wired(coast, monkeypatch, api, pace) as bot:
        await bot.work_off()
        assert [posts(bot, chat) for chat in chats] == [titles] * 100


async def test_a_storage_that_fails_for_a_while_doubles_nothing(
    bot: Wired, coast: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(broadcast, "STORAGE_SECONDS", 0.01)
    await subscribe(bot, ANN)
    titles = publish(coast, 1, 2)
    refusing = "raise(abort, 'the disk is full')"

    def refuse(db: Any, state: str) -> None:
        db.execute(
            f"create trigger refuse before update of state on deliveries when new.state = '{state}' "
            f"begin select {refusing}; end"
        )

    for state in ("sending", "sent"):
        coast.database.write(lambda db, state=state: refuse(db, state))
        trying = asyncio.create_task(bot.work_off())
        while "disk is full" not in caplog.text:  # noqa: ASYNC110 - nothing here tells of a change
            await asyncio.sleep(0.005)
        coast.database.write(lambda db: db.execute("drop trigger refuse"))
        await trying
        caplog.clear()
        if state == "sending":
            assert posts(bot, ANN) == titles
            titles += publish(coast, 3)
    assert posts(bot, ANN) == titles
    assert states(bot) == {"sent": 3}
