"""`hub topology export`; that a node takes it and what comes of it: tests/identities."""

import json
from pathlib import Path

import pytest

from hub.store import Sealer
from tests.cli.conftest import Hub

ROUTING = Path(__file__).parents[2] / "routing.yaml"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ROUTING", str(ROUTING))
    monkeypatch.setenv("HUB_CONTENT_KEY", Sealer.generate_text())
    monkeypatch.setenv("HUB_AMQP_URL", "amqps://hub:geheim@rabbitmq.example/of%2Fus")


def test_a_user_without_a_file_has_no_password(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "spree").write_text("x" * 20)
    outcome = hub("topology", "export", "--passwords", tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    found = json.loads(outcome.out)
    hashes = {user["name"]: user["password_hash"] for user in found["users"]}
    assert hashes.keys() == {"hub", "spree", "monitoring"}
    assert [name for name, hash_ in hashes.items() if hash_] == ["spree"]
    assert found["vhosts"] == [{"name": "of/us"}]
    assert "hub.mailbox.local" in {queue["name"] for queue in found["queues"]}
    assert "geheim" not in outcome.out


def test_what_makes_no_safe_users_is_a_sentence(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spree").write_text("geheim")
    short = hub("topology", "export", "--passwords", tmp_path)
    assert (short.code, short.out) == (1, "")
    assert short.err.startswith(f"{tmp_path}/spree: write at least 20 characters")
    (tmp_path / "spre").write_text("x" * 20)
    stranger = hub("topology", "export", "--passwords", tmp_path)
    assert (
        stranger.err
        == f"{tmp_path}/spre: there is no user spre; there are hub, spree, monitoring\n"
    )
    assert hub("topology", "export", "--passwords", tmp_path / "none").code == 1
    monkeypatch.setenv("HUB_AMQP_URL", "amqp://guest:guest@127.0.0.1/")
    assert hub("topology", "export").err.startswith("HUB_AMQP_URL names guest")
