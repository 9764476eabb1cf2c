"""The log holds no secret, whichever way one gets into a record."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from bot_api import BotApi
from fakes import logging_restored
from telegram import Bot

from bot.terminal import logs
from bot.terminal.logs import RedactingFormatter

SECRET = "AAHtest-0123456789_bcdefghijklmnopq"
TOKEN = f"123456789:{SECRET}"
ENCODED = quote(TOKEN, safe="")
OTHER = "987654321:AAHother-123456789abcdefghijklmnopq"
URL = f"https://api.telegram.org/bot{TOKEN}/getMe"

log = logging.getLogger("citewire")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging as pytest had it, once a test is over."""
    with logging_restored():
        yield


def plain() -> None:
    log.info("The token is %s", TOKEN)


def in_a_url() -> None:
    log.debug("GET %s failed", URL)


def encoded() -> None:
    log.warning("GET /file?token=%s", ENCODED)


def encoded_in_small_letters() -> None:
    log.warning("GET /file?token=%s", TOKEN.replace(":", "%3a"))


def secret_half_alone() -> None:
    log.error("Password: %r", {"secret": SECRET})


def fail() -> None:
    raise ConnectionError(f"can't reach {URL}")


def in_a_traceback() -> None:
    try:
        fail()
    except ConnectionError:
        log.exception("It failed")


def in_the_cause_of_an_exception() -> None:
    cause = ConnectionError(URL)
    error = RuntimeError(ENCODED)
    error.__cause__ = cause
    log.error("It failed", exc_info=error)


def in_what_was_being_handled() -> None:
    try:
        try:
            fail()
        finally:
            int("unforeseen")
    except ValueError:
        log.exception("It failed")


def in_a_group_of_exceptions() -> None:
    log.error("It failed", exc_info=ExceptionGroup("both", [ValueError(URL), ValueError(SECRET)]))


def in_a_note_on_an_exception() -> None:
    error = ValueError("bad")
    error.add_note(f"while asking {URL}")
    log.error("It failed", exc_info=error)


def in_a_warning() -> None:
    warnings.warn(f"{URL} is slow", stacklevel=1)


def in_another_librarys_record() -> None:
    logging.getLogger("httpx").error("HTTP Request: POST %s", URL)


def uncaught() -> None:
    error = RuntimeError(URL)
    sys.excepthook(RuntimeError, error, None)


WAYS = [
    plain,
    in_a_url,
    encoded,
    encoded_in_small_letters,
    secret_half_alone,
    in_a_traceback,
    in_the_cause_of_an_exception,
    in_what_was_being_handled,
    in_a_group_of_exceptions,
    in_a_note_on_an_exception,
    in_a_warning,
    in_another_librarys_record,
    uncaught,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("default")
def test_the_token_is_in_neither_log_whichever_way_it_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], way: Callable[[], None]
) -> None:
    logs.set_up(tmp_path, "DEBUG", TOKEN, console=True)
    way()
    for text in ((tmp_path / "citewire.log").read_text(), capsys.readouterr().err):
        assert "<secret>" in text
        assert SECRET not in text
        assert ENCODED not in text


def test_a_token_that_is_not_the_bots_own_is_hidden_too() -> None:
    formatter = RedactingFormatter(TOKEN)
    for token in (OTHER, quote(OTHER, safe=""), OTHER.replace(":", "%3a")):
        assert formatter.redact(f"GET /bot{token}/getMe") == "GET /bot<token>/getMe"


def test_without_a_token_text_stays_as_it_is() -> None:
    text = "2024-11-28 12:30:00 asked 123456789: who? https://example.com/%3A"
    assert RedactingFormatter().redact(text) == text


async def test_no_request_to_telegram_is_logged_at_debug_level(tmp_path: Path) -> None:
    logs.set_up(tmp_path, "DEBUG", TOKEN)
    async with BotApi(TOKEN) as api, Bot(TOKEN, base_url=api.base_url) as bot:
        await bot.send_message(1, "hello")
    text = (tmp_path / "citewire.log").read_text()
    assert "DEBUG telegram" in text
    assert "httpx" not in text
    assert "httpcore" not in text
    assert SECRET not in text


def test_the_level_decides_what_is_logged_and_the_console_is_silent_unless_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(tmp_path, "WARNING", TOKEN)
    log.info("unimportant")
    log.warning("important")
    text = (tmp_path / "citewire.log").read_text()
    assert "important" in text
    assert "unimportant" not in text
    assert capsys.readouterr().err == ""
