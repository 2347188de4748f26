"""The units for machines without containers, as systemd reads them."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from hub.settings import Settings
from tests.deploy.composed import REPOSITORY

UNITS: Final = REPOSITORY / "deploy" / "systemd"
EXPOSED: Final = 20
"""Tenths, of ten: what systemd calls OK."""

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def test_systemd_understands_them(tmp_path: Path) -> None:
    for path in UNITS.iterdir():
        text = path.read_text("utf-8").replace("/opt/hub/bin/hub", shutil.which("true") or "")
        (tmp_path / path.name).write_text(text)
    units = [*tmp_path.glob("*.service"), *tmp_path.glob("*.timer")]
    assert len(units) == 3
    said = analyse("verify", *map(str, units))
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


@pytest.mark.parametrize("name", ["hub", "hub-backup"])
def test_they_are_confined(name: str) -> None:
    said = analyse(
        "security", "--offline=yes", f"--threshold={EXPOSED}", str(UNITS / f"{name}.service")
    )
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("name", ["hub", "hub-backup"])
def test_every_secret_is_handed_over(name: str) -> None:
    text = (UNITS / f"{name}.service").read_text("utf-8")
    handed = set(re.findall(r"^LoadCredential=(\w+):", text, re.MULTILINE))
    settings = dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))
    known = {f"HUB_{field.upper()}" for field in Settings.model_fields}
    assert settings.keys() <= known
    taken = {value.removeprefix("%d/") for value in settings.values() if value.startswith("%d/")}
    assert taken == handed
    assert all(each.endswith("_FILE") for each, value in settings.items() if value.startswith("%"))


def analyse(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )
