"""Dates as papers have them: sometimes only the year, sometimes nothing at all.

XInneres `TeilbekanntesDatum`: year; year and month; the full date; with `...MitUnbekannt`
also "unknown".
"""

from datetime import date, datetime
from typing import Final, Self

from pydantic import Field, model_validator

from hub.model.record import Record

__all__ = ["PartialDate", "within_reason"]

_YEARS: Final = range(1900, 2200)


def within_reason(moment: datetime) -> datetime:
    """Pass a point in time of these centuries.

    Those of the first and the last years of all cannot be told in another time zone.

    Raises:
        ValueError: it lies outside of them.
    """
    if moment.year not in _YEARS:
        raise ValueError(f"must lie between the years {_YEARS[0]} and {_YEARS[-1]}")
    return moment


class PartialDate(Record):
    """A date of which the end may be unknown. All three absent means: not known."""

    year: int | None = Field(default=None, ge=1850, le=2200)
    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)

    @model_validator(mode="after")
    def _coarse_to_fine(self) -> Self:
        if self.month is not None and self.year is None:
            raise ValueError("a month needs its year")
        if self.day is not None and self.month is None:
            raise ValueError("a day needs its month")
        if self.day is not None and self.month is not None and self.year is not None:
            date(self.year, self.month, self.day)
        return self

    @property
    def known(self) -> bool:
        """Whether at least the year is known."""
        return self.year is not None

    def __str__(self) -> str:
        parts = [part for part in (self.year, self.month, self.day) if part is not None]
        return "-".join(f"{part:02d}" for part in parts) or "unknown"
