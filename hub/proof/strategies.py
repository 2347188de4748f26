"""Any message that the model allows, drawn by hypothesis from the model's own shape."""

from datetime import date
from functools import cache
from typing import Any, Final

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from hub.adapter import Capability
from hub.model.dates import PartialDate
from hub.model.downward import Reply, Submission
from hub.model.text import GROUPS, SEQUENCES, normalise
from hub.proof.messages import FORMS, complete, is_valid, shape_of_subject, with_its_documents
from hub.proof.shapes import Choice, Fields, Items, Shape
from hub.proof.values import Json, Scalar

__all__ = ["messages", "texts"]


def _allowed(text: str) -> bool:
    try:
        return bool(normalise(text).strip())
    except ValueError:
        return False


texts: SearchStrategy[str] = (
    st.lists(st.sampled_from([*"".join(GROUPS.values()), *SEQUENCES]), min_size=1, max_size=12)
    .map("".join)
    .map(normalise)
    .filter(_allowed)
)
"""Any short text of DIN SPEC 91379."""


@st.composite
def messages(draw: DrawFn, subject: Capability) -> Json:
    """Any message about `subject`, in its JSON form and with the documents that it names."""
    shape = shape_of_subject(subject)
    usual = complete(subject)
    kept = {"id", "created_at", "type", "case", "authority", "place"}
    if shape.record not in (Submission, Reply):
        kept.add("documents")  # exactly one, or none at all
    message = {name: value for name, value in usual.items() if name in kept}
    for name, field in shape.of.items():
        if name not in kept:
            message[name] = _any(draw, field)
    message = with_its_documents(shape, message)
    assume(is_valid(message))
    return message


_MOST_ITEMS: Final = 3
_EARLY: Final = date(1900, 1, 1)
_LATE: Final = date(2150, 12, 31)


def _any(draw: DrawFn, shape: Shape) -> Json:
    if isinstance(shape, Choice):
        if shape.optional and draw(st.booleans()):
            return None
        return _any(draw, draw(st.sampled_from(shape.options)))
    if isinstance(shape, Items):
        most = max(shape.least, min(shape.most or _MOST_ITEMS, _MOST_ITEMS))
        return [_any(draw, shape.of) for _ in range(draw(st.integers(shape.least, most)))]
    if isinstance(shape, Fields):
        return _record(draw, shape)
    return draw(_value(shape))


def _record(draw: DrawFn, shape: Fields) -> Json:
    if shape.record not in FORMS:
        return {name: _any(draw, field) for name, field in shape.of.items()}
    form = draw(st.sampled_from(FORMS[shape.record]))
    if shape.record is PartialDate:
        day = draw(_DAYS)
        return {name: getattr(day, name) for name in form}
    return {name: _given(draw, shape.of[name]) for name in form}


def _given(draw: DrawFn, shape: Shape) -> Json:
    """A value for a field that makes the form of its record: never nothing."""
    if isinstance(shape, Choice):
        return _any(draw, shape.options[0])
    if isinstance(shape, Items):
        return [_any(draw, shape.of) for _ in range(draw(st.integers(1, _MOST_ITEMS)))]
    return True if isinstance(shape, Scalar) and shape.name == "bool" else _any(draw, shape)


_DAYS: Final = st.dates(_EARLY, _LATE)


def _value(scalar: Scalar) -> SearchStrategy[Any]:
    if scalar.every:
        return st.sampled_from(scalar.every)
    if scalar.text is not None:
        return texts
    if scalar.pattern is not None:
        return _matching(scalar.pattern)
    if scalar.name == "day":
        return _DAYS.map(date.isoformat)
    if scalar.name == "number":
        return st.integers(scalar.make(0), scalar.extremes[0])
    if scalar.names_document or scalar.name == "uuid":
        return _IDENTIFIERS
    return st.integers(0, 10_000).map(scalar.make)


_IDENTIFIERS: Final = st.uuids().map(str)


@cache
def _matching(pattern: str) -> SearchStrategy[str]:
    return st.from_regex(pattern.replace("$", r"\Z"))
