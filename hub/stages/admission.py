"""Who may speak for an authority: the hub itself, and the RabbitMQ user of its system.

Anybody who may publish to `hub.returns` may write any header; who is at the connection only the
broker can say. RabbitMQ takes a message with the property `user_id` from that user alone
(Validated User-ID), so that property is believed and no header is. Who tries to speak for
another authority is written down.
"""

from collections.abc import Set
from datetime import datetime
from typing import Final

from hub.broker import Delivery
from hub.model.failure import PermanentFailure
from hub.routing import Endpoint, RoutingTable
from hub.store import Act

__all__ = ["SPEAKER", "admit", "encroachment"]

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


def _users_of(endpoint: Endpoint) -> Set[str]:
    # Only of this transport: elsewhere `user` may be a name at another door.
    user = endpoint.settings.get("user") if endpoint.transport == "amqp" else None
    return {str(user)} if user is not None else set()
