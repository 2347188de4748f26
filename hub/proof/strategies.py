"""Any message that the model allows, drawn by hypothesis from the model's own shape."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

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


def messages(subject: Capability) -> SearchStrategy[Json]:
    """Any message about `subject`, in its JSON form and with the documents that it names."""
    shape = shape_of_subject(subject)
    usual = complete(subject)
    fixed = {name: usual[name] for name in ("id", "created_at", "type", "case") if name in usual}
    if shape.record is Submission:
        fixed |= {"authority": usual["authority"], "place": None}
    elif shape.record is not Reply:
        fixed |= {"documents": usual.get("documents", [])}
    drawn = {name: _drawn(each) for name, each in shape.of.items() if name not in fixed}
    return (
        st.fixed_dictionaries(drawn)
        .map(lambda values: with_its_documents(shape, values | fixed))
        .filter(is_valid)
    )


_MOST_ITEMS: Final = 3
_EARLY: Final = date(1900, 1, 1)
_LATE: Final = date(2150, 12, 31)


def _drawn(shape: Shape) -> SearchStrategy[Any]:
    if isinstance(shape, Choice):
        present = st.one_of(*map(_drawn, shape.options))
        return st.none() | present if shape.optional else present
    if isinstance(shape, Items):
        most = max(shape.least, min(shape.most or _MOST_ITEMS, 7))
        return st.lists(_drawn(shape.of), min_size=shape.least, max_size=most)
    if isinstance(shape, Fields):
        return _record(shape)
    return _value(shape)


def _record(shape: Fields) -> SearchStrategy[Any]:
    if shape.record is PartialDate:
        # Years beyond those of the papers of living people tell nothing more.
        return st.sampled_from(FORMS[PartialDate]).flatmap(_partial_date)
    forms = FORMS.get(shape.record, (tuple(shape.of),))
    return st.one_of(
        *(st.fixed_dictionaries({name: _given(name, shape) for name in form}) for form in forms)
    )


def _given(name: str, shape: Fields) -> SearchStrategy[Any]:
    # A field of a form is what makes the form: it is always given.
    field = shape.of[name]
    if shape.record in FORMS and isinstance(field, Choice):
        return _drawn(field.options[0])
    if shape.record in FORMS and isinstance(field, Items):
        return st.lists(_drawn(field.of), min_size=1, max_size=_MOST_ITEMS)
    return st.just(True) if name == "absent" else _drawn(field)


def _partial_date(form: tuple[str, ...]) -> SearchStrategy[Mapping[str, int]]:
    return st.dates(_EARLY, _LATE).map(lambda day: {name: getattr(day, name) for name in form})


def _value(scalar: Scalar) -> SearchStrategy[Any]:
    if scalar.every:
        return st.sampled_from(scalar.every)
    if scalar.text is not None:
        return texts
    if scalar.pattern is not None:
        return st.from_regex(scalar.pattern.replace("$", r"\Z"))
    if scalar.name == "day":
        return st.dates(_EARLY, _LATE).map(lambda day: day.isoformat())
    if scalar.name == "number":
        return st.integers(scalar.make(0), scalar.extremes[0])
    if scalar.name in ("document", "uuid"):
        return st.uuids().map(str)
    return st.integers(0, 10_000).map(scalar.make)
