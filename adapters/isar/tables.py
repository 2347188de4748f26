"""Isar's own code tables: the hub's code on the left, Isar's on the right.

Every code is mapped by hand, none is guessed: a code that a list gains later fails with its
table until somebody has written down what Isar calls it.
"""

from collections.abc import Mapping
from typing import Final

from hub.model.failure import PermanentFailure

__all__ = [
    "APPLICATION_REASONS",
    "CHANNELS",
    "CONTENT_TYPES",
    "ENDING_REASONS",
    "GENDERS",
    "MARITAL_STATUSES",
    "NOTIFICATION_REASONS",
    "REJECTIONS",
    "RELATIONS",
    "RESIDENCE_REASONS",
    "SERVICES",
    "SKILLED_WORKER_REASONS",
    "STATUSES",
    "STAYS",
    "Table",
]


class Table:
    """One table. `name` is its simple type in the schema."""

    def __init__(self, name: str, words: Mapping[str, str]) -> None:
        self.name = name
        self.words = words
        self._codes = {word: code for code, word in words.items()}

    def word(self, code: str) -> str:
        """Isar's code for one of the hub.

        Raises:
            PermanentFailure: `code.unknown`; Isar has none.
        """
        return _look_up(self.words, code, self.name)

    def code(self, word: str) -> str:
        """The hub's code for one of Isar.

        Raises:
            PermanentFailure: `code.unknown`; the table has no such code.
        """
        return _look_up(self._codes, word, self.name)


def _look_up(found: Mapping[str, str], wanted: str, table: str) -> str:
    try:
        return found[wanted]
    except KeyError:
        pass
    raise PermanentFailure(
        "code.unknown", "Isar's code table has no entry for this code.", location=table
    )


SERVICES: Final = Table(
    "ServiceCode",
    {
        "employment": "A-10",
        "family": "A-20",
        "education": "A-30",
        "protection": "A-40",
        "conditions": "B-10",
        "settlement": "B-20",
        "work_permission": "B-30",
        "free_movement": "C-10",
        "skilled_workers": "D-10",
        "sponsorship": "E-10",
    },
)
GENDERS: Final = Table("GenderCode", {"m": "MALE", "w": "FEMALE", "d": "DIVERSE", "x": "UNSAID"})
MARITAL_STATUSES: Final = Table(
    "MaritalCode",
    {
        "LD": "SINGLE",
        "VH": "MARRIED",
        "VW": "WIDOWED",
        "GS": "DIVORCED",
        "EA": "ANNULLED",
        "LP": "PARTNERED",
        "LV": "PARTNER_DIED",
        "LA": "PARTNERSHIP_ANNULLED",
        "LE": "PARTNER_DECLARED_DEAD",
        "NB": "NOT_KNOWN",
    },
)
CHANNELS: Final = Table(
    "ChannelCode",
    {
        "01": "EMAIL",
        "02": "PHONE",
        "03": "MOBILE",
        "04": "FAX",
        "05": "MESSENGER",
        "06": "PAGER",
        "07": "OTHER",
        "08": "DEMAIL",
        "09": "WEB",
    },
)
RELATIONS: Final = Table(
    "RelationCode", {"01": "PARTNER", "02": "CHILD", "03": "PARENT", "04": "OTHER"}
)
APPLICATION_REASONS: Final = Table(
    "ReasonCode",
    {
        "01": "FIRST",
        "02": "EXTENSION",
        "03": "CONDITIONS",
        "04": "SETTLEMENT",
        "05": "WORK_PERMIT",
        "06": "WORK_TOLERATION",
        "07": "TRAINING_TOLERATION",
    },
)
RESIDENCE_REASONS: Final = Table(
    "PurposeCode",
    {"01": "FAMILY", "02": "EDUCATION", "03": "WORK", "04": "HUMANITARIAN", "05": "OTHER"},
)
NOTIFICATION_REASONS: Final = Table(
    "CardCode",
    {"01": "PERMANENT_RESIDENCE_CARD", "02": "RESIDENCE_CARD", "03": "PERMANENT_CERTIFICATE"},
)
SKILLED_WORKER_REASONS: Final = Table(
    "WorkCode",
    {
        "01": "TRAINING",
        "02": "RECOGNISED",
        "03": "NOT_RECOGNISED",
        "04": "DRIVER",
        "05": "IT",
        "06": "MANAGEMENT",
        "07": "RESEARCH",
        "08": "CIVIL_SERVICE",
        "09": "RECOGNITION_MEASURE",
        "10": "PUBLIC_INTEREST",
        "11": "PRACTICE",
    },
)
STAYS: Final = Table(
    "StayCode",
    {
        "c_visa": "VISA_C",
        "visa_free": "VISA_FREE",
        "d_visa": "VISA_D",
        "residence_title": "TITLE",
        "other": "OTHER",
    },
)
CONTENT_TYPES: Final = Table("ContentCode", {"application/pdf": "PDF", "image/jpeg": "JPEG"})
STATUSES: Final = Table(
    "StatusCode",
    {
        "01": "RECEIVED",
        "02": "ANSWER_RECEIVED",
        "03": "WITHDRAWAL_RECEIVED",
        "05": "CHECKED",
        "06": "AGREED",
        "07": "DOCUMENTS_COMPLETE",
    },
)
ENDING_REASONS: Final = Table(
    "EndingCode",
    {"01": "NO_AGREEMENT", "02": "ADVISED", "03": "REQUIREMENT_MISSING", "04": "NO_RESPONSE"},
)
REJECTIONS: Final = Table(
    "RejectionCode",
    {
        "X000": "NOT_XML",
        "X001": "NOT_VALID",
        "V000": "VERSION",
        "T070": "SENDER",
        "T080": "RECIPIENT",
        "S010": "TABLE",
        "S011": "CODE",
        "S100": "DUPLICATE",
        "S999": "OTHER",
    },
)
