"""The settings as the program uses them, from the environment and from `.env`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.settings import SETTINGS
from corpus.errors import CitewireError


class BadSetting(CitewireError):
    """A setting is missing or can't be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings as the program uses them; no secret is in its repr."""

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
        """The file of everything that can't be made again."""
        return self.data / "citewire.db"

    def is_open(self, person: int, chat: int) -> bool:
        """Whether a person may be answered in a chat: everybody may, unless only some are invited."""
        return not self.allowed or not self.allowed.isdisjoint({person, chat}) or person in self.admins

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may hold."""
        password = urlsplit(self.index_url).password or ""
        return self.token, self.webhook_secret, self.embed_key, password

    @property
    def webhook_path(self) -> str:
        """The path to which Telegram posts."""
        return urlsplit(self.webhook_url).path or "/"

    def __repr__(self) -> str:
        return f"Config(data={str(self.data)!r}, telegram={'on' if self.token else 'off'})"


def load(environment: Mapping[str, str | None] | None = None) -> Config:
    """The settings from the environment and, for what it lacks, from `.env` in the working folder.

    Raises BadSetting, naming the first setting that can't be used; its value is never repeated.
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
    """The text of `.env.example`: every setting with its default and a line of why."""
    head = "# Copy to .env and fill in what you need; everything has a default that works.\n"
    return head + "".join(f"\n# {s.why}\n{s.name}={s.default}\n" for s in SETTINGS.values())


def _env_file() -> dict[str, str | None]:
    try:
        return dotenv_values(".env", interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting("The file .env can't be read: make it readable UTF-8 text, or remove it.") from error
