"""Who may speak for whom: a system's user for its authorities, a service's for its senders.

Anybody who may publish to `hub.returns` or `hub.submissions` may write anything into a message;
who is at the connection only the broker can say. RabbitMQ takes a message with the property
`user_id` from that user alone (Validated User-ID), so that property is believed and no header
is. The hub itself may speak for all of them. Who tries to speak for another authority is written
down.
"""

from collections.abc import Set
from datetime import datetime
from typing import Final

from hub.broker import Delivery
from hub.model.details import Service
from hub.model.failure import PermanentFailure
from hub.model.identifiers import DirectoryKey
from hub.routing import Endpoint, RoutingTable
from hub.store import Act

__all__ = ["SPEAKER", "admit", "admit_sender", "encroachment"]

SPEAKER: Final = "speaker"
"""Header in which a door of the hub says whose token opened it."""

_ENCROACHING: Final = frozenset({"sender.not_allowed", "case.unknown"})


def admit(delivery: Delivery, table: RoutingTable, users: Set[str]) -> None:
    """Pass if the message may speak for the authority in its header.

    Args:
        delivery: a message of `hub.returns`.
        table: says which system an authority has.
        users: the hub's own at the broker; what its doors and collectors bring is theirs.

    Raises:
        PermanentFailure: `authority.unknown`, or `sender.not_allowed`.
    """
    endpoint = table.endpoint(str(delivery.headers.get("authority", "")))
    if delivery.user_id is None or delivery.user_id not in users | _users_of(endpoint):
        raise PermanentFailure(
            "sender.not_allowed",
            "Who published this may not speak for the authority that it names."
            " A system sets `user_id` to its own RabbitMQ user, named in routing.yaml.",
            location="user_id",
        )


def encroachment(
    delivery: Delivery, failure: PermanentFailure, users: Set[str], at: datetime
) -> Act | None:
    """The act of a system that was refused because it spoke for another authority than its own.

    That it answers a message which its authority was never sent is one, too.
    """
    if failure.cause not in _ENCROACHING:
        return None
    authority = str(delivery.headers.get("authority", ""))
    detail = {"cause": failure.cause}
    return Act(at, _speaker(delivery, users), "return.refused", authority, detail)


def _speaker(delivery: Delivery, users: Set[str]) -> str:
    if delivery.user_id not in users:
        return f"system:{delivery.user_id or 'unknown'}"
    return str(delivery.headers.get(SPEAKER, "hub"))


def admit_sender(
    delivery: Delivery,
    sender: DirectoryKey,
    table: RoutingTable,
    users: Set[str],
    service: Service | None = None,
) -> None:
    """Pass if the message may come from that sender, to whom its case belongs.

    A sender that routing.yaml does not list may be anybody but the user of one that it lists.

    Args:
        delivery: a message of `hub.submissions`.
        sender: of the submission, also where the message is one that follows it.
        table: says which users a sender has.
        users: the hub's own at the broker; for what its doors and pages bring it vouches itself.
        service: of a submission; None for what follows one.

    Raises:
        PermanentFailure: `sender.not_allowed`.
    """
    if delivery.user_id in users:
        return
    listed = table.senders.get(sender)
    if listed is not None:
        allowed = delivery.user_id in listed.users
    else:
        allowed = not any(delivery.user_id in each.users for each in table.senders.values())
    if not allowed:
        raise PermanentFailure(
            "sender.not_allowed",
            "Who published this may not speak for the sender of the case."
            " An online service sets `user_id` to its own RabbitMQ user, named in routing.yaml.",
            location="user_id",
        )
    if listed is not None and service is not None and service not in listed.services:
        raise PermanentFailure(
            "sender.not_allowed",
            f"The sender may not send submissions of {service}; see its services in routing.yaml.",
            location="service",
        )


def _users_of(endpoint: Endpoint) -> Set[str]:
    # Only of this transport: elsewhere `user` may be a name at another door.
    user = endpoint.settings.get("user") if endpoint.transport == "amqp" else None
    return {str(user)} if user is not None else set()
