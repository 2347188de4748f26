"""What `deploy/prepare.py` makes, once for all tests of this room."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.composed import REPOSITORY


def prepare(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, REPOSITORY / "deploy/prepare.py", folder],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compose") / "made"
    done = prepare(folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder
