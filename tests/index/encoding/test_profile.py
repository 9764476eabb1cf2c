"""What is known of a model by its name: the languages that it reads, its means, its prompts."""

from typing import get_args

import numpy as np
import pytest

from index.encoding.profile import Profile, Role, profile_of

E5_SMALL = "multilingual-e5-small"
ROLES = get_args(Role)


@pytest.mark.parametrize(
    "name", ["nobody/no-such-model", "BAAI/bge-m3", "hash", "", "/", "text-embedding-3-small"]
)
def test_nothing_is_known_of_an_unknown_model_which_is_trusted_to_read_everything(name: str) -> None:
    profile = profile_of(name)
    assert profile == Profile()
    assert all(profile.reads(code) for code in ("en", "zh", "tlh", ""))
    assert [profile.prompt(role) for role in ROLES] == ["", ""]


@pytest.mark.parametrize(
    "name",
    [
        "all-MiniLM-L6-v2", "sentence-transformers/all-mpnet-base-v2", "multi-qa-MiniLM-L6-cos-v1",
        "sentence-transformers/msmarco-distilbert-base-v4", "BAAI/bge-small-en-v1.5", "/models/bge-base-en",
        "jina-embeddings-v2-base-en",
    ],
)  # fmt: skip
def test_families_that_read_english_alone_are_known_whoever_serves_them(name: str) -> None:
    profile = profile_of(name)
    assert [profile.reads(code) for code in ("en", "de", "zh", "")] == [True, False, False, False]
    assert profile.centre is None
    assert not profile.prompts


@pytest.mark.parametrize(
    "name", ["paraphrase-multilingual-MiniLM-L12-v2", "gte-enormous", "small-encoder", "jina-embeddings-v3"]
)
def test_a_name_that_only_looks_like_an_english_family_is_no_such(name: str) -> None:
    assert profile_of(name).reads("de")


@pytest.mark.parametrize(
    "name", [E5_SMALL, "intfloat/multilingual-e5-large", "intfloat/e5-base-v2", "/m/e5-small"]
)
def test_the_e5_family_wants_to_be_told_what_is_a_question_and_what_a_passage(name: str) -> None:
    profile = profile_of(name)
    assert [profile.prompt(role) for role in ROLES] == ["query: ", "passage: "]


@pytest.mark.parametrize("name", ["ae5-small", "bge-e5", "e5", "some5-model"])
def test_a_name_that_only_looks_like_e5_gets_no_prompt(name: str) -> None:
    assert profile_of(name).prompt("query") == ""


def test_the_default_model_reads_what_it_was_measured_to_read_and_nothing_else() -> None:
    profile = profile_of(E5_SMALL)
    assert profile.languages is not None
    assert {
        "ar",
        "bn",
        "de",
        "en",
        "es",
        "fi",
        "hi",
        "ja",
        "ko",
        "ru",
        "sw",
        "te",
        "th",
        "zh",
    } <= profile.languages
    assert all(len(code) == 2 and code.islower() for code in profile.languages)
    assert not profile.reads("tlh")
    assert not profile.reads("")


def test_the_default_model_has_a_mean_for_each_language_and_role_smaller_than_what_all_have_in_common() -> (
    None
):
    profile = profile_of(E5_SMALL)
    assert profile.languages is not None
    assert profile.centre is not None
    assert profile.means.keys() == {(role, code) for role in ROLES for code in profile.languages}
    for mean in profile.means.values():
        assert mean.shape == profile.centre.shape == (384,)
        assert mean.dtype == np.float32
        assert np.isfinite(mean).all()
        assert 0 < np.linalg.norm(mean) < np.linalg.norm(profile.centre)


def test_the_mean_of_a_language_is_its_own() -> None:
    means = profile_of(E5_SMALL).means
    for role in ROLES:
        rows = np.stack([mean for (own, _), mean in means.items() if own == role])
        rows = rows - rows.mean(axis=0)
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        assert (unit @ unit.T - 2 * np.eye(len(unit))).max() < 0.99  # no two are the same


def test_a_vector_loses_the_mean_of_its_language_and_nothing_where_none_is_known() -> None:
    mean = np.array([0.5, -1.0], np.float32)
    profile = Profile(means={("query", "de"): mean})
    vectors = np.array([[1.0, 1.0], [0.0, 2.0]], np.float32)
    assert profile.centred(vectors, "query", "de").tolist() == [[0.5, 2.0], [-0.5, 3.0]]
    assert profile.centred(vectors, "document", "de") is vectors
    assert profile.centred(vectors, "query", "en") is vectors
    assert profile.centred(vectors, "query", "") is vectors


def test_who_serves_a_model_and_where_it_lies_change_nothing_of_what_is_known_of_it() -> None:
    known = profile_of(E5_SMALL)
    for name in ("intfloat/multilingual-e5-small", "/srv/models/multilingual-e5-small"):
        assert profile_of(name).languages == known.languages
        assert profile_of(name).means.keys() == known.means.keys()
