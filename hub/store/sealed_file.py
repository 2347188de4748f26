"""One encrypted file: written piece by piece, complete or not there at all.

A file has a key of its own, sealed in its head; then come chunks of 1 MiB, each AES-256-GCM with
a nonce of its number and a flag on the last one (the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, 2015): cutting, reordering, repeating or extending the chunks does not open.
Written under a temporary name, flushed to the disk, renamed, and the folder flushed.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.model.failure import PermanentFailure
from hub.store.sealer import Sealer

__all__ = [
    "UNFINISHED",
    "NewSealedFile",
    "flush_folder",
    "key_id_of_file",
    "link",
    "plain_size",
    "read_sealed",
    "reseal_file",
]

UNFINISHED: Final = ".part"
"""How the name of a file ends that is being written."""

_CHUNK: Final = 1024 * 1024
_TAG: Final = 16
_DEPTH: Final = 3  # folders of a document, the root included
_HEAD_LENGTH: Final = 2  # bytes that say how long the sealed key is


class NewSealedFile:
    """A file being written. It takes its name only with `finish`."""

    def __init__(self, path: Path, sealer: Sealer, about: str) -> None:
        _make_folder(path.parent)
        self.size = 0
        self._path = path
        self._hash = hashlib.sha256()
        self._rest = bytearray()
        self._number = 0
        self._temporary = _temporary(path)
        self._file = self._temporary.open("xb")
        key = AESGCM.generate_key(256)
        self._cipher = AESGCM(key)
        head = sealer.seal(key, about)
        self._file.write(len(head).to_bytes(_HEAD_LENGTH, "big") + head)

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size += len(data)
        self._hash.update(data)
        left = memoryview(data)
        while len(self._rest) + len(left) > _CHUNK:  # never the last one: `finish` says which it is
            more = _CHUNK - len(self._rest)
            chunk = self._rest + left[:more] if self._rest else left[:more]
            self._write_chunk(chunk, last=False)
            self._rest, left = bytearray(), left[more:]
        self._rest += left

    def finish(self, sha256: str) -> None:
        """Make the file appear, durably, if its plain content has this hash.

        Raises:
            PermanentFailure: `document.hash`; the file does not appear.
        """
        if self._hash.hexdigest() != sha256:
            raise PermanentFailure(
                "document.hash", "The document's content does not have the SHA-256 it came under."
            )
        self._write_chunk(self._rest, last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._path)
        _flush_above(self._path)

    def abandon(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):  # closing writes what is left: a full disk refuses it once more
            self._file.close()
        self._temporary.unlink(missing_ok=True)

    def _write_chunk(self, plain: bytearray | memoryview, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), plain, None))
        self._number += 1


def read_sealed(file: BinaryIO, sealer: Sealer, about: str) -> Iterator[bytes]:
    """The plain content, chunk by chunk.

    Raises:
        PermanentFailure: `content.unreadable`, as soon as something does not fit.
    """
    cipher = AESGCM(sealer.open(_read_head(file), about))
    number = 0
    chunk = file.read(_CHUNK + _TAG)
    while True:
        following = file.read(_CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, None)
        except InvalidTag as error:
            raise PermanentFailure(
                "content.unreadable", f"The document was changed or cut at its MiB {number + 1}."
            ) from error
        if not following:
            return
        number, chunk = number + 1, following


def plain_size(path: Path) -> int:
    """How many bytes the content has, without opening it."""
    with path.open("rb") as file:
        head_length = int.from_bytes(file.read(_HEAD_LENGTH), "big")
        sealed = os.fstat(file.fileno()).st_size - _HEAD_LENGTH - head_length
    chunks = -(-sealed // (_CHUNK + _TAG))
    return sealed - chunks * _TAG


def key_id_of_file(path: Path) -> str:
    """Which content key has sealed the key of a file; empty if it has no head yet."""
    with path.open("rb") as file:
        return Sealer.key_id_of(_read_head(file))


def reseal_file(path: Path, sealer: Sealer, about: str) -> None:
    """Seal the key of a file with the newest content key; its chunks stay as they are.

    Its time stays, too, and so does the file itself until the new one is complete. Never makes
    a folder: a case that is forgotten meanwhile stays so.

    Raises:
        FileNotFoundError: it is gone.
        PermanentFailure: `content.unreadable`.
    """
    temporary = _temporary(path)
    with path.open("rb") as file:
        head = sealer.seal(sealer.open(_read_head(file), about), about)
        try:
            with temporary.open("xb") as new:
                new.write(len(head).to_bytes(_HEAD_LENGTH, "big") + head)
                shutil.copyfileobj(file, new, _CHUNK)
                new.flush()
                os.fsync(new.fileno())
            shutil.copystat(path, temporary)
            if not path.exists():
                raise FileNotFoundError(path)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    flush_folder(path.parent)


def link(source: Path, target: Path) -> None:
    """Give a file one more name, durably, in a folder that need not be there yet."""
    _make_folder(target.parent)
    with suppress(FileExistsError):
        target.hardlink_to(source)
    _flush_above(target)


def flush_folder(path: Path) -> None:
    """Make the folder's list of names durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{UNFINISHED}")


def _read_head(file: BinaryIO) -> bytes:
    return file.read(int.from_bytes(file.read(_HEAD_LENGTH), "big"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _make_folder(path: Path) -> None:
    if not path.is_dir():
        _make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)  # mkdir's own `parents` would ignore the mode


def _flush_above(path: Path) -> None:
    # Up to the root of the documents: a crash may have left folders made but not flushed.
    for folder in path.parents[:_DEPTH]:
        flush_folder(folder)
