from pathlib import Path

import pytest

from adapters import isar, xauslaender
from hub.cli import routes
from tests.cli.conftest import Hub

ROUTING = Path(__file__).parents[2] / "routing.yaml"
ADAPTERS = {each.name: each for each in (isar.adapter, xauslaender.adapter)}


@pytest.fixture(autouse=True)
def _routing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Entry points are only there where the project is installed.
    monkeypatch.setattr(routes, "adapters", lambda: ADAPTERS)
    monkeypatch.setenv("HUB_ROUTING", str(ROUTING))


def test_the_table_of_the_project_is_right(hub: Hub) -> None:
    outcome = hub("routes", "check")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{ROUTING}: nothing wrong; ")


def test_each_problem_of_a_table_is_a_line(hub: Hub, tmp_path: Path) -> None:
    broken = tmp_path / "routing.yaml"
    broken.write_text(ROUTING.read_text("utf-8").replace("adapter: xauslaender", "adapter: xa"))
    outcome = hub("routes", "check", "--routing", broken)
    assert outcome.code == 1
    lines = outcome.err.splitlines()
    assert len(lines) > 1
    assert all(line.startswith(f"{broken}:") for line in lines)
    assert hub("routes", "check", "--routing", tmp_path / "none.yaml").code == 1


def test_a_route_is_explained_by_authority_or_by_place(hub: Hub) -> None:
    asked = ("routes", "explain", "--service", "employment", "--on", "2026-12-01")
    by_key = hub(*asked, "--authority", "001900")
    by_place = hub(*asked, "--place", "081110000000")
    assert (by_key.code, by_place.code) == (0, 0)
    assert "001900" in by_place.out
    assert "26.11" in by_key.out
    neither = hub(*asked)
    assert neither.err == "give either --authority or --place\n"


def test_a_difference_is_said_and_none_as_well(hub: Hub, tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    new.write_text(ROUTING.read_text("utf-8"))
    assert hub("routes", "diff", new).out == f"{new}: the same as {ROUTING}.\n"
    new.write_text(ROUTING.read_text("utf-8").replace("attempts: 12", "attempts: 13", 1))
    assert "nord" in hub("routes", "diff", new).out
