"""The HTTP client for Telegram: hides the bot token and tolerates malformed updates."""

import inspect
import json
import logging
from http import HTTPStatus
from typing import Any

from telegram import TelegramObject, Update
from telegram.error import NetworkError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.transport.inbox_table import PARSED, PAYLOAD, UNPARSED, address, is_id
from bot.transport.pacing import Later

log = logging.getLogger(__name__)

Bot = ExtBot[Later]


class DiscreetBot(Bot):
    """PTB's bot with a repr that doesn't reveal the token."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DiscreetBot()"


class UpdatesRequest(HTTPXRequest):
    """Long polling that survives malformed updates and passing errors.

    Without it, one update that PTB can't parse would block all later ones, and a passing 401 or 404 would end
    polling for good.
    """

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parses PTB's JSON and wraps each parsed update for the inbox, so PTB doesn't parse it."""
        data = HTTPXRequest.parse_json_payload(payload)
        if isinstance(data.get("result"), list):
            updates = parsed(data["result"])
            data["result"] = [{"update_id": each.update_id, PARSED: each} for each in updates]
        return data

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Sends PTB's request; as getMe has proved the token valid, a rejection is a passing fault."""
        code, payload = await super().do_request(*args, **kwargs)
        if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            raise NetworkError("Telegram rejects the token that it accepted before")
        return code, payload


def parsed(updates: list[Any]) -> list[Update]:
    """Returns the updates, each with its JSON; an unusable one becomes an empty update that carries it."""
    return [_parsed(each) for each in updates if isinstance(each, dict) and is_id(each.get("update_id"))]


def _parsed(raw: dict[str, Any]) -> Update:
    try:
        raw, payload = _whole(raw)
        update = Update.de_json(raw | {PAYLOAD: payload}, None)
        _check(update)
    except Exception:
        log.exception("Update %s can't be parsed; kept as a dead letter.", raw["update_id"])
        return Update(raw["update_id"], api_kwargs={UNPARSED: raw})
    return update


def _whole(update: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Returns the update and its JSON; lone surrogates, which can't be stored, become U+FFFD."""
    text = json.dumps(update, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
    payload = text.decode("utf-16-le", "replace")
    return json.loads(payload, parse_int=_number, parse_float=_number), payload


def _number(text: str) -> float:
    number = int(text) if text.lstrip("-").isdecimal() else float(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError("It holds a number that no database takes.")
    return number


def _check(update: Update) -> None:
    """Raises now what the handlers or the inbox would raise later."""
    tap = update.callback_query
    taken = (update.message, update.channel_post, update.inline_query, update.my_chat_member)
    for event in (*taken, tap, tap and tap.message):
        _check_complete(event)
    to = address(update)
    if not (is_id(to.chat) and is_id(to.person)):
        raise TypeError("Its chat or its sender has no id that is a number.")


def _check_complete(value: object) -> None:
    """Raises TypeError if a required field is missing; PTB treats some of those as optional."""
    if isinstance(value, TelegramObject):
        for name, parameter in inspect.signature(type(value)).parameters.items():
            if parameter.default is parameter.empty:
                held = getattr(value, name)
                if held is None:
                    raise TypeError(f"{type(value).__name__} has no {name}.")
                _check_complete(held)
