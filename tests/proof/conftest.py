"""Adapters with one fault each: the scaffolded package, edited as a vendor might have."""

import importlib
from itertools import count
from pathlib import Path

import pytest

from hub.adapter import Adapter
from hub.proof.scaffolding import scaffold

_numbers = count(1)

Edit = tuple[str, str, str]
"""File, what stands there, what stands there instead."""

ALL = '{"employment", "reply", "withdrawal", "status", "question", "refusal"}'


class Package:
    """A scaffolded package under a name that no other test has used."""

    def __init__(self, folder: Path) -> None:
        self.name = f"vendor{next(_numbers)}"
        self.folder = folder / self.name
        scaffold(self.name, self.folder)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / self.name / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), "utf-8")

    def carry_only(self, *capabilities: str) -> None:
        self.edit("__init__.py", ALL, repr(set(capabilities)))
        (self.folder / self.name / "lost.py").write_text("LOST = {}\n")

    def line_of(self, file: str, text: str) -> int:
        lines = (self.folder / self.name / file).read_text("utf-8").splitlines()
        [number] = [at for at, line in enumerate(lines, start=1) if text in line]
        return number

    def load(self) -> Adapter:
        adapter = importlib.import_module(self.name).adapter
        assert isinstance(adapter, Adapter)
        return adapter


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    package = Package(tmp_path)
    monkeypatch.syspath_prepend(str(package.folder))
    return package
