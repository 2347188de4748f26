"""A store with a case in it whose submission has arrived, and what its authority says then."""

from datetime import timedelta
from typing import Any

from hub.adapter import Adapter
from hub.model.case import Profile
from hub.model.downward import Downward, Submission
from hub.model.identifiers import CaseId, MessageUuid
from hub.routing import RoutingTable
from hub.stages.content import Kept, seal_kept, seal_profile
from hub.store import (
    Case,
    Connection,
    Event,
    NewMessage,
    State,
    Store,
    finish,
    insert_case,
    insert_message,
    record,
)
from tests.builders import a_submission, an_id
from tests.routing.given import AFormat
from tests.store.building import NOW

__all__ = ["NOW", "a_table", "an_accepted_case", "said_by_the_authority", "sent_by_the_applicant"]

ROUTING = """
systems:
  one: {adapter: any, formats: [{version: "1", from: 2020-01-01}], stage: production,
    transport: http, endpoint: {url: "https://one.example"}, limits: {parallel: 1, attempts: 3}}
  trial: {adapter: any, formats: [{version: "1", from: 2020-01-01}], stage: test,
    transport: http, endpoint: {url: "https://trial.example"}, limits: {parallel: 1, attempts: 3}}
  late: {adapter: any, formats: [{version: "1", from: 2050-01-01}], stage: production,
    transport: http, endpoint: {url: "https://late.example"}, limits: {parallel: 1, attempts: 3}}
authorities:
  "990001": {name: One, regional_keys: [], system: one, services: all, back_channel: true,
    when_not_competent: forward}
  "990002": {name: Two, regional_keys: [], system: one, services: all, back_channel: true}
  "990003": {name: Trial, regional_keys: [], system: trial, services: all, back_channel: true}
  "990004": {name: Few, regional_keys: [], system: one, services: [family], back_channel: true}
  "990005": {name: Late, regional_keys: [], system: late, services: all, back_channel: true}
  "990006": {name: Mute, regional_keys: [], system: one, services: all, back_channel: false}
  "990007": {name: Never, regional_keys: [], system: one, services: all, back_channel: true,
    reminder_days: 0}
"""


def a_table() -> RoutingTable:
    return RoutingTable.parse(ROUTING, {"any": Adapter("any", {"1": AFormat()})})


async def an_accepted_case(store: Store, submission: Submission | None = None) -> Case:
    """The case of a submission that its authority has accepted; documents are kept."""
    submission = submission or a_submission()
    case = _case(store, submission)
    for document in submission.documents:
        await store.documents.keep(case.id, document.content or b"", document.sha256)

    def unit(connection: Connection) -> None:
        insert_case(connection, case)
        row = _down(store, case, submission)
        enter(connection, row)
        finish(connection, row.id, State.ACCEPTED, NOW, keep_content_until=NOW + timedelta(days=30))
        tell(connection, row, "accepted")

    await store.run(unit)
    return case


async def sent_by_the_applicant(
    store: Store, case: Case, message: Downward, state: State = State.ACCEPTED
) -> None:
    """A reply or withdrawal, concluded already."""
    row = _down(store, case, message)

    def unit(connection: Connection) -> None:
        enter(connection, row)
        if state is not State.OWED:
            finish(connection, row.id, state, NOW)
            tell(connection, row, state)

    await store.run(unit)


async def said_by_the_authority(store: Store, case: Case, kind: str, **given: Any) -> NewMessage:
    """An update that was provided, unless `state` says otherwise; its content is of no matter."""
    state = given.pop("state", State.PROVIDED)
    values: dict[str, Any] = {
        "id": MessageUuid(an_id(f"{case.id}-{kind}")),
        "case": case.id,
        "direction": "up",
        "kind": kind,
        "authority": case.authority,
        "wire": MessageUuid(an_id(f"{case.id}-{kind}-wire")),
        "answers": MessageUuid(case.id),
        "state": State.OWED,
        "owes": "mail",
        "provider": "local",
        "content": b"sealed",
        "digest": "0" * 64,
        "trace": None,
        "created_at": NOW + timedelta(seconds=1),
        "due_at": NOW,
        "deadline": None,
    }
    row = NewMessage(**values | given)

    def unit(connection: Connection) -> None:
        enter(connection, row)
        if state is not State.OWED:
            finish(connection, row.id, state, NOW)
            tell(connection, row, state)

    await store.run(unit)
    return row


def enter(connection: Connection, row: NewMessage) -> None:
    insert_message(connection, row)
    tell(connection, row, "received" if row.direction == "down" else "interpreted")


def tell(connection: Connection, row: NewMessage, name: str) -> None:
    record(connection, Event(row.case, row.id, NOW, name, "test", row.authority))


def _case(store: Store, submission: Submission) -> Case:
    id_ = CaseId(submission.id)
    profile = Profile(
        sender=submission.sender, language=submission.language, mailbox=submission.mailbox
    )
    return Case(
        id=id_,
        application_id=submission.application_id,
        service=submission.service,
        authority=str(submission.authority),
        sender=submission.sender.key,
        provider="local",
        back_channel=submission.back_channel,
        test=submission.test,
        created_at=NOW,
        state="open",
        profile=seal_profile(store.sealer, profile, id_),
    )


def _down(store: Store, case: Case, message: Downward) -> NewMessage:
    return NewMessage(
        id=message.id,
        case=case.id,
        direction="down",
        kind=message.type,
        authority=case.authority,
        wire=message.id,
        answers=getattr(message, "answers", None),
        state=State.OWED,
        owes="deliver",
        provider=None,
        content=seal_kept(store.sealer, Kept(message=message.without_content())),
        digest="0" * 64,
        trace=None,
        created_at=NOW if isinstance(message, Submission) else NOW + timedelta(seconds=2),
        due_at=NOW,
        deadline=None,
    )
