"""Which authority, which system, which format, which way: `routing.yaml` as a table.

A text becomes a `RoutingTable` or a `RoutingError` with every problem it has, each with its
line and what to write instead. Pure: apart from `RoutingTable.load` nothing here opens files,
nothing asks the clock.
"""

from hub.routing.calendar import CutOver, Day, Staying, calendar
from hub.routing.entries import (
    AuthorityEntry,
    DatedFormat,
    Endpoint,
    Limits,
    Problem,
    Route,
    RoutingError,
    SenderEntry,
    System,
)
from hub.routing.table import RoutingTable

__all__ = [
    "AuthorityEntry",
    "CutOver",
    "DatedFormat",
    "Day",
    "Endpoint",
    "Limits",
    "Problem",
    "Route",
    "RoutingError",
    "RoutingTable",
    "SenderEntry",
    "Staying",
    "System",
    "calendar",
]
