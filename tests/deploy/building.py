"""Carries out the Dockerfile without Docker: each stage in a copy of a Debian with its Python.

`python -m tests.deploy.building BASE ROOT` leaves in ROOT what the last stage would hold. It knows
the instructions that this Dockerfile uses, and fails on any other. Called by scripts/test-image,
as root in a mount namespace of its own.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.deploy.composed import REPOSITORY

__all__ = ["build"]

_OF_THIS_MACHINE: Final = ("/proc", "/dev", "/etc/resolv.conf", "/etc/ssl", "/etc/pip.conf")
"""What a build sees of the machine: how it reaches the network."""
_SAID_LATER: Final = {"USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD", "ARG"}
"""How the image is run, not what is in it."""


class Stage:
    """A root that the instructions of one stage change."""

    def __init__(self, root: Path, base: Path) -> None:
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["cp", "--archive", base, root], check=True)
        self.root = root
        self._environment = {**os.environ, "PATH": f"/usr/local/bin:/usr/sbin:{os.defpath}"}
        self._folder = "/"

    def carry_out(self, word: str, rest: str, others: dict[str, "Stage"]) -> None:
        match word:
            case "ENV":
                for name, value in (pair.split("=", 1) for pair in shlex.split(rest)):
                    given = value.replace("$PATH", self._environment["PATH"])
                    self._environment[name] = given
            case "WORKDIR":
                self._folder = rest
                self._inside(rest).mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(rest.split(), others)
            case "RUN":
                command = ["chroot", str(self.root), "sh", "-ec", f"cd {self._folder}\n{rest}"]
                subprocess.run(command, env=self._environment, check=True)
            case _ if word not in _SAID_LATER:
                raise ValueError(f"Dockerfile: {word} is not known here")

    def _copy(self, words: list[str], others: dict[str, "Stage"]) -> None:
        source = REPOSITORY
        if words[0].startswith("--from="):
            source = others[words.pop(0).removeprefix("--from=")].root
        *names, to = words
        for name in names:
            path, target = source / name.lstrip("/"), self._inside(to)
            if to.endswith("/"):
                target = target / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "--archive", "--no-target-directory", path, target], check=True)

    def _inside(self, path: str) -> Path:
        return self.root / os.path.normpath(os.path.join(self._folder, path)).lstrip("/")  # noqa: PTH118 - a path of the image


def build(base: Path, root: Path) -> None:
    stages: dict[str, Stage] = {}
    with_machine: list[str] = []
    for word, rest in _instructions():
        if word == "FROM":
            name = rest.partition(" AS ")[2]
            stage = Stage(root.with_name(f"{root.name}.{name}") if name else root, base)
            stages[name] = stage
            with_machine += _see_machine(stage.root)
        elif stages:
            stage.carry_out(word, rest, stages)
    for each in reversed(with_machine):
        subprocess.run(["umount", "--lazy", each], check=True)


def _see_machine(root: Path) -> Iterator[str]:
    for name in _OF_THIS_MACHINE:
        if Path(name).exists():
            inside = root / name[1:]
            if not inside.exists():
                inside.touch()
            subprocess.run(["mount", "--rbind", name, inside], check=True)
            yield str(inside)


def _instructions() -> Iterator[tuple[str, str]]:
    text = (REPOSITORY / "Dockerfile").read_text("utf-8")
    whole = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(None, whole.splitlines()):
        word, _, rest = line.partition(" ")
        yield word, rest


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
