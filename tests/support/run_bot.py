"""`citewire run` as production has it, but for an encoder that loads nothing and misbehaves on request.

Settings come from the environment, and three more: CITEWIRE_TEST_MODEL names the encoder, CITEWIRE_TEST_PACE
is how many seconds lie between two calls to whichever chats, and while the file CITEWIRE_TEST_SLOW is there,
encoding articles does not get on and leaves a file `….begun` beside it. While there is a file `….away` beside
it, what encodes does not answer. Another command than `run` may be given.

With `--fork` it imports everything once and forks a bot for each request of launcher.Launcher.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from encoders import HashEncoder

import bot.assistant
import bot.transport.pacing
from bot.terminal.cli import main
from index.encoding.embed import Question, Sentence
from index.encoding.texts import Text
from index.errors import Away

OUTPUT = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
AWAY = "The encoder at far.example does not answer."


class Encoder(HashEncoder):
    """HashEncoder that fails on whatever says “explode”, with all that nobody may read in its error."""

    def __init__(self, model: str, models: Path) -> None:
        self.name = os.environ.get("CITEWIRE_TEST_MODEL", HashEncoder.name)

    def encode_question(self, question: str, language: str = "") -> Question:
        fail_if_away()
        fail_if_told(question)
        return super().encode_question(question, language)

    def encode_passages(self, passages: Sequence[Text], done: Callable[[int], None]) -> list[Sentence]:
        fail_if_away()
        for passage in passages:
            fail_if_told(passage.text)
            while slow().exists():
                slow().with_suffix(".begun").touch()
                time.sleep(0.05)
                done(0)
        return super().encode_passages(passages, done)


def slow() -> Path:
    """Return the path of the file that holds up encoding."""
    return Path(os.environ.get("CITEWIRE_TEST_SLOW", "/nonexistent/slow"))


def fail_if_away() -> None:
    if slow().with_suffix(".away").exists():
        raise Away(AWAY)


def fail_if_told(text: str) -> None:
    if "explode" in text:
        address = os.environ["TELEGRAM_BASE_URL"] + os.environ["TELEGRAM_BOT_TOKEN"]
        quoted = ValueError(address.replace(":", "%3A"))
        raise RuntimeError(f"SELECT text FROM passages; {__file__} {address}/getMe") from quoted


def command(words: list[str]) -> None:
    """Run a command of `citewire` with the encoder above, and end the process."""
    bot.assistant.Model = Encoder
    bot.transport.pacing.OVERALL = bot.transport.pacing.CHAT = (float(os.environ["CITEWIRE_TEST_PACE"]), 1)
    main(words or ["run"])


def fork_bots() -> None:
    """Serve requests, one JSON object per line of standard input, until it ends.

    {"start": {…}} forks a bot and answers its process id; {"poll": id} answers its exit code, null at first.
    """
    import bot.server  # noqa: F401 - `run` imports it late; here each bot finds it imported
    from bot.text.words import LANGUAGES, words_for

    for language in LANGUAGES:
        words_for(language)("apology", reference="")  # parses the catalogue
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            answer: int | None = os.fork()
            if not answer:
                become(**request["start"])
                command([])
        else:
            ended, status = os.waitpid(request["poll"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if ended else None
        os.write(sys.stdout.fileno(), f"{json.dumps(answer)}\n".encode())


def become(folder: str, environment: dict[str, str], out: str, err: str) -> None:
    """Give a forked process its working folder, environment and output files."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, (path, flags) in enumerate([(os.devnull, os.O_RDONLY), (out, OUTPUT), (err, OUTPUT)]):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)


if __name__ == "__main__":
    if sys.argv[1:] == ["--fork"]:
        fork_bots()
    else:
        command(sys.argv[1:])
