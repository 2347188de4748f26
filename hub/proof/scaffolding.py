"""Begins an adapter: a package of its own, complete for one service, whose check passes at once.

The files lie in `scaffold/` as they will be written, but for the name of the adapter.
"""

import keyword
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

__all__ = ["scaffold"]


def scaffold(name: str, folder: Path) -> list[Path]:
    """Write the package into `folder` and return its files.

    Raises:
        ValueError: `name` cannot be the name of an adapter, or `folder` has something in it.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in _TAKEN:
        raise ValueError(
            f"{name!r} cannot be the name of an adapter: take a-z, 0-9 and _, beginning with a "
            "letter, and no name that the hub or Python uses"
        )
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty; name another folder with --folder")
    root = files("hub.proof").joinpath("scaffold")
    return sorted(_write(root, folder, name))


_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")
_TAKEN: Final = frozenset({"hub", "adapters", "tests", "test", "xauslaender"})
_PLACEHOLDER: Final = "vendor_name"
_SUFFIX: Final = ".template"
"""Keeps the tools of this project from taking the files for its own."""


def _write(source: Traversable, target: Path, name: str) -> list[Path]:
    written = []
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        path = target / entry.name.removesuffix(_SUFFIX).replace(_PLACEHOLDER, name)
        if entry.is_dir():
            written += _write(entry, path, name)
        else:
            path.write_text(entry.read_text("utf-8").replace(_PLACEHOLDER, name), "utf-8")
            written.append(path)
    return written
