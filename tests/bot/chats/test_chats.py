"""What is known of chats: what they chose, whether anybody is there, and where they went."""

import random
from collections.abc import AsyncIterator, Callable

import pytest
from fakes import FakeTime, Wired, wired, working
from telegram import Update
from updates import group, migration

from bot.assistant import Assistant
from bot.chats.chat import DEAD_AFTER, Chat, Chats
from bot.privacy import move_chat
from corpus.database import Database

ANN, GROUP, SUPERGROUP = 100, -300, -1_000_000_000_300
QUESTION = "How many pounds did the lighthouse on the northern cape cost?"
ARTICLE = "The lighthouse on the northern cape cost 12 million pounds. It opened in May."
TABLES = ("chats", "answers", "posts", "silences", "watches", "inbox")


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def chats(database: Database, time: FakeTime) -> Chats:
    return Chats(database, time.clock)


def kept(database: Database) -> list[int]:
    """The chats of which anything is kept."""
    return [number for (number,) in database.read().execute("select id from chats order by id")]


async def test_a_chat_is_as_it_chose_to_be(chats: Chats, database: Database) -> None:
    assert chats.get(GROUP) == Chat(GROUP, "mention", quiet=True, language="", gone=None)
    await chats.choose(GROUP, "mode", "questions")
    await chats.choose(GROUP, "quiet", False)
    await chats.choose(GROUP, "language", "de")
    await chats.choose(ANN, "language", "ar")
    for again in (chats, Chats(database)):
        assert again.get(GROUP) == Chat(GROUP, "questions", quiet=False, language="de")
        assert again.get(ANN) == Chat(ANN, language="ar")


async def test_nothing_is_kept_of_a_chat_that_is_as_all_are(chats: Chats, database: Database) -> None:
    await chats.came_back(ANN)
    await chats.choose(GROUP, "mode", "off")
    assert kept(database) == [GROUP]
    await chats.choose(GROUP, "mode", "mention")
    await chats.left(ANN)
    assert kept(database) == [ANN]
    await chats.came_back(ANN)
    assert kept(database) == []


async def test_a_chat_is_gone_at_once_when_somebody_left_it(chats: Chats, time: FakeTime) -> None:
    await chats.left(ANN)
    time.now += 5
    await chats.left(ANN)
    assert chats.get(ANN).gone == 1000.0  # since when, not whether
    await chats.came_back(ANN)
    assert chats.get(ANN).gone is None


async def test_a_chat_that_is_not_found_is_gone_after_the_fifth_time(chats: Chats, time: FakeTime) -> None:
    for missed in range(1, 2 * DEAD_AFTER):
        await chats.missed(ANN)
        assert chats.get(ANN).gone == (None if missed < 5 else 1000.0)
        time.now += missed >= DEAD_AFTER
    await chats.came_back(ANN)
    for _ in range(DEAD_AFTER - 1):
        await chats.missed(ANN)
    assert chats.get(ANN).gone is None  # what was missed before counts no more


@pytest.fixture
async def bot(
    assistant: Assistant, bring_up: Callable[[Assistant], None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Wired]:
    (assistant.config.corpus / "lighthouse.txt").write_text(ARTICLE)
    bring_up(assistant)
    async with wired(assistant, monkeypatch, per_person=1000, per_chat=1000) as made:
        yield made


def named(database: Database, chat: int) -> dict[str, int]:
    """How many rows name a chat, by table."""
    column = {"chats": "id"}
    sql = "select count(*) from {} where {} = ?"
    count = {
        table: database.read().execute(sql.format(table, column.get(table, "chat")), [chat]).fetchone()[0]
        for table in TABLES
    }
    return {table: number for table, number in count.items() if number}


async def settle(bot: Wired, old: int) -> None:
    """A group that chose its settings, has an answer, a post, a silence, and two messages that wait."""
    database, chats = bot.services.database, bot.services.chats
    await chats.choose(old, "mode", "questions")
    await chats.choose(old, "quiet", False)
    await chats.choose(old, "language", "de")
    await bot.tell(group(f"/ask {QUESTION}", old, ANN))
    for table in ("posts", "silences"):
        database.write(
            lambda db, table=table: db.execute(f"insert into {table} values (?, ?, ?)", [old, 1, 1])
        )
    for number in range(2):
        waiting = {"update_id": -1000 * old + number, **group(f"/ask {QUESTION}", old, ANN)}
        await bot.parts.inbox.put(Update.de_json(waiting, None))


@pytest.mark.slow
async def test_a_group_moves_once_however_that_is_told(bot: Wired, assistant: Assistant) -> None:
    """By both messages, by the error when something is sent, and by any of them again, in any order."""
    chance = random.Random(12)
    for number in range(100):
        old, new = GROUP - number, SUPERGROUP - number
        await settle(bot, old)
        to, since = migration(old, new)
        in_old, in_new = group(f"/ask {QUESTION}", old, ANN), group(f"/ask {QUESTION}", new, ANN)
        told = [to, since, in_old, in_new, chance.choice([to, since, in_old])]
        chance.shuffle(told)
        bot.api.learn(to)
        for update in told:
            await bot.calls_after(update)
        assert bot.services.chats.get(new) == Chat(new, "questions", quiet=False, language="de"), told
        assert named(assistant.database, old) == {}, told
        answers = 2 + told.count(in_old)
        everything = {"chats": 1, "answers": answers, "silences": 1, "inbox": 2}
        assert named(assistant.database, new) == everything, told
        assert len([sent for sent in bot.api.messages if sent.chat_id == new]) == answers - 1, told
    assert not bot.api.violations


async def test_what_waits_goes_to_the_supergroup(bot: Wired, assistant: Assistant) -> None:
    await settle(bot, GROUP)
    await bot.calls_after(migration(GROUP, SUPERGROUP)[0])
    rows = assistant.database.read().execute("select chat, lane, payload from inbox where state = 'waiting'")
    for chat, lane, payload in rows.fetchall():
        assert (chat, lane) == (SUPERGROUP, str(SUPERGROUP))
        assert str(GROUP) not in payload.replace(str(SUPERGROUP), "")


async def test_a_group_whose_answer_learns_of_the_move_before_its_messages_do_moves_once(bot: Wired) -> None:
    await settle(bot, GROUP)
    to, since = migration(GROUP, SUPERGROUP)
    bot.api.learn(to)
    async with working(bot) as arrive:
        await arrive(group(f"/ask {QUESTION}", GROUP, ANN), to, since)
    assert bot.services.chats.get(SUPERGROUP) == Chat(SUPERGROUP, "questions", quiet=False, language="de")
    assert len([sent for sent in bot.api.messages if sent.chat_id == SUPERGROUP]) == 3
    assert not bot.api.violations


async def test_what_becomes_of_a_group_that_moved_is_no_choice_of_its_own(bot: Wired) -> None:
    chats = bot.services.chats
    await settle(bot, GROUP)
    await move_chat(bot.services.database, GROUP, SUPERGROUP)
    await chats.choose(SUPERGROUP, "mode", "off")
    await chats.left(GROUP)
    await move_chat(bot.services.database, GROUP, SUPERGROUP)
    assert chats.get(SUPERGROUP) == Chat(SUPERGROUP, "off", quiet=False, language="de")
    assert chats.get(GROUP) == Chat(GROUP)


async def test_what_the_supergroup_chose_stays_where_the_group_chose_nothing(bot: Wired) -> None:
    chats = bot.services.chats
    await chats.choose(SUPERGROUP, "mode", "off")
    await move_chat(bot.services.database, GROUP, SUPERGROUP)
    assert chats.get(SUPERGROUP) == Chat(SUPERGROUP, "off")
