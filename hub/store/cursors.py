"""How far each system's documents were collected, so that a restart begins where it was."""

from typing import Final

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from hub.model.identifiers import AuthorityKey
from hub.store.tables import cursors

__all__ = ["cursor_of", "keep_cursor"]


def cursor_of(connection: Connection, authority: AuthorityKey) -> str | None:
    """The cursor kept last, if any was."""
    found: str | None = connection.execute(_FIND, {"of": authority}).scalar_one_or_none()
    return found


def keep_cursor(connection: Connection, authority: AuthorityKey, cursor: str) -> None:
    """Remember how far documents were collected."""
    connection.execute(_KEEP, {"authority": authority, "cursor": cursor})


_FIND: Final = select(cursors.c.cursor).where(cursors.c.authority == bindparam("of"))
# PostgreSQL's construct: it renders for SQLite as well, whose syntax is the same.
_NEW: Final = insert(cursors)
_KEEP: Final = _NEW.on_conflict_do_update(
    index_elements=["authority"], set_={"cursor": _NEW.excluded.cursor}
)
