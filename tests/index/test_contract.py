"""What every index promises, wherever it is: after any changes it returns what a plain list would."""

import uuid
from collections import Counter
from math import log

import numpy as np
import pytest
from encoders import HashEncoder
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from index.encoding.codes import width
from index.encoding.embed import Sentence
from index.entries import IndexedArticle, IndexedPassage
from index.errors import NoWayBack, Unverified
from index.index_store import held
from index.language.passages import Line
from index.local.index_store import LocalIndexStore
from index.postgres.index_store import PostgresIndexStore
from index.snapshot import ALL_ARTICLES, Scope

# As index/analyze.py makes them: letters, marks, digits and underscores.
WORDS = ["bridge", "glacier", "été", "мост", "桥梁", "1_5", "a_b", "100", "i", "की"]
KEYS = ["a", "b's", "c%", "d\\", "é"]
DIMENSION = 16
ENCODER = HashEncoder()


def vector(seed: int) -> np.ndarray:
    """A vector of unit length, in numbers that half precision holds too."""
    drawn = np.random.default_rng(seed).normal(size=DIMENSION)
    return (drawn / np.linalg.norm(drawn)).astype(np.float16).astype(np.float32)


def sentence(seed: int) -> Sentence:
    codes = np.random.default_rng(seed).integers(0, 256, (seed % 4, width(DIMENSION)), dtype=np.uint8)
    return Sentence(vector(seed), codes)


@st.composite
def passages(draw: st.DrawFn) -> IndexedPassage:
    worded = draw(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), min_size=1, max_size=2))
    seeds = [draw(st.integers(0, 10**6)) for _ in worded]
    lines = [Line(10 * n, 10 * n + 9, draw(st.booleans())) for n in range(len(worded))]
    text = draw(st.text(alphabet="ab\0é桥\n", max_size=20))
    terms = [" ".join(each) for each in worded]
    return IndexedPassage(0, 10 * len(lines), text, lines, terms, [*map(sentence, seeds)])


@st.composite
def articles(draw: st.DrawFn) -> IndexedArticle:
    return IndexedArticle(
        draw(st.sampled_from(KEYS)),
        draw(st.text("0123456789abcdef", min_size=4, max_size=4)),
        draw(st.sampled_from(["en", "ru", ""])),
        draw(st.sampled_from(WORDS)),
        draw(st.sampled_from([None, "2024-05-01", "2024-06-30T10:00:00+00:00"])),
        draw(st.lists(passages(), max_size=3)),
    )


class Contract(RuleBasedStateMachine):
    """Generations beside dicts of articles that hold the same."""

    index_store: LocalIndexStore | PostgresIndexStore

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, dict[str, IndexedArticle]] = {}
        self.serving: str | None = None
        self.before: str | None = None

    @initialize()
    def begin_with_nothing(self) -> None:
        assert self.index_store.names() == (None, None)
        assert self.index_store.current() is None

    @rule(new=st.lists(articles(), max_size=4))
    def make_and_publish(self, new: list[IndexedArticle]) -> None:
        made = self.index_store.begin(ENCODER)
        own = {article.id: article for article in new}
        made.put(own.values())
        made.settle()
        made.verify({key: article.fingerprint for key, article in own.items()})
        with pytest.raises(Unverified):
            made.verify({key: article.fingerprint for key, article in own.items()} | {"more": "0"})
        with held(self.index_store.lock()):
            self.index_store.publish(made)
        self.model[made.name] = own
        self.serving, self.before = made.name, self.serving
        made.close()

    @precondition(lambda self: self.serving)
    @rule(changed=st.lists(articles(), min_size=1, max_size=3, unique_by=lambda each: each.id))
    def put(self, changed: list[IndexedArticle]) -> None:
        current = self.index_store.current()
        before = self.revision(current)
        current.put(changed)
        assert self.revision(current) != before
        current.tidy()
        self.model[self.serving] |= {article.id: article for article in changed}
        current.close()

    @precondition(lambda self: self.serving)
    @rule(standing=st.sets(st.sampled_from(KEYS)))
    def withdraw(self, standing: set[str]) -> None:
        current = self.index_store.current()
        current.forget(standing)
        self.index_store.forget(standing, but=self.serving)
        for name, own in self.model.items():
            self.model[name] = {key: article for key, article in own.items() if key in standing}
        current.close()

    @rule()
    def roll_back(self) -> None:
        if self.before is None:
            with pytest.raises(NoWayBack):
                self.index_store.roll_back(ENCODER)
        else:
            assert self.index_store.roll_back(ENCODER).name == self.before
            self.serving, self.before = self.before, self.serving

    @precondition(lambda self: self.serving)
    @rule(new=st.lists(articles(), max_size=2))
    def leave_one_half_made(self, new: list[IndexedArticle]) -> None:
        made = self.index_store.begin(ENCODER)
        made.put({article.id: article for article in new}.values())
        again = self.index_store.begin(ENCODER)
        assert (again.name, again.fingerprints()) == (made.name, made.fingerprints())
        made.close()
        again.close()
        self.index_store.sweep()

    @staticmethod
    def revision(generation) -> str:
        with generation.view() as view:
            return view.revision

    @invariant()
    def holds_what_it_should(self) -> None:
        kept = {name for name in (self.serving, self.before) if name}
        assert self.index_store.names() == (self.serving, self.before)
        assert set(self.index_store.everything()) == kept
        assert [each.serves for each in self.index_store.generations()] == [True, False][: len(kept)]
        for name in kept:
            generation = self.index_store.open(name)
            own = self.model[name]
            assert generation.fingerprints() == {key: each.fingerprint for key, each in own.items()}
            for article in generation.articles(list(own)):
                assert plain(article) == plain(own[article.id])
            generation.close()

    @invariant()
    def finds_what_a_plain_list_would(self) -> None:
        if self.serving:
            current = self.index_store.current()
            with current.view() as view:
                check_view(view, self.model[self.serving])
            current.close()


def plain(article: IndexedArticle) -> tuple:
    """All of an article, as values that can be compared."""
    rows = [(p.start, p.end, p.text, p.lines, p.terms, [*map(numbers, p.encoded)]) for p in article.passages]
    return (article.id, article.fingerprint, article.language, article.title, article.published, rows)


def numbers(encoded: Sentence) -> tuple:
    return encoded.vector.tolist(), encoded.tokens.tolist()


def check_view(view, own: dict[str, IndexedArticle]) -> None:
    """Compare everything that a view tells with what the articles say."""
    listed = [(article, passage) for article in own.values() for passage in article.passages]
    worded = [Counter(" ".join(passage.terms).split()) for _, passage in listed]
    assert view.passages == len(listed)
    assert view.languages() == sorted({article.language for article in own.values()})
    holding = {word: sum(word in held_terms for held_terms in worded) for word in WORDS}
    held_by_some = {word: n for word, n in holding.items() if n}
    assert view.frequencies([*WORDS, "none"]) == held_by_some
    assert sorted(view.terms_from("i")) == (["i"] if holding["i"] else [])
    for scope in (ALL_ARTICLES, Scope(article="a"), Scope(days=("2024-06-01", "2024-06-30"))):
        within = [i for i, (article, _) in enumerate(listed) if allows(scope, article)]
        check_near(view, [listed[i][1] for i in within], scope)
        check_words(view, worded, within, scope)


def allows(scope: Scope, article: IndexedArticle) -> bool:
    first, last = scope.days or ("", "9")
    dated = not scope.days or (article.published is not None and first <= article.published[:10] <= last)
    return dated and scope.article in (None, article.id)


def check_near(view, expected: list[IndexedPassage], scope: Scope) -> None:
    """The passages of all sentences (there are few), the nearest first, each with what was put."""
    asked = vector(7)
    found = view.near(asked, scope)
    read = view.get_sentences(found)
    best = dict.fromkeys(found, -2.0)
    for each in read:
        best[each.passage] = max(best[each.passage], float(each.vector @ asked))
    assert [best[number] for number in found] == sorted(best.values(), reverse=True)
    texts = sorted((view.passage_text(row.id), row.start, row.end) for row in view.get_passages(found))
    assert texts == sorted((passage.text, passage.start, passage.end) for passage in expected)
    lines = [
        (*line, terms)
        for passage in expected
        for line, terms in zip(passage.lines, passage.terms, strict=True)
    ]
    assert sorted((each.start, each.end, each.heading, each.terms) for each in read) == sorted(lines)
    codes = sorted(view.get_tokens(found))
    assert codes == sorted(each.tokens.tobytes() for passage in expected for each in passage.encoded)


def check_words(view, worded: list[Counter], within: list[int], scope: Scope) -> None:
    """The scores of Okapi BM25, reckoned here as in the book, of the passages within the scope."""
    asked = ["bridge", "мост", "1_5", "none"]
    average = sum(map(Counter.total, worded)) / max(len(worded), 1)
    scores = []
    for i in within:
        score = 0.0
        for word in asked:
            n = sum(word in other for other in worded)
            rarity = max(log((len(worded) - n + 0.5) / (n + 0.5)), 1e-6)
            norm = 1.2 * (0.25 + 0.75 * worded[i].total() / average) if average else 1.0
            score += rarity * worded[i][word] * 2.2 / (worded[i][word] + norm)
        if any(word in worded[i] for word in asked):
            scores.append(score)
    found = view.bm25(asked, 100, scope)
    assert [score for _, score in found] == pytest.approx(sorted(scores, reverse=True), rel=1e-4, abs=1e-9)


HOW = settings(
    max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip


@pytest.mark.slow
def test_a_local_index_holds_the_contract(tmp_path):
    class Local(Contract):
        def __init__(self) -> None:
            super().__init__()
            self.index_store = LocalIndexStore(tmp_path / uuid.uuid4().hex)

    run_state_machine_as_test(Local, settings=HOW)


@pytest.mark.slow
def test_an_index_in_postgresql_holds_the_contract(postgres):
    class Postgres(Contract):
        def __init__(self) -> None:
            super().__init__()
            self.index_store = PostgresIndexStore(postgres, f"test_{uuid.uuid4().hex}")

        def teardown(self) -> None:
            self.index_store.remove_all()
            self.index_store.close()

    run_state_machine_as_test(Postgres, settings=HOW)
