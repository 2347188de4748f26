"""The values that single fields of the model can have: another one, every one, the longest one.

Everything is told by the model's own annotations. A type that is new to the model has to be
added here, and `Unknown` says so: a field that the proof cannot change would not be proven.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import NoneType
from typing import Any, Final, Literal, NewType, get_args, get_origin
from uuid import UUID, uuid5

from pydantic import AfterValidator, AwareDatetime

from hub.model import codes
from hub.model.codes import code_list
from hub.model.identifiers import DocumentId
from hub.model.text import LongText, Text

__all__ = ["Json", "Scalar", "Unknown", "scalar"]

Json = Any
"""What a field holds in the message's JSON form."""


class Unknown(TypeError):
    """The model has a type of which the proof knows no value."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One kind of single value.

    Attributes:
        name: the same for values that could take each other's place.
        make: the n-th value; values near each other differ, as far as there are several.
        every: all values, where they can be listed.
        extremes: the largest value that the model allows.
        pattern: what its text matches, if that is its rule.
        text: free text, which has to arrive letter by letter; its bound in letters.
    """

    name: str
    make: Callable[[int], Json] = field(repr=False)
    every: tuple[Json, ...] = ()
    extremes: tuple[Json, ...] = field(default=(), repr=False)
    pattern: str | None = None
    text: int | None = None

    @property
    def fixed(self) -> bool:
        """Whether there is only one value."""
        return len(self.every) == 1

    @property
    def names_document(self) -> bool:
        """Whether it names a document of the message."""
        return self.name == "document"


def scalar(base: Any, rules: tuple[Any, ...]) -> Scalar:
    """The kind of a value annotated as `base`, checked by `rules`.

    Raises:
        Unknown: nothing is known of such values.
    """
    if get_origin(base) is Literal:
        return _listed(f"one of {get_args(base)}", get_args(base))
    if base is bool:
        return Scalar("bool", lambda _: True, every=(True, False))
    if base is int:
        return _number(rules)
    if base is str:
        return _string(rules)
    if base in _BY_TYPE:
        return _BY_TYPE[base]
    if isinstance(base, NewType) and base.__supertype__ is UUID:
        return _identifier("document" if base is DocumentId else "uuid")
    raise Unknown(f"no value is known for {base} with {rules}; add it to hub.proof.values")


_NAMESPACE: Final = UUID("00000000-0000-4000-8000-000000000000")
_FIRST_DAY: Final = date(2001, 1, 1)
_FIRST_MOMENT: Final = datetime(2026, 11, 2, 8, 15, tzinfo=UTC)
_FEW: Final = 12
_LARGE_AMOUNT: Final = 10**9
"""The model does not bound amounts; a format has to take this one at least."""


def _listed(name: str, values: tuple[Json, ...]) -> Scalar:
    return Scalar(name, lambda n: values[n % len(values)], every=values)


def _identifier(name: str) -> Scalar:
    return Scalar(name, lambda n: str(uuid5(_NAMESPACE, f"{name}-{n}")))


def _number(rules: tuple[Any, ...]) -> Scalar:
    bounds = {name: value for rule in rules for name, value in _bounds(rule)}
    low = bounds.get("ge", bounds.get("gt", -1) + 1)
    high = bounds.get("le", _LARGE_AMOUNT)
    if high - low < _FEW:
        return _listed(f"number {low}-{high}", tuple(range(low, high + 1)))
    return Scalar("number", lambda n: low + n % (high - low + 1), extremes=(high,))


def _bounds(rule: Any) -> list[tuple[str, int]]:
    return [(name, getattr(rule, name)) for name in ("ge", "gt", "le") if hasattr(rule, name)]


def _string(rules: tuple[Any, ...]) -> Scalar:
    if rules in _TEXTS:
        return _free_text(_TEXTS[rules])
    if rules in _LISTS:
        name = _LISTS[rules]
        return _listed(f"code of {name}", tuple(sorted(code_list(name).codes)))
    pattern = next((rule.pattern for rule in rules if hasattr(rule, "pattern")), "")
    if pattern not in _PATTERNS:
        raise Unknown(f"no text is known for {rules}; add it to hub.proof.values")
    make, longest = _PATTERNS[pattern]
    return Scalar(pattern, make, extremes=(longest,) if longest else (), pattern=pattern)


def _free_text(letters: int) -> Scalar:
    # Letters beyond Latin-1 and one of two code points: what a narrow encoding would change.
    longest = ("Ł" + "M̂" + "ßaé" * letters)[: letters + 1]
    return Scalar("text", lambda n: f"Text {n} ŁM̂ß", extremes=(longest,), text=letters)


def _rules_of(annotated: Any) -> tuple[Any, ...]:
    return tuple(rule for rule in get_args(annotated) if isinstance(rule, AfterValidator))


_TEXTS: Final[Mapping[tuple[Any, ...], int]] = {_rules_of(Text): 1000, _rules_of(LongText): 20_000}

_LISTS: Final[Mapping[tuple[Any, ...], str]] = {
    _rules_of(codes.StatusCode): "status",
    _rules_of(codes.ApplicationReason): "application_reason",
    _rules_of(codes.ResidenceReason): "residence_reason",
    _rules_of(codes.NotificationReason): "notification_reason",
    _rules_of(codes.EndingReason): "ending_reason",
    _rules_of(codes.FamilyRelation): "family_relation",
    _rules_of(codes.SkilledWorkerReason): "skilled_worker_reason",
    _rules_of(codes.Gender): "gender",
    _rules_of(codes.MaritalStatus): "marital_status",
    _rules_of(codes.ContactChannel): "contact_channel",
    _rules_of(codes.StateCode): "state",
}

_BY_TYPE: Final[Mapping[Any, Scalar]] = {
    date: Scalar("day", lambda n: (_FIRST_DAY + timedelta(days=n)).isoformat()),
    AwareDatetime: Scalar("moment", lambda n: (_FIRST_MOMENT + timedelta(minutes=n)).isoformat()),
    NoneType: Scalar("nothing", lambda _: None, every=(None,)),
}

_PATTERNS: Final[Mapping[str, tuple[Callable[[int], str], str | None]]] = {
    # AuthorityKey, DirectoryKey, Ars, LeikaKey, AzrNumber, ApplicationId
    r"^[0-9]{6}$": (lambda n: f"99{n % 10_000:04d}", None),
    r"^[a-z0-9]{2,10}:[A-Za-z0-9._-]{1,64}$": (
        lambda n: f"alp:{n % 1_000_000:06d}",
        "portal1234:" + "A" * 64,
    ),
    r"^[0-9]{12}$": (lambda n: f"99{n % 10**10:010d}", None),
    r"^99[0-9]{12}$": (lambda n: f"99{n % 10**12:012d}", None),
    r"^[0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{6}$": (
        lambda n: f"900101{n % 1_000_000:06d}",
        None,
    ),
    r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$": (lambda n: f"AT-2026-{n:06d}", "A/" + "b" * 62),
    # MailboxAddress
    r"^[a-z][a-z0-9_]{0,31}$": (lambda n: f"provider{n}", "p" * 32),
    r"^[A-Za-z0-9._@+-]{1,320}$": (lambda n: f"account-{n}", "a" * 320),
    # ForeignCode
    r"^urn:[A-Za-z0-9:._-]{1,200}$": (lambda n: f"urn:example:list-{n}", "urn:" + "a" * 200),
    r"^[A-Za-z0-9.-]{1,20}$": (lambda n: f"{n}.0", "1" * 20),
    r"^[A-Za-z0-9._-]{1,20}$": (lambda n: f"code-{n}", "c" * 20),
    # Postcode, house number, Nationality
    r"^[0-9]{5}$": (lambda n: f"{n % 100_000:05d}", None),
    r"^[0-9A-Za-z][0-9A-Za-z /.-]{0,9}$": (lambda n: f"{n % 10**8} a", "1234567890"),
    r"^[0-9]{3}$": (lambda n: f"{100 + n % 900}", None),
}
