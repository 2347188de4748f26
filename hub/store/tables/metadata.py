"""What the tables of the store have in common: they are one schema."""

from typing import Final

from sqlalchemy import MetaData

__all__ = ["metadata"]

metadata: Final = MetaData()
