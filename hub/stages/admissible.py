"""Whether a message to an authority may be taken: where it goes, and to which case it belongs.

Asked at the door, so that whoever sends learns of it at once, and by INTAKE, which decides.
"""

import hashlib
from collections.abc import Set
from datetime import date

from hub.model.downward import (
    AgreementReply,
    Downward,
    ReceiptConfirmation,
    Reply,
    Submission,
    Withdrawal,
)
from hub.model.failure import PermanentFailure
from hub.model.identifiers import MessageUuid
from hub.routing import Route, RoutingTable
from hub.store import Case, Connection, Message, case_by_id, message_by_id

__all__ = ["Following", "case_of", "conflict", "digest_of", "known_as", "route_of"]

Following = Reply | AgreementReply | ReceiptConfirmation | Withdrawal
"""What belongs to a case that there is."""


def route_of(submission: Submission, table: RoutingTable, providers: Set[str], on: date) -> Route:
    """The way of a submission on that day.

    Args:
        submission: what begins a case.
        table: the routing table in force.
        providers: the mailbox providers that this hub has.
        on: the day.

    Raises:
        PermanentFailure: `mailbox.unknown_provider`, `stage.mismatch`, or whatever
            `RoutingTable.find` and `RoutingTable.route` raise.
    """
    mailbox = submission.mailbox
    if mailbox is not None and mailbox.provider not in providers:
        raise PermanentFailure(
            "mailbox.unknown_provider",
            "The submission names a mailbox provider that this hub does not have; "
            f"it has {', '.join(sorted(providers))}.",
            location="mailbox.provider",
        )
    entry = table.find(authority=submission.authority, place=submission.place)
    route = table.route(entry.key, submission.service, on)
    if submission.test is not (route.endpoint.stage == "test"):
        raise PermanentFailure(
            "stage.mismatch",
            f"test is {str(submission.test).lower()}, but authority {entry.key} is served by a "
            f"{route.endpoint.stage} system: test messages go to test systems only, "
            "and no others go there.",
            location="test",
        )
    return route


def case_of(connection: Connection, message: Following) -> Case:
    """The case that a message belongs to which follows a submission.

    Raises:
        PermanentFailure: `case.unknown`, `stage.mismatch`.
    """
    case = case_by_id(connection, message.case)
    if case is None:
        raise PermanentFailure("case.unknown", "There is no such case.", location="case")
    if case.test is not message.test:
        raise PermanentFailure(
            "stage.mismatch", "The message and its case differ in test.", location="test"
        )
    return case


def digest_of(message: Downward) -> str:
    """What tells a message that is sent again from another one under the same id.

    Documents count by their hashes: whether they came inside or before makes no difference.
    """
    return hashlib.sha256(message.without_content().model_dump_json().encode()).hexdigest()


def known_as(connection: Connection, id_: MessageUuid, digest: str) -> Message | None:
    """The message, if it is there already.

    Raises:
        PermanentFailure: `message.conflict`: a different one is.
    """
    known = message_by_id(connection, id_)
    if known is not None and known.digest != digest:
        raise conflict()
    return known


def conflict() -> PermanentFailure:
    """An id stands for one message for ever."""
    return PermanentFailure(
        "message.conflict",
        "A different message with this id was accepted before. Give every message its own id.",
        location="id",
    )
