"""Fills a store with owed messages, as INTAKE would have left them: a case, a message, an event.

Straight into the tables, in large inserts: a million take minutes instead of hours. Everything
is as real as the hub makes it - content and profile sealed, the journal saying what came in -
so that deliveries, ledger and search find nothing to wonder at.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, get_args
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert

from hub.model.case import Profile
from hub.model.conversation import Phase
from hub.model.details import Service
from hub.model.downward import Submission
from hub.model.identifiers import AuthorityKey
from hub.stages.content import Kept
from hub.store import PUBLISH_GRACE, Sealer, State
from hub.store.connect import connect
from hub.store.migrations import migrate
from hub.store.tables import cases, events, messages
from tests.builders import a_submission

__all__ = ["fill"]

_AT_ONCE: Final = 10_000
_SERVICES: Final = tuple(
    each for each in get_args(Service) if each not in {"sponsorship", "skilled_workers"}
)
"""Those whose submissions may come without documents."""
_ID: Final = UUID("00000000-0000-4000-8000-00000000f111")
"""Stands in each template where the message's own id belongs."""


def fill(url: str, sealer: Sealer, authorities: Sequence[AuthorityKey], count: int) -> None:
    """Owe `count` submissions to `authorities` in turn, all of them due."""
    engines = connect(url)
    try:
        migrate(engines.writing)
        if engines.writing.dialect.name == "sqlite":
            with engines.writing.connect() as connection:
                _hurry(connection)
        rows = _rows(sealer, authorities, count)
        while some := list(islice(rows, _AT_ONCE)):
            with engines.writing.begin() as connection:
                for number, table in enumerate((cases, messages, events)):
                    connection.execute(insert(table), [row[number] for row in some])
    finally:
        engines.dispose()


def _hurry(connection: Connection) -> None:
    """On SQLite's only writing connection; nobody minds a power cut while this fills."""
    driver = connection.connection.dbapi_connection
    if driver is not None:
        # Ids are random: each insert would read pages again that the usual 2 MB forgot.
        for pragma in ("cache_size=-1000000", "synchronous=OFF"):
            driver.cursor().execute(f"PRAGMA {pragma}")


_Row = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def _rows(sealer: Sealer, authorities: Sequence[AuthorityKey], count: int) -> Iterator[_Row]:
    templates = [_Template(a_submission(id=_ID, service=each, documents=0)) for each in _SERVICES]
    began = datetime.now(UTC) - timedelta(hours=1)
    for number in range(count):
        template = templates[number % len(templates)]
        at = began + timedelta(milliseconds=number % 1000)
        yield template.rows(sealer, authorities[number % len(authorities)], at)


class _Template:
    """One service's submission, of which only the id changes."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._service = submission.details.service
        self._kept = Kept(message=submission).model_dump_json()
        sender, language = submission.sender, submission.language
        profile = Profile(sender=sender, language=language, mailbox=submission.mailbox)
        self._profile = profile.model_dump_json().encode()

    def rows(self, sealer: Sealer, authority: AuthorityKey, at: datetime) -> _Row:
        id_ = uuid4()
        kept = self._kept.replace(str(_ID), str(id_)).encode()
        case = {
            "id": id_,
            "application_id": self._submission.application_id,
            "service": self._service,
            "authority": authority,
            "sender": self._submission.sender.key,
            "provider": "local",
            "back_channel": True,
            "test": False,
            "created_at": at,
            "state": Phase.SUBMITTED,
            "profile": sealer.seal(self._profile, f"case:{id_}"),
        }
        message = {
            "id": id_,
            "case_id": id_,
            "direction": "down",
            "kind": "submission",
            "position": 1,
            "authority": authority,
            "wire": id_,
            "state": State.OWED,
            "owes": "deliver",
            "attempts": 0,
            "unexpected": 0,
            "due_at": at + PUBLISH_GRACE,
            "queued": True,
            "owed_since": at,
            "begun": 0,
            "digest": hashlib.sha256(kept).hexdigest(),
            "created_at": at,
            "content": sealer.seal(kept, f"message:{id_}"),
        }
        event = {
            "case_id": id_,
            "message": id_,
            "at": at,
            "name": "received",
            "stage": "intake",
            "authority": authority,
            "detail": {"service": self._service, "documents": 0, "kind": "submission"},
        }
        return case, message, event
