"""What a message of the model consists of, read from the model itself.

A shape mirrors the message's JSON: records with fields, lists of items, choices between
alternatives, single values. With it a message can be filled, walked, changed and drawn at
random without knowing what it is about; a field that the model gains is proven at once.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Union, get_args, get_origin

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hub.model.document import Document
from hub.proof.values import Json, Scalar, scalar

__all__ = [
    "TAGS",
    "Choice",
    "Fields",
    "Items",
    "Node",
    "Path",
    "Shape",
    "chosen",
    "nodes",
    "shape_of",
]

TAGS: Final = frozenset({"kind", "service", "type"})
"""The fields by which the model tells the members of a union apart."""

Path = tuple[str | int, ...]
"""Where a value stands in a message: names of fields and positions in lists."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A record."""

    record: type[BaseModel]
    of: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True)
class Items:
    """A list of at least `least` and at most `most` items."""

    of: "Shape"
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several shapes, or nothing where it is `optional`."""

    options: tuple["Shape", ...]
    optional: bool


Shape = Scalar | Fields | Items | Choice


@dataclass(frozen=True, slots=True)
class Node:
    """One place of a message. `within` are the records around it, the outermost first."""

    path: Path
    shape: Shape
    value: Json
    within: tuple[type[BaseModel], ...] = ()


@cache
def shape_of(record: type[BaseModel]) -> Fields:
    """The shape of a record. Documents are left out: they are the message's own matter."""
    return Fields(
        record,
        {
            name: _shape(field.annotation, (field,))
            for name, field in record.model_fields.items()
            if get_args(field.annotation)[:1] != (Document,)
        },
    )


def nodes(
    shape: Shape, value: Json, path: Path = (), within: tuple[type[BaseModel], ...] = ()
) -> Iterator[Node]:
    """Every place of `value`, each before what is inside of it; also where nothing stands."""
    yield Node(path, shape, value, within)
    if value is None:
        return
    if isinstance(shape, Choice):
        yield from nodes(chosen(shape, value), value, path, within)
    elif isinstance(shape, Items):
        for at, item in enumerate(value):
            yield from nodes(shape.of, item, (*path, at), within)
    elif isinstance(shape, Fields):
        for name, field in shape.of.items():
            yield from nodes(field, value.get(name), (*path, name), (*within, shape.record))


def chosen(choice: Choice, value: Json) -> Shape:
    """Which of the options `value` has taken."""
    return next(option for option in choice.options if _fits(option, value))


def _fits(option: Shape, value: Json) -> bool:
    if isinstance(option, Fields):
        return isinstance(value, dict) and all(
            value.get(name) in field.every
            for name, field in option.of.items()
            if isinstance(field, Scalar) and name in TAGS
        )
    if isinstance(option, Items):
        return isinstance(value, list)
    return not isinstance(value, dict | list)


def _shape(annotation: Any, rules: tuple[Any, ...]) -> Shape:
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        rules = (*rules, *more)
    rules = tuple(_flat(rules))
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _choice(get_args(annotation), rules)
    if origin is tuple:
        least = next((rule.min_length for rule in rules if isinstance(rule, MinLen)), 0)
        most = next((rule.max_length for rule in rules if isinstance(rule, MaxLen)), None)
        return Items(_shape(get_args(annotation)[0], ()), least, most)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return shape_of(annotation)
    return scalar(annotation, rules)


def _flat(rules: tuple[Any, ...]) -> Iterator[Any]:
    for rule in rules:
        if isinstance(rule, FieldInfo):
            yield from rule.metadata
        else:
            yield rule


def _choice(members: tuple[Any, ...], rules: tuple[Any, ...]) -> Shape:
    options: list[Shape] = []
    for member in members:
        shape = None if member is type(None) else _shape(member, rules)
        # `(A | B) | None` is one choice, not two.
        options += shape.options if isinstance(shape, Choice) else [shape] if shape else []
    return Choice(tuple(options), optional=type(None) in members)
