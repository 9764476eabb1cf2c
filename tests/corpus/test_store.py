"""Articles by id and in versions: what the store keeps, what it shows, and when it decides anew."""

import hashlib
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
from paths import ROOT

from corpus import store as corpus_store
from corpus.article import Article
from corpus.article_tables import migrations
from corpus.database import Database
from corpus.errors import NotStored
from corpus.store import Incoming, Store

# Neither is promotion by itself, but each where enough other articles of the outlet repeat it.
APPEAL = "Subscribe to the Courier."
NUDGE = "Listen to the Courier."
STORY = "The council of {} agreed on Monday to mend the old bridge before the winter."


def article(number="a", **fields):
    return Article(id=number, **{"title": f"About {number}", "text": STORY.format(number)} | fields)


def incoming(number="a", origin="", keep_id=False, source_hash="", **fields):
    return Incoming(article(number, **fields), origin or f"test:{number}", source_hash, keep_id)


def versions(store, number):
    sql = "select hash from versions where article = ? order by made, hash"
    return [row[0] for row in store._db.read().execute(sql, [number])]


def everything(store):
    db = store._db.read()
    return {
        name: db.execute(f"select * from {name}").fetchall()
        for name in ("articles", "versions", "paragraphs")
    }


def sharing(*numbers, paragraph=APPEAL, outlet="Courier"):
    """Articles of one outlet that share a paragraph."""
    return [incoming(n, text=f"{STORY.format(n)}\n{paragraph}", outlet=outlet) for n in numbers]


def promoted(store):
    """The ids of the articles whose last paragraph, and no other, is taken for promotion."""
    last = {a.id: (a.text.rindex("\n") + 1, len(a.text)) for a in store.articles() if "\n" in a.text}
    return sorted(a.id for a in store.articles() if a.id in last and a.promotion == (last[a.id],))


def test_an_article_comes_back_to_the_letter(store):
    text = "  One paragraph,\twith “quotes”.\n\n\nTwo\u00a0of them — 日本語, 👩\u200d👩, e\u0301, nul \0.\n "
    whole = article(
        text=text,
        title="  A “title” ",
        outlet="O",
        author="A",
        url="https://example.org/a?b=c#d",
        published="2024-05-31T10:00:00+00:00",
        language="en",
    )
    assert store.put(Incoming(whole, "test:a")) == ["added"]
    assert store.article("a") == whole


def test_what_the_source_does_not_say_stays_unknown(store):
    store.put(incoming())
    stored = store.article("a")
    assert (stored.outlet, stored.author, stored.url, stored.published, stored.language) == (None,) * 5


def test_the_same_article_again_is_unchanged_and_adds_no_row(store):
    store.put(incoming())
    before = everything(store)
    assert store.put(incoming()) == ["unchanged"]
    assert everything(store) == before


def test_the_same_article_from_other_bytes_is_unchanged(store):
    store.put(incoming(source_hash="one"))
    assert store.put(incoming(source_hash="two")) == ["unchanged"]
    assert store.origins("test:")["test:a"].source_hash == "two"
    assert len(versions(store, "a")) == 1


@pytest.mark.parametrize("field", ["title", "text", "outlet", "author", "url", "published", "language"])
def test_a_change_of_any_shown_field_is_a_new_version(store, field):
    store.put(incoming())
    before = store.current("a")
    changed = replace(article(), **{field: "2020-01-01"})
    assert store.put(Incoming(changed, "test:a")) == ["changed"]
    assert store.article("a") == changed
    assert store.current("a")[1] != before[1]
    assert sorted(versions(store, "a")) == sorted({article().content_hash, changed.content_hash})


def test_going_back_to_an_earlier_version_makes_no_third(store):
    for text in ("It began in this way.", "It went on in that way.", "It began in this way."):
        store.put(incoming(text=text))
    assert store.article("a").text == "It began in this way."
    assert len(versions(store, "a")) == 2


def test_a_withdrawn_article_is_shown_nowhere_and_kept_on_record(store):
    store.put(incoming("a", published="2024-01-01"), incoming("b"))
    store.withdraw(["a"], "gone")
    assert store.article("a") is None
    assert store.current("a") is None
    assert [a.id for a in store.articles()] == ["b"]
    assert store.fingerprints().keys() == {"b"}
    assert store.extent() == (1, None)
    assert store.characters(["a", "b"]) == len(article("b").text)
    assert versions(store, "a")


@pytest.mark.parametrize("why", ["gone", "removed"])
def test_what_is_put_again_after_it_was_withdrawn_is_added(store, why):
    store.put(incoming(source_hash="bytes"))
    store.withdraw(["a"], why)
    assert store.origins("test:")["test:a"].withdrawn == why
    assert store.put(incoming(source_hash="bytes")) == ["added"]
    assert store.article("a") == article()
    assert len(versions(store, "a")) == 1


def test_what_was_removed_by_hand_stays_away_whatever_its_file_says(store):
    store.put(incoming(source_hash="one"))
    store.withdraw(["a"], "removed")
    known = store.origins("test:")["test:a"]
    assert known.stays("one")
    assert known.stays("two")


def test_what_is_gone_comes_back_with_its_file(store):
    store.put(incoming(source_hash="one"))
    assert store.origins("test:")["test:a"].stays("one")
    assert not store.origins("test:")["test:a"].stays("two")
    store.withdraw(["a"], "gone")
    assert not store.origins("test:")["test:a"].stays("one")


@pytest.mark.parametrize("missing", ["b", "", "A", "a ", "a' or 1=1 --"])
def test_what_is_not_there_can_not_be_withdrawn(store, missing):
    store.put(incoming())
    with pytest.raises(NotStored, match="There is no article"):
        store.withdraw([missing], "removed")
    assert store.article("a")


def test_an_article_can_be_withdrawn_once(store):
    store.put(incoming())
    store.withdraw(["a"], "removed")
    with pytest.raises(NotStored):
        store.withdraw(["a"], "gone")
    assert store.origins("test:")["test:a"].withdrawn == "removed"


def test_withdrawing_takes_all_or_none(store):
    store.put(*sharing("a", "b", "c"))
    before = everything(store)
    with pytest.raises(NotStored, match="'x'"):
        store.withdraw(["a", "b", "x", "c"], "removed")
    assert everything(store) == before


def test_ids_of_two_origins_are_made_unique(store):
    for folder in ("one", "two", "three"):
        store.put(incoming("news", origin=f"file:{folder}", title=folder))
    assert {a.id: a.title for a in store.articles()} == {"news": "one", "news-2": "two", "news-3": "three"}


def test_an_origin_keeps_its_id_whatever_its_article_calls_itself(store):
    store.put(incoming("news", origin="file:one"), incoming("news", origin="file:two"))
    assert store.put(incoming("other", origin="file:two", text="It is about other things now.")) == [
        "changed"
    ]
    assert {a.id for a in store.articles()} == {"news", "news-2"}


def test_the_id_of_a_withdrawn_article_is_not_given_away(store):
    store.put(incoming("news", origin="file:one"))
    store.withdraw(["news"], "removed")
    store.put(incoming("news", origin="file:two"))
    assert store.article("news") is None
    assert store.article("news-2")


def test_an_id_that_must_be_kept_is_refused_where_another_article_has_it(store):
    store.put(incoming("a", origin="file:one"))
    with pytest.raises(NotStored, match=r"'a' belongs to another article \(file:one\)"):
        store.put(incoming("a", origin="id:a", keep_id=True))
    assert [a.id for a in store.articles()] == ["a"]


def test_putting_stores_all_or_none(store):
    store.put(*sharing("a", "b"))
    before = everything(store)
    with pytest.raises(NotStored):
        store.put(*sharing("c"), incoming("d"), incoming("a", origin="id:a", keep_id=True))
    assert everything(store) == before


def test_putting_nothing_changes_nothing(store):
    assert store.put() == []
    store.withdraw([], "gone")
    assert store.extent() == (0, None)


def test_ids_are_kept_to_the_letter(store):
    ids = ["a b", "Ä/ö", "../x", "'; drop table articles", "日本", "%", "a_b", "A", "a"]
    store.put(*(incoming(number, origin=f"id:{number}", keep_id=True) for number in ids))
    assert {store.article(number).id for number in ids} == set(ids)


URL = "https://example.org/old-bridge"


def test_an_article_is_found_by_its_url_however_that_is_written(store):
    store.put(incoming("a", url=f"{URL}?utm_source=feed"), incoming("b", url=f"{URL}-2"), incoming("c"))
    assert store.by_url("http://EXAMPLE.org/old-bridge/?fbclid=x#comments") == "a"
    assert store.by_url(f"{URL}-2") == "b"
    assert store.by_url(f"{URL}-3") is None


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://example.org/a", "https://example.org/\ud800"], ids=ascii
)
def test_no_article_is_found_by_what_is_no_url(store, url):
    store.put(incoming("a"), incoming("b", url=""), incoming("c", url="nonsense"))
    assert store.by_url(url) is None


def test_a_withdrawn_article_is_not_found_by_its_url_until_it_comes_back(store):
    store.put(incoming("a", url=URL))
    store.withdraw(["a"], "gone")
    assert store.by_url(URL) is None
    store.put(incoming("a", url=URL))
    assert store.by_url(URL) == "a"


def test_an_article_is_found_by_the_url_of_the_version_that_stands(store):
    store.put(incoming("a", url=URL))
    store.put(incoming("a", url=f"{URL}-moved"))
    assert (store.by_url(URL), store.by_url(f"{URL}-moved")) == (None, "a")
    store.put(incoming("a"))
    assert store.by_url(f"{URL}-moved") is None


def test_of_several_articles_at_a_url_the_last_one_that_stands_is_found(store):
    store.put(incoming("b", url=URL), incoming("a", url=URL))
    store._db.write(lambda db: db.execute("update articles set added = '2020-01-01' where id = 'a'"))
    assert store.by_url(URL) == "b"
    store.withdraw(["b"], "removed")
    assert store.by_url(URL) == "a"


def put_as_before_addresses(db):
    """The rows of a store that knew no addresses: ids, older URLs, those that stand, withdrawals."""
    migrations.apply(db, stop_before="index_addresses")
    for number, before, now, withdrawn in [
        ("a", f"{URL}-before", URL, None),
        ("b", None, None, None),
        ("c", None, f"{URL}-2", "gone"),
        ("d", None, "nonsense", None),
    ]:
        db.execute("insert into articles values (?, ?, '', '1', ?, '')", [number, number, withdrawn])
        sql = "insert into versions values (?, ?, '', null, null, ?, null, null, '[]', '', '')"
        db.conn.executemany(sql, [(number, "0", before), (number, "1", now)])


def test_the_articles_of_an_older_store_are_found_by_their_urls(tmp_path):
    database = Database(tmp_path / "older.db")
    database.write(put_as_before_addresses)
    store = Store(database)
    assert store.by_url(f"{URL}/") == "a"
    assert [store.by_url(url) for url in (f"{URL}-before", f"{URL}-2", "nonsense")] == [None] * 3


def test_articles_judged_by_earlier_rules_are_judged_again(store):
    cookies = "We use cookies to keep your basket between visits."
    policy = f"We keep your personal data for as long as you have an account.\n{cookies}"
    store.put(incoming("policy", text=policy), *sharing("a", "b"))
    hidden = f"[[{policy.index(cookies)}, {len(policy)}]]"
    sql = "update versions set promotion = ? where article = 'policy'"
    store._db.write(lambda db: db.execute(sql, [hidden]))
    done = "delete from _sqlite_migrations where name = 'judge_promotion_again'"
    store._db.write(lambda db: db.execute(done))
    again = Store(store._db)
    assert again.article("policy").promotion == ()
    assert promoted(again) == ["a", "b"]


def test_looking_up_a_url_does_not_read_all_articles(store):
    asked = []
    db = store._db.read()
    db.conn.set_trace_callback(asked.append)
    store.by_url(URL)
    db.conn.set_trace_callback(None)
    [sql] = asked
    steps = [row[-1] for row in db.execute(f"explain query plan {sql}")]
    assert any("articles_by_address" in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)


def test_articles_come_newest_first_and_undated_last(store):
    dates = {
        "old": "2019-12-31",
        "new": "2024-06-01T08:00:00+00:00",
        "a": None,
        "mid": "2024-05-31",
        "b": None,
    }
    for number, published in dates.items():
        store.put(incoming(number, published=published))
    assert [a.id for a in store.articles()] == ["new", "mid", "old", "a", "b"]
    assert [a.id for a in store.articles(2)] == ["new", "mid"]
    assert store.articles(0) == []


def test_the_extent_is_how_many_stand_and_the_newest_known_date(store):
    assert store.extent() == (0, None)
    store.put(incoming("a"))
    assert store.extent() == (1, None)
    store.put(incoming("b", published="2023-01-01"), incoming("c", published="2024-01-01"), incoming("d"))
    assert store.extent() == (4, "2024-01-01")
    store.withdraw(["c"], "removed")
    assert store.extent() == (3, "2023-01-01")


def test_origins_are_told_by_their_prefix_alone(store):
    names = ["folder:a.txt", "folder:%.txt", "Folder:b.txt", "file:/folder:a", "folder", "f_lder:x"]
    store.put(*(incoming(f"n{i}", origin=origin) for i, origin in enumerate(names)))
    assert store.origins("folder:").keys() == {"folder:a.txt", "folder:%.txt"}
    assert store.origins("f_lder:").keys() == {"f_lder:x"}


def test_an_appeal_becomes_promotion_with_the_second_article_that_holds_it(store):
    for number, expected in (("a", []), ("b", ["a", "b"]), ("c", ["a", "b", "c"])):
        store.put(*sharing(number))
        assert promoted(store) == expected, number


def test_a_weaker_one_becomes_promotion_with_the_fifth(store):
    for number in "abcd":
        store.put(*sharing(number, paragraph=NUDGE))
        assert promoted(store) == []
    store.put(*sharing("e", paragraph=NUDGE))
    assert promoted(store) == list("abcde")
    store.withdraw(["c"], "gone")
    assert promoted(store) == []


def test_the_neighbours_of_a_withdrawn_article_are_judged_anew(store):
    store.put(*sharing("a", "b"))
    before = store.fingerprints()
    store.withdraw(["b"], "gone")
    assert store.article("a").promotion == ()
    assert store.fingerprints()["a"] != before["a"]  # so that it is indexed anew
    store.put(*sharing("b"))
    assert promoted(store) == ["a", "b"]
    assert store.fingerprints() == before


def test_the_neighbours_of_a_changed_article_are_judged_anew(store):
    store.put(*sharing("a", "b"))
    store.put(incoming("b", outlet="Courier"))
    assert promoted(store) == []


def test_articles_of_other_outlets_and_of_unknown_ones_are_no_neighbours(store):
    store.put(*sharing("a"), *sharing("b", outlet="Herald"), *sharing("c", outlet=None))
    assert promoted(store) == []
    store.put(*sharing("b", outlet="Courier"))  # it moves over
    assert promoted(store) == ["a", "b"]


def test_white_space_and_case_make_no_other_paragraph(store):
    store.put(*sharing("a"), *sharing("b", paragraph=APPEAL.upper().replace(" ", " \t ")))
    assert promoted(store) == ["a", "b"]


def test_an_article_that_repeats_itself_counts_once(store):
    text = f"{STORY.format('a')}\n{APPEAL}\n{APPEAL}\n{APPEAL}"
    store.put(incoming("a", text=text, outlet="Courier"))
    assert store.article("a").promotion == ()


def test_a_fingerprint_changes_with_the_promotion_and_the_version_does_not(store):
    store.put(*sharing("a"))
    before = store.fingerprints()["a"]
    store.put(*sharing("b", "c"))
    assert store.fingerprints()["a"] != before
    assert len(versions(store, "a")) == 1
    assert store.current("a") == (store.article("a"), store.fingerprints()["a"])


def test_many_articles_with_one_paragraph_are_all_judged_alike(store):
    store.put(*sharing(*(f"n{i:02}" for i in range(12))))
    assert len(promoted(store)) == 12
    store.withdraw([f"n{i:02}" for i in range(10)], "gone")
    assert promoted(store) == ["n10", "n11"]
    store.withdraw(["n10"], "gone")
    assert promoted(store) == []


def test_the_store_is_found_again_by_the_next_process(store):
    store.put(*sharing("a", "b", "c"))
    again = Store(store._db)
    assert again.articles() == store.articles()
    assert again.put(*sharing("a")) == ["unchanged"]


@pytest.fixture
def hashed(monkeypatch):
    """What SHA-256 is computed of."""
    seen, sha256 = [], hashlib.sha256

    def noted(content):
        seen.append(content)
        return sha256(content)

    monkeypatch.setattr(hashlib, "sha256", noted)
    return seen


@pytest.fixture
def read(monkeypatch):
    """The ids of the articles whose text is read from SQLite."""
    seen, made = [], corpus_store._article
    monkeypatch.setattr(corpus_store, "_article", lambda row: seen.append(row[0]) or made(row))
    return seen


def test_an_article_is_hashed_once_and_a_changed_copy_anew(hashed):
    whole = article()
    first = whole.content_hash
    assert whole.content_hash == first
    assert len(hashed) == 1
    other = replace(whole, text="Another text.")
    assert other.content_hash == article(text="Another text.").content_hash != first
    assert replace(whole, id="b").content_hash == first


def test_a_hash_that_is_known_changes_nothing_else(store):
    whole = article()
    assert whole.content_hash
    assert whole == article()
    assert repr(whole) == repr(article())
    assert asdict(whole) == asdict(article())
    assert hash(whole) == hash(article())


def test_a_stored_article_is_read_and_hashed_once(store, hashed, read):
    store.put(incoming())
    hashed.clear()
    read.clear()
    assert {store.article("a").content_hash for _ in range(5)} == {article().content_hash}
    assert read == ["a"]
    assert len(hashed) == 1  # by the line above


def test_few_articles_are_kept_in_memory(store, read):
    ids = [f"n{i}" for i in range(corpus_store.RECENT + 1)]
    store.put(*map(incoming, ids))
    for number in (*ids, ids[-1], ids[1], ids[0]):
        assert store.article(number).id == number
    assert read == [*ids, ids[0]]
    assert len(store._recent) == corpus_store.RECENT


OTHER_PROCESS = """
import pathlib, sys
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store

database = Database(pathlib.Path(sys.argv[1]))
store = Store(database)
{}
database.close()
"""
CHANGES = {
    "withdrawn": "store.withdraw(['a'], 'removed')",
    "changed": "store.put(Incoming(Article('a', 'A', 'Another text.'), 'test:a'))",
    "judged": "store.put(*(Incoming(Article(n, n, sys.argv[2], 'Courier'), f'test:{n}') for n in 'bc'))",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_process_did_to_an_article_is_seen_at_once(store, change):
    store.put(*sharing("a"))
    before = store.article("a")
    assert before.promotion == ()
    code = OTHER_PROCESS.format(CHANGES[change])
    subprocess.run([sys.executable, "-c", code, str(store._db.path), before.text], cwd=ROOT, check=True)
    now = store.article("a")
    assert now == (store.current("a") or [None])[0] != before
    if change == "withdrawn":
        assert now is None
    elif change == "changed":
        assert (now.text, now.content_hash) == ("Another text.", replace(now).content_hash)
        assert store.version("a", before.content_hash).text == before.text
    else:
        assert (now.text, now.content_hash) == (before.text, before.content_hash)
        assert now.promotion


def test_an_article_that_is_restored_is_found_again(store):
    store.put(incoming())
    before = store.article("a")
    store.withdraw(["a"], "removed")
    assert store.article("a") is None
    store.restore(["a"])
    assert store.article("a") == before
