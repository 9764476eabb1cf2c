"""Logging that never holds a secret."""

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from bot.config import BadSetting

# Anything that looks like a bot token, whoever's it is.
TOKEN = re.compile(r"\d{6,}(?::|%3A)[\w-]{30,}", re.ASCII | re.IGNORECASE)
LOG_BYTES = 5_000_000


class RedactingFormatter(logging.Formatter):
    """A formatter whose lines, tracebacks too, hold neither a secret nor the token's secret half."""

    def __init__(self, *secrets: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        forms = [form for s in secrets for form in (s, quote(s, safe=""), s.partition(":")[2])]
        self._secrets = [form for form in forms if form]

    def format(self, record: logging.LogRecord) -> str:
        """The whole text of a record, its traceback included, without secrets."""
        return self.redact(super().format(record))

    def redact(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "<secret>")
        return TOKEN.sub("<token>", text)


def set_up(data: Path, level: str, *secrets: str, console: bool = False) -> RedactingFormatter:
    """Log to `citewire.log` in the data folder and, with `console`, to standard error as well.

    Raises BadSetting where the folder can't be made.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BadSetting(f"CITEWIRE_DATA names {data}, which can't be made: {error.strerror}.") from error
    formatter = RedactingFormatter(*secrets)
    handlers: list[logging.Handler] = [
        RotatingFileHandler(
            data / "citewire.log", maxBytes=LOG_BYTES, backupCount=2, delay=True, encoding="utf-8"
        )
    ]
    if console:
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=handlers, force=True)
    logging.captureWarnings(True)
    # httpx logs every URL at INFO, and a Bot API URL holds the token.
    for chatty in ("httpx", "httpcore", "faiss", "sentence_transformers", "transformers"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught
    return formatter


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    logging.getLogger("citewire").critical("Uncaught", exc_info=(kind, error, traceback))
