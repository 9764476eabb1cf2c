"""The parsed settings, from the environment and from `.env`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.settings import SETTINGS
from corpus.errors import CitewireError


class BadSetting(CitewireError):
    """A setting is missing or unusable; the text names it."""


@dataclass(frozen=True, slots=True)
class Config:
    """The parsed settings; their repr reveals no secret."""

    token: str
    base_url: str
    base_file_url: str
    admins: frozenset[int]
    allowed: frozenset[int]
    per_person: int
    per_chat: int
    keep_days: int
    data: Path
    corpus: Path
    model: str
    index_url: str
    embed_url: str
    embed_model: str
    embed_key: str
    reranker: str
    golden: Path
    webhook_url: str
    webhook_secret: str
    webhook_host: str
    webhook_port: int
    log_level: str

    @property
    def database(self) -> Path:
        """The file of everything that can't be rebuilt."""
        return self.data / "citewire.db"

    def is_open(self, person: int, chat: int) -> bool:
        """Returns whether a person may use the bot in a chat: anybody, unless it is invite-only."""
        return not self.allowed or not self.allowed.isdisjoint({person, chat}) or person in self.admins

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not be logged."""
        password = urlsplit(self.index_url).password or ""
        return self.token, self.webhook_secret, self.embed_key, password

    @property
    def webhook_path(self) -> str:
        """The path that Telegram posts to."""
        return urlsplit(self.webhook_url).path or "/"

    def __repr__(self) -> str:
        return f"Config(data={str(self.data)!r}, telegram={'on' if self.token else 'off'})"


def load(environment: Mapping[str, str | None] | None = None) -> Config:
    """Returns the settings from the environment, then from `.env` in the working folder.

    Raises BadSetting, naming the first unusable setting but never its value.
    """
    given = {**_env_file(), **os.environ} if environment is None else environment
    values = {}
    for field, setting in SETTINGS.items():
        try:
            values[field] = setting.parse((given.get(setting.name) or "").strip() or setting.default)
        except ValueError as error:
            raise BadSetting(f"{setting.name} {error}.") from None
    if values["webhook_url"] and not values["webhook_secret"]:
        raise BadSetting("CITEWIRE_WEBHOOK_SECRET must be set where CITEWIRE_WEBHOOK_URL is.")
    if values["embed_url"] and not values["embed_model"]:
        raise BadSetting("CITEWIRE_EMBED_MODEL must be set where CITEWIRE_EMBED_URL is.")
    return Config(**values)  # type: ignore[arg-type]


def env_example() -> str:
    """Returns the text of `.env.example`: every setting with its default and a line of explanation."""
    head = "# Copy to .env and fill in what you need; everything has a default that works.\n"
    return head + "".join(f"\n# {s.why}\n{s.name}={s.default}\n" for s in SETTINGS.values())


def _env_file() -> dict[str, str | None]:
    try:
        return dotenv_values(".env", interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting("The file .env can't be read: make it readable UTF-8 text, or remove it.") from error
