import json
import os
import re
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.store import Sealer
from tests.cli.conftest import Hub

ROOT = Path(__file__).parents[2]
VARIABLES = {f"HUB_{name.upper()}" for name in Settings.model_fields}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    key = Sealer.generate_text()
    monkeypatch.setenv("HUB_CONTENT_KEY", key)
    monkeypatch.setenv("HUB_ROUTING", str(ROOT / "routing.yaml"))
    return key


def test_every_setting_is_shown_and_no_secret(hub: Hub, key: str) -> None:
    shown = hub("config", "check", "--json")
    assert shown.code == 0
    settings = {each["name"]: each for each in json.loads(shown.out)}
    assert settings.keys() == VARIABLES
    assert all(each["meaning"] for each in settings.values())
    assert settings["HUB_CONTENT_KEY"]["value"] == "(secret)"
    assert settings["HUB_HTTP_PORT"] == settings["HUB_HTTP_PORT"] | {
        "value": "8090",
        "is_set": False,
    }
    assert key not in shown.out + hub("config", "check").out


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "HUB_AMPQ_URL",
            "amqp://here",
            "HUB_AMPQ_URL: there is no such setting; do you mean HUB_AMQP_URL?",
        ),
        ("HUB_SMTP_URL", "smtp://mail.example", "HUB_SMTP_FROM"),
        ("HUB_HTTP_PORT", "web", "HUB_HTTP_PORT: "),
        ("HUB_CONTENT_KEY", "", "content key"),
        ("HUB_ROUTING", "/none.yaml", "/none.yaml:1: the file cannot be read"),
        ("HUB_ZBP_CA_FILE", "/none.pem", "HUB_ZBP_CA_FILE: /none.pem is not there"),
        ("HUB_ACCESS", "/none.yaml", "/none.yaml"),
    ],
)
def test_what_is_wrong_is_said_by_setting(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)
    outcome = hub("config", "check")
    assert outcome.code == 1
    assert sentence in outcome.err


def test_no_password_is_shown(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+psycopg://hub:geheim@127.0.0.1/hub"
    monkeypatch.setenv("HUB_STORE_URL", url)
    monkeypatch.setenv("HUB_PUBLIC_URL", "https://hub:geheim@hub.example")
    shown = hub("config", "check")
    assert shown.code == 0
    assert "geheim" not in shown.out
    assert "https://hub:***@hub.example" in shown.out


def test_what_routing_yaml_names_is_no_misspelt_setting(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SANDBOX_TOKEN", "secret")
    assert hub("config", "check").code == 0


def test_the_page_of_settings_has_every_one() -> None:
    table = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert not VARIABLES - set(re.findall(r"HUB_[A-Z_]+", table))
