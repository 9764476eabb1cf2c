"""The index in PostgreSQL: while the server is gone, slow or read-only, and what only it can do."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from types import SimpleNamespace

import numpy as np
import psycopg
import pytest
from encoders import HashEncoder
from filelock import Timeout
from postgres import Server
from topics import TOPICS, article, put, run

from index.building.filling import help_fill
from index.building.progress import StopFlag, untold
from index.encoding.embed import Sentence
from index.entries import Entry, IndexedArticle, IndexedPassage
from index.errors import Away
from index.index_store import held
from index.language.passages import Line
from index.postgres import generation as generations
from index.postgres import index_store as index_stores
from index.postgres import server as servers
from index.postgres import work
from index.postgres.index_store import PostgresIndexStore
from index.postgres.server import NotSuitable
from index.postgres.tables import lexemes
from index.postgres.view import quoted
from index.searching.search import Searcher
from index.snapshot import Scope

SECRET = "verysecret"
GLACIER = "Where is the glacier?"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own."""
    started = Server()
    yield started
    started.remove()


@pytest.fixture(scope="module")
def stoppable() -> Iterator[Server]:
    """A server that tests stop and start again."""
    started = Server()
    yield started
    started.remove()


@pytest.fixture
def asked(store, stoppable, monkeypatch) -> Iterator[SimpleNamespace]:
    """Articles in an index of a server that may be stopped, and a searcher on them."""
    monkeypatch.setattr(servers, "REST_SECONDS", 0.0)
    server = stoppable
    server.start()
    with closing(PostgresIndexStore(server.url)) as left_behind:
        left_behind.remove_all()
    put(store, *map(article, TOPICS))
    index_store = PostgresIndexStore(server.url)
    run(store, index_store)
    searcher = Searcher(store, index_store, HashEncoder())
    yield SimpleNamespace(store=store, index_store=index_store, searcher=searcher, server=server)
    index_store.close()


def statement(url: str, sql: str, *values: object) -> None:
    """Run SQL beside the tested code."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("set default_transaction_read_only = off")
        db.execute(sql, values)


# While it does not answer.


def test_a_server_that_is_gone_is_away_and_answers_again_when_it_is_back(asked, caplog):
    assert asked.searcher.ask(GLACIER).hits[0].article.id == "glacier"
    asked.server.stop()
    with caplog.at_level(logging.DEBUG), pytest.raises(Away, match=r"PostgreSQL at 127\.0\.0\.1:") as gone:
        asked.searcher.ask(GLACIER)
    for text in (str(gone.value), str(gone.value.__cause__), caplog.text, repr(asked.index_store)):
        assert SECRET not in text
    asked.server.start()
    assert asked.searcher.ask(GLACIER).hits[0].article.id == "glacier"


def test_connections_that_a_crash_cut_are_replaced(asked):
    asked.searcher.ask(GLACIER)
    asked.server.kill()
    asked.server.start()
    assert asked.searcher.ask(GLACIER).hits[0].article.id == "glacier"


def test_after_a_failure_nobody_tries_for_a_while(asked, monkeypatch):
    asked.server.stop()
    monkeypatch.setattr(servers, "REST_SECONDS", 1000.0)
    with pytest.raises(Away) as first:
        asked.searcher.ask(GLACIER)
    asked.server.start()
    with pytest.raises(Away) as second:
        asked.searcher.ask(GLACIER)
    assert str(second.value) == str(first.value)


def test_a_server_that_is_too_slow_is_away(asked, monkeypatch):
    monkeypatch.setattr(servers, "ANSWER_SECONDS", 0.2)
    with psycopg.connect(asked.server.url) as other:
        other.execute("lock table citewire_g000001.sentences in access exclusive mode")
        with pytest.raises(Away, match="statement timeout"):
            asked.searcher.ask(GLACIER)
    assert asked.searcher.ask(GLACIER).hits


def test_a_server_that_may_not_be_written_answers_and_says_so_where_it_is_written(asked):
    statement(asked.server.url, "alter database postgres set default_transaction_read_only = on")
    asked.index_store.close()  # the setting holds for new connections
    assert asked.searcher.ask(GLACIER).hits[0].article.id == "glacier"
    put(asked.store, article("volcano"))
    with pytest.raises(Away, match="read-only transaction"):
        run(asked.store, asked.index_store)
    statement(asked.server.url, "alter database postgres reset default_transaction_read_only")
    asked.index_store.close()
    assert run(asked.store, asked.index_store).added == 1


def test_what_was_made_before_a_crash_is_taken_up_again(asked, monkeypatch):
    monkeypatch.setattr("index.entries.BATCH_SENTENCES", 1)
    monkeypatch.setattr(work, "CLAIMED_SENTENCES", 1)
    told = []

    def crash(step):
        told.append(step)
        if step.phase == "encoding" and step.articles == 3:
            asked.server.kill()

    with pytest.raises(Away):
        run(asked.store, asked.index_store, full=True, progress=crash)
    asked.server.start()
    assert asked.index_store.names() == ("g000001", None)
    assert asked.searcher.ask(GLACIER).generation == "g000001"
    left = []
    assert run(asked.store, asked.index_store, full=True, progress=left.append).generation == "g000002"
    assert max(step.of_articles for step in left if step.phase == "encoding") <= len(TOPICS) - 2
    assert asked.searcher.ask(GLACIER).hits[0].article.id == "glacier"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("refused", "because"),
    [("permission denied", "create role guest login"), ("extension", "create role guest login superuser")],
)
def test_a_database_that_can_hold_no_index_is_refused_in_one_sentence(server, store, refused, because):
    statement(server.url, because)
    if refused == "extension":
        (server.extensions / "vector.control").unlink()
    put(store, article("bridge"))
    index_store = PostgresIndexStore(server.url.replace("citewire:", "guest:"))
    with closing(index_store), pytest.raises(NotSuitable, match=refused):
        run(store, index_store)


@pytest.mark.parametrize("url", ["postgresql://[", "postgresql://h/d?verysecret=1"])
def test_a_url_that_is_none_is_refused_without_being_repeated(url):
    with pytest.raises(NotSuitable, match="URL of the index is none") as refused:
        PostgresIndexStore(url)
    assert SECRET not in str(refused.value)


# The rights of one at a time.


def test_a_lock_is_one_holders_until_it_is_given_back(postgres_index_store):
    first, second = postgres_index_store.lock(), postgres_index_store.lock()
    with held(first):
        with pytest.raises(Timeout):
            second.acquire(timeout=0)
        with held(postgres_index_store.building(), timeout=0):
            assert first.is_locked
            assert not second.is_locked
    with held(second, timeout=0):
        assert second.is_locked


def test_who_lost_the_lock_with_its_connection_publishes_nothing(postgres_index_store, postgres):
    made = postgres_index_store.begin(HashEncoder())
    with pytest.raises(Away, match="holds the lock"):
        postgres_index_store.publish(made)
    lock = postgres_index_store.lock()
    with held(lock):
        statement(postgres, "select pg_terminate_backend(%s)", lock.session.info.backend_pid)
        with pytest.raises(Away, match="went away"):
            postgres_index_store.publish(made)
    assert postgres_index_store.names() == (None, None)


def test_what_somebody_reads_is_removed_the_next_time(postgres_index_store, postgres, monkeypatch):
    monkeypatch.setattr(index_stores, "READERS_SECONDS", 1)
    made = postgres_index_store.begin(HashEncoder())
    with psycopg.connect(postgres) as reader:
        reader.execute(f"select from {made._schema}.articles")
        postgres_index_store.remove(made.name)
    assert postgres_index_store.everything() == [made.name]
    postgres_index_store.remove(made.name)
    assert postgres_index_store.everything() == []


def test_who_asks_for_the_lock_takes_nothing_from_who_has_it(postgres_index_store):
    made = postgres_index_store.begin(HashEncoder())
    with held(postgres_index_store.lock()):
        with pytest.raises(Timeout):
            postgres_index_store.lock().acquire(timeout=0)
        postgres_index_store.publish(made)
        postgres_index_store.publish(made)
    assert postgres_index_store.names() == (made.name, None)


# Many machines.


def machine(index_store: PostgresIndexStore) -> generations.PostgresGeneration:
    """The generation that is being made, as another machine has it."""
    other = index_store.find(index_store.everything()[-1])
    assert other is not None
    return other


def entered(batch: list[Entry]) -> Iterator[IndexedArticle]:
    """A batch, encoded."""
    for entry in batch:
        encoded = iter(HashEncoder().encode_passages(list(entry.texts()), lambda _: None))
        entry.encoded = [[next(encoded) for _ in passage.lines] for passage in entry.passages]
        yield entry.indexed()


@pytest.fixture
def offered(store, postgres_index_store, monkeypatch) -> SimpleNamespace:
    """Thirty articles that wait to be put in, one a claim."""
    monkeypatch.setattr(work, "CLAIMED_SENTENCES", 1)
    monkeypatch.setattr(generations, "LOOK", 0.01)
    put(store, *(article(f"topic{n}") for n in range(30)))
    made = postgres_index_store.begin(HashEncoder())
    return SimpleNamespace(
        store=store, index_store=postgres_index_store, made=made, wanted=store.fingerprints()
    )


def test_several_machines_put_in_each_article_once(offered):
    first = offered.made.shared(offered.store.standing(offered.wanted))
    taken: dict[str, list[str]] = {"mine": [], "other's": []}

    def work_off(who: str, own: generations.PostgresGeneration, claims) -> None:
        for batch in claims:
            own.put(entered(batch))
            taken[who] += [entry.article.id for entry in batch]

    batch = next(first)  # all is offered
    other = machine(offered.index_store)
    beside = threading.Thread(target=work_off, args=("other's", other, other.claims()))
    beside.start()
    offered.made.put(entered(batch))
    taken["mine"] += [entry.article.id for entry in batch]
    work_off("mine", offered.made, first)
    beside.join()
    assert sorted(taken["mine"] + taken["other's"]) == sorted(offered.wanted)
    assert taken["other's"]
    offered.made.verify(offered.wanted)


def test_what_a_machine_that_dies_had_claimed_is_done_by_the_others(offered, postgres):
    first = offered.made.shared(offered.store.standing(offered.wanted))
    batch = next(first)
    other = machine(offered.index_store)
    claims = other.claims()
    claimed = next(claims)
    assert {entry.article.id for entry in claimed}.isdisjoint(entry.article.id for entry in batch)
    statement(postgres, "select pg_terminate_backend(%s)", other._claim.info.backend_pid)
    offered.made.put(entered(batch))
    for batch in first:
        offered.made.put(entered(batch))
    with suppress(Away):
        claims.close()
    offered.made.verify(offered.wanted)


def test_a_machine_that_has_enough_gives_back_what_it_claimed(offered):
    first = offered.made.shared(offered.store.standing(offered.wanted))
    claimed = {entry.article.id for entry in next(first)}
    other = machine(offered.index_store)
    with closing(other.claims()) as claims:
        assert claimed.isdisjoint(entry.article.id for entry in next(claims))
    first.close()
    for batch in other.claims():
        other.put(entered(batch))
    other.verify(offered.wanted)


def test_who_lends_a_hand_puts_in_what_a_full_reindex_offers(offered, postgres):
    helped = []

    def meanwhile(step):
        if step.phase == "encoding" and not helped:
            with closing(PostgresIndexStore(postgres, offered.index_store._namespace)) as beside:
                helped.append(help_fill(beside, HashEncoder(), untold, StopFlag()))

    run(offered.store, offered.index_store, full=True, progress=meanwhile)
    with closing(offered.index_store.current()) as made:
        made.verify(offered.wanted)
    assert helped == [len(offered.wanted) - 1]  # all but what was being encoded


def test_nobody_lends_a_hand_to_an_index_of_another_model(offered, monkeypatch):
    claims = offered.made.shared(offered.store.standing(offered.wanted))
    next(claims)
    monkeypatch.setattr(HashEncoder, "name", "other@2")
    assert help_fill(offered.index_store, HashEncoder(), untold, StopFlag()) == 0
    claims.close()


def test_what_is_withdrawn_is_offered_no_more(offered):
    claims = offered.made.shared(offered.store.standing(offered.wanted))
    claimed = {entry.article.id for entry in next(claims)}
    claims.close()
    offered.made.forget(["topic1", "topic2"])
    left = set()
    for batch in offered.made.claims():
        left |= {entry.article.id for entry in batch}
        offered.made.put(entered(batch))
    assert claimed
    assert left == {"topic1", "topic2"}


def test_who_helps_notices_that_the_work_was_called_off(offered):
    offer = offered.made.shared(offered.store.standing(offered.wanted))
    next(offer)
    offer.close()
    claims = machine(offered.index_store).claims()
    next(claims)
    claims.close()
    offered.index_store.sweep()
    assert list(offered.made.claims()) == []


def test_two_who_take_out_the_same_article_count_it_once(postgres_index_store):
    made = postgres_index_store.begin(HashEncoder())
    made.put(crowd(60))
    both = [
        threading.Thread(target=machine(postgres_index_store).forget, args=(["a0", "a1"],)) for _ in range(6)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    with made.view() as view:
        assert (view.passages, view.frequencies(["town"])) == (20, {"town": 20})


def test_a_generation_that_lost_a_table_is_damaged(asked):
    statement(asked.server.url, "drop table citewire_g000001.tallies")
    with closing(asked.index_store.current()) as current:
        assert current.complaint() == "tallies is lost"
    assert run(asked.store, asked.index_store).generation == "g000002"
    assert asked.searcher.ask(GLACIER).hits[0].article.id == "glacier"


# Rows.


@pytest.mark.parametrize("term", ["мост", "a'b", "a\\b", "'", "\\'", "1_5", "x:3,4", "a & !b"])
def test_a_term_is_itself_whatever_is_in_it(postgres, term):
    with psycopg.connect(postgres) as db:
        row = db.execute(
            "select %s::tsvector @@ %s::tsquery, length(%s::tsvector)",
            [lexemes([term]), quoted(term), lexemes([term, "other"])],
        ).fetchone()
    assert row == (True, 2)


def test_a_word_beyond_measure_is_left_out_of_full_text():
    assert lexemes(["x" * 501, "bridge", "bridge"]) == "'bridge':1,2"


def crowd(count: int) -> list[IndexedArticle]:
    """Articles of ten sentences whose vectors lie around a few directions, as those of texts do."""
    chance = np.random.default_rng(3)
    topics = chance.normal(size=(20, 64))
    made = []
    for n in range(count // 10):
        drawn = topics[chance.integers(20, size=10)] + chance.normal(size=(10, 64))
        vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        rows = [
            IndexedPassage(0, 1, f"{n}", [Line(0, 1)], ["town"], [Sentence(v, np.zeros((1, 16), np.uint8))])
            for v in vectors
        ]
        made.append(IndexedArticle(f"a{n}", "0", "en", "", None, rows))
    return made


def test_many_sentences_are_found_by_a_graph_and_a_narrow_scope_lacks_none(postgres_index_store, monkeypatch):
    monkeypatch.setattr(generations, "EXACT_SENTENCES", 100)
    articles = crowd(3000)
    made = postgres_index_store.begin(HashEncoder())
    made.put(articles)
    made.settle()
    asked = np.stack([each.passages[0].encoded[0].vector for each in articles[:50]])
    with made.view() as view:
        with made._server.reading(made._schema) as db:
            numbers = [row[0] for row in db.execute("select id from passages order by id")]
            assert db.execute("select to_regclass('sentences_by_vector')").fetchone() != (None,)
        vectors = np.stack([row.vector for row in view.get_sentences(numbers)])
        found = right = 0
        for vector in asked:
            true = {numbers[i] for i in np.argsort(-(vectors @ vector))[:10]}
            right += len(true & set(view.near(vector)))
            found += 10
        assert right >= 0.95 * found
        assert len(view.near(asked[0], Scope(article="a7"))) == 10
