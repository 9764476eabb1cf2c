"""Folders, files and lines of JSON into the store: all that is good, and a sentence for what is not."""

import json
import os
from pathlib import Path

import pytest

from corpus.errors import NotStored
from corpus.intake import MAX_BYTES, Taken, Unreadable, take_files, take_folder, take_jsonl
from corpus.store import Store

STORY = "The council of {} agreed on Monday to mend the old bridge before the winter.\nWork begins in May.\n"


@pytest.fixture
def folder(tmp_path):
    """An empty folder for article files."""
    made = tmp_path / "articles"
    made.mkdir()
    return made


def write(folder, name, text=None):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STORY.format(name) if text is None else text, encoding="utf-8")
    return path


def ids(store):
    return {article.id for article in store.articles()}


def put_jsonl(store, tmp_path, *lines):
    path = tmp_path / "articles.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return take_jsonl(store, path)


# A folder.


def test_every_article_file_of_a_folder_and_of_its_sub_folders_is_taken(store, folder):
    write(folder, "a.txt")
    write(folder, "b.md", "# About b\n\n" + STORY)
    write(folder, "deep/er/c.HTML", f"<html><body><article><h1>C</h1><p>{STORY}</p></article></body></html>")
    write(folder, "d.markdown")
    write(folder, "notes.pdf")
    write(folder, "README")
    assert take_folder(store, folder) == Taken(added=4)
    assert ids(store) == {"a", "b", "c", "d"}


def test_the_text_of_a_file_is_stored_to_the_letter(store, folder):
    text = "  “It begins so,” she\u00a0said —\t日本語 👩\u200d👩 e\u0301.\n\n\nIt ends in this way. \n\n"
    write(folder, "a.txt", text)
    take_folder(store, folder)
    assert store.article("a").text == text


def test_taking_a_folder_again_changes_nothing(store, folder):
    write(folder, "a.txt")
    write(folder, "b.txt")
    take_folder(store, folder)
    before = store.articles()
    assert take_folder(store, folder) == Taken(unchanged=2)
    assert store.articles() == before


def test_new_changed_and_gone_files_are_told_apart(store, folder):
    for name in ("same.txt", "changed.txt", "gone.txt"):
        write(folder, name)
    take_folder(store, folder)
    write(folder, "new.txt")
    write(folder, "changed.txt", STORY.format("Leeds"))
    (folder / "gone.txt").unlink()
    assert take_folder(store, folder) == Taken(added=1, changed=1, unchanged=1, withdrawn=1)
    assert ids(store) == {"same", "changed", "new"}
    assert store.article("changed").text == STORY.format("Leeds")


def test_other_bytes_with_the_same_text_are_unchanged(store, folder):
    path = write(folder, "a.txt")
    take_folder(store, folder)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert take_folder(store, folder) == Taken(unchanged=1)


def test_a_file_that_comes_back_is_added_with_its_id(store, folder):
    path = write(folder, "a.txt")
    take_folder(store, folder)
    path.rename(folder / "a.away")
    assert take_folder(store, folder) == Taken(withdrawn=1)
    assert take_folder(store, folder) == Taken()
    (folder / "a.away").rename(path)
    assert take_folder(store, folder) == Taken(added=1)
    assert ids(store) == {"a"}


def test_what_was_removed_by_hand_stays_removed_even_when_its_file_changes(store, folder):
    path = write(folder, "a.txt")
    take_folder(store, folder)
    store.withdraw(["a"], "removed")
    for text in (STORY.format("a.txt"), STORY.format("Leeds")):
        path.write_text(text, encoding="utf-8")
        assert take_folder(store, folder) == Taken(unchanged=1)
        assert ids(store) == set()
    path.unlink()
    assert take_folder(store, folder) == Taken()


def test_a_refused_file_is_told_in_a_sentence_and_its_old_version_stays(store, folder):
    write(folder, "a.txt")
    write(folder, "b.txt")
    take_folder(store, folder)
    write(folder, "a.txt", "")
    (folder / "c.txt").write_bytes(bytes(range(256)) * 20)
    taken = take_folder(store, folder)
    assert (taken.unchanged, taken.withdrawn, len(taken.refused)) == (1, 0, 2)
    assert [sentence.split()[0] for sentence in taken.refused] == ["a.txt", "c.txt"]
    assert all(sentence.endswith(".") for sentence in taken.refused)
    assert store.article("a").text == STORY.format("a.txt")
    assert ids(store) == {"a", "b"}


def test_a_file_that_can_not_be_read_is_told_and_its_old_version_stays(store, folder):
    for name in ("a.txt", "b.txt", "c.txt"):
        write(folder, name)
    take_folder(store, folder)

    def lose_the_next(done, _total):
        if done == 1:
            (folder / "b.txt").unlink()

    taken = take_folder(store, folder, lose_the_next)
    assert (taken.unchanged, taken.withdrawn) == (2, 0)
    assert taken.refused == [f"{folder / 'b.txt'} can't be read: No such file or directory."]
    assert ids(store) == {"a", "b", "c"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights_is_told(store, folder):
    write(folder, "a.txt").chmod(0)
    taken = take_folder(store, folder)
    assert taken.refused == [f"{folder / 'a.txt'} can't be read: Permission denied."]


def test_a_file_over_the_limit_is_refused_unread(store, folder):
    path = write(folder, "long.txt")
    os.truncate(path, MAX_BYTES + 1)  # sparse
    assert take_folder(store, folder).refused == ["long.txt is over 20 MB; no article is that long."]
    os.truncate(path, MAX_BYTES)  # read, and then refused for what it holds
    assert "binary" in take_folder(store, folder).refused[0]


def test_a_missing_folder_is_told_and_withdraws_nothing(store, folder):
    write(folder, "a.txt")
    take_folder(store, folder)
    for missing in (folder.with_name("elsewhere"), folder / "a.txt"):
        with pytest.raises(Unreadable, match=r"There is no folder .* set CITEWIRE_CORPUS"):
            take_folder(store, missing)
    assert ids(store) == {"a"}


def test_an_empty_folder_withdraws_what_came_from_it_and_only_that(store, folder, tmp_path):
    write(folder, "a.txt")
    take_folder(store, folder)
    take_files(store, [write(tmp_path, "added.txt")])
    put_jsonl(store, tmp_path, {"id": "line", "title": "", "text": STORY})
    (folder / "a.txt").unlink()
    assert take_folder(store, folder) == Taken(withdrawn=1)
    assert ids(store) == {"added", "line"}


def test_files_of_the_same_name_get_ids_of_their_own_and_keep_them(store, folder):
    for name in ("one/news.txt", "two/news.txt", "two/news.md"):
        write(folder, name)
    take_folder(store, folder)
    before = {a.id: a.text for a in store.articles()}
    assert before.keys() == {"news", "news-2", "news-3"}
    (folder / "one/news.txt").unlink()
    assert take_folder(store, folder) == Taken(unchanged=2, withdrawn=1)
    assert {a.id: a.text for a in store.articles()}.items() <= before.items()


NAMES = [b"caf\xe9.txt", "Übersicht — 日本.txt".encode(), b"a\nb\t'%_.txt", b"-.txt", b"%s.txt"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_is_taken(store, folder, name):
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(STORY, encoding="utf-8")
    assert take_folder(store, folder) == Taken(added=1)
    assert take_folder(store, folder) == Taken(unchanged=1)
    [article] = store.articles()
    assert article.id.encode()
    assert article.text == STORY


def test_files_whose_names_differ_only_in_broken_bytes_are_two(store, folder):
    for name in (b"caf\xe9.txt", b"caf\xe8.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(STORY, encoding="utf-8")
    assert take_folder(store, folder) == Taken(added=2)
    (folder / os.fsdecode(b"caf\xe8.txt")).write_text("", encoding="utf-8")
    [refused] = take_folder(store, folder).refused
    assert refused.encode()


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.txt"])
def test_lone_surrogates_in_a_file_never_stop_the_others(store, folder, name):
    escaped = {"a.md": '---\ntitle: "\\uD800 x"\n---\n', "a.html": "<title>&#xD800; x</title>", "a.txt": ""}
    body = (escaped[name] + STORY * (name == "a.html")).encode() + b"\xed\xa0\x80 " + STORY.encode() * 3
    (folder / name).write_bytes(body)
    write(folder, "b.txt")
    assert take_folder(store, folder).added >= 1
    assert "b" in ids(store)


def test_folders_loops_and_broken_links_are_no_files(store, folder):
    (folder / "folder.txt").mkdir()
    (folder / "broken.txt").symlink_to(folder / "nowhere")
    (folder / "loop").symlink_to(folder)
    write(folder, "a.txt")
    taken = take_folder(store, folder)
    assert taken.added >= 1
    assert "a" in ids(store)
    assert taken.refused == []


def test_progress_is_told_file_by_file(store, folder):
    for number in range(3):
        write(folder, f"{number}.txt")
    told = []
    take_folder(store, folder, lambda *so_far: told.append(so_far))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_more_files_than_go_into_one_transaction_are_all_taken(store, folder):
    for number in range(405):
        write(folder, f"{number}.txt")
    assert take_folder(store, folder) == Taken(added=405)
    assert store.extent()[0] == 405


# Single files.


def test_an_added_file_stays_until_it_is_removed(store, folder, tmp_path):
    path = write(tmp_path, "a.txt")
    assert take_files(store, [path]) == Taken(added=1)
    path.unlink()
    take_folder(store, folder)
    assert ids(store) == {"a"}


def test_adding_a_file_again_brings_it_up_to_date_under_its_id(store, tmp_path, monkeypatch):
    path = write(tmp_path, "a.txt")
    take_files(store, [path])
    monkeypatch.chdir(tmp_path)
    assert take_files(store, [Path("a.txt")]) == Taken(unchanged=1)
    path.write_text(STORY.format("Leeds"), encoding="utf-8")
    assert take_files(store, [Path("../") / tmp_path.name / "a.txt"]) == Taken(changed=1)
    assert [a.text for a in store.articles()] == [STORY.format("Leeds")]


def test_adding_a_removed_file_brings_it_back(store, tmp_path):
    path = write(tmp_path, "a.txt")
    take_files(store, [path])
    store.withdraw(["a"], "removed")
    assert take_files(store, [path]) == Taken(added=1)


def test_bad_files_are_told_and_the_good_ones_taken(store, tmp_path):
    empty, good = write(tmp_path, "empty.txt", ""), write(tmp_path, "good.txt")
    taken = take_files(store, [tmp_path / "none.txt", empty, tmp_path, good])
    assert taken.added == 1
    assert len(taken.refused) == 3
    assert taken.refused[0].endswith("none.txt can't be read: No such file or directory.")
    assert taken.refused[1].startswith("empty.txt is empty")
    assert taken.refused[2].endswith("can't be read: Is a directory.")


# Lines of JSON.


def test_lines_of_json_become_articles_with_their_ids(store, tmp_path):
    lines = [
        {"id": "Ä/1 x", "title": "One", "text": "It is said.\n\n  Twice."},
        {
            "id": "2",
            "title": "Two",
            "text": " The text,\tto the letter. \n",
            "url": "https://example.org/2",
            "outlet": "Courier",
            "author": "A. Person",
            "published": "2024-05-31",
            "language": "en",
            "more": ["is", "passed", "over"],
        },
    ]
    assert put_jsonl(store, tmp_path, *lines) == Taken(added=2)
    one, two = store.article("Ä/1 x"), store.article("2")
    assert (one.title, one.text, one.url, one.published) == ("One", "It is said.\n\n  Twice.", None, None)
    known = ("title", "text", "url", "outlet", "author", "published", "language")
    assert {name: getattr(two, name) for name in known} == {name: lines[1][name] for name in known}


def test_the_same_lines_again_are_unchanged_and_a_changed_one_is_a_new_version(store, tmp_path):
    put_jsonl(store, tmp_path, {"id": "a", "text": "One is said."}, {"id": "b", "text": "Two is said."})
    again = [{"id": "a", "text": "One is said."}, {"id": "b", "text": "Three is said."}]
    assert put_jsonl(store, tmp_path, *again) == Taken(unchanged=1, changed=1)


@pytest.mark.parametrize("title", ["", None, " "])
def test_an_empty_title_is_allowed(store, tmp_path, title):
    put_jsonl(store, tmp_path, {"id": "a", "title": title, "text": "It is said."})
    assert store.article("a").title == (title or "")


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_passed_over(store, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"id": "a", "text": "It is so.\\r\\nAnd so."}\r\n\r\n  \n{"id": "b", "text": "x"}'
    )
    assert take_jsonl(store, path) == Taken(added=2)
    assert store.article("a").text == "It is so.\r\nAnd so."


def test_line_separators_inside_a_text_do_not_part_lines(store, tmp_path):
    text = "One\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven"
    path = tmp_path / "a.jsonl"
    raw = json.dumps({"id": "a", "text": text}, ensure_ascii=False).replace("\\u000b", "\\u000b")
    path.write_text(raw + "\n", encoding="utf-8")
    take_jsonl(store, path)
    assert store.article("a").text == text


@pytest.mark.parametrize(
    ("escaped", "stored"),
    [
        (r"a\ud800b", "a\ufffdb"),
        (r"\udc00\ud800", "\ufffd\ufffd"),
        (r"end\ud83d", "end\ufffd"),
        (r"\ud83d\ude00 stays", "\U0001f600 stays"),
        (r"\ufeffmark", "\ufeffmark"),
        (r"nul \u0000 stays", "nul \0 stays"),
    ],
)
def test_lone_surrogates_become_replacement_characters_and_the_length_stays(store, tmp_path, escaped, stored):
    put_jsonl(store, tmp_path, f'{{"id": "a", "title": "{escaped}", "text": "{escaped}"}}')
    assert store.article("a").text == store.article("a").title == stored


def test_a_lone_surrogate_in_an_id_is_stored_too(store, tmp_path):
    put_jsonl(store, tmp_path, r'{"id": "a\ud800", "text": "It is so."}')
    assert ids(store) == {"a\ufffd"}


GOOD = {"id": "good", "title": "Good", "text": "It is said."}
BAD = {
    "no JSON": ("{'id': 'a'}", "is not JSON"),
    "half a line": ('{"id": "a", "text": "It is', "is not JSON"),
    "two on a line": ('{"id": "a", "text": "x"} {"id": "b", "text": "y"}', "is not JSON"),
    "too deep": ("[" * 100_000, "is not JSON"),
    "too long a number": ('{"id": "a", "text": "x", "n": ' + "9" * 10_000 + "}", "is not JSON"),
    "a list": ('["a", "b"]', "is no object"),
    "a string": ('"a"', "is no object"),
    "null": ("null", "is no object"),
    "no id": ({"text": "It is said."}, "has no 'id'"),
    "an empty id": ({"id": " ", "text": "It is said."}, "has no 'id'"),
    "a null id": ({"id": None, "text": "It is said."}, "has no 'id'"),
    "a number for an id": ({"id": 7, "text": "It is said."}, "has 'id' as something else"),
    "no text": ({"id": "a", "title": "T"}, "has no 'text'"),
    "an empty text": ({"id": "a", "text": " \n\t"}, "has no 'text'"),
    "a list for a text": ({"id": "a", "text": ["It", "is"]}, "has 'text' as something else"),
    "an object for a title": ({"id": "a", "title": {}, "text": "x"}, "has 'title' as something else"),
    "false for an outlet": ({"id": "a", "text": "x", "outlet": False}, "has 'outlet' as something else"),
    "a number for a date": ({"id": "a", "text": "x", "published": 2024}, "has 'published' as something else"),
    "no date": ({"id": "a", "text": "x", "published": "yesterday"}, "has a 'published' that is no date"),
    "no day": ({"id": "a", "text": "x", "published": "2024-02-30"}, "has a 'published' that is no date"),
    "no web address": ({"id": "a", "text": "x", "url": "example.org/a"}, "has a 'url' that is no http"),
    "a script": ({"id": "a", "text": "x", "url": "javascript:alert(1)"}, "has a 'url' that is no http"),
    "a file": ({"id": "a", "text": "x", "url": "file:///etc/passwd"}, "has a 'url' that is no http"),
}


@pytest.mark.parametrize(("line", "complaint"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named_and_nothing_of_the_file_is_stored(store, tmp_path, line, complaint):
    with pytest.raises(Unreadable) as refused:
        put_jsonl(store, tmp_path, GOOD, "", line, GOOD | {"id": "after"})
    sentence = str(refused.value)
    assert sentence.startswith(f"articles.jsonl, line 3, {complaint}")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert store.articles() == []


def test_an_id_of_another_article_is_refused_and_nothing_of_the_file_is_stored(store, tmp_path):
    take_files(store, [write(tmp_path, "a.txt")])
    with pytest.raises(NotStored, match="'a' belongs to another article"):
        put_jsonl(store, tmp_path, GOOD, {"id": "a", "text": "It is said."})
    assert ids(store) == {"a"}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2024-05-31", "2024-05-31"),
        ("2024-05-31T10:00:00Z", "2024-05-31T10:00:00+00:00"),
        ("Fri, 31 May 2024 10:00:00 +0100", "2024-05-31T10:00:00+01:00"),
        ("", None),
    ],
)
def test_a_date_is_stored_in_one_form(store, tmp_path, given, stored):
    put_jsonl(store, tmp_path, GOOD | {"published": given})
    assert store.article("good").published == stored


@pytest.mark.parametrize("content", [b'{"id": "caf\xe9"}', b"\xff\xfe{\0}\0", b"\x1f\x8b\x08\x00"])
def test_a_file_that_is_not_utf_8_is_told(store, tmp_path, content):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=r"a\.jsonl can't be read: it is not UTF-8\."):
        take_jsonl(store, path)


def test_an_id_that_stands_twice_is_named_and_nothing_of_the_file_is_stored(store, tmp_path):
    path = tmp_path / "twice.jsonl"
    path.write_text('{"id": "a", "title": "", "text": "One."}\n{"id": "a", "title": "", "text": "Two."}\n')
    with pytest.raises(Unreadable, match=r"twice\.jsonl has the id 'a' twice"):
        take_jsonl(store, path)
    assert store.articles() == []


def test_a_file_of_lines_that_is_not_there_is_told(store, tmp_path):
    with pytest.raises(Unreadable, match=r"none\.jsonl can't be read: No such file or directory\."):
        take_jsonl(store, tmp_path / "none.jsonl")


def test_an_empty_file_of_lines_adds_nothing(store, tmp_path):
    assert put_jsonl(store, tmp_path) == Taken()


# What is announced.


def announcing(database):
    """A store, and the ids of the articles that it announces."""
    announced = []
    return Store(database, lambda _db, article, _feed: announced.append(article.id)), announced


def by_jsonl(store, paths, **how):
    file = paths[0].parent.parent / "articles.jsonl"
    lines = [json.dumps({"id": path.stem, "text": path.read_text()}) for path in paths]
    file.write_text("\n".join(lines))
    return take_jsonl(store, file, **how)


WAYS = {
    "folder": lambda store, paths, **how: take_folder(store, paths[0].parent, **how),
    "files": take_files,
    "lines": by_jsonl,
}


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_in_is_announced_but_for_the_first_filling_and_what_is_quiet(database, folder, way):
    store, announced = announcing(database)
    paths = [write(folder, f"{name}.txt") for name in "ab"]
    assert WAYS[way](store, paths).added == 2
    assert announced == []
    paths.append(write(folder, "c.txt"))
    assert WAYS[way](store, paths).added == 1
    assert announced == ["c"]
    paths.append(write(folder, "d.txt"))
    assert WAYS[way](store, paths, quiet=True).added == 1
    write(folder, "a.txt", "Another text, after all.")
    assert WAYS[way](store, paths).changed == 1
    assert announced == ["c"]


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_in_after_the_only_article_was_withdrawn_is_announced(database, folder, way):
    store, announced = announcing(database)
    first = write(folder, "a.txt")
    assert WAYS[way](store, [first]).added == 1
    store.withdraw([store.articles()[0].id], "removed")
    first.unlink()
    assert WAYS[way](store, [write(folder, "b.txt")]).added == 1
    assert announced == ["b"]
