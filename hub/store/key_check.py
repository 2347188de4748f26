"""Whether the configured content keys are those of this store, asked before anything is opened.

With wrong keys, such as after a restore with another machine's settings, nothing could be opened:
whatever is owed would be given up, message after message.
"""

import re
from typing import Final

from sqlalchemy import Connection, func, select

from hub.model.failure import PermanentFailure
from hub.store.sealer import Sealer
from hub.store.tables import cases

__all__ = ["expect_keys"]


def expect_keys(connection: Connection, sealer: Sealer) -> None:
    """Raise PermanentFailure `store.key` if none of the newest cases can be opened.

    A single one may be damaged, which is no reason for the others to stand still; what does not
    even begin as a sealed value does says nothing of keys.
    """
    sealed = ((row, Sealer.key_id_of(row.profile)) for row in connection.execute(_NEWEST))
    newest = [(row, key_id) for row, key_id in sealed if _KEY_ID.fullmatch(key_id)]
    failures = [_why_not(sealer, row.profile, f"case:{row.id}") for row, _ in newest]
    if failures and all(failures):
        raise PermanentFailure(
            "store.key",
            f"{failures[0]} The newest case lies under key {newest[0][1]};"
            f" HUB_CONTENT_KEY has {', '.join(sealer.key_ids)}. Put the key of this store into"
            " HUB_CONTENT_KEY; until then nothing is begun, so that nothing is given up.",
        )


def _why_not(sealer: Sealer, sealed: bytes, about: str) -> str | None:
    try:
        sealer.open(sealed, about)
    except PermanentFailure as failure:
        return failure.sentence
    return None


_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")

_NEWEST: Final = (
    select(cases.c.id, cases.c.profile)
    .where(func.length(cases.c.profile) > 0)
    .order_by(cases.c.created_at.desc(), cases.c.id.desc())
    .limit(3)
)
"""One that was erased has none."""
