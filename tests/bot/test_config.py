"""Settings: each is listed, each bad one is named in one sentence, none leaks."""

from pathlib import Path

import pytest
from paths import ROOT

from bot.config import BadSetting, env_example, load
from bot.settings import SETTINGS

HUSH = "hush-0123456789_A"
TOKEN = "123456789:AAHsecret-0123456789abcdef"


def test_env_example_lists_every_setting_with_its_default() -> None:
    assert (ROOT / ".env.example").read_text() == env_example()


def test_the_readme_names_every_setting() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [s.name for s in SETTINGS.values() if f"`{s.name}`" not in readme] == []


def test_nothing_set_means_the_bundled_article_and_no_telegram() -> None:
    config = load({})
    assert config.token == ""
    assert config.corpus == ROOT / "corpus" / "articles"
    assert config.admins == frozenset()


def test_an_empty_value_means_the_default() -> None:
    assert load({"CITEWIRE_MODEL": "", "CITEWIRE_DATA": " "}) == load({})


def test_ids_are_numbers_parted_by_commas_and_those_of_groups_are_below_zero() -> None:
    assert load({"CITEWIRE_ADMINS": " 17, 23 ,"}).admins == {17, 23}
    assert load({"CITEWIRE_ALLOWED": "17,-1001234567890 "}).allowed == {17, -1001234567890}


@pytest.mark.parametrize(
    ("person", "chat", "is_open"),
    [(17, 17, True), (17, -300, True), (18, -200, True), (1, 1, True), (18, 18, False), (18, -300, False)],
)
def test_of_people_and_chats_only_the_invited_are_answered_once_any_are(
    person: int, chat: int, is_open: bool
) -> None:
    assert load({}).is_open(person, chat)
    invited = load({"CITEWIRE_ADMINS": "1", "CITEWIRE_ALLOWED": "17, -200"})
    assert invited.is_open(person, chat) == is_open


@pytest.mark.parametrize(
    ("name", "field", "least", "most"),
    [
        ("CITEWIRE_PER_PERSON", "per_person", 1, 1000),
        ("CITEWIRE_PER_CHAT", "per_chat", 1, 1000),
        ("CITEWIRE_KEEP_DAYS", "keep_days", 1, 365),
    ],
)
def test_a_limit_is_a_number_within_its_bounds(name: str, field: str, least: int, most: int) -> None:
    assert [getattr(load({name: str(value)}), field) for value in (least, most)] == [least, most]
    for value in (str(least - 1), str(most + 1), "-1", "1.5", "ten", "1e2", "٣", "9" * 20):
        with pytest.raises(BadSetting, match=f"^{name} must be a number from {least} to {most}\\.$"):
            load({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("CITEWIRE_ADMINS", v) for v in ("@ann", "12 13", "1;2", "-5", "0", "1.5", "٣", "1" * 20, "a,1")),
        *(("CITEWIRE_ADMINS", v) for v in ("1087968824", "136817688", "17,777000")),
        *(("CITEWIRE_ALLOWED", v) for v in ("@ann", "12 13", "1;2", "--5", "0", "1.5", "a,1")),
        *(("TELEGRAM_BOT_TOKEN", v) for v in ("abc", "123", ":", "123:", "123:short")),
        *(("TELEGRAM_BOT_TOKEN", v) for v in (f"{TOKEN} x", "bot" + TOKEN)),
        *(("TELEGRAM_BASE_URL", v) for v in ("api", "ftp://x/bot", "//x", "http://", "file:///etc", "http://[")),
        *(("TELEGRAM_BASE_FILE_URL", v) for v in ("x.y", "javascript:1", "https://")),
        *(("CITEWIRE_LOG_LEVEL", v) for v in ("LOUD", "10", "TRACE")),
        *(("CITEWIRE_WEBHOOK_URL", v) for v in ("x.y/hook", "http://bot.example/hook", "ftp://localhost/", "https://")),
        *(("CITEWIRE_WEBHOOK_SECRET", v) for v in ("hush " * 4, "hush!" * 4, "hüsh" * 4, "short", "x" * 257)),
        *(("CITEWIRE_WEBHOOK_PORT", v) for v in ("0", "65536", "-1", "http", "8443.0", "٨")),
        *(("CITEWIRE_WEBHOOK_HOST", v) for v in ("local host", "http://localhost", "a/b")),
        *(("CITEWIRE_EMBED_URL", v) for v in ("x.y/v1", "ftp://a/v1", "http://", "http://a:secret@b/v1", "http://b/v1?k=1")),
        *(("CITEWIRE_EMBED_KEY", v) for v in ("two words", "clé", "a\0b")),
        ("CITEWIRE_DATA", "a\0b"),
        ("CITEWIRE_CORPUS", "\0"),
    ],
)  # fmt: skip
def test_a_bad_value_is_one_sentence_that_names_the_setting_and_not_the_value(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        load({name: value})
    said = str(caught.value)
    assert said.startswith(name)
    assert said.endswith(".")
    assert "\n" not in said
    assert name != "TELEGRAM_BOT_TOKEN" or value not in said.replace(name, "").replace("like 123456:ABC…", "")


def test_the_token_is_in_no_repr() -> None:
    config = load({"TELEGRAM_BOT_TOKEN": TOKEN})
    assert config.token == TOKEN
    assert "secret" not in repr(config) + str(config) + f"{config}"


def test_an_embedding_server_needs_the_name_of_its_model_and_keeps_its_key_secret() -> None:
    with pytest.raises(BadSetting, match="CITEWIRE_EMBED_MODEL must be set"):
        load({"CITEWIRE_EMBED_URL": "http://gpu.internal:8080/v1"})
    settings = {"CITEWIRE_EMBED_URL": "http://gpu.internal:8080/v1/", "CITEWIRE_EMBED_MODEL": "a/b"}
    config = load({**settings, "CITEWIRE_EMBED_KEY": HUSH})
    assert (config.embed_url, config.embed_model) == ("http://gpu.internal:8080/v1", "a/b")
    assert HUSH in config.secrets
    assert HUSH not in repr(config)


def test_updates_are_fetched_unless_a_webhook_is_set() -> None:
    assert load({}).webhook_url == ""
    posted = load({"CITEWIRE_WEBHOOK_URL": "https://bot.example/hook", "CITEWIRE_WEBHOOK_SECRET": HUSH})
    assert (posted.webhook_url, posted.webhook_secret) == ("https://bot.example/hook", HUSH)
    assert (posted.webhook_host, posted.webhook_port) == ("127.0.0.1", 8443)
    assert posted.webhook_path == "/hook"
    assert "hush" not in repr(posted)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_webhook_without_tls_is_for_one_machine_alone(host: str) -> None:
    url = f"http://{host}:8081/hook"
    assert load({"CITEWIRE_WEBHOOK_URL": url, "CITEWIRE_WEBHOOK_SECRET": "s" * 16}).webhook_url == url


def test_a_webhook_needs_a_secret() -> None:
    with pytest.raises(BadSetting, match="CITEWIRE_WEBHOOK_SECRET must be set"):
        load({"CITEWIRE_WEBHOOK_URL": "https://bot.example/hook"})


def test_the_environment_comes_before_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\nCITEWIRE_ADMINS=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CITEWIRE_ADMINS", "2")
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    config = load()
    assert (config.token, config.admins) == (TOKEN, {2})


def test_an_unreadable_env_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes(b"CITEWIRE_ADMINS=\xff\xfe1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadSetting, match=r"\.env"):
        load()
