"""Alster 4: renamed elements, ISO dates, true and false, and the mandatory block `Verfahren`."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from adapters.alster.dialect import GERMAN_TIME, Dialect
from adapters.alster.format import AlsterFormat, schemas
from hub.model.dates import PartialDate

__all__ = ["DIALECT_4", "LOST", "VERSION_4"]

LOST: Final[Mapping[str, str]] = {
    "submission.mailbox.**": "the mailbox stays with the hub, which brings the answers there",
    "submission.place": "the authority responsible for the place is named instead",
}

_RENAMED: Final = {
    "Sendung": "Nachricht",
    "Rueckmeldung": "Antwort",
    "Kopf": "Nachrichtenkopf",
    "Sendungsnummer": "NachrichtenId",
    "Bezug": "BezugsId",
    "Erstellt": "Zeitpunkt",
    "Probelauf": "Test",
    "Beteiligte": "Personen",
    "Beteiligter": "Person",
    "Nachname": "Familienname",
    "Erreichbarkeit": "Kontakt",
    "Plz": "Postleitzahl",
    "Anlagen": "Dokumente",
    "Anlage": "Dokument",
    "Pruefsumme": "Sha256",
    "Nachreichung": "Rueckfrageantwort",
    "Sachstand": "Status",
    "Quittung": "Eingangsbestaetigung",
    "Abweisung": "Zurueckweisung",
}


def _write_partial(value: PartialDate) -> str:
    return str(value) if value.known else "unbekannt"


def _write_moment(value: datetime) -> str:
    return value.astimezone(GERMAN_TIME).isoformat(timespec="seconds")


def _read_moment(lexical: str) -> datetime:
    at = datetime.fromisoformat(lexical)
    return (at if at.tzinfo else at.replace(tzinfo=GERMAN_TIME)).astimezone(UTC)


DIALECT_4: Final = Dialect(
    version="4",
    renamed=_RENAMED,
    yes="true",
    no="false",
    write_day=date.isoformat,
    write_partial=_write_partial,
    write_moment=_write_moment,
    read_day=date.fromisoformat,
    read_moment=_read_moment,
    has_procedure=True,
    has_trust=True,
)


class _Version4(AlsterFormat):
    """Alster 4."""


VERSION_4: Final = _Version4(DIALECT_4, LOST, schemas("4"))
