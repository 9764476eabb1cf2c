"""The outbox as a table: what is due in which order, each once, and what a killed process leaves behind."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlite_utils import Database as Connection

from bot import schema
from bot.posting import outbox
from bot.posting.outbox import IN_DIGEST, Delivery
from corpus.database import Database

NOW = 1_700_000_000.0
ANN, BEN, TOWN, SUPER = 7, 8, -5, -1_001_234_567_890


def made() -> Connection:
    """An empty outbox in memory."""
    db = Connection(memory=True)
    schema.create_deliveries(db)
    return db


@pytest.fixture
def db() -> Connection:
    return made()


def put(
    db: Connection, chat: int, *articles: str, thread: int = 0, due: float = NOW, digest: bool = False
) -> None:
    """Posts that can be found already."""
    outbox.put(db, Delivery(chat, thread, "post", articles, is_digest=digest), due, NOW)
    outbox.release(db, articles)


def due(db: Connection, now: float = NOW, busy: tuple[int, ...] = (), most: int = 100) -> list[Delivery]:
    return outbox.due(db, now, busy, most)


def named(db: Connection, now: float = NOW) -> list[tuple[int, tuple[str, ...]]]:
    """Which articles may go to which chat now."""
    return [(delivery.chat, delivery.articles) for delivery in due(db, now)]


def states(db: Connection) -> list[str]:
    return [state for (state,) in db.execute("select state from deliveries order by number")]


def test_nothing_is_due_before_its_article_can_be_found(db: Connection) -> None:
    outbox.put(db, Delivery(ANN, 0, "post", ("a",)), NOW, NOW)
    outbox.put(db, Delivery(ANN, 0, "post", ("b",)), NOW, NOW)
    assert (due(db), sorted(outbox.held(db))) == ([], ["a", "b"])
    outbox.release(db, ["b"])
    assert (named(db), outbox.held(db)) == ([(ANN, ("b",))], ["a"])


@pytest.mark.parametrize(
    ("other", "rows"),
    [
        ({}, 1),
        ({"is_digest": True}, 1),
        ({"chat": BEN}, 2),
        ({"thread": 4}, 2),
        ({"kind": "watch"}, 2),
        ({"about": 3}, 2),
        ({"articles": ("b",)}, 2),
    ],
)
def test_a_place_gets_an_article_once_for_each_reason(
    db: Connection, other: dict[str, object], rows: int
) -> None:
    delivery = Delivery(ANN, 0, "post", ("a",))
    outbox.put(db, delivery, NOW, NOW)
    outbox.release(db, ["a"])
    outbox.sent(db, [1], 55)
    outbox.put(db, replace(delivery, **other), NOW, NOW)  # type: ignore[arg-type]
    assert len(states(db)) == rows
    assert states(db)[0] == "sent"


def test_each_chat_gets_its_posts_in_order_and_one_at_a_time(db: Connection) -> None:
    for article in ("a", "b"):
        for chat in (ANN, BEN):
            put(db, chat, article)
    first = due(db)
    assert [(each.chat, each.articles) for each in first] == [(ANN, ("a",)), (BEN, ("a",))]
    assert due(db, busy=(ANN, BEN)) == []
    outbox.begin(db, first[0].numbers)
    assert named(db) == [(BEN, ("a",))]  # also where the process does not know that the chat is busy
    outbox.sent(db, first[0].numbers, 1)
    assert named(db) == [(BEN, ("a",)), (ANN, ("b",))]


def test_no_more_is_begun_than_there_are_places_and_first_what_waits_for_longest(db: Connection) -> None:
    for chat in (BEN, ANN, 9):
        put(db, chat, "a")
    assert [delivery.chat for delivery in due(db, most=2)] == [BEN, ANN]
    assert due(db, most=0) == []


def test_what_was_put_off_holds_back_what_comes_after_it_and_no_other_chat(db: Connection) -> None:
    for chat in (ANN, BEN):
        put(db, chat, "a")
        put(db, chat, "b")
    (first, _) = due(db)
    outbox.begin(db, first.numbers)
    outbox.put_off(db, first.numbers, NOW + 30)
    assert named(db, NOW + 29) == [(BEN, ("a",))]
    assert named(db, NOW + 30) == [(ANN, ("a",)), (BEN, ("a",))]


def test_what_is_due_later_holds_nothing_back(db: Connection) -> None:
    put(db, ANN, "a", due=NOW + 3600, thread=4, digest=True)
    put(db, ANN, "b")
    assert named(db) == [(ANN, ("b",))]
    assert named(db, NOW + 3600) == [(ANN, ("a",))]


def test_a_digest_takes_together_what_is_due_in_its_place(db: Connection) -> None:
    for article in ("a", "b"):
        put(db, TOWN, article, digest=True)
    put(db, TOWN, "c", thread=4, digest=True)
    put(db, TOWN, "d", digest=True, due=NOW + 60)
    outbox.put(db, Delivery(TOWN, 0, "correction", ("a",)), NOW, NOW)
    outbox.release(db, ["a"])
    (digest,) = due(db)
    assert (digest.articles, digest.numbers, digest.is_digest) == (("a", "b"), (1, 2), True)
    outbox.begin(db, digest.numbers)
    outbox.sent(db, digest.numbers, 9)
    assert named(db) == [(TOWN, ("c",))]
    assert states(db)[:2] == ["sent", "sent"]


def test_a_digest_holds_only_so_much_and_the_rest_is_another(db: Connection) -> None:
    articles = [str(number) for number in range(IN_DIGEST + 3)]
    put(db, ANN, *articles, digest=True)
    (digest,) = due(db)
    assert list(digest.articles) == articles[:IN_DIGEST]
    kept = digest.without(2)
    assert (kept.articles, kept.numbers) == (digest.articles[:-2], digest.numbers[:-2])
    outbox.sent(db, kept.numbers, 9)
    assert list(due(db)[0].articles) == articles[IN_DIGEST - 2 :]


def begun(db: Connection) -> None:
    outbox.begin(db, [1])


def dropped(db: Connection) -> None:
    outbox.drop(db, ANN)


NOT_TO_BEGIN: dict[str, Callable[[Connection], object]] = {
    "begun already": begun,
    "dropped": dropped,
    "its topic dropped": lambda db: outbox.drop(db, ANN, 0),
    "sent": lambda db: outbox.sent(db, [1], 5),
    "failed": lambda db: outbox.ended(db, [1], "failed", "no"),
    "uncertain": lambda db: outbox.ended(db, [1], "uncertain", "lost"),
}


@pytest.mark.parametrize("case", NOT_TO_BEGIN)
def test_what_waits_no_more_is_not_begun_nor_anything_of_its_digest(db: Connection, case: str) -> None:
    put(db, ANN, "a", "b", digest=True)
    (digest,) = due(db)
    NOT_TO_BEGIN[case](db)
    before = states(db)
    assert not outbox.begin(db, digest.numbers)
    assert states(db) == before


def test_dropping_a_topic_leaves_the_others(db: Connection) -> None:
    put(db, TOWN, "a", thread=4)
    put(db, TOWN, "a", thread=5)
    outbox.drop(db, TOWN, 4)
    assert [delivery.thread for delivery in due(db)] == [5]


def test_what_was_being_sent_when_the_process_ended_is_uncertain_and_stays_so(db: Connection) -> None:
    for article in ("a", "b", "c", "d", "e"):
        put(db, ANN, article)
    begun(db)
    outbox.sent(db, [2], 5)
    outbox.ended(db, [3], "failed", "no")
    outbox.put_off(db, [4], NOW + 9)
    outbox.recover(db)
    outbox.recover(db)
    assert states(db) == ["uncertain", "sent", "failed", "waiting", "waiting"]
    assert [row.why for row in outbox.rows(db, "uncertain", 9)] == ["restart"]


def test_what_is_uncertain_is_sent_once_more_at_one_wish_of_an_admin(db: Connection) -> None:
    put(db, ANN, "a")
    assert not outbox.send_again(db, 1)
    begun(db)
    assert not outbox.send_again(db, 1)
    outbox.recover(db)
    assert due(db) == []
    assert outbox.send_again(db, 1)
    assert not outbox.send_again(db, 1)
    assert named(db) == [(ANN, ("a",))]
    assert not outbox.send_again(db, 99)


def test_new_times_hold_for_what_is_not_sent_yet(db: Connection) -> None:
    put(db, ANN, "a", "b")
    outbox.put(db, Delivery(ANN, 0, "watch", ("a",), about=3), NOW, NOW)
    outbox.sent(db, [1], 5)
    outbox.reschedule(db, ANN, 0, NOW + 60, digest=True)
    rows = db.execute("select number, due, digest from deliveries order by number").fetchall()
    assert rows == [(1, NOW, 0), (2, NOW + 60, 1), (3, NOW, 0)]


def test_a_group_that_moves_takes_its_deliveries_along_once(db: Connection) -> None:
    put(db, TOWN, "a", "b")
    put(db, SUPER, "a")
    outbox.sent(db, [2], 5)
    outbox.move_chat(db, TOWN, SUPER)
    outbox.move_chat(db, TOWN, SUPER)
    rows = db.execute("select chat, article, state, message from deliveries order by number").fetchall()
    assert rows == [(SUPER, "b", "sent", None), (SUPER, "a", "waiting", None)]


def test_what_there_is_in_each_state_can_be_listed(db: Connection) -> None:
    put(db, ANN, "a", "b", "c")
    outbox.ended(db, [1], "uncertain", "lost")
    outbox.ended(db, [2], "uncertain", "restart")
    assert outbox.counts(db) == {"uncertain": 2, "waiting": 1}
    assert [(row.number, row.why) for row in outbox.rows(db, "uncertain", 9)] == [(2, "restart"), (1, "lost")]
    assert [row.number for row in outbox.rows(db, "uncertain", 1)] == [2]


def test_articles_and_deliveries_are_stored_together_or_not_at_all(database: Database) -> None:
    def change(db: Connection) -> None:
        put(db, ANN, "a")
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        database.write(change)
    assert states(database.read()) == []


class Life(RuleBasedStateMachine):
    """Deliveries to three chats through any order of events, kills included, against what Telegram got."""

    articles = Bundle("articles")

    @initialize()
    def open(self) -> None:
        self.db = made()
        self.now = NOW
        self.in_work: dict[int, Delivery] = {}  # by chat, as the process knows it
        self.arrived: list[tuple[int, str]] = []
        self.again: set[tuple[int, str]] = set()

    @rule(target=articles, number=st.integers(0, 30))
    def announce(self, number: int) -> str:
        for chat in (1, 2, 3):
            delivery = Delivery(chat, 0, "post", (f"{number:02}",), is_digest=chat == 3)
            outbox.put(self.db, delivery, self.now, self.now)
        return f"{number:02}"

    @rule(article=articles)
    def find(self, article: str) -> None:
        outbox.release(self.db, [article])

    @rule(most=st.integers(0, 3))
    def begin(self, most: int) -> None:
        for delivery in outbox.due(self.db, self.now, self.in_work, most):
            assert delivery.chat not in self.in_work
            assert outbox.begin(self.db, delivery.numbers)
            self.in_work[delivery.chat] = delivery

    def _take(self, data: st.DataObject) -> Delivery | None:
        chat = data.draw(st.sampled_from(sorted(self.in_work))) if self.in_work else 0
        return self.in_work.pop(chat, None)

    @rule(data=st.data(), arrives=st.booleans(), told=st.booleans())
    def answer(self, data: st.DataObject, arrives: bool, told: bool) -> None:
        """Telegram answers, or the line breaks before or after the message has arrived."""
        if (delivery := self._take(data)) is None:
            return
        self.arrived += [(delivery.chat, article) for article in delivery.articles if arrives]
        if arrives and told:
            outbox.sent(self.db, delivery.numbers, len(self.arrived))
        elif told:
            outbox.put_off(self.db, delivery.numbers, self.now + 5)
        else:
            outbox.ended(self.db, delivery.numbers, "uncertain", "lost")

    @rule(arrive=st.sets(st.sampled_from([1, 2, 3])))
    def kill(self, arrive: set[int]) -> None:
        """The process ends; some of what it was sending arrives."""
        self.arrived += [(c, a) for c, d in self.in_work.items() if c in arrive for a in d.articles]
        self.in_work.clear()
        outbox.recover(self.db)

    @rule(number=st.integers(1, 40))
    def send_again(self, number: int) -> None:
        if outbox.send_again(self.db, number):
            sql = "select chat, article from deliveries where number = ?"
            self.again.add(self.db.execute(sql, [number]).fetchone())

    @rule(seconds=st.integers(1, 10))
    def pass_time(self, seconds: int) -> None:
        self.now += seconds

    @invariant()
    def nothing_is_doubled_but_at_an_admins_wish(self) -> None:
        if hasattr(self, "db"):
            by_itself = [each for each in self.arrived if each not in self.again]
            assert len(by_itself) == len(set(by_itself))

    @invariant()
    def nothing_is_called_sent_that_has_not_arrived(self) -> None:
        if hasattr(self, "db"):
            sent = self.db.execute("select chat, article from deliveries where state = 'sent'").fetchall()
            assert set(sent) <= set(self.arrived)

    @invariant()
    def what_is_being_sent_is_known(self) -> None:
        if hasattr(self, "db"):
            sql = "select number from deliveries where state = 'sending'"
            known = {number for delivery in self.in_work.values() for number in delivery.numbers}
            assert {number for (number,) in self.db.execute(sql)} == known


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40)
