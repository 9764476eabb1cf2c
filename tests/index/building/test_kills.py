"""Kills at any moment lose nothing that was acknowledged, and leave an index that serves whole."""

import json
import random
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from encoders import HashEncoder
from paths import ROOT

from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store
from index.building.sync import Indexer
from index.local.index_store import LocalIndexStore
from index.searching.search import Searcher


def article(name):
    return Article(name, name, f"The {name} is number 0 here. It is {name} still.")


def put(store, *articles):
    store.put(*(Incoming(a, f"test:{a.id}") for a in articles))


def run(store, index_store, **how):
    return Indexer(store, index_store, HashEncoder()).run(**how)


# For each line of its input, a seed and milliseconds, it forks a process that puts articles and indexes them
# for ever, and kills it so long after it has begun to index.
KILLER = """
import json, os, random, sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from encoders import HashEncoder
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store
from index.local.index_store import LocalIndexStore
from index.building.sync import Indexer

def index_for_ever(data, chance, begun):
    store = Store(Database(data / "citewire.db"))
    told = os.open(data / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        for _ in range(3):
            name = f"n{chance.randrange(12)}"
            text = f"The {name} is number {chance.randrange(99)} here. It is {name} still."
            if chance.random() < 0.3 and store.article(name):
                store.withdraw([name], "gone")
                text = None
            else:
                store.put(Incoming(Article(name, name, text), f"test:{name}"))
            os.write(told, json.dumps([name, text]).encode() + b"\\n")
        os.write(begun, b".")
        Indexer(store, LocalIndexStore(data / "index"), HashEncoder()).run(full=chance.random() < 0.4)

for line in sys.stdin:
    seed, milliseconds = map(int, line.split())
    begun, begins = os.pipe()
    pid = os.fork()
    if not pid:
        index_for_ever(Path(sys.argv[2]), random.Random(seed), begins)
    os.read(begun, 1)
    time.sleep(milliseconds / 1000)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(begun), os.close(begins)
    print("killed", flush=True)
"""
KILLS = 50


@pytest.mark.slow
def test_fifty_kills_lose_no_article_and_leave_an_index_that_serves_and_is_completed(tmp_path):
    chance = random.Random(7)
    database = Database(tmp_path / "citewire.db")
    store, index_store = Store(database), LocalIndexStore(tmp_path / "index")
    put(store, *(article(f"n{i}") for i in range(12)))
    run(store, index_store)
    longest = 2000 * run(store, index_store, full=True).seconds  # milliseconds
    states, left_behind = set(), 0
    command = [sys.executable, "-c", KILLER, str(ROOT / "tests" / "support"), str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killer:
        for seed in range(KILLS):
            served = index_store.names()
            killer.stdin.write(f"{seed} {chance.uniform(0, longest):.0f}\n")
            killer.stdin.flush()
            assert killer.stdout.readline() == "killed\n"
            check_articles(store, tmp_path / "acknowledged")
            states.add(index_store.names())
            longest *= (
                1.1 if index_store.names() == served else 0.9
            )  # some publish, however busy the machine is
            left_behind += len({p.name for p in index_store.folder.glob("g*")} - set(index_store.names()))
            check_index(store, index_store)
        killer.stdin.close()
    assert killer.returncode == 0
    assert len(states) > 2  # it did publish
    assert left_behind  # and it was killed amid its work
    database.close()


def check_articles(store, acknowledged):
    """What was acknowledged is there; of what was not, at most the last change may be."""
    expected = {f"n{i}": article(f"n{i}").text for i in range(12)}
    if acknowledged.exists():
        expected |= dict(json.loads(line) for line in acknowledged.read_text().splitlines())
    standing = {a.id: a.text for a in store.articles()}
    differing = [name for name, text in expected.items() if standing.get(name) != text]
    assert len(differing) <= 1
    acknowledged.write_text("".join(json.dumps([n, standing.get(n)]) + "\n" for n in expected))


def check_index(store, index_store):
    """It serves whole, it answers exactly, and the next run completes it."""
    generation = index_store.current()
    generation.verify(generation.fingerprints())
    generation.close()
    with closing(Searcher(store, index_store, HashEncoder())) as searcher:
        check_answers(store, searcher)
        run(store, index_store)
        check_answers(store, searcher)
        standing = [a.id for a in store.articles()]
        hits = searcher.ask("the number", 50).hits
        assert {a.id for hit in hits for a in (hit.article, *hit.also)} == set(standing)
    assert (
        len(list(index_store.folder.glob("g*"))) <= 3
    )  # one that was begun is taken up by the next full run


def check_answers(store, searcher):
    for hit in searcher.ask("the number n3 is here still", 50).hits:
        assert hit.text == store.article(hit.article.id).text[hit.start : hit.end]


# Forks a process that ends at its n-th step, for each n that is read: before or after a commit, an fsync, a
# rename or a removal. Says "killed", or "done" where there are fewer steps.
STEPPER = """
import os, shutil, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from encoders import HashEncoder
from sqlite_utils import Database as Connection
from corpus.article import Article
from corpus.database import Database
from corpus.store import Incoming, Store
from index.local.generation import LocalGeneration
from index.local.index_store import LocalIndexStore
from index.building.sync import Indexer

def work(data, last):
    steps = 0
    def step():
        nonlocal steps
        steps += 1
        if steps == last:
            os._exit(9)
    def stepping(function):
        def wrapped(*values, **named):
            step()
            result = function(*values, **named)
            step()
            return result
        return wrapped
    store, index_store = Store(Database(data / "citewire.db")), LocalIndexStore(data / "index")
    store.put(Incoming(Article("n3", "n3", f"The n3 is number {last} here. It is n3 still."), "test:n3"))
    for place, name in ((os, "fsync"), (Path, "replace"), (shutil, "rmtree"), (Connection, "commit")):
        setattr(place, name, stepping(getattr(place, name)))
    Indexer(store, index_store, HashEncoder()).run()
    Indexer(store, index_store, HashEncoder()).run(full=True)
    index_store.roll_back(HashEncoder())

for line in sys.stdin:
    pid = os.fork()
    if not pid:
        work(Path(sys.argv[2]), int(line))
        os._exit(0)
    print("killed" if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9 else "done", flush=True)
"""


@pytest.mark.slow
def test_an_end_before_or_after_any_step_leaves_a_whole_index_old_or_new(tmp_path):
    database = Database(tmp_path / "citewire.db")
    store, index_store = Store(database), LocalIndexStore(tmp_path / "index")
    put(store, *(article(f"n{i}") for i in range(12)))
    run(store, index_store)
    said, n = "killed\n", 0
    command = [sys.executable, "-c", STEPPER, str(ROOT / "tests" / "support"), str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as stepper:
        while said == "killed\n":
            n += 1
            stepper.stdin.write(f"{n}\n")
            stepper.stdin.flush()
            said = stepper.stdout.readline()
            assert f"number {n} " in store.article("n3").text
            check_index(store, index_store)
        stepper.stdin.close()
    assert said == "done\n"
    assert n > 20
    database.close()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="strace tells what the kernel was asked for")
def test_the_vectors_and_the_pointer_are_on_disk_before_they_take_their_names(tmp_path):
    traced = tmp_path / "calls"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2"
    watched = ["strace", "-f", "-y", "-e", calls, "-o", str(traced)]
    stepper = [sys.executable, "-c", STEPPER, str(ROOT / "tests" / "support"), str(tmp_path)]
    ran = subprocess.run(
        [*watched, *stepper], cwd=ROOT, input="0\n", stdout=subprocess.PIPE, text=True, check=True
    )
    assert ran.stdout == "done\n"
    calls = re.findall(r"(fsync|fdatasync|rename\w*)\((.*)\) += 0", traced.read_text())
    renames = [place for place, (call, _) in enumerate(calls) if call.startswith("rename")]
    assert len(renames) == 5  # the vectors of two indexes, the pointer to each, and back
    for place in renames:
        old, new = re.findall(r'"([^"]+)"', calls[place][1])
        assert f"<{old}>" in calls[place - 1][1]
        assert f"<{Path(new).parent}>" in calls[place + 1][1]
    ends = [place for place in renames if "vectors.faiss" in calls[place][1]]
    assert all(any("index.db" in what for _, what in calls[end + 2 :]) for end in ends)
