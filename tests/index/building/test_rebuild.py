"""Making an index anew: beside small changes, taken up again, checked, taken back; withdrawn means gone."""

import json
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from encoders import BY_WORDS, HashEncoder
from topics import TOPICS, article, put, run

from corpus.database import Unusable
from index import entries
from index.building import golden, sync
from index.building.golden import Exam, Golden, NotGolden
from index.building.progress import Cancelled, StopFlag, Stopped
from index.building.sync import Busy, Indexer
from index.errors import NoWayBack, Unverified
from index.local import generation as generations
from index.local import tables
from index.local.generation import LocalGeneration
from index.local.index_store import LocalIndexStore
from index.searching.search import Searcher


def found(store, index_store, question):
    with closing(Searcher(store, index_store, HashEncoder())) as searcher:
        hits = searcher.ask(question, 20).hits
        return [each.id for hit in hits for each in (hit.article, *hit.also)]


def names(index_store):
    return sorted(path.name for path in index_store.folder.glob("g*"))


@pytest.fixture
def article_by_article(monkeypatch):
    """Each article is a batch of its own."""
    monkeypatch.setattr(entries, "BATCH_SENTENCES", 1)


class Meanwhile(HashEncoder):
    """Does something before the n-th batch is encoded, and counts the batches."""

    def __init__(self, act, at=1):
        self._act, self._at = act, at
        self.batches = 0

    def encode_passages(self, passages, done):
        self.batches += 1
        if self.batches == self._at:
            self._act()
        return super().encode_passages(passages, done)


def test_what_comes_in_while_everything_is_made_anew_is_found_at_once_and_afterwards(indexed, index_store):
    seen = []

    def add_and_withdraw():
        put(indexed, article("volcano"))
        indexed.withdraw(["bridge"], "removed")
        seen.append(run(indexed, LocalIndexStore(index_store.folder)).generation)
        seen.append(found(indexed, index_store, "the volcano")[0])

    report = run(indexed, index_store, Meanwhile(add_and_withdraw), full=True)
    assert seen == ["g000001", "volcano"]
    assert report.generation == index_store.names()[0] == "g000002"
    assert set(found(indexed, index_store, "the volcano")) == {*TOPICS, "volcano"} - {"bridge"}
    assert run(indexed, index_store).unchanged == len(TOPICS)


def test_a_second_full_run_is_refused_in_one_sentence_while_one_goes_on(indexed, index_store):
    def again():
        with pytest.raises(Busy, match=r"^A full reindex is running already: this one was not begun\.$"):
            run(indexed, LocalIndexStore(index_store.folder), full=True)

    assert run(indexed, index_store, Meanwhile(again), full=True).generation == "g000002"
    assert run(indexed, index_store, full=True).generation == "g000003"


def test_who_waits_for_another_to_make_the_index_can_be_stopped(indexed, index_store, monkeypatch):
    monkeypatch.setattr(sync, "LOOK", 0.01)
    stop_flag = StopFlag()

    class Other(HashEncoder):
        name = "other@2"

    class Stopping(LocalIndexStore):
        def usable(self, encoder):
            stop_flag.stop()
            return super().usable(encoder)

    with index_store.building(), pytest.raises(Stopped):
        Indexer(indexed, Stopping(index_store.folder), Other(), stop_flag=stop_flag).run()


def test_who_waits_for_another_to_change_the_index_can_be_stopped(indexed, index_store, monkeypatch):
    monkeypatch.setattr(sync, "LOOK", 0.01)
    stop_flag = StopFlag()
    stop_flag.stop()
    with index_store.lock(), pytest.raises(Stopped):
        run(indexed, LocalIndexStore(index_store.folder), stop_flag=stop_flag)


def test_a_disk_that_is_full_leaves_nothing_of_what_was_begun(indexed, index_store, article_by_article):
    def fill():
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        run(indexed, index_store, Meanwhile(fill, at=4), full=True)
    assert names(index_store) == ["g000001"]


def test_what_has_served_and_was_not_swept_is_not_taken_for_half_made(indexed, index_store, monkeypatch):
    run(indexed, index_store, full=True)
    with monkeypatch.context() as killed:
        killed.setattr(LocalIndexStore, "sweep", lambda *_, **__: None)
        run(indexed, index_store, full=True)
    assert names(index_store) == ["g000001", "g000002", "g000003"]
    assert run(indexed, index_store, full=True).generation == "g000004"
    assert names(index_store) == ["g000003", "g000004"]


@pytest.mark.parametrize("end", ["killed", "stopped"])
def test_what_was_left_half_made_is_taken_up_again_but_for_one_batch(
    indexed, index_store, article_by_article, end
):
    stop_flag = StopFlag()

    def die():
        if end == "stopped":
            stop_flag.stop()
        else:
            raise KeyboardInterrupt

    with pytest.raises((Stopped, KeyboardInterrupt)):
        run(indexed, index_store, Meanwhile(die, at=4), full=True, stop_flag=stop_flag)
    assert names(index_store) == ["g000001", "g000002"]
    gone, changed, _kept = list(indexed.fingerprints())[:3]
    indexed.withdraw([gone], "removed")
    put(indexed, article(changed, "It came late. Nobody minds."))
    resumed = Meanwhile(lambda: None)
    assert run(indexed, index_store, resumed, full=True).generation == "g000002"
    assert resumed.batches == 1 + len(TOPICS) - 3  # what changed, and what was not there yet
    assert set(found(indexed, index_store, "the talk of the town")) == {*TOPICS} - {gone}
    assert run(indexed, index_store).unchanged == len(TOPICS) - 1


def test_what_was_called_off_is_made_from_the_beginning(indexed, index_store, article_by_article):
    stop_flag = StopFlag()
    with pytest.raises(Cancelled):
        run(indexed, index_store, Meanwhile(stop_flag.cancel, at=4), full=True, stop_flag=stop_flag)
    assert names(index_store) == ["g000001"]
    anew = Meanwhile(lambda: None)
    run(indexed, index_store, anew, full=True)
    assert anew.batches == len(TOPICS)


def test_who_calls_off_wins_over_who_stops():
    stop_flag = StopFlag()
    stop_flag.check()
    stop_flag.stop()
    with pytest.raises(Stopped):
        stop_flag.check()
    stop_flag.cancel()
    with pytest.raises(Cancelled):
        stop_flag.check()


def test_a_generation_that_was_left_by_another_model_is_not_taken_up(
    indexed, index_store, article_by_article
):
    class Other(HashEncoder):
        name = "other@2"

    stop_flag = StopFlag()
    with pytest.raises(Stopped):
        run(indexed, index_store, Meanwhile(stop_flag.stop, at=4), full=True, stop_flag=stop_flag)
    assert (
        run(indexed, index_store, Other(), full=True).rebuilt
        == "the model was all-MiniLM-L6-v2@hash and is now other@2"
    )
    with closing(index_store.current()) as current:
        assert current.made_with["model"] == "other@2"


# What is checked before a generation may serve.


def swapped_vectors(index, db):
    """As `follow`, but each vector goes under the id of another row."""
    ids = tables.sentence_ids(db)
    index.add(ids, np.roll(tables.vectors(db, ids.tolist(), index.dimension), len(ids) // 2, axis=0))


def put_with_other_terms(db, *values):
    put_article(db, *values)
    db.execute("update passage_terms set terms = 'something else' where rowid % 2 or rowid > 0")


put_article = tables.put_article


def many(store):
    """So many articles, each of its own words, that few are found by chance."""
    for n in range(400):
        put(store, article(f"n{n}", f"Here are {' '.join(f'w{n}x{i}' for i in range(8))}."))


@pytest.mark.parametrize(
    ("where", "what", "harm", "check"),
    [
        (generations, "follow", swapped_vectors, "not found by its own meaning"),
        (tables, "put_article", put_with_other_terms, "not found by its own words"),
    ],
)
@pytest.mark.slow
def test_an_index_in_which_an_article_does_not_find_itself_stays_out(
    store, index_store, monkeypatch, where, what, harm, check
):
    many(store)
    run(store, index_store)
    with monkeypatch.context() as faulty:
        faulty.setattr(where, what, harm)
        with pytest.raises(Unverified, match=check):
            run(store, index_store, full=True)
    assert (index_store.names(), names(index_store)) == (("g000001", None), ["g000001"])
    assert run(store, index_store, full=True).generation == "g000002"


def test_an_index_whose_saved_vectors_are_not_what_was_written_stays_out(indexed, index_store, monkeypatch):
    save = generations.VectorIndex.save

    def spoiled(self, path):
        sha256 = save(self, path)
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        return sha256

    with monkeypatch.context() as faulty:
        faulty.setattr(generations.VectorIndex, "save", spoiled)
        with pytest.raises(Unverified, match="not the file that was written"):
            run(indexed, index_store, full=True)
    assert names(index_store) == ["g000001"]


def test_articles_that_repeat_each_other_and_odd_ones_find_themselves(store, index_store):
    put(store, *(article(f"copy{n}", article("bridge").text) for n in range(80)))
    put(store, article("dots", ". . .\n…"), article("empty", "\n \n"), article("emoji", "👩😀 " * 40))
    assert run(store, index_store, full=True).added == 83


def exam(store, index_store, *questions):
    def searcher(name):
        return Searcher(store, index_store, HashEncoder(), confidence=BY_WORDS, generation=name)

    return Exam([Golden(*each) for each in questions], store, searcher)


KNOWN = ("The bridge was the talk of the town on Monday?", "talk of the town")
LOST = ("Nobody had seen such a glacier before?", "such a glacier before")
UNHEARD = ("Where is the volcano?", "The volcano is")


def test_many_articles_that_differ_in_a_figure_or_two_find_themselves(store, index_store):
    for n in range(60):
        text = (
            f"The lowest temperature on the coast was {n} degrees at dawn, and the wind was north.\n"
            f"Ferries sailed {n + 100} times, harbours stayed open and no lighthouse was dark in the night."
        )
        put(store, article(f"day{n}", text))
    assert run(store, index_store, full=True).added == 60


def test_golden_questions_whose_words_stand_somewhere_are_counted_and_kept_with_the_index(
    indexed, index_store
):
    run(indexed, index_store, full=True, exam=exam(indexed, index_store, KNOWN, LOST, UNHEARD))
    assert [each.golden for each in index_store.generations()] == ["2/2", ""]
    run(indexed, index_store, full=True, exam=exam(indexed, index_store, UNHEARD))
    assert index_store.generations()[0].golden == ""


def test_an_index_that_answers_fewer_golden_questions_stays_out_and_they_are_named(
    indexed, index_store, monkeypatch
):
    def blunt(db, article):
        kept = article.passages if article.id == "glacier" else []
        dull = [replace(passage, terms=["x"] * len(passage.terms)) for passage in kept]
        put_article(db, replace(article, passages=dull))

    asked = exam(indexed, index_store, KNOWN, LOST)
    with monkeypatch.context() as faulty:
        faulty.setattr(tables, "put_article", blunt)
        with pytest.raises(Unverified) as refused:
            run(indexed, index_store, full=True, exam=asked)
    assert "answers 0 of 2 golden questions, the old one 2" in str(refused.value)
    assert str(refused.value).endswith(f"No longer answered: {KNOWN[0]} {LOST[0]}")
    assert names(index_store) == ["g000001"]


def test_an_index_is_not_blamed_for_what_came_in_while_it_was_asked(indexed, index_store):
    asked = exam(indexed, index_store, KNOWN, ("What did the volcano smoke on Monday?", "The volcano smoked"))
    compare = asked.compare

    def meanwhile(new, serving):
        if not indexed.article("volcano"):
            put(indexed, article("volcano", "The volcano smoked on Monday. It is quiet since."))
            run(indexed, LocalIndexStore(index_store.folder))
        return compare(new, serving)

    asked.compare = meanwhile
    run(indexed, index_store, full=True, exam=asked)
    assert index_store.generations()[0].golden == "2/2"


def test_a_file_of_golden_questions_is_read_and_a_bad_line_named(tmp_path):
    file = tmp_path / "golden.jsonl"
    file.write_text('{"question": "Who?", "quote": "He did"}\n\n{"question": "Why?"}\n')
    with pytest.raises(NotGolden, match=r"^CITEWIRE_GOLDEN, line 3 of .*golden\.jsonl: "):
        golden.read(file)
    file.write_text('{"question": "Who?", "quote": "He did"}\n')
    assert golden.read(file) == [Golden("Who?", "He did")]
    with pytest.raises(NotGolden, match="can't be read"):
        golden.read(tmp_path / "none")


def test_the_golden_questions_about_the_bundled_article_quote_it_and_nearly_all_are_answered(bundled):
    questions = golden.read(bundled.config.golden)
    assert [each for each in questions if not bundled.store.holds(each.quote)] == []
    right, of = bundled.generations()[0].golden.split("/")
    assert int(of) == len(questions) == 12
    assert int(right) >= 10


# The way back.


def test_rolling_back_swaps_the_two_in_one_step_and_the_next_run_brings_it_up(indexed, index_store):
    run(indexed, index_store, full=True)
    put(indexed, article("volcano"))
    run(indexed, index_store)
    described = index_store.roll_back(HashEncoder())
    assert (described.name, described.serves, described.articles) == ("g000001", True, len(TOPICS))
    assert index_store.names() == ("g000001", "g000002")
    assert "volcano" not in found(indexed, index_store, "the volcano")
    assert run(indexed, index_store).added == 1
    assert found(indexed, index_store, "the volcano")[0] == "volcano"
    assert [each.name for each in index_store.generations()] == ["g000001", "g000002"]
    assert index_store.roll_back(HashEncoder()).name == "g000002"


def test_there_is_no_way_back_while_an_index_is_made_that_would_take_its_place(indexed, index_store):
    run(indexed, index_store, full=True)

    def roll_back():
        with pytest.raises(NoWayBack, match="A full reindex is running"):
            LocalIndexStore(index_store.folder).roll_back(HashEncoder())

    assert run(indexed, index_store, Meanwhile(roll_back), full=True).generation == "g000003"
    assert index_store.roll_back(HashEncoder()).name == "g000002"


def test_there_is_no_way_back_to_what_is_not_there_damaged_or_made_otherwise(indexed, index_store):
    with pytest.raises(NoWayBack, match="no index before"):
        index_store.roll_back(HashEncoder())

    class Other(HashEncoder):
        name = "other@2"

    run(indexed, index_store, full=True)
    with pytest.raises(
        NoWayBack, match=r"the model was all-MiniLM-L6-v2@hash and is now other@2; set that back first"
    ):
        index_store.roll_back(Other())
    path = index_store.folder / "g000001" / "index.db"
    path.write_bytes(path.read_bytes()[:4096] + b"\x55" * (path.stat().st_size - 4096))
    with pytest.raises(NoWayBack, match=r"damaged|no index before"):
        index_store.roll_back(HashEncoder())
    assert index_store.names() == ("g000002", "g000001")


def test_where_a_setting_is_set_back_the_generation_before_serves_again_and_is_brought_up(
    indexed, index_store
):
    class Other(HashEncoder):
        name = "other@2"

    run(indexed, index_store, Other())
    put(indexed, article("volcano"))
    back = Meanwhile(lambda: None)
    report = run(indexed, index_store, back)
    assert (report.generation, report.added, report.rebuilt) == ("g000001", 1, None)
    assert back.batches == 1
    assert index_store.names() == ("g000001", "g000002")


def test_generations_are_described(indexed, index_store):
    run(indexed, index_store, full=True)
    serving, before = index_store.generations()
    assert (serving.name, serving.serves, before.name, before.serves) == ("g000002", True, "g000001", False)
    assert (serving.articles, serving.passages, serving.model) == (
        len(TOPICS),
        len(TOPICS),
        "all-MiniLM-L6-v2@hash",
    )
    assert serving.bytes > (index_store.folder / "g000002/vectors.faiss").stat().st_size
    assert serving.sentence().startswith("g000002, serves now: made ")


# B10: withdrawn means gone.


def test_of_a_withdrawn_article_no_word_is_left_in_any_file_of_any_generation(
    indexed, index_store, article_by_article
):
    secret = article("marzipan", "The zugzwang befell the quokka. A xylograph shows the quokka still.")
    put(indexed, secret)
    run(indexed, index_store)
    run(indexed, index_store, full=True)
    stop_flag = StopFlag()
    with pytest.raises(Stopped):  # a third that is left half made
        run(
            indexed,
            index_store,
            full=True,
            stop_flag=stop_flag,
            progress=lambda s: s.articles == 7 and stop_flag.stop(),
        )
    words = [b"quokka", b"zugzwang", b"xylograph", b"marzipan"]
    assert holding(index_store, words) == {(f"g00000{n}", word) for n in (1, 2, 3) for word in words}
    indexed.withdraw(["marzipan"], "removed")
    with closing(Searcher(indexed, index_store, HashEncoder())) as reading:
        reading.ask("the quokka")  # it keeps the index open
        run(indexed, index_store)
        assert holding(index_store, words) == set()
        assert reading.ask("the glacier").hits


def test_of_an_article_that_was_withdrawn_before_everything_is_made_anew_no_word_is_left(
    indexed, index_store
):
    put(indexed, article("marzipan", "The zugzwang befell the quokka. A xylograph shows the quokka still."))
    run(indexed, index_store)
    words = [b"quokka", b"zugzwang", b"marzipan"]
    assert holding(index_store, words)
    indexed.withdraw(["marzipan"], "removed")
    run(indexed, index_store, full=True)
    assert holding(index_store, words) == set()


def holding(index_store, words):
    """Which generation has files that hold which words; terms are stems, so parts of words count."""
    files = [path for path in index_store.folder.glob("*/*") if path.is_file()]
    return {
        (path.parent.name, word)
        for path in files
        for word in words
        if word in (data := path.read_bytes()) or word[:-1] in data
    }


def test_a_generation_that_another_process_has_just_begun_is_left_alone(indexed, index_store):
    LocalGeneration(index_store.folder / "g000002").close()
    indexed.withdraw(["glacier"], "removed")
    run(indexed, index_store)
    assert names(index_store) == ["g000001", "g000002"]


def test_a_generation_before_that_can_not_be_read_is_removed_when_something_is_withdrawn(
    indexed, index_store
):
    run(indexed, index_store, full=True)
    (index_store.folder / "g000001" / "index.db").write_bytes(b"quokka" * 5000)
    indexed.withdraw(["glacier"], "removed")
    run(indexed, index_store)
    assert names(index_store) == ["g000002"]


def test_a_generation_before_that_can_not_be_read_for_a_while_is_kept(indexed, index_store):
    run(indexed, index_store, full=True)
    obstacle = index_store.folder / "g000001" / "index.db-wal"
    obstacle.unlink(missing_ok=True)
    obstacle.mkdir()
    indexed.withdraw(["glacier"], "removed")
    with pytest.raises(Unusable):
        run(indexed, index_store)
    assert names(index_store) == ["g000001", "g000002"]
    obstacle.rmdir()
    run(indexed, index_store)
    assert b"glacier" not in (index_store.folder / "g000001" / "index.db").read_bytes()


def test_a_pointer_says_what_it_said_after_a_roll_back(indexed, index_store):
    run(indexed, index_store, full=True)
    index_store.roll_back(HashEncoder())
    assert json.loads((index_store.folder / "current.json").read_bytes()) == {
        "current": "g000001",
        "previous": "g000002",
    }
