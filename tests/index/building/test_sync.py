"""Bringing the index up to the articles: only what changed is touched, and answers never stop."""

import random
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from encoders import HashEncoder
from topics import TOPICS, article, put, run

from index.building.progress import Cancelled, Step, StopFlag, Stopped
from index.building.sync import Busy, Indexer
from index.entries import BATCH_SENTENCES
from index.errors import NoIndex
from index.local.generation import follow
from index.local.index_store import LocalIndexStore
from index.searching.search import Searcher

TABLES = ("articles", "passages", "sentences", "passage_terms")


@pytest.fixture
def searcher(store, index_store):
    opened = Searcher(store, index_store, HashEncoder())
    yield opened
    opened.close()


def counted(report):
    return report.added, report.changed, report.withdrawn, report.unchanged


def rows(index_store, *, without=()):
    """Every row of every table, except those of the articles `without`."""
    with closing(sqlite3.connect(index_store.folder / index_store.names()[0] / "index.db")) as db:
        passages = [row for row in db.execute("select * from passages") if row[1] not in without]
        kept = {row[0] for row in passages}
        return {
            "articles": [row for row in db.execute("select * from articles") if row[0] not in without],
            "passages": passages,
            "sentences": [row for row in db.execute("select * from sentences") if row[1] in kept],
            "terms": [r for r in db.execute("select rowid, terms from passage_terms") if r[0] in kept],
        }


def found(searcher, question, k=10):
    return [hit.article.id for hit in searcher.ask(question, k).hits]


def topics_of(hits):
    return {each.id for hit in hits for each in (hit.article, *hit.also)}


def marked(hit):
    """The sentence that answers best."""
    return hit.article.text[slice(*hit.sentence)]


def test_the_first_time_everything_is_added(store, index_store, searcher):
    put(store, *map(article, TOPICS))
    with pytest.raises(NoIndex):
        searcher.ask("the glacier")
    report = run(store, index_store)
    assert counted(report) == (len(TOPICS), 0, 0, 0)
    assert report.generation == "g000001"
    assert f"{len(TOPICS)} added, 0 changed, 0 withdrawn, 0 unchanged" in report.sentence()
    assert found(searcher, "the glacier")[0] == "glacier"


def test_when_nothing_changed_nothing_is_encoded_or_written(indexed, index_store):
    class NeverAsked(HashEncoder):
        def encode_passages(self, passages, done):
            raise AssertionError

    path = index_store.folder / "g000001" / "index.db"
    before, files = rows(index_store), path.read_bytes()
    report = Indexer(indexed, index_store, NeverAsked()).run()
    assert counted(report) == (0, 0, 0, len(TOPICS))
    assert (rows(index_store), path.read_bytes()) == (before, files)


def test_adding_an_article_touches_only_its_own_rows(indexed, index_store, searcher):
    before = rows(index_store)
    put(indexed, article("volcano"))
    assert counted(run(indexed, index_store)) == (1, 0, 0, len(TOPICS))
    assert rows(index_store, without={"volcano"}) == before
    assert found(searcher, "the volcano")[0] == "volcano"


def test_changing_an_article_touches_only_its_own_rows(indexed, index_store, searcher):
    before = rows(index_store, without={"glacier"})
    assert searcher.ask("the glacier").hits
    put(indexed, article("glacier", "A volcano has taken the place of the ice. It smokes."))
    assert counted(run(indexed, index_store)) == (0, 1, 0, len(TOPICS) - 1)
    assert rows(index_store, without={"glacier"}) == before
    assert searcher.ask("the smoking volcano").hits[0].text.startswith("A volcano has taken")


def test_withdrawing_an_article_touches_only_its_own_rows(indexed, index_store, searcher):
    before = rows(index_store, without={"glacier"})
    indexed.withdraw(["glacier"], "removed")
    assert counted(run(indexed, index_store)) == (0, 0, 1, len(TOPICS) - 1)
    assert rows(index_store) == before
    assert "glacier" not in found(searcher, "the glacier")


def test_only_the_sentences_of_what_changed_are_encoded(indexed, index_store):
    encoded = []

    class Listening(HashEncoder):
        def encode_passages(self, passages, done):
            encoded.extend(each.text[start:end] for each in passages for start, end in each.sentences)
            return super().encode_passages(passages, done)

    put(indexed, article("glacier", "It has gone."), article("volcano", "It is new."))
    Indexer(indexed, index_store, Listening()).run()
    assert sorted(encoded) == ["It has gone.", "It is new."]


def test_row_ids_are_never_used_twice(indexed, index_store, searcher):
    used = {row[0] for row in rows(index_store)["sentences"]}
    used_passages = {row[0] for row in rows(index_store)["passages"]}
    for number in range(5):
        last = TOPICS[-1]
        indexed.withdraw([last], "gone")
        run(indexed, index_store)
        put(indexed, article(last, f"The {last} was painted in colour number{number}. It shines."))
        run(indexed, index_store)
        mine = [row for row in rows(index_store)["passages"] if row[1] == last]
        ids = {row[0] for row in rows(index_store)["sentences"] if row[1] in {m[0] for m in mine}}
        assert not ids & used
        assert not {m[0] for m in mine} & used_passages
        used |= ids
        used_passages |= {m[0] for m in mine}
        assert f"number{number}" in searcher.ask(f"the {last} in colour number{number}").hits[0].text


def test_vectors_in_memory_follow_the_rows_by_their_ids(indexed, index_store):
    generation = index_store.current()
    held = generation.load_vectors()
    put(indexed, article("volcano"), article("glacier", "The ice went away. Nothing is left of it."))
    indexed.withdraw(["bridge"], "gone")
    run(indexed, index_store)
    with generation.db.snapshot() as db:
        follow(held, db)
    article_of = {row[0]: row[1] for row in rows(index_store)["passages"]}
    sentences = rows(index_store)["sentences"]
    assert set(held.ids().tolist()) == {number for number, *_ in sentences}
    for number, passage, start, end, *_ in sentences:
        text = indexed.article(article_of[passage]).text[start:end]
        vector = HashEncoder().encode_question(text).vector
        assert number in held.search(vector, len(TOPICS) + 2)
    generation.close()


def test_a_searcher_that_is_open_finds_what_is_new_and_never_what_is_old(indexed, index_store, searcher):
    assert found(searcher, "the bridge")[0] == "bridge"
    put(indexed, article("volcano"), article("glacier", "A dry valley lies there."))
    indexed.withdraw(["bridge"], "removed")
    run(indexed, index_store)
    result = searcher.ask("the volcano", 50)
    assert result.hits[0].article.id == "volcano"
    assert topics_of(result.hits) == {*TOPICS, "volcano"} - {"bridge"}
    assert searcher.ask("the glacier is a dry valley").hits[0].text == "A dry valley lies there."
    assert (result.generation, result.articles) == ("g000001", len(TOPICS))


@pytest.mark.parametrize("change", ["withdrawn", "changed", "promotion"])
def test_what_no_longer_stands_is_not_shown_even_before_reindexing(indexed, index_store, searcher, change):
    appeal = "Subscribe to the Courier."
    put(indexed, article("volcano", f"The volcano smokes.\n{appeal}", outlet="Courier"))
    run(indexed, index_store)
    assert marked(searcher.ask("subscribe to the courier").hits[0]) == appeal
    if change == "withdrawn":
        indexed.withdraw(["volcano"], "removed")
    elif change == "changed":
        put(indexed, article("volcano", "The volcano smokes.\nIt sleeps.", outlet="Courier"))
    else:
        put(indexed, article("tunnel", f"The tunnel is closed.\n{appeal}", outlet="Courier"))
    for question in ("subscribe to the courier", "the volcano smokes"):
        hits = searcher.ask(question, 50).hits
        assert not any(appeal in hit.text for hit in hits)
        assert all(hit.text == indexed.article(hit.article.id).text[hit.start : hit.end] for hit in hits)
    run(indexed, index_store)
    assert not any(appeal in text for *_, text in rows(index_store)["passages"])


def test_of_a_withdrawn_article_no_row_stays_in_the_index(indexed, index_store, searcher):
    indexed.withdraw(["glacier"], "removed")
    assert "glacier" not in topics_of(searcher.ask("the glacier", 50).hits)  # at once
    run(indexed, index_store)
    assert "glacier" not in topics_of(searcher.ask("the glacier", 50).hits)
    with closing(sqlite3.connect(index_store.folder / "g000001" / "index.db")) as db:
        assert db.execute("select count(*) from articles where id = 'glacier'").fetchone() == (0,)
        assert db.execute("select count(*) from passages where article = 'glacier'").fetchone() == (0,)
        orphans = "select count(*) from sentences where passage not in (select id from passages)"
        assert db.execute(orphans).fetchone() == (0,)
        match = "select count(*) from passage_terms where terms match 'glacier'"
        assert db.execute(match).fetchone() == (0,)
        held = {name: db.execute(f"select count(*) from {name}").fetchone()[0] for name in TABLES}
    assert held["passages"] == held["passage_terms"] == len(TOPICS) - 1
    generation = index_store.current()
    assert len(generation.load_vectors()) == held["sentences"] == 4 * (len(TOPICS) - 1)
    generation.close()


def test_an_article_that_is_withdrawn_while_others_are_encoded_is_left_out(store, index_store):
    put(store, *map(article, TOPICS))
    gone = []

    class Slow(HashEncoder):
        def encode_passages(self, passages, done):
            if not gone:
                gone.append("glacier")
                store.withdraw(gone, "removed")
            return super().encode_passages(passages, done)

    Indexer(store, index_store, Slow()).run()
    searcher = Searcher(store, index_store, HashEncoder())
    assert "glacier" not in topics_of(searcher.ask("the glacier", 50).hits)
    searcher.close()
    assert counted(run(store, index_store)) == (0, 0, 0, len(TOPICS) - 1)
    assert "glacier" not in {row[0] for row in rows(index_store)["articles"]}


def test_the_neighbours_of_new_promotion_are_reindexed(indexed, index_store):
    appeal = "Subscribe to the Courier."
    put(indexed, article("volcano", f"The volcano smokes.\n{appeal}", outlet="Courier"))
    run(indexed, index_store)
    put(indexed, article("tunnel", f"The tunnel is closed.\n{appeal}", outlet="Courier"))
    assert counted(run(indexed, index_store)) == (1, 1, 0, len(TOPICS))


def test_a_full_run_makes_everything_anew_and_says_so(indexed, index_store, searcher):
    before = searcher.ask("the glacier", 10)
    report = run(indexed, index_store, full=True)
    assert (report.rebuilt, report.generation) == ("you asked for it", "g000002")
    assert "made anew, since you asked for it." in report.sentence()
    after = searcher.ask("the glacier", 10)
    assert (after.generation, after.hits) == ("g000002", before.hits)


def test_odd_articles_are_indexed_beside_the_others(indexed, index_store, searcher):
    odd = {
        "empty": "\n \t\n",
        "dots": ". . .\n…\n!?",
        "letter": "x",
        "nul": "The nul\0marmot is here. It stays.",
        "emoji": "👩\u200d👩😀 " * 40,
        "chinese": "北京的桥在春天开放。它花了三年时间。",
        "thai": "สะพานเปิดในฤดูใบไม้ผลิ " * 20,
        "word": "x" * 5000,
    }
    put(indexed, *(article(number, text) for number, text in odd.items()))
    assert counted(run(indexed, index_store))[0] == len(odd)
    assert found(searcher, "marmot")[0] == "nul"
    assert found(searcher, "北京的桥")[0] == "chinese"
    assert counted(run(indexed, index_store)) == (0, 0, 0, len(TOPICS) + len(odd))
    assert run(indexed, index_store, full=True).added == 0


def test_more_than_a_batch_is_committed_batch_by_batch_and_progress_grows(store, index_store):
    sentences = " ".join(f"It says so {n} times." for n in range(50))
    put(store, *(article(f"n{i:03}", sentences) for i in range(BATCH_SENTENCES // 50 * 2 + 1)))
    told = []
    Indexer(store, index_store, HashEncoder(), told.append).run()
    articles = store.extent()[0]
    total = articles * len(sentences)
    encoding = [step for step in told if step.phase == "encoding"]
    assert encoding[-1] == Step("encoding", total, total, articles, articles)
    done = [(step.done, step.articles) for step in encoding]
    assert done == sorted(done)
    generation = index_store.current()
    with generation.db.snapshot() as db:
        assert db.execute("select value from meta where key = 'revision'").fetchone() == ("3",)
    generation.close()


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize(("ended", "error"), [(StopFlag.stop, Stopped), (StopFlag.cancel, Cancelled)])
def test_work_that_is_ended_leaves_the_old_generation_serving_and_is_done_the_next_time(
    indexed, index_store, searcher, full, ended, error
):
    before = searcher.ask("the glacier", 10)
    put(indexed, article("volcano"))
    stop_flag = StopFlag()
    ended(stop_flag)
    with pytest.raises(error, match="the index serves as before"):
        Indexer(indexed, index_store, HashEncoder(), stop_flag=stop_flag).run(full=full)
    assert index_store.names() == ("g000001", None)
    assert searcher.ask("the glacier", 10).hits == before.hits
    report = run(indexed, index_store, full=full)
    assert report.added == 1
    assert found(searcher, "the volcano")[0] == "volcano"
    assert len(list(index_store.folder.glob("g*"))) == (2 if full else 1)


def test_a_failing_encoder_leaves_the_old_generation_serving(indexed, index_store, searcher):
    class Fails(HashEncoder):
        def encode_passages(self, passages, done):
            raise MemoryError

    put(indexed, article("volcano"))
    for full in (True, False):
        with pytest.raises(MemoryError):
            Indexer(indexed, index_store, Fails()).run(full=full)
    assert found(searcher, "the glacier")[0] == "glacier"
    assert counted(run(indexed, index_store)) == (1, 0, 0, len(TOPICS))


def test_who_reindexes_at_once_takes_turns_but_one_alone_makes_everything_anew(indexed, index_store):
    put(indexed, *(article(f"n{i}") for i in range(20)))
    failures, refused = [], []

    def reindex(full):
        try:
            run(indexed, LocalIndexStore(index_store.folder), full=full)
        except Busy as error:
            refused.append(error)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=reindex, args=[n % 2 == 0]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(refused) <= 1
    assert counted(run(indexed, index_store)) == (0, 0, 0, len(TOPICS) + 20)


@pytest.mark.slow
def test_every_answer_is_exact_while_another_thread_reindexes(indexed, index_store):
    stop = threading.Event()
    failures, generations = [], []
    constant, changing = TOPICS[:3], TOPICS[3:]

    def search(seed):
        chance = random.Random(seed)
        with closing(Searcher(indexed, LocalIndexStore(index_store.folder), HashEncoder())) as searcher:
            while not stop.is_set():
                topic = chance.choice(constant)
                result = searcher.ask(f"What does the {topic} cost?", 10)
                generations.append(result.generation)
                if complaint := wrong(result, topic):
                    failures.append(complaint)
                    return

    with ThreadPoolExecutor(4) as pool:
        searching = [pool.submit(search, seed) for seed in range(4)]
        chance = random.Random(1)
        until = time.monotonic() + 4
        while time.monotonic() < until:
            number = f"other{chance.randrange(5)}"
            if indexed.article(number):
                indexed.withdraw([number], "gone")
            else:
                put(indexed, article(number))
            topic = article(chance.choice(changing))
            put(indexed, replace(topic, text=f"It is day {chance.randrange(9)} now.\n{topic.text}"))
            run(indexed, index_store, full=chance.random() < 0.3)
            if chance.random() < 0.2 and len(list(index_store.folder.glob("g*"))) == 2:
                index_store.roll_back(HashEncoder())
        stop.set()
        for thread in searching:
            thread.result()
    assert failures == []
    assert len(generations) > 50
    assert len(set(generations)) > 2
    assert len(list(index_store.folder.glob("g*"))) <= 2


def wrong(result, topic):
    """What is wrong with an answer that was given while the index changed; None where nothing is."""
    if not result.hits or result.hits[0].article.id != topic:
        return f"{topic} was not found"
    for hit in result.hits:
        whole_sentences = hit.text.endswith(".") and hit.text[0].isupper()
        if not whole_sentences or not hit.start <= hit.sentence[0] < hit.sentence[1] <= hit.end:
            return f"{hit.text!r} is no passage"
        if hit.article.text[slice(*hit.sentence)] not in hit.text:
            return f"the marked sentence of {hit.text!r} is not in it"
    if len({(hit.article.id, hit.start) for hit in result.hits}) < len(result.hits):
        return "a passage was found twice"
    return None
