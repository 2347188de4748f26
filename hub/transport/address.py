"""Which authorities are reached at one address: what is down for one of them is so for all.

Every transport names its address in the same words, `url`, or `host` and `port`. One that names
none, because its systems live on the hub's own broker, shares nothing.
"""

from urllib.parse import urlsplit

from hub.model.identifiers import AuthorityKey
from hub.routing import Endpoint, RoutingTable

__all__ = ["address", "reached_there"]


def address(endpoint: Endpoint) -> str | None:
    """Host and port of an endpoint; None if it names no host."""
    settings = endpoint.settings
    if (url := settings.get("url")) is not None:
        parts = urlsplit(str(url))
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    if (host := settings.get("host")) is not None:
        return f"{endpoint.transport}://{host}:{settings.get('port', '')}".lower()
    return None


def reached_there(table: RoutingTable, authority: AuthorityKey) -> list[AuthorityKey]:
    """The other authorities of the table that are reached at the same address."""
    if authority not in table.authorities:
        return []
    place = address(table.endpoint(authority))
    if place is None:
        return []
    others = (key for key in table.authorities if key != authority)
    return [key for key in others if address(table.endpoint(key)) == place]
