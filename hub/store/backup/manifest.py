"""What a backup says of itself. Written last: a folder without it is no backup."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from pydantic import ValidationError

from hub.model.failure import PermanentFailure
from hub.model.record import Record
from hub.store.backup.files import written

__all__ = ["STORE_FILES", "Database", "Manifest", "read_manifest", "write_manifest"]

Database = Literal["sqlite", "postgresql"]

STORE_FILES: Final[Mapping[Database, str]] = {"sqlite": "store.db", "postgresql": "store.dump"}
"""In which file of a backup the store is."""

_NAME: Final = "manifest.json"


class Manifest(Record):
    """A whole backup.

    Attributes:
        layout: how the folder is laid out; a later hub may lay it out otherwise.
        id: names it in the audit, both when it was made and when it is restored.
        made_at: whatever was committed by then is in it.
        database: what its store was copied out of, and can be restored into.
        revision: the newest migration of its tables.
        keys: ids of the content keys under which anything in it lies. Not the keys.
        cases: how many it has.
        owed: messages that were still owed or had no receipt.
        documents: files, staged ones included.
        document_bytes: all of them together.
        sums: SHA-256 of the file with the sums of all others.
    """

    layout: Literal[1] = 1
    id: UUID
    made_at: datetime
    database: Database
    revision: str
    keys: tuple[str, ...]
    cases: int
    owed: int
    documents: int
    document_bytes: int
    sums: str


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make of a folder a backup."""
    written(folder / _NAME, manifest.model_dump_json(indent=2) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """What the backup in `folder` says of itself.

    Raises:
        PermanentFailure: `backup.none` or `backup.damaged`.
    """
    try:
        text = (folder / _NAME).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise PermanentFailure(
            "backup.none",
            f"There is no backup in {folder}: {_NAME} is missing, which is written last. What lies"
            " there otherwise was never finished.",
        ) from None
    except UnicodeDecodeError:
        raise _damaged() from None
    try:
        return Manifest.model_validate_json(text)
    except ValidationError:
        raise _damaged() from None


def _damaged() -> PermanentFailure:
    return PermanentFailure(
        "backup.damaged",
        f"{_NAME} of this backup was cut or changed, or a newer version of the hub wrote it."
        " Nothing was restored.",
    )
