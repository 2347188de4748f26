"""A moment in a call: date and time with its zone, as RFC 3339 writes it."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

__all__ = ["Moment"]


def _not_a_number(value: object) -> object:
    # pydantic would take 0.5 for half a second after 1970.
    if not isinstance(value, datetime) and (not isinstance(value, str) or "T" not in value.upper()):
        raise ValueError("write a date and a time with its zone, as in 2026-11-01T00:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_not_a_number)]
