"""A moment or a day in a call: as RFC 3339 writes them, a moment with its zone."""

import re
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, BeforeValidator

__all__ = ["Day", "Moment"]

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def _not_a_number(value: object) -> object:
    # pydantic would take 0.5 for half a second after 1970.
    if not isinstance(value, datetime) and (not isinstance(value, str) or "T" not in value.upper()):
        raise ValueError("write a date and a time with its zone, as in 2026-11-01T00:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_not_a_number)]


def _a_day(value: object) -> object:
    # pydantic would take 0 for the day on which 1970 began.
    if not isinstance(value, date) and (not isinstance(value, str) or not _DAY.fullmatch(value)):
        raise ValueError("write a day as in 2026-11-01")
    return value


Day = Annotated[date, BeforeValidator(_a_day)]
