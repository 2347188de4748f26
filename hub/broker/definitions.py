"""The topology and its users as RabbitMQ's definitions, to be imported or loaded at its start.

A password is never in them, only its hash; a user without one comes with its certificate, or not
at all.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hub.broker.rights import User
from hub.broker.topology import Topology

__all__ = ["definitions", "password_hash"]

_SALT_BYTES: Final = 4
"""RabbitMQ's own; a longer one is not understood."""


def definitions(
    topologies: Iterable[Topology],
    users: Iterable[User],
    hashes: Mapping[str, str],
    vhost: str,
) -> dict[str, Any]:
    """What `rabbitmqctl import_definitions` and `load_definitions` take.

    Args:
        topologies: what there is to be in that vhost.
        users: of the broker, with their rights in that vhost.
        hashes: of passwords, by user.
        vhost: where.
    """
    declared, known = tuple(topologies), tuple(users)
    return {
        "vhosts": [{"name": vhost}],
        "users": [
            {
                "name": user.name,
                "password_hash": hashes.get(user.name, ""),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": user.tag,
            }
            for user in known
        ],
        "permissions": [
            {
                "user": user.name,
                "vhost": vhost,
                "configure": user.configure,
                "write": user.write,
                "read": user.read,
            }
            for user in known
        ],
        "topic_permissions": [
            {
                "user": user.name,
                "vhost": vhost,
                "exchange": exchange,
                "write": topic.write,
                "read": topic.read,
            }
            for user in known
            for exchange, topic in user.topics.items()
        ],
        "exchanges": [
            {
                "name": exchange.name,
                "vhost": vhost,
                "type": exchange.type,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for topology in declared
            for exchange in topology.exchanges
        ],
        "queues": [
            {
                "name": queue.name,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": dict(queue.arguments),
            }
            for topology in declared
            for queue in topology.queues
        ],
        "bindings": [
            {
                "source": binding.exchange,
                "vhost": vhost,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.key,
                "arguments": {},
            }
            for topology in declared
            for binding in topology.bindings
        ],
    }


def password_hash(password: str) -> str:
    """As RabbitMQ keeps it: base64 of a salt, and SHA-256 of salt and password."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
