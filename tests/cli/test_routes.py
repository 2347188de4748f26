from pathlib import Path

import pytest

from hub.cli import routes
from tests.adapters.every import EVERY
from tests.cli.conftest import Hub

ROUTING = Path(__file__).parents[2] / "routing.yaml"


@pytest.fixture(autouse=True)
def _routing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "adapters", lambda: EVERY)
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


def test_an_endpoint_without_its_settings_is_told_by_system(hub: Hub, tmp_path: Path) -> None:
    wrong = tmp_path / "routing.yaml"
    text = ROUTING.read_text("utf-8").replace("      inbox:", "      in_box:", 1)
    wrong.write_text(text, "utf-8")
    outcome = hub("routes", "check", "--routing", wrong)
    assert outcome.code == 1
    assert "system alster: endpoint lacks inbox; write a line inbox: …" in outcome.err
    assert "endpoint has no in_box; write inbox instead." in outcome.err


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


def test_real_applications_may_not_be_sent_unencrypted_and_those_of_tests_may(
    hub: Hub, tmp_path: Path
) -> None:
    text = ROUTING.read_text("utf-8")
    exposed = tmp_path / "routing.yaml"
    for system in ("nord", "probe"):
        here = f"http://127.0.0.1:8091/systems/{system}"
        text = text.replace(here, f"http://{system}.example/systems/{system}")
    exposed.write_text(
        text.replace("http://127.0.0.1:8093/isar", "http://isar.example/isar"), "utf-8"
    )
    outcome = hub("routes", "check", "--routing", exposed)
    assert outcome.code == 1
    assert [line.partition(": ")[2] for line in outcome.err.splitlines()] == [
        f"system {system}: endpoint.url: applications must not travel unencrypted; write https://…"
        for system in ("isar", "nord")
    ]


def test_an_sftp_server_whose_key_is_not_known_is_refused(hub: Hub, tmp_path: Path) -> None:
    unknown = tmp_path / "routing.yaml"
    line = "      known_hosts_file: .var/alster/known_hosts\n"
    unknown.write_text(ROUTING.read_text("utf-8").replace(line, ""), "utf-8")
    outcome = hub("routes", "check", "--routing", unknown)
    assert "system alster: endpoint lacks known_hosts_file; write a line" in outcome.err
