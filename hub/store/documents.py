"""The applicants' documents: encrypted files, each under its hash inside the folder of its case.

What was kept survives a power cut; what was not completely kept does not appear. A document may
come before its submission: it is staged under its owner until a submission of theirs adopts it.
"""

import re
import shutil
from collections.abc import AsyncIterable, Callable, Collection, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.store.at_hand import AtHand
from hub.store.away import on_disk, store_away
from hub.store.document_keys import DocumentKeys, about_document
from hub.store.place import Place
from hub.store.probing import room_for_documents
from hub.store.sealed_file import (
    NewSealedFile,
    flush_folder,
    link,
    plain_size,
    read_sealed,
)
from hub.store.sealer import Sealer

__all__ = ["Documents"]

P = ParamSpec("P")
T = TypeVar("T")

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_OWNER: Final = re.compile(r"[a-z0-9]{2,10}:[A-Za-z0-9._-]{1,64}")
"""A directory key (hub.model.identifiers): no name of a folder can lead elsewhere."""
_TRIES: Final = 20


class Documents:
    """Every document below `root`. Blocking work runs in threads, except in `load`.

    Whatever the disk refuses raises StoreAway: it may work later. `keys`: what they are sealed by.
    """

    def __init__(self, root: Path, sealer: Sealer) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.keys = DocumentKeys(root, sealer)
        self._root = root
        self._place = Place(root)
        self._place.check()
        self._sealer = sealer
        self._at_hand = AtHand()

    async def keep(self, case: CaseId, content: bytes, sha256: str) -> None:
        """Keep a document of a case; keeping it again changes nothing.

        Raises:
            PermanentFailure: `document.hash`: the content has another hash.
        """
        await self._in_thread(self._keep, self._path(case, sha256), content, sha256)
        self._at_hand.put(case, sha256, content)

    async def stage(
        self, owner: str, sha256: str, chunks: AsyncIterable[bytes], max_bytes: int
    ) -> int:
        """Keep a document that comes before its submission; gives its size in bytes.

        Args:
            owner: directory key of the sender, who alone can have it adopted.
            sha256: the hash that the content must turn out to have.
            chunks: the content as it arrives.
            max_bytes: the stream is given up as soon as it is longer.

        Raises:
            PermanentFailure: `document.too_large` or `document.hash`; nothing is kept.
        """
        path = self._staged(owner, sha256)
        upload = await self._in_thread(NewSealedFile, path, self._sealer, about_document(sha256))
        try:
            async for chunk in chunks:
                _check_size(upload.size + len(chunk), max_bytes)
                await self._in_thread(upload.write, chunk)
            await self._in_thread(upload.finish, sha256)
        except BaseException:  # a caller that was cancelled, too
            upload.abandon()
            raise
        return upload.size

    async def adopt(self, case: CaseId, owner: str, sha256: str) -> int | None:
        """Take a staged document into a case; gives its size in bytes, None if it is unknown.

        A document that the case has already counts as adopted. It stays staged until it is
        swept away: two submissions may name the same one, such as a family's certificate.
        """
        return await self._in_thread(
            self._adopt, self._path(case, sha256), self._staged(owner, sha256)
        )

    async def holds(self, case: CaseId, sha256: str) -> bool:
        """Whether a document of a case is there."""
        return await self._in_thread(self._path(case, sha256).exists)

    def load(self, case: CaseId, sha256: str) -> bytes:
        """The content of a document; its hash was proven when it was kept. Blocks.

        Raises:
            PermanentFailure: `document.missing` or `content.unreadable`.
        """
        self._place.check()
        content = self._at_hand.take(case, sha256)
        if content is not None:
            return content
        try:
            with self._path(case, sha256).open("rb") as file:
                return b"".join(read_sealed(file, self._sealer, about_document(sha256)))
        except FileNotFoundError as error:
            raise PermanentFailure(
                "document.missing", "A document of this message is not in the store."
            ) from error
        except OSError as error:
            raise store_away(error) from error

    async def forget(self, case: CaseId) -> None:
        """Delete every document of a case, and what a crash left of any."""
        self._at_hand.forget(case)
        await self._in_thread(self._forget, self._folder(case))

    async def forget_unused(self, case: CaseId, but: Collection[str], before: datetime) -> bool:
        """Delete the documents of a case except those with the hashes `but`.

        Nothing is deleted, and the answer is False, if any was put or adopted there since
        `before`: the message that names it may be about to be kept.
        """
        self._at_hand.forget(case)
        return await self._in_thread(
            self._forget_unused, self._folder(case), but, before.timestamp()
        )

    async def hashes_of(self, case: CaseId) -> set[str]:
        """The hashes of every document of a case."""
        return await self._in_thread(self._hashes, self._folder(case))

    async def unstage(self, owner: str, hashes: Collection[str]) -> int:
        """Delete what was staged under its owner and these hashes; says how many files."""
        paths = [self._staged(owner, sha256) for sha256 in hashes]
        return await self._in_thread(_unlink, paths)

    async def sweep(self, older_than: datetime) -> int:
        """Delete what was staged before `older_than` and never adopted; says how many files."""
        return await self._in_thread(self._sweep, older_than.timestamp())

    async def probe(self) -> None:
        """Make sure that there is room for as much as one message may bring."""
        await self._in_thread(room_for_documents, self._root)

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        def run() -> T:
            self._place.check()
            return function(*args, **kwargs)

        return await on_disk(run)

    def _keep(self, path: Path, content: bytes, sha256: str) -> None:
        if _is_there(path):
            return
        new = NewSealedFile(path, self._sealer, about_document(sha256))
        try:
            new.write(content)
            new.finish(sha256)
        except BaseException:
            new.abandon()
            raise

    def _adopt(self, path: Path, staged: Path) -> int | None:
        if not _is_there(path):
            try:
                link(staged, path)
            except FileNotFoundError:
                return None
        return plain_size(path)

    def _forget_unused(self, folder: Path, but: Collection[str], before: float) -> bool:
        unused = [path for path in _names(folder) if path.name not in but]
        if any(path.stat().st_ctime >= before for path in unused):
            return False
        _unlink(unused)
        with suppress(OSError):  # what is still used is there, or has come meanwhile
            folder.rmdir()
        return True

    def _forget(self, folder: Path) -> None:
        for tries_left in reversed(range(_TRIES)):
            if not folder.exists():
                return
            try:
                shutil.rmtree(folder)
            except OSError:  # a file that came meanwhile, as by a change of keys
                if not tries_left:
                    raise
            else:
                flush_folder(folder.parent)

    def _hashes(self, folder: Path) -> set[str]:
        return {path.name for path in _names(folder) if _HASH.fullmatch(path.name)}

    def _sweep(self, older_than: float) -> int:
        staged = (self._root / "staged").glob("*/*")
        return _unlink([path for path in staged if _is_older(path, older_than)])

    def _folder(self, case: CaseId) -> Path:
        return self._root / str(case)[:2] / str(case)

    def _path(self, case: CaseId, sha256: str) -> Path:
        return self._folder(case) / _checked(sha256)

    def _staged(self, owner: str, sha256: str) -> Path:
        if not _OWNER.fullmatch(owner):
            raise ValueError("the owner of a staged document is named by a directory key")
        return self._root / "staged" / owner / _checked(sha256)


def _is_there(path: Path) -> bool:
    """Whether a document is there already; that it is needed anew can be told by its ctime."""
    try:
        path.chmod(path.stat().st_mode)
    except FileNotFoundError:
        return False
    return True


def _names(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def _is_older(path: Path, than: float) -> bool:
    try:
        return path.stat().st_mtime < than
    except FileNotFoundError:
        return False


def _unlink(paths: Iterable[Path]) -> int:
    there = [path for path in paths if path.exists()]
    for path in there:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in there}:
        flush_folder(folder)
    return len(there)


def _checked(sha256: str) -> str:
    if not _HASH.fullmatch(sha256):
        raise PermanentFailure("document.hash", "A document is named by its SHA-256 in hex.")
    return sha256


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise PermanentFailure(
            "document.too_large", f"A document may have at most {max_bytes} bytes."
        )
