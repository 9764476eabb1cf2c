"""An encoder on another machine, behind the embeddings API of OpenAI, which most servers speak.

Such a server tells one vector a text and nothing of its tokens, so each sentence is read by itself and
matches no question token by token.
"""

import time
import weakref
from collections.abc import Callable, Sequence
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import numpy as np

from corpus.errors import CitewireError
from index.encoding.codes import Vectors, width
from index.encoding.embed import Question, Sentence, unit
from index.encoding.models import ENGLISH_MODEL, find_model
from index.encoding.parts import in_parts
from index.encoding.profile import profile_of
from index.encoding.texts import Text
from index.errors import Away

AT_ONCE = 4  # requests of bulk work; servers put together by themselves what waits
BATCH = 32  # text-embeddings-inference takes no more texts at once unless it is told to
SHORT = 400  # characters, to which a text is cut that the server finds too long: hardly 400 tokens anywhere
BACKOFF = 0.2  # seconds before the second try, twice as many before each later one
PAUSE = 2.0  # seconds for which no question is sent after one that failed

TOO_MUCH = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.FAILED_DEPENDENCY, HTTPStatus.TOO_MANY_REQUESTS}


class Patience(NamedTuple):
    """How long an answer is waited for, and how often it is asked for; in seconds."""

    tries: int
    each: float
    whole: float


ASKED = Patience(tries=2, each=4.0, whole=4.0)  # a person waits
BULK = Patience(tries=7, each=30.0, whole=90.0)  # what is left is taken up again by the next reindex


class BadAnswer(CitewireError):
    """The embedding server answers, but not what it was asked."""


class _Passing(Exception):
    """One try failed in a way that may pass, after so many seconds at the earliest."""

    def __init__(self, said: str, after: float = 0.0) -> None:
        super().__init__(said)
        self.after = after


class _TooMuch(Away):
    """The server refuses so many texts at once, or one so long; or whatever it is sent."""


class RemoteModel:
    """The model behind `url`, an address up to and including /v1; nothing is sent before it is needed.

    All but `knows` raise Away where the server does not answer, or refuses, and BadAnswer where it serves
    another model or answers with what are no vectors.
    """

    encoding = "plain/1"

    def __init__(
        self, url: str, model: str, key: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = model
        self._profile = profile_of(model)
        self._url = f"{url}/embeddings"
        self._server = f"The embedding server at {urlsplit(url).netloc}"
        self._clock = clock
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            limits=httpx.Limits(max_connections=2 * AT_ONCE),
        )
        weakref.finalize(self, self._client.close)
        self._away: tuple[float, str] | None = None  # until when no question is sent, and why

    def encode_question(self, question: str, language: str = "") -> Question:  # noqa: ARG002 - of no use here
        """The vector of one question; Away at once shortly after one that failed."""
        if self._away and self._clock() < self._away[0]:
            raise Away(self._away[1])
        try:
            [vector] = self._vectors([self._profile.prompt("query") + question], ASKED, Event())
        except Away as error:
            self._away = self._clock() + PAUSE, str(error)
            raise
        return Question(vector, np.empty((0, len(vector)), np.float32))

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        """All sentences of `passages`, in order, each read by itself."""
        prompt = self._profile.prompt("document")
        texts = [prompt + passage.text[start:end] for passage in passages for start, end in passage.sentences]
        batches = [texts[first : first + BATCH] for first in range(0, len(texts), BATCH)]

        def encode(batch: list[str], over: Event) -> Vectors:
            return self._vectors(batch, BULK, over)

        def characters(batch: list[str]) -> int:
            return sum(map(len, batch)) - len(prompt) * len(batch)

        made = in_parts(encode, batches, characters, done, AT_ONCE)
        vectors = self._together(made)
        nothing = np.empty((0, width(vectors.shape[1])), np.uint8)
        return [Sentence(vector, nothing) for vector in vectors]

    def reads(self, language: str) -> bool:
        """Whether its vectors say what a text in that language means, as far as the model's name tells."""
        return self._profile.reads(language)

    def knows(self, word: str) -> bool:
        """Whether the English model learned `word` as a whole: the server does not tell what its own did."""
        pieces = self._tokenizer.encode(word, add_special_tokens=False).ids
        return len(pieces) == 1 and pieces[0] != self._tokenizer.token_to_id("[UNK]")

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(Path(find_model(ENGLISH_MODEL)) / "tokenizer.json"))
        tokenizer.no_padding()
        return tokenizer

    def _vectors(self, texts: Sequence[str], patience: Patience, over: Event) -> Vectors:
        """A row a text; what is too much for the server at once is sent in halves, then cut."""
        try:
            return self._asked(texts, patience, over)
        except _TooMuch:
            if len(texts) == 1 and len(texts[0]) <= SHORT:
                raise
        if len(texts) == 1:
            return self._asked([texts[0][:SHORT]], patience, over)
        half = len(texts) // 2
        return self._together([self._vectors(part, patience, over) for part in (texts[:half], texts[half:])])

    def _together(self, made: Sequence[Vectors]) -> Vectors:
        if len({vectors.shape[1] for vectors in made}) > 1:
            raise BadAnswer(f"{self._server} answers with vectors of several lengths.")
        return np.vstack([*made]) if made else np.empty((0, 0), np.float32)

    def _asked(self, texts: Sequence[str], patience: Patience, over: Event) -> Vectors:
        """The vectors of `texts`, asked for again while that may help and there is time."""
        ends = self._clock() + patience.whole
        for tried in range(1, patience.tries + 1):
            try:
                return self._read(self._answer(texts, min(patience.each, ends - self._clock())), len(texts))
            except _Passing as error:
                said, wait = str(error), max(error.after, BACKOFF * 2 ** (tried - 1))
            if tried == patience.tries or self._clock() + wait >= ends or over.wait(wait):
                break
        raise Away(f"{self._server} does not answer: {said}.")

    def _answer(self, texts: Sequence[str], seconds: float) -> httpx.Response:
        """The answer to one request; its words are in no error: servers repeat what they are sent."""
        asked = {"model": self.name, "input": list(texts), "encoding_format": "float"}
        try:
            response = self._client.post(self._url, json=asked, timeout=seconds)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise _Passing(type(error).__name__) from error
        status = f"{response.status_code} {response.reason_phrase}".strip()
        if response.is_success:
            return response
        if response.is_server_error or response.status_code in PASSING:
            after = response.headers.get("Retry-After", "")
            raise _Passing(status, float(after) if after.isdecimal() else 0.0)
        refused = _TooMuch if response.status_code in TOO_MUCH else Away
        raise refused(
            f"{self._server} refuses what it is sent, with {status}: "
            "see CITEWIRE_EMBED_URL, CITEWIRE_EMBED_MODEL and CITEWIRE_EMBED_KEY."
        )

    def _read(self, response: httpx.Response, count: int) -> Vectors:
        """The vectors of an answer in the order of the texts; BadAnswer unless there is one for each."""
        try:
            answer = response.json()
            rows = sorted(answer["data"], key=lambda row: row["index"])
            numbers = [row["index"] for row in rows]
            model = answer["model"]
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float64)
        except (ValueError, KeyError, TypeError) as error:
            raise BadAnswer(f"{self._server} does not answer as an embedding server does.") from error
        if model != self.name:
            raise BadAnswer(f"{self._server} serves {model}: CITEWIRE_EMBED_MODEL says {self.name}.")
        whole = numbers == list(range(count)) and vectors.ndim == 2 and vectors.size
        if not whole or not np.isfinite(vectors).all():
            raise BadAnswer(f"{self._server} does not answer with a vector for each text.")
        return unit(vectors.astype(np.float32))
