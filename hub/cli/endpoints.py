"""Whether the settings of every endpoint of a routing table are right; nothing is connected."""

from collections.abc import Iterator, Mapping
from typing import Final

from hub.model.identifiers import AuthorityKey
from hub.routing import RoutingTable
from hub.transport import Settings, wrong_in
from hub.transport.amqp import AmqpSettings
from hub.transport.posting.settings import PostingSettings
from hub.transport.sftp.settings import SftpSettings

__all__ = ["wrong_endpoints"]

_SETTINGS: Final[Mapping[str, type[Settings]]] = {
    "amqp": AmqpSettings,
    "http": PostingSettings,
    "sftp": SftpSettings,
    "soap": PostingSettings,
}


def wrong_endpoints(table: RoutingTable) -> Iterator[str]:
    """What is wrong with the settings of each system's endpoints, one sentence each."""
    first: dict[str, AuthorityKey] = {}
    for key, entry in table.authorities.items():
        first.setdefault(entry.system, key)
    for system, key in sorted(first.items()):
        endpoint = table.endpoint(key)
        for sentence in wrong_in(_SETTINGS[endpoint.transport], endpoint):
            yield f"system {system}: {sentence}"
