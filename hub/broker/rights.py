"""Who may do what at the broker: the fewest rights with which each user can do its work.

Computed from the routing table, for `hub topology export`. Nobody is administrator. A name in a
right is a regular expression of RabbitMQ's over names of queues and exchanges; that of a topic
is one over routing keys, which RabbitMQ checks beside it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, get_args

from hub.broker.topology import RETURNS, SUBMISSIONS, Binding, Exchange, Queue, Topology
from hub.model.details import Service
from hub.model.downward import DownwardKind
from hub.model.failure import PermanentFailure
from hub.routing import RoutingTable

__all__ = ["MONITORING", "Topic", "User", "refusals_of", "users"]

MONITORING: Final = "monitoring"
"""The user, and RabbitMQ's own tag, of who looks at everything and changes nothing."""

NOTHING: Final = "^$"

_OWN: Final = r"hub\..*"
_FOLLOWING: Final = tuple(kind for kind in get_args(DownwardKind) if kind != "submission")
"""May stand first in the routing key of what follows a submission, instead of the service."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Routing keys with which one may publish, and for which one may bind."""

    write: str
    read: str = NOTHING


@dataclass(frozen=True, slots=True)
class User:
    """A user: what it may declare and delete, where it may publish, what it may consume."""

    name: str
    configure: str = NOTHING
    write: str = NOTHING
    read: str = NOTHING
    topics: Mapping[str, Topic] = field(default_factory=dict)
    tag: str = ""


def users(table: RoutingTable, hub: str) -> tuple[User, ...]:
    """Everybody that the routing table names, the hub under that name, and who watches.

    Raises:
        PermanentFailure: two would have each other's rights.
    """
    systems, services = tuple(_systems(table)), tuple(_services(table))
    found = (_hub(table, hub), *systems, *services, User(MONITORING, tag=MONITORING))
    _apart(found, {each.name for each in systems})
    return found


def refusals_of(services: Iterable[User]) -> Topology:
    """Where each online service learns of its own refusals, and of no other's."""
    names = [_refusals(each.name) for each in services if SUBMISSIONS in each.topics]
    return Topology(
        tuple(Exchange(name, "fanout") for name in names),
        tuple(Queue(name, {"x-queue-type": "quorum", "x-delivery-limit": 20}) for name in names),
        tuple(Binding(name, "", name) for name in names),
    )


def _hub(table: RoutingTable, name: str) -> User:
    """All of its own, and where it publishes for others: their exchanges, and no others."""
    endpoints = (table.endpoint(key) for key in table.authorities)
    inboxes = {str(each.settings["exchange"]) for each in endpoints if each.transport == "amqp"}
    outside = sorted(inboxes | {_refusals(user) for user in _users_of_services(table)})
    return User(
        name, configure=_only(_OWN), write=_only(_OWN, *map(re.escape, outside)), read=_only(_OWN)
    )


def _systems(table: RoutingTable) -> Iterable[User]:
    """Each system all of its own, and to publish what its own authorities say."""
    exchanges: dict[str, set[str]] = {}
    keys: dict[str, set[str]] = {}
    for key, entry in table.authorities.items():
        endpoint = table.endpoint(key)
        if endpoint.transport == "amqp":
            user = str(endpoint.settings["user"])
            adapter = re.escape(table.systems[entry.system].adapter)
            exchanges.setdefault(user, set()).add(str(endpoint.settings["exchange"]))
            keys.setdefault(user, set()).add(rf"{adapter}\.{key}")
    for user in sorted(exchanges):
        elsewhere = sorted(each for each in exchanges[user] if not each.startswith(f"{user}."))
        own = (rf"{re.escape(user)}\..*", *map(re.escape, elsewhere))
        yield User(
            user,
            configure=_only(*own),
            write=_only(*own, re.escape(RETURNS)),
            read=_only(*own),
            topics={RETURNS: Topic(_only(*sorted(keys[user])))},
        )


def _services(table: RoutingTable) -> Iterable[User]:
    """Each online service to publish to the hub, and to read its own refusals."""
    for name, offered in sorted(_users_of_services(table).items()):
        first = [each for each in get_args(Service) if each in offered]
        yield User(
            name,
            write=_only(re.escape(SUBMISSIONS)),
            read=_only(re.escape(_refusals(name))),
            topics={SUBMISSIONS: Topic(rf"^({'|'.join((*first, *_FOLLOWING))})\.[^.]+$")},
        )


def _users_of_services(table: RoutingTable) -> dict[str, set[Service]]:
    found: dict[str, set[Service]] = {}
    for sender in table.senders.values():
        for user in sender.users:
            found.setdefault(user, set()).update(sender.services)
    return found


def _refusals(user: str) -> str:
    return f"{user}.refusals"


def _only(*patterns: str) -> str:
    return f"^({'|'.join(patterns)})$"


def _apart(found: tuple[User, ...], systems: set[str]) -> None:
    names = [user.name for user in found]
    for name in names:
        inside = [each for each in systems if name.startswith(f"{each}.")]
        if names.count(name) > 1 or inside or name.startswith(("hub.", "amq.")):
            raise PermanentFailure(
                "settings.users",
                f"User {name} would have another's rights as well: give each system and online"
                " service in routing.yaml, and the hub in HUB_AMQP_URL, a name of its own.",
            )
