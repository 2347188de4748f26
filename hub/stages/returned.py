"""Reads what a system sent: by the formats that its authority has on that day."""

from datetime import date

from hub.adapter import Authority
from hub.model.identifiers import AuthorityKey
from hub.model.upward import Upward
from hub.routing import RoutingTable
from hub.workshop.workshop import Workshop

__all__ = ["read_return"]


async def read_return(
    workshop: Workshop, table: RoutingTable, body: bytes, authority: AuthorityKey, on: date
) -> list[Upward]:
    """Read a document of the system of `authority`.

    Raises:
        HubFailure: the authority is unknown, or whatever `Workshop.read` raises.
    """
    entry = table.find(authority=authority, place=None)
    return await workshop.read(
        table.systems[entry.system].adapter,
        table.readable(entry.key, on),
        body,
        Authority(entry.key, entry.name),
    )
