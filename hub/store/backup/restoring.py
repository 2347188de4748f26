"""Puts a backup where nothing is: documents first, the store last, which makes it a hub's.

What happened after the backup is not known to the restored store. What it owes may have been sent
since, and accepted: so each owed message is in doubt, its next attempt says so and carries the
same UUID as before, by which its receiver knows it. So does what had been handed over and had no
receipt, which may have come since. What had been accepted by the time of the backup is not owed,
and is not sent again. Nobody holds a lease any more, and nobody collects.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, bindparam, insert, literal, select, update

from hub.model.failure import PermanentFailure
from hub.store.audit import Act, audit
from hub.store.backup.database import database_of, expect_empty, load_database
from hub.store.backup.files import DOCUMENTS, copied, flush_folders, proven_sums, sha256_of
from hub.store.backup.manifest import STORE_FILES, Manifest, read_manifest
from hub.store.columns import JsonText, UtcMicroseconds
from hub.store.connect import Engines
from hub.store.leases import release_leases
from hub.store.migrations import migrate, refuse_newer
from hub.store.receipts import owe_without_receipt
from hub.store.tables import State, events, messages

__all__ = ["Restored", "restore"]


_AT_ONCE: Final = 500
_LOST_AND_FOUND: Final = "lost+found"
"""What lies in every new file system."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again. `in_doubt`: messages that were owed and may have arrived since."""

    backup: Manifest
    in_doubt: int


def restore(
    folder: Path, url: str, documents: Path, *, keys: tuple[str, ...], actor: str, now: datetime
) -> Restored:
    """Restore the backup in `folder`, and bring its tables up to date. Blocks; no hub may run.

    Args:
        folder: what `back_up` made.
        url: of the store, where nothing may be.
        documents: where they go; missing, or empty.
        keys: ids of the content keys that are configured.
        actor: who wants it; the audit says so.
        now: when.

    Raises:
        PermanentFailure: `backup.none`, `backup.damaged`, `backup.other_database`, `backup.key`,
            `store.newer`, `restore.not_empty`, `backup.no_client` or `backup.client`: nothing is
            restored, and nothing of it is left.
        StoreAway: the database cannot be written.
        OSError: a file cannot be.
    """
    manifest = read_manifest(folder)
    _check(manifest, url, keys)
    sums = proven_sums(folder, manifest.sums)
    _expect_no_documents(documents)
    expect_empty(url)
    store = folder / STORE_FILES[manifest.database]
    _expect_sum(store, sums.pop(store.name, ""))
    with _taken_back_if_it_fails(documents):
        _restore_documents(folder, documents, sums)
        in_doubt = load_database(
            store, url, lambda engines: _prepare(engines, manifest, actor, now)
        )
    return Restored(manifest, in_doubt)


def _check(manifest: Manifest, url: str, keys: tuple[str, ...]) -> None:
    refuse_newer(manifest.revision, "backup")
    if manifest.database != database_of(url):
        raise PermanentFailure(
            "backup.other_database",
            f"The backup is of {_NAMES[manifest.database]}, and HUB_STORE_URL names"
            f" {_NAMES[database_of(url)]}: restore it into the kind of database it is of.",
        )
    missing = [key for key in manifest.keys if key not in keys]
    if missing:
        raise PermanentFailure(
            "backup.key",
            f"The backup was made with content keys {', '.join(manifest.keys)}; HUB_CONTENT_KEY"
            f" lacks {', '.join(missing)}, without which what lies there cannot be read. No backup"
            " has keys in it: look where they are kept.",
        )


def _expect_no_documents(documents: Path) -> None:
    if documents.exists() and {each.name for each in documents.iterdir()} - {_LOST_AND_FOUND}:
        raise PermanentFailure(
            "restore.not_empty",
            f"There are documents already: {documents} is not empty. A backup is restored where"
            " nothing is: stop all hubs, and move them away; do not delete them before the"
            " restored hub works.",
        )


def _restore_documents(folder: Path, documents: Path, sums: Mapping[str, str]) -> None:
    documents.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, sha256 in sums.items():
        source = folder / name
        _expect(source, _copied(source, documents / Path(name).relative_to(DOCUMENTS)), sha256)
    flush_folders(documents)


def _copied(source: Path, target: Path) -> str:
    try:
        return copied(source, target)
    except FileNotFoundError:
        return ""


def _expect_sum(path: Path, sha256: str) -> None:
    _expect(path, sha256_of(path) if path.exists() else "", sha256)


def _expect(path: Path, found: str, sha256: str) -> None:
    if found != sha256:
        raise PermanentFailure(
            "backup.damaged",
            f"{path} is {'missing' if not found else 'not what was backed up: cut or changed'}."
            " Nothing was restored; take another copy of the backup, or an earlier backup.",
        )


@contextmanager
def _taken_back_if_it_fails(documents: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for each in documents.iterdir() if documents.exists() else ():
            if each.name != _LOST_AND_FOUND:
                shutil.rmtree(each, ignore_errors=True)
        raise


def _prepare(engines: Engines, manifest: Manifest, actor: str, now: datetime) -> int:
    migrate(engines.writing)
    with engines.writing.begin() as connection:
        release_leases(connection)
        return _doubt(connection, manifest, actor, now)


def _doubt(connection: Connection, manifest: Manifest, actor: str, now: datetime) -> int:
    # Receipts that came after the backup do not come again by themselves.
    while owe_without_receipt(connection, before=now, now=now, limit=_AT_ONCE):
        pass
    detail = {"backup": str(manifest.id), "made_at": manifest.made_at.isoformat(timespec="seconds")}
    connection.execute(_TELL, {"now": now, "of": detail})
    in_doubt = connection.execute(_DOUBT).rowcount
    what: dict[str, str | int] = {"made_at": detail["made_at"], "in_doubt": in_doubt}
    audit(connection, Act(now, actor, "store.restore", str(manifest.id), what))
    return in_doubt


_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_owed: Final = messages.c.state == State.OWED

_DOUBT: Final = update(messages).where(_owed).values(begun=1)
_TELL: Final = insert(events).from_select(
    ["case_id", "message", "at", "name", "stage", "authority", "detail"],
    select(
        messages.c.case_id,
        messages.c.id,
        bindparam("now", type_=UtcMicroseconds),
        literal("restored"),
        literal("restore"),
        messages.c.authority,
        bindparam("of", type_=JsonText),
    ).where(_owed),
)
