import json

import pytest

from hub.cli import calendar
from tests.adapters.every import EVERY
from tests.cli.conftest import Hub
from tests.cli.test_routes import ROUTING


@pytest.fixture(autouse=True)
def _routing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "adapters", lambda: EVERY)
    monkeypatch.setenv("HUB_ROUTING", str(ROUTING))


def test_the_next_days_are_told_to_people(hub: Hub) -> None:
    told = hub("calendar", "--since", "2026-11-26")
    assert (told.code, told.err) == (0, "")
    assert "2027-05-01, a day of releases, in 156 days" in told.out
    assert "alster 3 → 4, for " in told.out
    assert "hub rehearse --on 2027-05-01 --authority " in told.out
    assert "nord: stays with xauslaender 26.11; nothing else is announced" in told.out


def test_and_to_programs(hub: Hub) -> None:
    days = json.loads(hub("calendar", "--since", "2026-11-26", "--json").out)
    assert [day["on"] for day in days if day["is_release"]] == ["2027-05-01", "2027-11-01"]
    assert {change["after"] for day in days for change in day["changing"]} == {"4"}
