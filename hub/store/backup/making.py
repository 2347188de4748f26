"""Copies store and documents while hubs are at work, so that the two belong together.

The store first, then the documents: a document is on the disk before the row that names it is
committed, so whatever the copied store names was there when the store was copied, and what came
since is merely more than it names. What may go while documents are copied:

- what was staged and never named, or has served its time (RETENTION): nobody is owed it, and the
  restored hub's next look finds its row due to be forgotten as well;
- what was erased. That leaves rows in the copy which the live store has no more, so the copy is
  thrown away and made again. Cases erased before are left out, should their files still be there.

The contents stay sealed, and no content key is in a backup. A folder gets its name when all of it
is on the disk and its manifest is written; what ends before leaves `.<name>.part`, or nothing.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, select

from hub.model.failure import PermanentFailure
from hub.store import tables
from hub.store.audit import Act, audit
from hub.store.away import telling_store_away
from hub.store.backup.database import copy_database, database_of
from hub.store.backup.files import (
    DOCUMENTS,
    copied,
    flush_folders,
    kept_documents,
    sha256_of,
    write_sums,
)
from hub.store.backup.manifest import STORE_FILES, Manifest, write_manifest
from hub.store.connect import Engines, connect
from hub.store.migrations import check_up_to_date, revision_of
from hub.store.sealed import SEALED_PLACES, keys_used
from hub.store.sealed_file import flush_folder, key_id_of_file
from hub.store.tables import State

__all__ = ["back_up"]

_TRIES: Final = 3


def back_up(
    url: str,
    documents: Path,
    folder: Path,
    *,
    keys: tuple[str, ...],
    actor: str,
    now: Callable[[], datetime],
) -> Manifest:
    """Make `folder` a backup of the store at `url` and its documents; blocks meanwhile.

    Args:
        url: of the store; hubs may be at work on it.
        documents: their folder.
        folder: made by this; nothing may be there.
        keys: ids of the content keys that are configured.
        actor: who wants it; the audit says so, in the backup as well.
        now: the clock.

    Raises:
        PermanentFailure: `backup.exists`, `backup.erasing`, `backup.no_client`, `backup.client`,
            `store.version` or `store.newer`; there is no backup.
        StoreAway: the database cannot be read or written; there is no backup.
        OSError: a file cannot be; there is no backup.
    """
    if folder.exists():
        raise PermanentFailure(
            "backup.exists", f"{folder} is there already. Give each backup a folder of its own."
        )
    unfinished = folder.with_name(f".{folder.name}.part")
    id_ = uuid4()
    engines = connect(url)
    try:
        _announce(engines, id_, actor, now())
        for _ in range(_TRIES):
            shutil.rmtree(unfinished, ignore_errors=True)  # perhaps of one that was killed
            unfinished.mkdir(mode=0o700, parents=True)
            manifest = _copied(url, documents, unfinished, id_, keys, now())
            if manifest is not None:
                write_manifest(unfinished, manifest)
                flush_folders(unfinished)
                unfinished.rename(folder)
                flush_folder(folder.parent)
                return manifest
    finally:
        engines.dispose()
        shutil.rmtree(unfinished, ignore_errors=True)
    raise PermanentFailure(
        "backup.erasing", "Cases are being erased one after the other; back up when that is done."
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the copied store says, at the moment at which it was copied."""

    revision: str
    last_erasure: int
    erased: frozenset[UUID]
    keys: frozenset[str]
    cases: int
    owed: int


def _announce(engines: Engines, id_: UUID, actor: str, now: datetime) -> None:
    with telling_store_away(), engines.writing.begin() as connection:
        check_up_to_date(connection)
        audit(connection, Act(now, actor, "store.backup", str(id_)))


def _copied(
    url: str, documents: Path, folder: Path, id_: UUID, keys: tuple[str, ...], now: datetime
) -> Manifest | None:
    """Everything but the manifest itself; None if a case was erased meanwhile."""
    store = folder / STORE_FILES[database_of(url)]
    seen = copy_database(url, store, partial(_look, known=keys))
    used, left_out = set(seen.keys), {str(case) for case in seen.erased}
    sums, size = {store.name: sha256_of(store)}, 0
    for path in kept_documents(documents):
        if path.parent.name in left_out:
            continue
        name = f"{DOCUMENTS}/{path}"
        try:
            sums[name] = copied(documents / path, folder / name)
        except FileNotFoundError:
            continue  # gone meanwhile: see above
        size += (folder / name).stat().st_size
        used.add(key_id_of_file(folder / name))
    if _last_erasure_of(url) != seen.last_erasure:
        return None
    return Manifest(
        id=id_,
        made_at=now,
        database=database_of(url),
        revision=seen.revision,
        keys=tuple(sorted(used)),
        cases=seen.cases,
        owed=seen.owed,
        documents=len(sums) - 1,
        document_bytes=size,
        sums=write_sums(folder, sums),
    )


def _look(connection: Connection, known: tuple[str, ...]) -> _Seen:
    return _Seen(
        revision=revision_of(connection) or "",
        last_erasure=connection.execute(_LAST_ERASURE).scalar_one(),
        erased=frozenset(connection.execute(_ERASED).scalars()),
        keys=frozenset(
            key for place in SEALED_PLACES for key in keys_used(connection, place, known)
        ),
        cases=connection.execute(_CASES).scalar_one(),
        owed=connection.execute(_OWED).scalar_one(),
    )


def _last_erasure_of(url: str) -> int:
    engines = connect(url)
    try:
        with telling_store_away(), engines.reading.connect() as connection:
            number: int = connection.execute(_LAST_ERASURE).scalar_one()
            return number
    finally:
        engines.dispose()


_LAST_ERASURE: Final = select(func.coalesce(func.max(tables.acts.c.number), 0)).where(
    tables.acts.c.action == "case.erase"
)
_ERASED: Final = select(tables.cases.c.id).where(tables.cases.c.erased_at.is_not(None))
_CASES: Final = select(func.count()).select_from(tables.cases)
_OWED: Final = (
    select(func.count())
    .select_from(tables.messages)
    .where(tables.messages.c.state.in_([State.OWED, State.HANDED_OVER]))
)
