"""Errors between the bot and Telegram, and what users are told about them."""

import logging
import secrets
from dataclasses import dataclass

from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter

from bot.text import Words
from index.errors import Away

log = logging.getLogger(__name__)

NEVER_LEFT = {"ConnectError", "ConnectTimeout", "PoolTimeout"}  # httpx errors, which cause PTB's
OUTAGE_SECONDS = 5.0  # between retries while Telegram can't be reached


@dataclass(frozen=True, slots=True)
class Failure:
    """An error with the short reference under which it is logged."""

    error: BaseException
    reference: str

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Logs an error and assigns its reference."""
        reference = secrets.token_hex(3).upper()
        if is_outage(error):
            log.warning("Telegram is out of reach, trying again: %s", error)
        elif isinstance(error, Away):  # logged once by IndexOutage
            log.debug("Waiting for the index: %s", error)
        else:
            log.error("Handling an update failed (reference %s)", reference, exc_info=error)
        return cls(error, reference)


def is_outage(error: BaseException) -> bool:
    """Returns whether Telegram was unreachable, rate-limited us, or rejects a token that worked at start.

    A bad request is a bug of ours, not an outage.
    """
    return isinstance(error, NetworkError | RetryAfter | InvalidToken) and not isinstance(error, BadRequest)


def never_left(error: BaseException) -> bool:
    """Returns whether a call was never sent, so it can't have had an effect."""
    return type(error.__cause__).__name__ in NEVER_LEFT


def wait_after(error: BaseException) -> float:
    """Returns the seconds to wait before an update is retried after an outage."""
    if isinstance(error, RetryAfter):
        asked = error.retry_after
        return asked if isinstance(asked, int) else asked.total_seconds()
    return OUTAGE_SECONDS


def apology(reference: str, words: Words) -> str:
    """Returns what a user reads when the bot has failed for good."""
    return words("apology", reference=reference)
