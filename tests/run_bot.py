"""`citewire run` as production has it, but for an encoder that loads nothing and misbehaves on request.

Settings come from the environment, and three more: CITEWIRE_TEST_MODEL names the encoder, CITEWIRE_TEST_PACE
is how many seconds lie between two calls to whichever chats, and while the file CITEWIRE_TEST_SLOW is there,
encoding articles does not get on and leaves a file `….begun` beside it. While there is a file `….away` beside
it, what encodes does not answer. Another command than `run` may be given.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from encoders import HashEncoder

import bot.assistant
import bot.transport.pacing
from bot.terminal.cli import main
from index.encoding.embed import Question, Sentence, Text
from index.errors import Away

AWAY = "The encoder at far.example does not answer."
SLOW = Path(os.environ.get("CITEWIRE_TEST_SLOW", "/nonexistent/slow"))


class Encoder(HashEncoder):
    """HashEncoder that fails on whatever says “explode”, with all that nobody may read in its error."""

    def __init__(self, model: str) -> None:
        self.name = os.environ.get("CITEWIRE_TEST_MODEL", HashEncoder.name)

    def encode_question(self, question: str) -> Question:
        fail_if_away()
        fail_if_told(question)
        return super().encode_question(question)

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        fail_if_away()
        for passage in passages:
            fail_if_told(passage.text)
            while SLOW.exists():
                SLOW.with_suffix(".begun").touch()
                time.sleep(0.05)
                done(0)
        return super().encode_passages(passages, done)


def fail_if_away() -> None:
    if SLOW.with_suffix(".away").exists():
        raise Away(AWAY)


def fail_if_told(text: str) -> None:
    if "explode" in text:
        address = os.environ["TELEGRAM_BASE_URL"] + os.environ["TELEGRAM_BOT_TOKEN"]
        quoted = ValueError(address.replace(":", "%3A"))
        raise RuntimeError(f"SELECT text FROM passages; {__file__} {address}/getMe") from quoted


if __name__ == "__main__":
    bot.assistant.Model = Encoder
    bot.transport.pacing.OVERALL = bot.transport.pacing.CHAT = (float(os.environ["CITEWIRE_TEST_PACE"]), 1)
    main(sys.argv[1:] or ["run"])
