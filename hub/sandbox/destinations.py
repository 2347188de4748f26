"""Where samples can go: what the routing table offers, read once when the samples are made."""

from datetime import date

from hub.model.failure import PermanentFailure
from hub.model.identifiers import Ars
from hub.routing import AuthorityEntry, RoutingTable
from hub.sandbox.samples import Destination

__all__ = ["destinations"]


def destinations(table: RoutingTable, on: date) -> tuple[Destination, ...]:
    """Every authority of the table with what it takes, and the format in force on a day."""
    return tuple(
        Destination(
            system=entry.system,
            line=" ".join(table.format_in_force(entry.key, on)[:2]),
            authority=entry.key,
            place=_place(table, entry),
            services=frozenset(entry.services),
            test=table.systems[entry.system].stage == "test",
            back_channel=entry.back_channel,
            heavy=table.systems[entry.system].transport != "amqp",
        )
        for _, entry in sorted(table.authorities.items())
    )


def _place(table: RoutingTable, entry: AuthorityEntry) -> Ars | None:
    """A place that leads to the authority: a longer prefix of another may take one away."""
    places = (prefix.ljust(12, "0") for prefix in entry.regional_keys)
    return next((place for place in places if _key_for(table, place) == entry.key), None)


def _key_for(table: RoutingTable, place: Ars) -> str | None:
    try:
        return table.find(authority=None, place=place).key
    except PermanentFailure:
        return None
