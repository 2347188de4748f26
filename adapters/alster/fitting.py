"""Makes a message fit into Alster's database: ISO-8859-1, and columns of a certain length.

Done once for the whole message, before anything is written, so that each change can be
reported under the name of its field; what writes XML need not think of it.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

from pydantic import BaseModel

from adapters.alster.latin1 import transliterate
from hub.adapter import Change
from hub.model.details import Employer, EmployerRepresentative
from hub.model.document import Document, Evidence
from hub.model.downward import Party
from hub.model.failure import PermanentFailure
from hub.model.person import BuildingAddress, Contact, Name, PostBoxAddress, Representative
from hub.model.sponsor import Institution

__all__ = ["fit", "fit_text"]

AnyRecord = TypeVar("AnyRecord", bound=BaseModel)

_TEXT: Final = 1000
_LONG_TEXT: Final = 4000
_LONG_FIELDS: Final = frozenset({"remarks", "condition_change", "text"})

_LENGTHS: Final[Mapping[tuple[type[BaseModel], str], int]] = {
    (Name, "text"): 60,
    (Party, "name"): 120,
    (BuildingAddress, "street"): 60,
    (BuildingAddress, "town"): 60,
    (PostBoxAddress, "number"): 60,
    (PostBoxAddress, "town"): 60,
    (Contact, "value"): 120,
    (Employer, "company"): 120,
    (EmployerRepresentative, "company"): 120,
    (Representative, "company"): 120,
    (Institution, "name"): 120,
    (Document, "file_name"): 120,
    (Evidence, "title"): 120,
}
"""Columns of Alster that are shorter than usual, in letters."""


def fit(
    record: AnyRecord, changes: list[Change], *, under: str = "", without: frozenset[str]
) -> AnyRecord:
    """The record in texts that fit; what had to change is appended to `changes`.

    Args:
        record: any record of the hub's model.
        changes: grows by one entry for each change, named by the path of its field.
        under: path of the record itself.
        without: fields of the record that are not looked at.
    """
    fitted: dict[str, object] = {}
    for name in (each for each in type(record).model_fields if each not in without):
        value = getattr(record, name)
        length = _LENGTHS.get((type(record), name), _usual(name))
        new = _fit(value, f"{under}.{name}" if under else name, length, changes)
        if new is not value:  # what fits comes back as it is; comparing records takes long
            fitted[name] = new
    return record.model_copy(update=fitted) if fitted else record


def fit_text(text: str, path: str, length: int, changes: list[Change]) -> str:
    """One text that fits; see `fit`."""
    try:
        fitted = transliterate(text)
    except ValueError as error:
        raise PermanentFailure("text.not_expressible", f"{error}.", location=path) from None
    if fitted != text:
        changes.append(Change(path, "transliterated to ISO-8859-1"))
    if len(fitted) > length:
        changes.append(Change(path, f"cut to {length}"))
    return fitted[:length]


def _usual(field: str) -> int:
    return _LONG_TEXT if field in _LONG_FIELDS else _TEXT


def _fit(value: object, path: str, length: int, changes: list[Change]) -> object:
    match value:
        case str():
            return fit_text(value, path, length, changes)
        case BaseModel():
            return fit(value, changes, under=path, without=frozenset())
        case tuple():
            fitted = tuple(
                _fit(each, f"{path}[{at}]", length, changes) for at, each in enumerate(value)
            )
            same = all(new is old for new, old in zip(fitted, value, strict=True))
            return value if same else fitted
        case _:
            return value
