"""Generations: what is published is whole, what is damaged is never searched and made anew."""

import json
import logging
import random
import shutil
import sqlite3
from contextlib import closing
from operator import attrgetter

import numpy as np
import pytest
from encoders import HashEncoder
from topics import TOPICS, article, put, run

from index import generation
from index.encoding.embed import Question, Sentence
from index.errors import NoIndex, Unverified
from index.local import generation as generations
from index.local import index_store as shelves
from index.local import tables
from index.local.generation import LocalGeneration
from index.local.index_store import LocalShelf
from index.searching.search import Searcher


@pytest.fixture
def filled(store):
    """A store with an article a topic."""
    put(store, *map(article, TOPICS))
    return store


def answers(store, shelf, encoder=None):
    """What is found for each topic: places and scores."""
    searcher = Searcher(store, shelf, encoder or HashEncoder())
    try:
        found = {topic: searcher.ask(f"the {topic} cost", 10).hits for topic in TOPICS[-3:]}
    finally:
        searcher.close()
    places = attrgetter("article.id", "start", "end", "sentence")
    return {topic: [(*places(hit), round(hit.score, 5)) for hit in hits] for topic, hits in found.items()}


def names(shelf):
    return sorted(path.name for path in shelf.folder.glob("g*"))


def rows(path):
    with sqlite3.connect(path) as db:
        counted = {
            name: db.execute(f"select count(*) from {name}").fetchone()[0]
            for name in ("articles", "passages", "sentences", "passage_terms")
        }
    db.close()
    return counted


def test_an_empty_shelf_serves_nothing(store, shelf):
    assert shelf.names() == (None, None)
    assert shelf.current() is None
    with pytest.raises(NoIndex, match="no index yet"):
        Searcher(store, shelf, HashEncoder()).ask("What is there?")


def test_two_generations_are_kept_and_older_ones_removed(filled, shelf):
    for number in range(1, 5):
        run(filled, shelf, full=True)
        current, previous = f"g{number:06}", f"g{number - 1:06}" if number > 1 else None
        assert shelf.names() == (current, previous)
        assert names(shelf) == [name for name in (previous, current) if name]


def test_of_what_crashes_left_the_last_is_taken_up_and_the_rest_swept(filled, shelf):
    run(filled, shelf)
    for orphan in ("g000002", "g000007"):
        shutil.copytree(shelf.folder / "g000001", shelf.folder / orphan)
    run(filled, shelf, full=True)
    assert names(shelf) == ["g000001", "g000007"]
    assert answers(filled, shelf)["glacier"]


def test_publishing_is_one_step(filled, shelf, monkeypatch):
    run(filled, shelf)
    before = answers(filled, shelf)
    built = shelf.begin(HashEncoder())
    assert shelf.names() == ("g000001", None)  # it was begun, and nobody sees it

    def no_room(path, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(shelves, "write_atomically", no_room)
        with pytest.raises(OSError, match="No space"):
            shelf.publish(built)
    assert shelf.names() == ("g000001", None)
    assert answers(filled, shelf) == before
    shelf.publish(built)
    assert shelf.names() == ("g000002", "g000001")
    built.close()


def test_a_generation_says_what_it_was_made_with(filled, shelf):
    run(filled, shelf)
    current = shelf.current()
    assert current.made_with == current.recipe(HashEncoder())
    assert current.made_with["model"] == HashEncoder.name
    current.close()


@pytest.mark.parametrize(
    "harm",
    [
        "delete from articles where id = 'glacier'",
        "update articles set fingerprint = 'other' where id = 'glacier'",
        "insert into articles values ('unknown', 'x', 'en', '', null)",
        "delete from passage_terms where rowid = 1",
        "delete from passages where id = 1",
        "insert into passages (article, start, end, paragraph, text) values ('glacier', 0, 1, 0, 'T')",
    ],
)
def test_a_generation_with_a_row_too_few_or_too_many_is_not_verified(filled, shelf, harm):
    run(filled, shelf)
    current = shelf.current()
    current.verify(filled.fingerprints())
    path = current.db.path
    current.close()
    with sqlite3.connect(path) as db:
        db.execute(harm)
    db.close()
    current = shelf.current()
    with pytest.raises(Unverified, match="lacks articles or passages"):
        current.verify(filled.fingerprints())
    current.close()


def test_a_generation_that_lacks_a_vector_is_not_verified(filled, shelf, monkeypatch):
    run(filled, shelf)
    current = shelf.current()
    monkeypatch.setattr(generations, "follow", lambda index, db: index.remove([1]))
    with pytest.raises(Unverified, match="lacks vectors"):
        current.verify(filled.fingerprints())
    current.close()


def test_what_is_not_verified_is_not_published(filled, shelf, monkeypatch):
    run(filled, shelf)
    before = answers(filled, shelf)

    def forgets_terms(db, *article):
        put_article(db, *article)
        db.execute("delete from passage_terms where rowid = (select max(rowid) from passage_terms)")

    put_article = tables.put_article
    with monkeypatch.context() as faulty:
        faulty.setattr(tables, "put_article", forgets_terms)
        with pytest.raises(Unverified):
            run(filled, shelf, full=True)
    assert shelf.names() == ("g000001", None)
    assert answers(filled, shelf) == before
    assert run(filled, shelf, full=True).generation == "g000002"


class OtherModel(HashEncoder):
    name = "other@2"


class WiderModel(HashEncoder):
    """Of another dimension too."""

    name = "wider@3"

    def encode_question(self, question):
        vector, tokens = super().encode_question(question)
        return Question(twice(vector) / np.float32(2**0.5), twice(tokens) / np.float32(2**0.5))

    def encode_passages(self, passages, done):
        narrow = super().encode_passages(passages, done)
        return [Sentence(twice(vector) / np.float32(2**0.5), twice(tokens)) for vector, tokens in narrow]


def twice(rows):
    return np.concatenate([rows, rows], axis=-1)


@pytest.mark.parametrize("encoder", [OtherModel(), WiderModel()], ids=lambda e: e.name)
def test_an_index_of_another_model_is_never_searched_and_made_anew(filled, shelf, encoder):
    run(filled, shelf)
    with pytest.raises(NoIndex, match="made with other settings"):
        Searcher(filled, shelf, encoder).ask("Where is the glacier?")
    report = run(filled, shelf, encoder)
    assert report.rebuilt == f"the model was hash@1 and is now {encoder.name}"
    assert report.generation == "g000002"
    assert report.unchanged == len(TOPICS)
    assert f"the model was hash@1 and is now {encoder.name}." in report.sentence()
    assert answers(filled, shelf, encoder)["glacier"][0][0] == "glacier"
    with pytest.raises(NoIndex):
        Searcher(filled, shelf, HashEncoder()).ask("Where is the glacier?")


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (generation, "SPLITTER"),
        (generation, "ANALYZER"),
        (HashEncoder, "encoding"),
        (LocalGeneration, "layout"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_an_index_split_analyzed_encoded_or_laid_out_in_another_way_is_never_searched_and_made_anew(
    filled, shelf, monkeypatch, where, name
):
    run(filled, shelf)
    before, what = getattr(where, name), name.lower()
    monkeypatch.setattr(where, name, "another way/2")
    with pytest.raises(NoIndex, match="made with other settings"):
        Searcher(filled, shelf, HashEncoder()).ask("Where is the glacier?")
    assert run(filled, shelf).rebuilt == f"the {what} was {before} and is now another way/2"
    assert answers(filled, shelf)["glacier"][0][0] == "glacier"


def test_an_index_from_before_the_last_change_of_its_tables_is_brought_to_them_and_serves(filled, shelf):
    run(filled, shelf)
    before = answers(filled, shelf)
    with closing(sqlite3.connect(shelf.folder / "g000001" / "index.db", isolation_level=None)) as db:
        db.execute("drop index articles_by_language")
        db.execute("delete from _sqlite_migrations where name = 'index_languages'")
    assert answers(filled, shelf) == before
    assert run(filled, shelf).unchanged == len(TOPICS)
    with closing(sqlite3.connect(shelf.folder / "g000001" / "index.db")) as db:
        assert db.execute("select 1 from sqlite_master where name = 'articles_by_language'").fetchone()


def test_an_index_that_does_not_say_how_it_was_made_is_made_anew(filled, shelf):
    run(filled, shelf)
    current = shelf.current()
    current.db.write(lambda db: db.execute("delete from meta where key = 'model'"))
    current.close()
    assert run(filled, shelf).rebuilt == "the model was unknown and is now hash@1"


@pytest.mark.parametrize("how", ["deleted", "emptied", "pointer", "everything"])
def test_an_index_may_be_deleted_at_any_time(filled, shelf, how):
    run(filled, shelf)
    before = answers(filled, shelf)
    if how == "everything":
        shutil.rmtree(shelf.folder)
        shelf = LocalShelf(shelf.folder)
    elif how == "pointer":
        (shelf.folder / "current.json").unlink()
    else:
        shutil.rmtree(shelf.folder / "g000001")
        if how == "emptied":
            (shelf.folder / "g000001").mkdir()
    with pytest.raises(NoIndex):
        answers(filled, shelf)
    assert run(filled, shelf).added == len(TOPICS)
    assert answers(filled, shelf) == before


def test_a_searcher_sees_that_the_index_was_deleted_and_made_anew_under_the_same_name(filled, shelf):
    run(filled, shelf)
    searcher = Searcher(filled, shelf, HashEncoder())
    assert searcher.ask("the glacier").generation == "g000001"
    shutil.rmtree(shelf.folder)
    put(filled, article("volcano"))
    run(filled, LocalShelf(shelf.folder))
    result = searcher.ask("the volcano")
    assert (result.generation, result.hits[0].article.id) == ("g000001", "volcano")
    searcher.close()


@pytest.mark.parametrize(
    "pointer",
    [
        b"",
        b"{}",
        b"[]",
        b"5",
        b"null",
        b"\xff\xfe",
        b'{"current": "g000001"',
        b'{"current": 5, "previous": null}',
        b'{"current": null, "previous": null}',
        b'{"current": "", "previous": ""}',
        b'{"current": "g000099", "previous": null}',
    ],
)
def test_a_damaged_pointer_is_no_index_and_soon_replaced(filled, shelf, pointer):
    run(filled, shelf)
    before = answers(filled, shelf)
    (shelf.folder / "current.json").write_bytes(pointer)
    with pytest.raises(NoIndex):
        answers(filled, shelf)
    run(filled, shelf)
    assert json.loads((shelf.folder / "current.json").read_bytes())["current"] == shelf.names()[0]
    assert answers(filled, shelf) == before


# B4: files that were mutated, cut, exchanged or taken from elsewhere.


def mutated(data, chance, upto):
    """`data` with up to eight bytes changed before `upto`, or cut, or with something in its place."""
    kind = chance.random()
    if kind < 0.1:
        return data[: chance.randrange(len(data))]
    if kind < 0.15:
        return chance.randbytes(chance.randrange(1, 5000))
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(upto)] = chance.randrange(256)
    return bytes(changed)


def test_mutated_vectors_are_taken_from_the_rows_instead(filled, shelf, caplog):
    run(filled, shelf)
    before = answers(filled, shelf)
    path = shelf.folder / "g000001" / "vectors.faiss"
    good = path.read_bytes()
    chance = random.Random(4)
    for _ in range(130):
        bad = mutated(good, chance, len(good))
        path.write_bytes(bad)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert answers(filled, shelf) == before
        assert (bad == good) != ("not the file that was written" in caplog.text)
    path.unlink()
    assert answers(filled, shelf) == before


@pytest.mark.slow
def test_a_database_with_a_mutated_header_is_refused_or_harmless_and_reindexing_repairs_it(filled, shelf):
    run(filled, shelf)
    before = answers(filled, shelf)
    good = (shelf.folder / "g000001" / "index.db").read_bytes()
    chance = random.Random(4)
    refused = 0
    for _ in range(60):
        (shelf.folder / shelf.names()[0] / "index.db").write_bytes(mutated(good, chance, 100))
        try:
            assert answers(filled, shelf) == before
        except NoIndex:
            refused += 1
            run(filled, shelf)
            assert answers(filled, shelf) == before
    assert refused > 30


def test_damage_inside_the_database_is_found_by_reindexing_though_nothing_else_changed(filled, shelf, caplog):
    run(filled, shelf)
    before = answers(filled, shelf)
    path = shelf.folder / "g000001" / "index.db"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x55" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(NoIndex):
        answers(filled, shelf)
    with caplog.at_level(logging.WARNING):
        report = run(filled, shelf)
    assert "g000001" in caplog.text
    assert report.generation == "g000002"
    assert answers(filled, shelf) == before


def test_damage_that_a_serving_searcher_meets_is_told_and_healed_by_reindexing(filled, shelf):
    run(filled, shelf)
    before = answers(filled, shelf)
    searcher = Searcher(filled, shelf, HashEncoder())
    path = shelf.folder / "g000001" / "index.db"
    good = path.read_bytes()
    path.write_bytes(good[:4096] + b"\x55" * (len(good) - 4096))
    with pytest.raises(NoIndex):
        searcher.ask("the glacier")
    run(filled, shelf)
    assert searcher.ask("the glacier").hits[0].article.id == "glacier"
    assert answers(filled, shelf) == before
    searcher.close()


def test_the_generation_of_other_articles_shows_nothing_and_is_brought_up(store, shelf, tmp_path):
    put(store, *map(article, TOPICS))
    run(store, shelf)
    before = answers(store, shelf)
    foreign = LocalShelf(tmp_path / "foreign")
    store.withdraw(TOPICS, "gone")
    put(store, article("volcano"), article("tunnel"))
    run(store, foreign)
    store.withdraw(["volcano", "tunnel"], "gone")
    put(store, *map(article, TOPICS))
    shutil.rmtree(shelf.folder / "g000001")
    shutil.copytree(foreign.folder / "g000001", shelf.folder / "g000001")
    assert all(found == [] for found in answers(store, shelf).values())
    report = run(store, shelf)
    assert (report.added, report.withdrawn) == (len(TOPICS), 2)
    assert answers(store, shelf) == before


def test_vectors_of_another_generation_are_refused(filled, shelf, tmp_path, caplog):
    run(filled, shelf)
    before = answers(filled, shelf)
    foreign = LocalShelf(tmp_path / "foreign")
    run(filled, foreign, WiderModel())
    shutil.copy(foreign.folder / "g000001/vectors.faiss", shelf.folder / "g000001/vectors.faiss")
    assert answers(filled, shelf) == before
    assert "not the file that was written" in caplog.text


def test_an_index_without_any_sentence_serves_and_grows(store, shelf, caplog):
    run(store, shelf)
    assert answers(store, shelf)["glacier"] == []
    put(store, *map(article, TOPICS))
    run(store, shelf)
    assert answers(store, shelf)["glacier"][0][0] == "glacier"
    store.withdraw(TOPICS, "gone")
    run(store, shelf)
    assert answers(store, shelf)["glacier"] == []
    assert set(rows(shelf.folder / "g000001/index.db").values()) == {0}
    assert caplog.text == ""  # nothing here is damage
