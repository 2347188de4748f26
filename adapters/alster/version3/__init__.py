"""Alster 3: German dates, J and N, no word on language, service key or trust levels."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from adapters.alster.dialect import GERMAN_TIME, Dialect
from adapters.alster.format import AlsterFormat, schemas
from hub.model.dates import PartialDate

__all__ = ["DIALECT_3", "LOST", "VERSION_3"]

_DAY: Final = "%d.%m.%Y"
_MOMENT: Final = "%d.%m.%Y %H:%M:%S"

_NO_TRUST: Final = "version 3 knows no trust levels; version 4 does"

LOST: Final[Mapping[str, str]] = {
    "submission.leika": "version 3 has no element for the key of the service",
    "submission.language": "version 3 has no element for the language; the hub keeps it",
    "submission.mailbox.**": "the mailbox stays with the hub, which brings the answers there",
    "submission.place": "the authority responsible for the place is named instead",
    "submission.details.person.trust.**": _NO_TRUST,
    "submission.details.representative.trust.**": _NO_TRUST,
    "submission.details.worker.trust.**": _NO_TRUST,
    "submission.details.family.*.trust.**": _NO_TRUST,
    "submission.details.host.trust.**": _NO_TRUST,
}


def _write_day(value: date) -> str:
    # strftime would write the year 987 with three digits.
    return f"{value.day:02d}.{value.month:02d}.{value.year:04d}"


def _write_partial(value: PartialDate) -> str:
    """As old registers do: what is not known is zero."""
    return f"{value.day or 0:02d}.{value.month or 0:02d}.{value.year or 0:04d}"


def _write_moment(value: datetime) -> str:
    return value.astimezone(GERMAN_TIME).strftime(_MOMENT)


def _read_day(lexical: str) -> date:
    return datetime.strptime(lexical, _DAY).replace(tzinfo=GERMAN_TIME).date()


def _read_moment(lexical: str) -> datetime:
    # The hour that comes twice when summer time ends is taken for its first time.
    return datetime.strptime(lexical, _MOMENT).replace(tzinfo=GERMAN_TIME).astimezone(UTC)


DIALECT_3: Final = Dialect(
    version="3",
    renamed={},
    yes="J",
    no="N",
    write_day=_write_day,
    write_partial=_write_partial,
    write_moment=_write_moment,
    read_day=_read_day,
    read_moment=_read_moment,
    has_procedure=False,
    has_trust=False,
)


class _Version3(AlsterFormat):
    """Alster 3."""


VERSION_3: Final = _Version3(DIALECT_3, LOST, schemas("3"))
