"""What can go wrong between the bot and Telegram, and what a person hears of it."""

import logging
import secrets
from dataclasses import dataclass

from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter

from bot.text.words import Words
from index.errors import Away

log = logging.getLogger(__name__)

NEVER_LEFT = {"ConnectError", "ConnectTimeout", "PoolTimeout"}  # httpx's, which PTB's errors come from
OUTAGE_SECONDS = 5.0  # between two tries while Telegram can't be reached


@dataclass(frozen=True, slots=True)
class Failure:
    """An error, and the short reference under which the log has it."""

    error: BaseException
    reference: str

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Log an error first of all, and give it its reference."""
        reference = secrets.token_hex(3).upper()
        if is_outage(error):
            log.warning("Telegram is out of reach, trying again: %s", error)
        elif isinstance(error, Away):  # which bot.absence has in the log once
            log.debug("It waits for the index: %s", error)
        else:
            log.error("Handling an update failed (reference %s)", reference, exc_info=error)
        return cls(error, reference)


def is_outage(error: BaseException) -> bool:
    """Whether Telegram could not be reached, asked for time, or rejects the token that it took at start.

    A bad request is our own fault.
    """
    return isinstance(error, NetworkError | RetryAfter | InvalidToken) and not isinstance(error, BadRequest)


def never_left(error: BaseException) -> bool:
    """Whether a call was not even sent, so that it can't have had an effect."""
    return type(error.__cause__).__name__ in NEVER_LEFT


def wait_after(error: BaseException) -> float:
    """Seconds to wait before an update is tried again after an outage."""
    if isinstance(error, RetryAfter):
        asked = error.retry_after
        return asked if isinstance(asked, int) else asked.total_seconds()
    return OUTAGE_SECONDS


def apology(reference: str, words: Words) -> str:
    """What a person reads when the bot has failed them for good."""
    return words("apology", reference=reference)
