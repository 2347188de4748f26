"""Where samples can go: what the routing table offers, read once when the samples are made."""

from datetime import date
from typing import get_args

from hub.model.details import Service
from hub.model.failure import PermanentFailure
from hub.model.identifiers import Ars, AuthorityKey
from hub.routing import RoutingTable
from hub.sandbox.samples import Destination

__all__ = ["destinations"]


def destinations(table: RoutingTable, on: date) -> tuple[Destination, ...]:
    """Every authority of the table with what it takes on that day."""
    found = (_destination(table, key, on) for key in sorted(table.authorities))
    return tuple(destination for destination in found if destination.services)


def _destination(table: RoutingTable, key: AuthorityKey, on: date) -> Destination:
    routes = {}
    for service in get_args(Service):
        try:
            routes[service] = table.route(key, service, on)
        except PermanentFailure:
            continue
    places = (prefix.ljust(12, "0") for prefix in table.authorities[key].regional_keys)
    return Destination(
        authority=key,
        place=next((place for place in places if _leads_to(table, place, key)), None),
        services=frozenset(routes),
        test=any(route.endpoint.stage == "test" for route in routes.values()),
        back_channel=all(route.back_channel for route in routes.values()),
    )


def _leads_to(table: RoutingTable, place: Ars, key: AuthorityKey) -> bool:
    # A longer prefix of another authority may take the place away.
    try:
        return table.find(authority=None, place=place).key == key
    except PermanentFailure:
        return False
