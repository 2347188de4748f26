"""How it goes with each authority: parked or paused, and who collected how far from its system."""

from typing import Final

from sqlalchemy import Column, Integer, Table, Text

from hub.store.columns import UtcMicroseconds
from hub.store.tables.metadata import metadata

__all__ = ["collectors", "cursors", "parkings", "pauses"]

parkings: Final = Table(
    "parkings",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("since", UtcMicroseconds, nullable=False),
    Column("next_probe", UtcMicroseconds, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("cause", Text, nullable=False),
)

pauses: Final = Table(
    "pauses",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("since", UtcMicroseconds, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Authorities that a person has paused: only a person lets them go on."""

cursors: Final = Table(
    "cursors",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)
"""How far the documents of a system that counts them were collected."""

collectors: Final = Table(
    "collectors",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("hub", Text, nullable=False),
    Column("until", UtcMicroseconds, nullable=False),
)
"""Which hub fetches the documents of a system: of several on one store, one."""
