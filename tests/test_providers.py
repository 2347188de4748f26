"""Which mailbox providers a hub has follows from its settings; what is wrong there is said."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.mailbox.local import LocalMailbox
from hub.mailbox.notice import NoticeMailbox
from hub.mailbox.zbp import ZbpMailbox
from hub.model.failure import HubFailure
from hub.model.problems import problems
from hub.providers import open_providers
from hub.sandbox.zbp.authors import make_author
from hub.settings import Settings
from hub.store import Sealer, open_store

KEY = Sealer.generate_text()


def now() -> datetime:
    return datetime(2026, 11, 2, tzinfo=UTC)


def settings(**given: object) -> Settings:
    return Settings(content_key=KEY, **given)  # type: ignore[arg-type]


def zbp(folder: Path, **other: object) -> dict[str, object]:
    author = make_author(folder)
    return {
        "zbp_url": "https://zbp.example/letters",
        "zbp_status_url": "https://zbp.example/states",
        "zbp_key_file": author.key,
        "zbp_certificate_file": author.certificate,
        **other,
    }


SMTP = {"smtp_url": "smtp://mail.example:587", "smtp_from": "postfach@hub.example"}


async def opened(tmp_path: Path, chosen: Settings) -> dict[str, type]:
    sealer = Sealer.from_text(KEY)
    async with (
        open_store(f"sqlite:///{tmp_path}/hub.db", tmp_path / "documents", sealer) as store,
        open_providers(chosen, store, lambda _: "https://hub.example", now) as providers,
    ):
        return {name: type(provider) for name, provider in providers.items()}


async def test_without_settings_there_is_the_hubs_own_mailbox(tmp_path: Path) -> None:
    assert await opened(tmp_path, settings()) == {"local": LocalMailbox}


async def test_each_provider_is_there_when_it_is_set_up(tmp_path: Path) -> None:
    everything = settings(**zbp(tmp_path), **SMTP)
    expected = {"local": LocalMailbox, "zbp": ZbpMailbox, "notice": NoticeMailbox}
    assert await opened(tmp_path, everything) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"zbp_url": "https://zbp.example/"}, "missing: HUB_ZBP_STATUS_URL, HUB_ZBP_KEY_FILE"),
        ({"zbp_key_file": "author.key"}, "missing: HUB_ZBP_URL"),
        ({"smtp_url": "smtp://mail.example"}, "missing: HUB_SMTP_FROM"),
        ({**SMTP, "smtp_user": "hub"}, "missing: HUB_SMTP_PASSWORD"),
        ({**SMTP, "smtp_password": "x"}, "missing: HUB_SMTP_USER"),
        (
            {**SMTP, "smtp_user": "u", "smtp_password": "x", "smtp_password_file": "y"},
            "HUB_SMTP_PASSWORD or HUB_SMTP_PASSWORD_FILE",
        ),
        ({"zbp_url": "http://zbp.example/"}, "must not travel unencrypted"),
        ({"zbp_url": "https://user:secret@zbp.example/"}, "no user and no password"),
        ({"zbp_url": "zbp.example"}, "whole address"),
        ({"smtp_url": "smtp+plain://mail.example"}, "must not travel unencrypted"),
        ({"smtp_url": "http://mail.example"}, "whole address"),
        ({"smtp_url": "smtp://mail.example/path"}, "no path"),
        ({"amqp_certificate_file": "c"}, "missing: HUB_AMQP_KEY_FILE"),
        ({"http_key_file": "k"}, "missing: HUB_HTTP_CERTIFICATE_FILE"),
        ({"http_client_ca_file": "c"}, "needs HUB_HTTP_CERTIFICATE_FILE"),
        ({"http_certificate_file": "c", "http_key_file": "k"}, "HUB_PUBLIC_URL as https://"),
        ({"amqp_url": "x", "amqp_url_file": "y"}, "HUB_AMQP_URL or HUB_AMQP_URL_FILE"),
        ({"store_url": "x", "store_url_file": "y"}, "HUB_STORE_URL or HUB_STORE_URL_FILE"),
    ],
)
def test_a_setting_that_is_wrong_or_missing_is_named(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        settings(**given)
    [(_, sentence)] = problems(raised.value)
    assert said in sentence
    assert "secret" not in sentence


@pytest.mark.parametrize(
    "url",
    ["https://zbp.example/x", "http://127.0.0.1:8095/x", "http://[::1]/x", "http://localhost/"],
)
def test_letters_travel_encrypted_or_stay_on_this_machine(tmp_path: Path, url: str) -> None:
    assert settings(**zbp(tmp_path, zbp_url=url)).zbp_url == url


@pytest.mark.parametrize("ca_file", ["absent", "nonsense"])
@pytest.mark.parametrize("provider", ["zbp", "smtp"])
async def test_a_file_that_is_not_there_is_named_at_start(
    tmp_path: Path, ca_file: str, provider: str
) -> None:
    (tmp_path / "nonsense").write_text("nonsense")
    given = {**zbp(tmp_path), **SMTP, f"{provider}_ca_file": tmp_path / ca_file}
    with pytest.raises(HubFailure, match=f"HUB_{provider.upper()}_CA_FILE"):
        await opened(tmp_path, settings(**given))


async def test_a_key_that_cannot_be_read_is_named_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        await opened(tmp_path, settings(**zbp(tmp_path, zbp_key_file=tmp_path / "absent")))
    assert raised.value.filename == str(tmp_path / "absent")


async def test_the_sender_of_notices_is_an_address(tmp_path: Path) -> None:
    with pytest.raises(HubFailure, match="HUB_SMTP_FROM"):
        await opened(tmp_path, settings(**{**SMTP, "smtp_from": "the hub"}))


def test_the_password_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("of the file\n")
    chosen = settings(**SMTP, smtp_user="hub", smtp_password_file=file)
    assert chosen.smtp_secret() == "of the file"
    assert settings(**SMTP, smtp_user="hub", smtp_password="set").smtp_secret() == "set"
    assert settings().smtp_secret() is None
