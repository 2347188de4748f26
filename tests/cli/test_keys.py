"""`hub keys`: what lies under which key, and the change from one to another."""

import json
import os
from collections.abc import Callable

import pytest

from hub.store import Sealer, Store
from tests.cli.conftest import Hub
from tests.stages.given import an_accepted_case

Fill = Callable[[Callable[[Store], object]], None]


def test_a_new_key_is_one_that_the_hub_can_read(hub: Hub) -> None:
    assert Sealer.from_text(hub("keys", "new").out).key_ids


def test_it_says_what_lies_under_which_key_and_changes_it(
    hub: Hub, store: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(an_accepted_case)
    [old] = json.loads(hub("keys", "--json").out)
    assert old["values"] == {"cases": 1, "messages": 1, "documents": 2}
    new = Sealer.generate_text()
    monkeypatch.setenv("HUB_CONTENT_KEY", f"{new},{key_in_use()}")
    before = hub("keys").out
    assert "seals, and opens" in before
    assert "`hub keys rotate` seals it anew" in before

    rotated = hub("keys", "rotate")
    assert rotated.code == 0, rotated.err
    assert "Sealed anew: 4." in rotated.out
    assert "may be removed from" in rotated.out
    monkeypatch.setenv("HUB_CONTENT_KEY", new)
    [only] = json.loads(hub("keys", "--json").out)
    assert (only["key"], only["values"]) == (new.split(":")[0], old["values"])
    assert hub("audit", "verify").code == 0


def test_a_key_that_is_missing_is_named(
    hub: Hub, store: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(an_accepted_case)
    lost = key_in_use().split(":")[0]
    monkeypatch.setenv("HUB_CONTENT_KEY", Sealer.generate_text())
    assert f"{lost} " in hub("keys").out
    rotated = hub("keys", "rotate")
    assert rotated.code == 1
    assert "4 are not under the newest key" in rotated.err
    assert "missing in HUB_CONTENT_KEY" in rotated.out


def key_in_use() -> str:
    return os.environ["HUB_CONTENT_KEY"]
