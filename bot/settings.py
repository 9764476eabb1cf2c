"""Every setting: its name, default, purpose and valid values."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

# Telegram's placeholder accounts, which must not be admins: anonymous group admins, people who write as a
# channel, and automatic forwards.
NOBODY = {1087968824: "anonymous group admins", 136817688: "channel senders", 777000: "Telegram"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `parse` converts its text or raises ValueError with what it must be."""

    name: str
    default: str
    parse: Callable[[str], object]
    why: str


def _token(value: str) -> str:
    if value and not re.fullmatch(r"\d+:[\w-]{20,}", value, re.ASCII):
        raise ValueError("must be the token that BotFather gave, like 123456:ABC…")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address")
    return value.rstrip("/")


def _admins(value: str) -> frozenset[int]:
    numbers = [part.strip() for part in value.split(",") if part.strip()]
    if any(not re.fullmatch(r"[1-9]\d{0,18}", number, re.ASCII) for number in numbers):
        raise ValueError("must be numeric Telegram user ids, parted by commas")
    ids = frozenset(int(number) for number in numbers)
    for nobody in ids & NOBODY.keys():
        raise ValueError(f"must not hold {nobody}, which stands for {NOBODY[nobody]}, not for a person")
    return ids


def _invited(value: str) -> frozenset[int]:
    numbers = [part.strip() for part in value.split(",") if part.strip()]
    if any(not re.fullmatch(r"-?[1-9]\d{0,18}", number, re.ASCII) for number in numbers):
        raise ValueError("must be numeric Telegram ids of people and chats, parted by commas")
    return frozenset(map(int, numbers))


def _between(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,6}", value, re.ASCII) or not least <= int(value) <= most:
            raise ValueError(f"must be a number from {least} to {most}")
        return int(value)

    return parse


def _folder(value: str) -> Path:
    if not value.strip() or "\0" in value:
        raise ValueError("must be the path of a folder")
    return Path(value).expanduser()


def _articles(value: str) -> Path:
    return _folder(value) if value else Path(__file__).parent.parent / "corpus" / "articles"


def _golden(value: str) -> Path:
    return (
        Path(value).expanduser()
        if value
        else Path(__file__).parent.parent / "index" / "building" / "golden.jsonl"
    )


def _model(value: str) -> str:
    if not value.strip():
        raise ValueError("must be the name or the folder of a sentence-transformers model")
    return value


def _index(value: str) -> str:
    if value and urlsplit(value).scheme not in ("postgresql", "postgres"):
        raise ValueError("must be a URL that begins with postgresql://")
    return value


def _embed_url(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(_web_address(value))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must hold no more than a host and a path: a key goes into CITEWIRE_EMBED_KEY")
    return value.rstrip("/")


def _embed_key(value: str) -> str:
    if not re.fullmatch(r"[!-~]*", value):
        raise ValueError("must be of letters, digits and signs of ASCII")
    return value


def _webhook(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(_web_address(value))
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("must be an https address, since updates hold what people write")
    return value


def _webhook_secret(value: str) -> str:
    if value and not re.fullmatch(r"[\w-]{16,256}", value, re.ASCII):
        raise ValueError("must be 16 to 256 of the characters A-Z, a-z, 0-9, _ and -")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[\w.:-]+", value, re.ASCII):
        raise ValueError("must be the name or the address of a network interface")
    return value


def _port(value: str) -> int:
    if not re.fullmatch(r"\d{1,5}", value, re.ASCII) or not 0 < int(value) < 2**16:
        raise ValueError("must be a port, 1 to 65535")
    return int(value)


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return value.upper()


SETTINGS = {
    "token": Setting("TELEGRAM_BOT_TOKEN", "", _token,
        "The bot's token from @BotFather; without it the assistant answers in the terminal."),
    "base_url": Setting("TELEGRAM_BASE_URL", "https://api.telegram.org/bot", _web_address,
        "Where the Bot API is, for those who run their own server; ends in /bot."),
    "base_file_url": Setting("TELEGRAM_BASE_FILE_URL", "https://api.telegram.org/file/bot", _web_address,
        "Where the Bot API keeps files; ends in /file/bot."),
    "admins": Setting("CITEWIRE_ADMINS", "", _admins,
        "Numeric user ids, parted by commas, of those who may /reindex; @userinfobot tells yours."),
    "allowed": Setting("CITEWIRE_ALLOWED", "", _invited,
        "Numeric ids of the people and chats that are answered, parted by commas; empty means everybody."),
    "per_person": Setting("CITEWIRE_PER_PERSON", "10", _between(1, 1000),
        "How many questions a minute one person may ask; who asks more is told so, and waits."),
    "per_chat": Setting("CITEWIRE_PER_CHAT", "15", _between(1, 1000),
        "How many questions a minute one group may ask; Telegram takes 20 messages a minute there."),
    "keep_days": Setting("CITEWIRE_KEEP_DAYS", "7", _between(1, 365),
        "For how many days it is kept who asked what: buttons, follow-ups and /why work as long."),
    "data": Setting("CITEWIRE_DATA", "data", _folder,
        "The folder of the databases; back up citewire.db in it, the index can be made again."),
    "corpus": Setting("CITEWIRE_CORPUS", "", _articles,
        "The folder of article files (.txt, .md, .html); empty means the bundled article."),
    "model": Setting("CITEWIRE_MODEL", "multilingual-e5-small", _model,
        "A sentence-transformers model on this machine; all-MiniLM-L6-v2 takes less, for English alone."),
    "index_url": Setting("CITEWIRE_INDEX_URL", "", _index,
        "A PostgreSQL with pgvector to hold the index, as postgresql://…; empty means the data folder."),
    "embed_url": Setting("CITEWIRE_EMBED_URL", "", _embed_url,
        "An embedding server (OpenAI's API), with /v1; empty means that CITEWIRE_MODEL encodes, in the bot."),
    "embed_model": Setting("CITEWIRE_EMBED_MODEL", "", str,
        "The model that server serves, by the name it gives it; must be set where CITEWIRE_EMBED_URL is."),
    "embed_key": Setting("CITEWIRE_EMBED_KEY", "", _embed_key,
        "The key (bearer token) that server wants, if any."),
    "reranker": Setting("CITEWIRE_RERANKER", "", str,
        "A cross-encoder on this machine, by name or folder, to order the best passages anew; else none."),
    "golden": Setting("CITEWIRE_GOLDEN", "", _golden,
        "A file of questions that a new index must answer as well as the old one; see the README."),
    "webhook_url": Setting("CITEWIRE_WEBHOOK_URL", "", _webhook,
        "The https address at which Telegram shall post updates; empty means that the bot fetches them."),
    "webhook_secret": Setting("CITEWIRE_WEBHOOK_SECRET", "", _webhook_secret,
        "By this Telegram proves itself: 16 to 256 of A-Z, a-z, 0-9, _ and -, as random as a password."),
    "webhook_host": Setting("CITEWIRE_WEBHOOK_HOST", "127.0.0.1", _host,
        "The network interface for what is posted, where the proxy that does the TLS passes it on."),
    "webhook_port": Setting("CITEWIRE_WEBHOOK_PORT", "8443", _port,
        "The port for what is posted, likewise."),
    "log_level": Setting("CITEWIRE_LOG_LEVEL", "INFO", _level,
        "How much the log tells: DEBUG, INFO, WARNING or ERROR; the token is never in it."),
}  # fmt: skip
