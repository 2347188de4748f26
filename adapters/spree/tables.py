"""Spree's own code tables: the hub's code on the left, Spree's word on the right.

Every code is mapped by hand, none is guessed: a code that a list gains later fails with its
name until somebody has written down what Spree calls it.
"""

from collections.abc import Mapping
from typing import Final

from hub.model.failure import PermanentFailure

__all__ = [
    "APPLICATION_REASONS",
    "CHANNELS",
    "DOCUMENT_FORMATS",
    "ENDING_REASONS",
    "FAULTS",
    "GENDERS",
    "MARITAL_STATUSES",
    "NOTIFICATION_REASONS",
    "RELATIONS",
    "RESIDENCE_REASONS",
    "SERVICES",
    "SKILLED_WORKER_REASONS",
    "STATUSES",
    "STAYS",
    "Table",
]


class Table:
    """One table, to be looked up from both sides."""

    def __init__(self, name: str, words: Mapping[str, str]) -> None:
        self.name = name
        self.words = words
        self._codes = {word: code for code, word in words.items()}

    def word(self, code: str) -> str:
        """Spree's word for a code of the hub.

        Raises:
            PermanentFailure: `code.unknown`; Spree has no word for it.
        """
        return _look_up(self.words, code, self.name)

    def code(self, word: str) -> str:
        """The hub's code for a word of Spree.

        Raises:
            PermanentFailure: `code.unknown`; the table has no such word.
        """
        return _look_up(self._codes, word, self.name)


def _look_up(found: Mapping[str, str], wanted: str, table: str) -> str:
    try:
        return found[wanted]
    except KeyError:
        pass
    raise PermanentFailure(
        "code.unknown", "Spree's code table has no entry for this code.", location=table
    )


SERVICES: Final = Table(
    "Verfahren",
    {
        "employment": "ERWERB",
        "family": "FAMILIE",
        "education": "AUSBILDUNG",
        "protection": "SCHUTZ",
        "conditions": "NEBENBESTIMMUNG",
        "settlement": "NIEDERLASSUNG",
        "work_permission": "BESCHAEFTIGUNG",
        "free_movement": "FREIZUEGIGKEIT",
        "skilled_workers": "FACHKRAFT",
        "sponsorship": "VERPFLICHTUNG",
    },
)
GENDERS: Final = Table("Geschlecht", {"m": "M", "w": "W", "d": "D", "x": "K"})
MARITAL_STATUSES: Final = Table(
    "Familienstand",
    {
        "LD": "LEDIG",
        "VH": "VERHEIRATET",
        "VW": "VERWITWET",
        "GS": "GESCHIEDEN",
        "EA": "EHE_AUFGEHOBEN",
        "LP": "PARTNERSCHAFT",
        "LV": "PARTNER_VERSTORBEN",
        "LA": "PARTNERSCHAFT_AUFGEHOBEN",
        "LE": "PARTNER_FUER_TOT_ERKLAERT",
        "NB": "UNBEKANNT",
    },
)
CHANNELS: Final = Table(
    "Kanal",
    {
        "01": "MAIL",
        "02": "FESTNETZ",
        "03": "MOBIL",
        "04": "FAX",
        "05": "CHAT",
        "06": "PAGER",
        "07": "SONST",
        "08": "DEMAIL",
        "09": "WEB",
    },
)
RELATIONS: Final = Table(
    "Beziehung", {"01": "PARTNER", "02": "KIND", "03": "ELTERN", "04": "ANDERE"}
)
APPLICATION_REASONS: Final = Table(
    "Grund",
    {
        "01": "ERST",
        "02": "VERLAENGERUNG",
        "03": "NEBENBESTIMMUNG",
        "04": "NIEDERLASSUNG",
        "05": "BESCHAEFTIGUNG",
        "06": "BESCHAEFTIGUNGSDULDUNG",
        "07": "AUSBILDUNGSDULDUNG",
    },
)
RESIDENCE_REASONS: Final = Table(
    "Zweck", {"01": "FAM", "02": "AUSB", "03": "ERW", "04": "HUM", "05": "SONST"}
)
NOTIFICATION_REASONS: Final = Table(
    "Meldegrund",
    {"01": "DAUERAUFENTHALTSKARTE", "02": "AUFENTHALTSKARTE", "03": "BESCHEINIGUNG_EU"},
)
SKILLED_WORKER_REASONS: Final = Table(
    "Fachkraftzweck",
    {
        "01": "AUSBILDUNG",
        "02": "ANERKANNT",
        "03": "NICHT_ANERKANNT",
        "04": "KRAFTFAHRER",
        "05": "IT",
        "06": "LEITUNG",
        "07": "FORSCHUNG",
        "08": "BEAMTE",
        "09": "ANERKENNUNG",
        "10": "OEFFENTLICH",
        "11": "PRAKTIKUM",
    },
)
STAYS: Final = Table(
    "Aufenthaltsart",
    {
        "c_visa": "CVISUM",
        "visa_free": "VISUMFREI",
        "d_visa": "DVISUM",
        "residence_title": "TITEL",
        "other": "SONST",
    },
)
DOCUMENT_FORMATS: Final = Table("Format", {"application/pdf": "PDF", "image/jpeg": "JPG"})
STATUSES: Final = Table(
    "Stand",
    {
        "01": "EINGEGANGEN",
        "02": "ANTWORT_DA",
        "03": "RUECKNAHME_DA",
        "05": "GEPRUEFT",
        "06": "VEREINBART",
        "07": "VOLLSTAENDIG",
    },
)
ENDING_REASONS: Final = Table(
    "Beendigungsgrund",
    {
        "01": "KEINE_VEREINBARUNG",
        "02": "BERATEN",
        "03": "VORAUSSETZUNG_FEHLT",
        "04": "KEINE_RUECKMELDUNG",
    },
)
FAULTS: Final = Table(
    "Fehler",
    {
        "X000": "KEIN_XML",
        "X001": "NICHT_GUELTIG",
        "V000": "FASSUNG",
        "T070": "ABSENDER",
        "T080": "EMPFAENGER",
        "S010": "TABELLE",
        "S011": "SCHLUESSEL",
        "S100": "DOPPELT",
        "S999": "SONST",
    },
)
