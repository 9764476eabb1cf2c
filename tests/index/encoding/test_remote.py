"""An encoder behind an embedding server: what is sent, what is asked again, what is believed."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import COST, lighthouse
from embedding_server import Answer, EmbeddingServer, body, changed, cut, die, late, serving, status
from encoders import HashEncoder

from bot.assistant import Assistant
from bot.config import load
from bot.terminal.logs import RedactingFormatter
from corpus.store import Incoming
from index import entries
from index.encoding import remote
from index.encoding.codes import width
from index.encoding.embed import Model
from index.encoding.models import ENGLISH_MODEL
from index.encoding.remote import AT_ONCE, BATCH, PAUSE, SHORT, BadAnswer, Patience, RemoteModel
from index.encoding.texts import Text
from index.errors import Away

KEY = "hush-0123456789"
QUESTION = "Where is " + "the lamp?"  # a traceback shows lines of the test, which are not to hold it
WORDS = ("lamp", "keeper", "stone", "wave", "tower", "rock", "storm", "light", "bell", "chart")


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """A server of a HashEncoder, which it calls “hash”."""
    with serving(EmbeddingServer(HashEncoder())) as serves:
        yield serves


@pytest.fixture(scope="module")
def english() -> Model:
    """The English model."""
    return Model(ENGLISH_MODEL)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "BACKOFF", 0.001)


def model(server: EmbeddingServer, **how: Any) -> RemoteModel:
    """The encoder behind it."""
    return RemoteModel(server.url, server.model, **how)


def untold(_characters: int) -> None:
    """Nobody wants to know."""


def passage(*sentences: str) -> Text:
    """A passage of these sentences."""
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    return Text(text, [(start, start + len(s)) for start, s in zip(starts, sentences, strict=True)])


def many(count: int) -> list[Text]:
    """Passages of two sentences each, no two of which are alike."""
    words = [" ".join(WORDS[int(digit)] for digit in f"{number:04}") for number in range(2 * count)]
    return [passage(f"{words[2 * n]} one.", f"{words[2 * n + 1]} two.") for n in range(count)]


def same(one: RemoteModel, passages: list[Text]) -> bool:
    """Whether it makes of each sentence what a HashEncoder makes of it by itself."""
    made = one.encode_passages(passages, untold)
    wanted = HashEncoder().encode_passages(passages, untold)
    return len(made) == len(wanted) and all(
        np.allclose(a.vector, b.vector, atol=1e-6) for a, b in zip(made, wanted, strict=True)
    )


# What is sent.


def test_nothing_is_sent_before_it_is_needed() -> None:
    assert RemoteModel("http://127.0.0.1:9/v1", "hash").name == "hash"


def test_a_question_is_one_vector_without_tokens(server: EmbeddingServer) -> None:
    question = model(server).encode_question("Where is the lamp?")
    assert np.allclose(question.vector, HashEncoder().encode_question("Where is the lamp?").vector, atol=1e-6)
    assert question.vector.dtype == np.float32
    assert question.tokens.shape == (0, len(question.vector))
    assert server.asked == [["Where is the lamp?"]]


def test_sentences_are_read_one_by_one_and_come_back_in_order(server: EmbeddingServer) -> None:
    passages = many(200)
    assert same(model(server), passages)
    sent = [text for batch in server.asked for text in batch]
    assert sorted(sent) == sorted(p.text[start:end] for p in passages for start, end in p.sentences)
    assert max(map(len, server.asked)) == BATCH
    assert server.most_at_once <= AT_ONCE


def test_requests_go_out_side_by_side(server: EmbeddingServer) -> None:
    server.plan.extend(late(0.3) for _ in range(AT_ONCE))
    assert same(model(server), many(AT_ONCE * BATCH // 2))
    assert server.most_at_once == AT_ONCE


def test_sentences_have_no_tokens_and_vectors_of_unit_length(server: EmbeddingServer) -> None:
    server.plan.append(changed(lambda right: right["data"][0].update(embedding=[3.0] * 20)))
    [sentence] = model(server).encode_passages([passage("A lamp.")], untold)
    assert np.allclose(sentence.vector, 20**-0.5)
    assert sentence.tokens.shape == (0, width(20)) == (0, 5)
    assert sentence.tokens.dtype == np.uint8


def test_nothing_to_encode_asks_nobody() -> None:
    assert RemoteModel("http://127.0.0.1:9/v1", "hash").encode_passages([], untold) == []


@pytest.mark.parametrize("name", ["hash", "multilingual-e5-small"])
def test_it_tells_how_far_it_is(server: EmbeddingServer, name: str) -> None:
    server.model = name
    told: list[int] = []
    passages = many(100)
    model(server).encode_passages(passages, told.append)
    assert sum(told) == sum(end - start for p in passages for start, end in p.sentences)
    assert len([n for n in told if n]) > 1


def test_who_has_had_enough_ends_the_work(server: EmbeddingServer) -> None:
    def enough(_characters: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model(server).encode_passages(many(1000), enough)
    assert len(server.asked) < 2000 / BATCH


def test_work_can_be_ended_while_the_server_is_waited_for(
    server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "BACKOFF", 60.0)
    server.plan.extend(status(503) for _ in range(AT_ONCE))
    told: list[int] = []

    def enough(characters: int) -> None:
        told.append(characters)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model(server).encode_passages(many(AT_ONCE * BATCH), enough)
    assert told == [0]


@pytest.mark.parametrize("word", ["Baghdad", "Bagdhad", "lighthouse", "Übergang", "北", "\u0e01", "the", ""])
def test_it_knows_the_words_that_the_english_model_knows(english: Model, word: str) -> None:
    assert RemoteModel("http://127.0.0.1:9/v1", "hash").knows(word) == english.knows(word)


@pytest.mark.parametrize(
    ("name", "languages"),
    [("models/all-MiniLM-L6-v2", "en"), ("BAAI/bge-base-en-v1.5", "en"), ("BAAI/bge-m3", "en de tlh"),
     ("intfloat/multilingual-e5-small", "en de"), ("multilingual-e5-large", "en de tlh")],
)  # fmt: skip
def test_what_a_model_reads_is_known_by_its_name_whoever_made_it(name: str, languages: str) -> None:
    encoder = RemoteModel("http://127.0.0.1:9/v1", name)
    assert [code for code in ("en", "de", "tlh") if encoder.reads(code)] == languages.split()


@pytest.mark.parametrize(
    "name", ["multilingual-e5-small", "intfloat/e5-large-v2", "models/multilingual-e5-base"]
)
def test_models_of_the_e5_family_are_sent_the_prompts_that_they_were_trained_with(
    server: EmbeddingServer, name: str
) -> None:
    server.model = name
    encoder = model(server)
    encoder.encode_question("Where is the lamp?", "en")
    encoder.encode_passages([passage("A lamp.", "A bell.")], untold)
    assert server.asked == [["query: Where is the lamp?"], ["passage: A lamp.", "passage: A bell."]]


# What is asked again.


@pytest.mark.parametrize(
    "failure",
    [*map(status, (408, 424, 429, 500, 502, 503)), die, cut, body("{}", **{"Content-Encoding": "gzip"})],
    ids=["408", "424", "429", "500", "502", "503", "no answer", "half an answer", "garbled"],
)
def test_what_may_pass_is_asked_again(server: EmbeddingServer, failure: Answer) -> None:
    encoder = model(server)
    server.plan.append(failure)
    encoder.encode_question("Where is the lamp?")
    assert len(server.asked) == 2
    server.plan.extend([failure, failure, failure])
    assert same(encoder, [passage("A lamp.", "A bell.")])
    assert len(server.asked) == 6


def test_a_server_that_asks_for_time_gets_it(server: EmbeddingServer) -> None:
    server.plan.append(status(429, **{"Retry-After": "1"}))
    began = time.monotonic()
    assert same(model(server), many(1))
    assert time.monotonic() - began >= 1


def test_a_person_does_not_wait_for_as_long_as_a_server_likes(server: EmbeddingServer) -> None:
    server.plan.append(status(429, **{"Retry-After": "60"}))
    with pytest.raises(Away, match=r"^The embedding server at 127\.0\.0\.1:\d+ does not answer: 429 "):
        model(server).encode_question("Where is the lamp?")
    assert len(server.asked) == 1


def test_a_question_is_asked_twice_at_most(server: EmbeddingServer) -> None:
    server.plan.extend([status(500)] * 9)
    with pytest.raises(Away, match="does not answer: 500 Internal Server Error"):
        model(server).encode_question("Where is the lamp?")
    assert len(server.asked) == 2


def test_a_server_that_is_too_slow_is_away(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ASKED", Patience(tries=2, each=0.2, whole=0.2))
    monkeypatch.setattr(remote, "BULK", Patience(tries=3, each=0.2, whole=60))
    server.plan.extend([late(60)] * 4)
    with pytest.raises(Away, match="does not answer: ReadTimeout"):
        model(server).encode_question("Where is the lamp?")
    assert len(server.asked) == 1
    with pytest.raises(Away, match="does not answer: ReadTimeout"):
        model(server).encode_passages(many(1), untold)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/v1", "http://127.0.0.1:99999/v1", "http://a b/v1", "http://x.invalid/v1"]
)
def test_an_address_that_leads_nowhere_is_away(address: str) -> None:
    with pytest.raises(Away, match="does not answer"):
        RemoteModel(address, "hash").encode_question("Where is the lamp?")


def test_a_server_that_is_not_there_is_away_and_no_question_waits_for_it_soon_after() -> None:
    now = [100.0]
    with serving(EmbeddingServer(HashEncoder())) as server:
        encoder = model(server, clock=lambda: now[0])
        encoder.encode_question("Where is the lamp?")
    with pytest.raises(Away) as first:
        encoder.encode_question("Where is the lamp?")
    port = int(server.url.split(":")[2].removesuffix("/v1"))
    with serving(EmbeddingServer(HashEncoder()), port) as back:
        now[0] += PAUSE - 0.1
        with pytest.raises(Away) as second:
            encoder.encode_question("Where is the lamp?")
        assert str(second.value) == str(first.value)
        assert back.asked == []
        now[0] += 0.2
        encoder.encode_question("Where is the lamp?")
        assert len(back.asked) == 1


# What is refused.


@pytest.mark.parametrize("code", [302, 400, 401, 403, 404, 405, 422])
def test_a_refusal_is_not_asked_again(server: EmbeddingServer, code: int) -> None:
    server.plan.append(status(code, Location="http://elsewhere.example/"))
    with pytest.raises(Away, match=f"refuses what it is sent, with {code} "):
        model(server).encode_question("Where is the lamp?")
    assert len(server.asked) == 1


@pytest.mark.parametrize("most", [10, 1])
def test_what_is_too_much_at_once_is_sent_in_parts(server: EmbeddingServer, most: int) -> None:
    server.most_texts = most
    assert same(model(server), many(40))


def test_a_text_that_is_too_long_is_cut_and_no_other(server: EmbeddingServer) -> None:
    server.longest = SHORT + 99
    before, after = passage("A lamp.", "A bell."), passage("A wave.")
    long = "x" + " stone" * 200
    made = model(server).encode_passages([before, passage(long), after], untold)
    texts = "A lamp.", "A bell.", long[:SHORT], "A wave."
    wanted = [HashEncoder().encode_question(text).vector for text in texts]
    assert np.allclose([sentence.vector for sentence in made], wanted, atol=1e-6)


def test_a_server_that_refuses_everything_is_soon_left_alone(server: EmbeddingServer) -> None:
    server.longest = 0
    with pytest.raises(Away, match="refuses what it is sent, with 413"):
        model(server).encode_passages(many(BATCH), untold)
    assert len(server.asked) <= 2 * 6


@pytest.mark.parametrize("key", ["", "another"])
def test_a_key_is_sent_and_a_wrong_one_told(key: str) -> None:
    with serving(EmbeddingServer(HashEncoder(), key=KEY)) as locked:
        model(locked, key=KEY).encode_question("Where is the lamp?")
        with pytest.raises(Away, match=r"with 401 Unauthorized: see .* CITEWIRE_EMBED_KEY"):
            model(locked, key=key).encode_question("Where is the lamp?")


@pytest.mark.parametrize("failure", [status(401), status(500), die, body("{}")])
def test_no_error_and_no_log_holds_the_key_or_what_was_asked(
    server: EmbeddingServer, failure: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    encoder = model(server, key=KEY)
    server.plan.extend([failure, failure])
    with pytest.raises((Away, BadAnswer)) as caught:
        encoder.encode_question(QUESTION)
    said = "".join(traceback.format_exception(caught.value)) + repr(encoder) + repr(vars(encoder))
    config = load({"CITEWIRE_EMBED_URL": server.url, "CITEWIRE_EMBED_MODEL": "m", "CITEWIRE_EMBED_KEY": KEY})
    logged = "".join(map(RedactingFormatter(*config.secrets).format, caplog.records))
    for secret in (KEY, QUESTION):
        assert secret not in said
        assert secret not in logged


# What is believed.


def without(name: str) -> Callable[[dict[str, Any]], object]:
    """Takes a field out of each row."""
    return lambda right: [row.pop(name) for row in right["data"]]


def rows(**values: Any) -> Callable[[dict[str, Any]], object]:
    """Changes the first row."""
    return lambda right: right["data"][0].update(values)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (body("<html>"), "does not answer as an embedding server does"),
        (body('{"data": [{"index'), "does not answer as an embedding server does"),
        (body("[]"), "does not answer as an embedding server does"),
        (body("{}"), "does not answer as an embedding server does"),
        (body('{"data": 5, "model": "hash"}'), "does not answer as an embedding server does"),
        (changed(without("index")), "does not answer as an embedding server does"),
        (changed(without("embedding")), "does not answer as an embedding server does"),
        (changed(rows(index="0")), "does not answer as an embedding server does"),
        (changed(rows(embedding="AAAA")), "does not answer as an embedding server does"),
        (changed(rows(embedding=[1.0] * 63)), "does not answer as an embedding server does"),
        (changed(rows(embedding=[None] * 64)), "does not answer"),
        (changed(rows(embedding=[float("nan")] * 64)), "does not answer with a vector for each text"),
        (changed(rows(embedding=[float("inf")] * 64)), "does not answer with a vector for each text"),
        (changed(rows(index=1)), "does not answer with a vector for each text"),
        (changed(rows(index=7)), "does not answer with a vector for each text"),
        (changed(lambda right: right["data"].pop()), "does not answer with a vector for each text"),
        (changed(lambda right: right["data"].append({"index": 2, "embedding": [1.0] * 64})),
         "does not answer with a vector for each text"),
        (changed(lambda right: right.update(data=[])), "does not answer with a vector for each text"),
        (changed(lambda right: [row.update(embedding=[]) for row in right["data"]]),
         "does not answer with a vector for each text"),
        (changed(lambda right: right.update(model="other")), "serves other: CITEWIRE_EMBED_MODEL says hash"),
    ],
)  # fmt: skip
def test_what_is_no_answer_ends_the_work_with_a_sentence(
    server: EmbeddingServer, answer: Answer, said: str
) -> None:
    server.plan.append(answer)
    with pytest.raises(BadAnswer, match=rf"^The embedding server at 127\.0\.0\.1:\d+ .*{said}.*\.$"):
        model(server).encode_passages([passage("A lamp.", "A bell.")], untold)
    assert len(server.asked) == 1


def test_vectors_are_told_by_their_numbers_in_whatever_order_they_come(server: EmbeddingServer) -> None:
    server.plan.append(changed(lambda right: right["data"].reverse()))
    assert same(model(server), [passage("A lamp.", "A bell.", "A wave.")])


def test_vectors_of_two_lengths_are_not_mixed(server: EmbeddingServer) -> None:
    server.plan.append(changed(lambda right: [row.update(embedding=[1.0, 2.0]) for row in right["data"]]))
    with pytest.raises(BadAnswer, match="vectors of several lengths"):
        model(server).encode_passages(many(2 * BATCH), untold)


# The assistant.


def assistant(server: EmbeddingServer, data: Path) -> Assistant:
    """One that encodes there."""
    settings = {"CITEWIRE_EMBED_URL": server.url, "CITEWIRE_EMBED_MODEL": server.model}
    return Assistant(load({**settings, "CITEWIRE_DATA": str(data)}))


def test_an_assistant_answers_by_a_server_and_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PAUSE", 0.0)
    with serving(EmbeddingServer(HashEncoder())) as server:
        made = assistant(server, tmp_path)
        made.store.put(*(Incoming(lighthouse(n), f"id:{n}", keep_id=True) for n in range(3)))
        assert made.reindex().added == 3
        assert made.ask("What did the lighthouse of Cape Brack cost?").hits[0].article.id == "light1"
    port = int(server.url.split(":")[2].removesuffix("/v1"))
    with closing(made):
        made.store.put(Incoming(lighthouse(3), "id:3", keep_id=True))
        with pytest.raises(Away):
            made.ask(COST)
        with serving(EmbeddingServer(HashEncoder()), port):
            assert made.reindex().added == 1
            assert made.ask("What did the lighthouse of Cape Dunmore cost?").hits[0].article.id == "light3"


def test_a_reindex_that_the_server_ended_is_taken_up_where_it_was(
    server: EmbeddingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "BATCH_SENTENCES", 1)  # each article is a batch
    server.plan.extend([None, None, None, status(401)])
    with closing(assistant(server, tmp_path)) as made:
        made.store.put(*(Incoming(lighthouse(n), f"id:{n}", keep_id=True) for n in range(6)))
        with pytest.raises(Away, match="401"):
            made.reindex(full=True)
        assert made.generations() == []
        assert made.reindex(full=True).added == 6
    sent = [text for batch in server.asked for text in batch if "lighthouse of Cape" in text]
    assert len(sent) == 6 + 1  # that of the fourth article went out twice


@pytest.mark.slow
def test_the_english_model_answers_through_a_server(english: Model, tmp_path: Path) -> None:
    with (
        serving(EmbeddingServer(english, ENGLISH_MODEL)) as server,
        closing(assistant(server, tmp_path)) as made,
    ):
        made.take_in()
        made.reindex()
        states = [made.ask(question).state for question in (
            "How much will the UK pay for Iraqi law enforcement training?",
            "How do I bake sourdough bread?",
        )]  # fmt: skip
        assert states == ["answered", "absent"]
