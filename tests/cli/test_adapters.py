from pathlib import Path

import pytest

from hub.adapter import adapters
from tests.cli.conftest import Hub


def test_the_installed_adapters_are_listed(hub: Hub) -> None:
    outcome = hub("adapters", "list")
    assert outcome.code == 0
    assert "xauslaender" in outcome.out
    assert "26.11" in outcome.out


@pytest.mark.parametrize("command", ["check", "examples"])
def test_an_adapter_that_is_not_installed_is_named_with_those_that_are(
    hub: Hub, command: str
) -> None:
    outcome = hub("adapters", command, "nowhere")
    assert outcome.code == 1
    assert "no adapter 'nowhere' is installed here; there are: " in outcome.err
    assert "xauslaender" in outcome.err


def test_a_version_that_there_is_not_is_named_with_those_that_there_are(hub: Hub) -> None:
    outcome = hub("adapters", "check", "xauslaender", "--version", "25.05")
    assert outcome.code == 1
    assert "there are: 26.11" in outcome.err


def test_an_adapter_that_cannot_be_loaded_is_named_by_its_line(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "broken_adapter-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-adapter\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[hub.adapters]\nbroken = broken_adapter:adapter\n")
    (tmp_path / "broken_adapter.py").write_text("import hub.adapter\n\nhub.adapter.Nothing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    adapters.cache_clear()
    outcome = hub("adapters", "list")
    adapters.cache_clear()
    assert outcome.code == 1
    assert "AttributeError" in outcome.err
    assert "broken_adapter.py, line 3" in outcome.err


@pytest.mark.parametrize("name", ["Elbe", "1elbe", "e", "class", "hub", "el-be", "../elbe"])
def test_a_name_that_cannot_be_one_is_refused(hub: Hub, name: str, tmp_path: Path) -> None:
    outcome = hub("adapters", "new", name, "--folder", tmp_path / "package")
    assert outcome.code == 1
    assert "cannot be the name of an adapter" in outcome.err
    assert not (tmp_path / "package").exists()


def test_a_folder_with_something_in_it_is_left_alone(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    outcome = hub("adapters", "new", "elbe", "--folder", tmp_path)
    assert outcome.code == 1
    assert "not empty" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_new_package_is_written_and_the_next_step_said(hub: Hub, tmp_path: Path) -> None:
    outcome = hub("adapters", "new", "elbe", "--folder", tmp_path / "elbe")
    assert outcome.code == 0
    assert "hub adapters check elbe" in outcome.out
    written = {path.name for path in (tmp_path / "elbe").rglob("*") if path.is_file()}
    assert written >= {"pyproject.toml", "write.py", "elbe.xsd", "employment.xml", "test_elbe.py"}
    texts = [path.read_text("utf-8") for path in (tmp_path / "elbe").rglob("*") if path.is_file()]
    assert not any("vendor_name" in text or "template" in text for text in texts)
