"""Whether a store that failed works again, proven by as much as one message may need.

An empty commit succeeds on a full disk, and on a database that may only be read. Were the stages
let go on because of it, they would fail again, and each time use up a delivery of their messages
until the broker gives them up.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from hub.store.tables import cursors

__all__ = ["room_for_documents", "writing"]

_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""The largest message that every RabbitMQ takes (FACTS: message size), its documents in it."""

_ROW_BYTES: Final = 1024 * 1024
_NOBODY: Final = "probe"
"""No authority has this key."""


def writing() -> Iterator[Callable[[Connection], object]]:
    """Units to be committed one after the other: a large row comes, and goes."""
    filler = {"authority": _NOBODY, "cursor": secrets.token_hex(_ROW_BYTES // 2)}
    yield lambda connection: connection.execute(_COMES, filler)
    yield lambda connection: connection.execute(_GOES)


def room_for_documents(folder: Path) -> None:
    """Take room below `folder` and give it back; blocks, raises OSError if there is none."""
    with TemporaryFile(dir=folder) as file:  # has no name: a crash leaves nothing
        os.posix_fallocate(file.fileno(), 0, _DOCUMENT_BYTES)
        os.fsync(file.fileno())


# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_NEW: Final = insert(cursors)
_COMES: Final = _NEW.on_conflict_do_update(
    index_elements=["authority"], set_={"cursor": _NEW.excluded.cursor}
)
_GOES: Final = delete(cursors).where(cursors.c.authority == _NOBODY)
