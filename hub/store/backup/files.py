"""The files of a backup: copied byte by byte, hashed on the way, and safe on the disk.

Their sums stand in `SHA256SUMS`, in the form that `sha256sum --check` reads: a backup can be
proven on a machine that has no hub.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from hub.model.failure import PermanentFailure
from hub.store.sealed_file import flush_folder

__all__ = [
    "DOCUMENTS",
    "SUMS",
    "copied",
    "flush_folders",
    "kept_documents",
    "proven_sums",
    "sha256_of",
    "write_sums",
    "written",
]

SUMS: Final = "SHA256SUMS"
DOCUMENTS: Final = "documents"
"""The folder in a backup, below which documents lie as they do in the hub's own."""

_CHUNK: Final = 1024 * 1024
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S+)")
_PLACE: Final = re.compile(rf"{DOCUMENTS}(/[A-Za-z0-9][A-Za-z0-9:._-]*){{3}}|store\.[a-z]+")
"""Names that begin with a dot are those of files being written."""


def copied(source: Path, target: Path) -> str:
    """Copy a file, which is on the disk when this returns; gives its SHA-256.

    Its time is that of the copy: what was staged for a day is staged for another.

    Raises:
        FileNotFoundError: there is no `source` any more; nothing is left at `target`.
        FileExistsError: something is at `target`.
    """
    with source.open("rb") as reading:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with target.open("xb") as writing:
            while chunk := reading.read(_CHUNK):
                digest.update(chunk)
                writing.write(chunk)
            writing.flush()
            os.fsync(writing.fileno())
    target.chmod(0o600)
    return digest.hexdigest()


def written(path: Path, text: str) -> None:
    """Write a small file, which is on the disk when this returns."""
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o600)


def sha256_of(path: Path) -> str:
    """Of a file as it lies on the disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept_documents(root: Path) -> Iterator[Path]:
    """Every document below `root`, relative to it; what is still being written is left out.

    Folders may come and go meanwhile. What else people have put there is theirs to keep.
    """
    for folder, _, names in os.walk(root, onerror=_unless_gone):
        for name in names:
            path = Path(folder, name).relative_to(root)
            if _PLACE.fullmatch(f"{DOCUMENTS}/{path}"):
                yield path


def flush_folders(root: Path) -> None:
    """Make the names of all files below `root` durable, and that of `root` itself."""
    for folder, _, _ in os.walk(root):
        flush_folder(Path(folder))
    flush_folder(root.parent)


def write_sums(folder: Path, sums: Mapping[str, str]) -> str:
    """Write the sums of a backup's files by name; gives the SHA-256 of what was written."""
    text = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    written(folder / SUMS, text)
    return hashlib.sha256(text.encode()).hexdigest()


def proven_sums(folder: Path, sha256: str) -> dict[str, str]:
    """The sums of a backup's files by name, if they are those that were written.

    Raises:
        PermanentFailure: `backup.damaged`.
    """
    try:
        content = (folder / SUMS).read_bytes()
    except FileNotFoundError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PermanentFailure(
            "backup.damaged",
            f"{SUMS} is not the one that the manifest of this backup was written with: it was cut"
            " or changed. Nothing was restored; take another copy of the backup.",
        )
    return dict(_parsed(content.decode().splitlines()))


def _parsed(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        found = _LINE.fullmatch(line)
        # Whoever wrote manifest and sums anew must not be able to have files written elsewhere.
        if found is None or not _PLACE.fullmatch(found[2]):
            raise PermanentFailure(
                "backup.damaged", f"{SUMS} names what no backup has. Nothing was restored."
            )
        yield found[2], found[1]


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
