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
from encoders import DIMENSION, HashEncoder
from topics import TOPICS, article, put, run

from index import generation
from index.encoding.codes import pack, unpack
from index.encoding.embed import Question, Sentence
from index.errors import NoIndex, Unverified
from index.local import generation as generations
from index.local import index_store as index_stores
from index.local import tables
from index.local.generation import LocalGeneration
from index.local.index_store import LocalIndexStore
from index.searching.search import Searcher


@pytest.fixture
def filled(store):
    """A store with an article a topic."""
    put(store, *map(article, TOPICS))
    return store


def answers(store, index_store, encoder=None):
    """What is found for each topic: places and scores."""
    searcher = Searcher(store, index_store, encoder or HashEncoder())
    try:
        found = {topic: searcher.ask(f"the {topic} cost", 10).hits for topic in TOPICS[-3:]}
    finally:
        searcher.close()
    places = attrgetter("article.id", "start", "end", "sentence")
    return {topic: [(*places(hit), round(hit.score, 5)) for hit in hits] for topic, hits in found.items()}


def names(index_store):
    return sorted(path.name for path in index_store.folder.glob("g*"))


def rows(path):
    with sqlite3.connect(path) as db:
        counted = {
            name: db.execute(f"select count(*) from {name}").fetchone()[0]
            for name in ("articles", "passages", "sentences", "passage_terms")
        }
    db.close()
    return counted


def test_an_empty_index_store_serves_nothing(store, index_store):
    assert index_store.names() == (None, None)
    assert index_store.current() is None
    with pytest.raises(NoIndex, match="no index yet"):
        Searcher(store, index_store, HashEncoder()).ask("What is there?")


def test_two_generations_are_kept_and_older_ones_removed(filled, index_store):
    for number in range(1, 5):
        run(filled, index_store, full=True)
        current, previous = f"g{number:06}", f"g{number - 1:06}" if number > 1 else None
        assert index_store.names() == (current, previous)
        assert names(index_store) == [name for name in (previous, current) if name]


def test_of_what_crashes_left_the_last_is_taken_up_and_the_rest_swept(filled, index_store):
    run(filled, index_store)
    for orphan in ("g000002", "g000007"):
        shutil.copytree(index_store.folder / "g000001", index_store.folder / orphan)
    run(filled, index_store, full=True)
    assert names(index_store) == ["g000001", "g000007"]
    assert answers(filled, index_store)["glacier"]


def test_publishing_is_one_step(filled, index_store, monkeypatch):
    run(filled, index_store)
    before = answers(filled, index_store)
    built = index_store.begin(HashEncoder())
    assert index_store.names() == ("g000001", None)  # it was begun, and nobody sees it

    def no_room(path, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(index_stores, "write_atomically", no_room)
        with pytest.raises(OSError, match="No space"):
            index_store.publish(built)
    assert index_store.names() == ("g000001", None)
    assert answers(filled, index_store) == before
    index_store.publish(built)
    assert index_store.names() == ("g000002", "g000001")
    built.close()


def test_a_generation_says_what_it_was_made_with(filled, index_store):
    run(filled, index_store)
    current = index_store.current()
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
        "insert into passages (article, start, end, text) values ('glacier', 0, 1, 'T')",
    ],
)
def test_a_generation_with_a_row_too_few_or_too_many_is_not_verified(filled, index_store, harm):
    run(filled, index_store)
    current = index_store.current()
    current.verify(filled.fingerprints())
    path = current.db.path
    current.close()
    with sqlite3.connect(path) as db:
        db.execute(harm)
    db.close()
    current = index_store.current()
    with pytest.raises(Unverified, match="lacks articles or passages"):
        current.verify(filled.fingerprints())
    current.close()


def test_a_generation_that_lacks_a_vector_is_not_verified(filled, index_store, monkeypatch):
    run(filled, index_store)
    current = index_store.current()
    monkeypatch.setattr(generations, "follow", lambda index, db: index.remove([1]))
    with pytest.raises(Unverified, match="lacks vectors"):
        current.verify(filled.fingerprints())
    current.close()


def test_what_is_not_verified_is_not_published(filled, index_store, monkeypatch):
    run(filled, index_store)
    before = answers(filled, index_store)

    def forgets_terms(db, *article):
        put_article(db, *article)
        db.execute("delete from passage_terms where rowid = (select max(rowid) from passage_terms)")

    put_article = tables.put_article
    with monkeypatch.context() as faulty:
        faulty.setattr(tables, "put_article", forgets_terms)
        with pytest.raises(Unverified):
            run(filled, index_store, full=True)
    assert index_store.names() == ("g000001", None)
    assert answers(filled, index_store) == before
    assert run(filled, index_store, full=True).generation == "g000002"


class OtherModel(HashEncoder):
    name = "other@2"


class WiderModel(HashEncoder):
    """Of another dimension too."""

    name = "wider@3"

    def encode_question(self, question, language=""):
        vector, tokens = super().encode_question(question, language)
        return Question(twice(vector) / np.float32(2**0.5), twice(tokens) / np.float32(2**0.5))

    def encode_passages(self, passages, done):
        narrow = super().encode_passages(passages, done)
        return [
            Sentence(twice(vector) / np.float32(2**0.5), pack(twice(unpack(tokens, DIMENSION))))
            for vector, tokens in narrow
        ]


def twice(rows):
    return np.concatenate([rows, rows], axis=-1)


@pytest.mark.parametrize("encoder", [OtherModel(), WiderModel()], ids=lambda e: e.name)
def test_an_index_of_another_model_is_never_searched_and_made_anew(filled, index_store, encoder):
    run(filled, index_store)
    with pytest.raises(NoIndex, match="made with other settings"):
        Searcher(filled, index_store, encoder).ask("Where is the glacier?")
    report = run(filled, index_store, encoder)
    assert report.rebuilt == f"the model was all-MiniLM-L6-v2@hash and is now {encoder.name}"
    assert report.generation == "g000002"
    assert report.unchanged == len(TOPICS)
    assert f"the model was all-MiniLM-L6-v2@hash and is now {encoder.name}." in report.sentence()
    assert answers(filled, index_store, encoder)["glacier"][0][0] == "glacier"
    with pytest.raises(NoIndex):
        Searcher(filled, index_store, HashEncoder()).ask("Where is the glacier?")


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
    filled, index_store, monkeypatch, where, name
):
    run(filled, index_store)
    before, what = getattr(where, name), name.lower()
    monkeypatch.setattr(where, name, "another way/2")
    with pytest.raises(NoIndex, match="made with other settings"):
        Searcher(filled, index_store, HashEncoder()).ask("Where is the glacier?")
    assert run(filled, index_store).rebuilt == f"the {what} was {before} and is now another way/2"
    assert answers(filled, index_store)["glacier"][0][0] == "glacier"


def test_an_index_from_before_the_last_change_of_its_tables_is_brought_to_them_and_serves(
    filled, index_store
):
    run(filled, index_store)
    before = answers(filled, index_store)
    with closing(sqlite3.connect(index_store.folder / "g000001" / "index.db", isolation_level=None)) as db:
        db.execute("drop index articles_by_language")
        db.execute("delete from _sqlite_migrations where name = 'index_languages'")
    assert answers(filled, index_store) == before
    assert run(filled, index_store).unchanged == len(TOPICS)
    with closing(sqlite3.connect(index_store.folder / "g000001" / "index.db")) as db:
        assert db.execute("select 1 from sqlite_master where name = 'articles_by_language'").fetchone()


def test_an_index_that_does_not_say_how_it_was_made_is_made_anew(filled, index_store):
    run(filled, index_store)
    current = index_store.current()
    current.db.write(lambda db: db.execute("delete from meta where key = 'model'"))
    current.close()
    assert run(filled, index_store).rebuilt == "the model was unknown and is now all-MiniLM-L6-v2@hash"


@pytest.mark.parametrize("how", ["deleted", "emptied", "pointer", "everything"])
def test_an_index_may_be_deleted_at_any_time(filled, index_store, how):
    run(filled, index_store)
    before = answers(filled, index_store)
    if how == "everything":
        shutil.rmtree(index_store.folder)
        index_store = LocalIndexStore(index_store.folder)
    elif how == "pointer":
        (index_store.folder / "current.json").unlink()
    else:
        shutil.rmtree(index_store.folder / "g000001")
        if how == "emptied":
            (index_store.folder / "g000001").mkdir()
    with pytest.raises(NoIndex):
        answers(filled, index_store)
    assert run(filled, index_store).added == len(TOPICS)
    assert answers(filled, index_store) == before


def test_a_searcher_sees_that_the_index_was_deleted_and_made_anew_under_the_same_name(filled, index_store):
    run(filled, index_store)
    searcher = Searcher(filled, index_store, HashEncoder())
    assert searcher.ask("the glacier").generation == "g000001"
    shutil.rmtree(index_store.folder)
    put(filled, article("volcano"))
    run(filled, LocalIndexStore(index_store.folder))
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
def test_a_damaged_pointer_is_no_index_and_soon_replaced(filled, index_store, pointer):
    run(filled, index_store)
    before = answers(filled, index_store)
    (index_store.folder / "current.json").write_bytes(pointer)
    with pytest.raises(NoIndex):
        answers(filled, index_store)
    run(filled, index_store)
    assert json.loads((index_store.folder / "current.json").read_bytes())["current"] == index_store.names()[0]
    assert answers(filled, index_store) == before


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


@pytest.mark.slow
def test_mutated_vectors_are_taken_from_the_rows_instead(filled, index_store, caplog):
    run(filled, index_store)
    before = answers(filled, index_store)
    path = index_store.folder / "g000001" / "vectors.faiss"
    good = path.read_bytes()
    chance = random.Random(4)
    for _ in range(130):
        bad = mutated(good, chance, len(good))
        path.write_bytes(bad)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert answers(filled, index_store) == before
        assert (bad == good) != ("not the file that was written" in caplog.text)
    path.unlink()
    assert answers(filled, index_store) == before


@pytest.mark.slow
def test_a_database_with_a_mutated_header_is_refused_or_harmless_and_reindexing_repairs_it(
    filled, index_store
):
    run(filled, index_store)
    before = answers(filled, index_store)
    good = (index_store.folder / "g000001" / "index.db").read_bytes()
    chance = random.Random(4)
    refused = 0
    for _ in range(60):
        (index_store.folder / index_store.names()[0] / "index.db").write_bytes(mutated(good, chance, 100))
        try:
            assert answers(filled, index_store) == before
        except NoIndex:
            refused += 1
            run(filled, index_store)
            assert answers(filled, index_store) == before
    assert refused > 30


def test_damage_inside_the_database_is_found_by_reindexing_though_nothing_else_changed(
    filled, index_store, caplog
):
    run(filled, index_store)
    before = answers(filled, index_store)
    path = index_store.folder / "g000001" / "index.db"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\x55" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(NoIndex):
        answers(filled, index_store)
    with caplog.at_level(logging.WARNING):
        report = run(filled, index_store)
    assert "g000001" in caplog.text
    assert report.generation == "g000002"
    assert answers(filled, index_store) == before


def test_damage_that_a_serving_searcher_meets_is_told_and_healed_by_reindexing(filled, index_store):
    run(filled, index_store)
    before = answers(filled, index_store)
    searcher = Searcher(filled, index_store, HashEncoder())
    path = index_store.folder / "g000001" / "index.db"
    good = path.read_bytes()
    path.write_bytes(good[:4096] + b"\x55" * (len(good) - 4096))
    with pytest.raises(NoIndex):
        searcher.ask("the glacier")
    run(filled, index_store)
    assert searcher.ask("the glacier").hits[0].article.id == "glacier"
    assert answers(filled, index_store) == before
    searcher.close()


def test_the_generation_of_other_articles_shows_nothing_and_is_brought_up(store, index_store, tmp_path):
    put(store, *map(article, TOPICS))
    run(store, index_store)
    before = answers(store, index_store)
    foreign = LocalIndexStore(tmp_path / "foreign")
    store.withdraw(TOPICS, "gone")
    put(store, article("volcano"), article("tunnel"))
    run(store, foreign)
    store.withdraw(["volcano", "tunnel"], "gone")
    put(store, *map(article, TOPICS))
    shutil.rmtree(index_store.folder / "g000001")
    shutil.copytree(foreign.folder / "g000001", index_store.folder / "g000001")
    assert all(found == [] for found in answers(store, index_store).values())
    report = run(store, index_store)
    assert (report.added, report.withdrawn) == (len(TOPICS), 2)
    assert answers(store, index_store) == before


def test_vectors_of_another_generation_are_refused(filled, index_store, tmp_path, caplog):
    run(filled, index_store)
    before = answers(filled, index_store)
    foreign = LocalIndexStore(tmp_path / "foreign")
    run(filled, foreign, WiderModel())
    shutil.copy(foreign.folder / "g000001/vectors.faiss", index_store.folder / "g000001/vectors.faiss")
    assert answers(filled, index_store) == before
    assert "not the file that was written" in caplog.text


def test_an_index_without_any_sentence_serves_and_grows(store, index_store, caplog):
    run(store, index_store)
    assert answers(store, index_store)["glacier"] == []
    put(store, *map(article, TOPICS))
    run(store, index_store)
    assert answers(store, index_store)["glacier"][0][0] == "glacier"
    store.withdraw(TOPICS, "gone")
    run(store, index_store)
    assert answers(store, index_store)["glacier"] == []
    assert set(rows(index_store.folder / "g000001/index.db").values()) == {0}
    assert caplog.text == ""  # nothing here is damage
