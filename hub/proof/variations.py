"""Every message that differs from a complete one in one thing: a value, a form, something left out.

What a format does not carry shows where such a difference leaves no trace in what it writes.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hub.model.downward import Submission
from hub.proof.messages import FORMS, Filling, is_valid, with_its_documents
from hub.proof.shapes import TAGS, Choice, Fields, Items, Node, Path, chosen, nodes
from hub.proof.values import Json, Scalar

__all__ = [
    "Group",
    "Variation",
    "exchanges",
    "groups",
    "longest",
    "replaced",
    "scalars",
    "with_every_code",
]


@dataclass(frozen=True, slots=True)
class Variation:
    """A valid message, and which of its fields differ from the message that it came from.

    `node` is the place that was changed, as it was before.
    """

    what: str
    fields: tuple[Path, ...]
    message: Json
    node: Node


@dataclass(frozen=True, slots=True)
class Group:
    """Variations of one message."""

    base: Json
    variations: tuple[Variation, ...]


def groups(shape: Fields, message: Json) -> Iterator[Group]:
    """Every variation: first those of the message itself, then those of each other form of it."""
    changing = _Changing(shape, message)
    own = (*changing.everything(), *_of_documents(message))
    yield Group(message, own)
    if shape.record is Submission:
        by_place = replaced(replaced(message, ("authority",), None), ("place",), "081110000000")
        yield Group(by_place, tuple(_Changing(shape, by_place, ("place",)).everything()))
    for variation in own:
        if variation.what == _OTHER_FORM:
            inside = _Changing(shape, variation.message, variation.node.path)
            yield Group(variation.message, tuple(inside.everything()))


def exchanges(shape: Fields, message: Json) -> Iterator[tuple[Node, Node, Json]]:
    """Each single value and the next of its kind, and the message with the two exchanged."""
    by_kind: dict[str, list[Node]] = {}
    for node in scalars(shape, message):
        by_kind.setdefault(_scalar(node).name, []).append(node)
    for alike in by_kind.values():
        for one, other in zip(alike, alike[1:] + alike[:1], strict=True):
            if one.value == other.value:
                continue
            exchanged = replaced(message, one.path, other.value)
            exchanged = replaced(exchanged, other.path, one.value)
            if is_valid(exchanged):
                yield one, other, exchanged


def longest(shape: Fields, message: Json) -> Iterator[Variation]:
    """Each text at its greatest length, each number at its bound."""
    for node in scalars(shape, message):
        for value in _scalar(node).extremes:
            changed = replaced(message, node.path, value)
            if is_valid(changed):
                yield Variation("the longest that is allowed", (node.path,), changed, node)


def with_every_code(node: Node, message: Json) -> Iterator[tuple[str, Json]]:
    """The message with each code that the field at `node` can have."""
    for code in _scalar(node).every:
        changed = replaced(message, node.path, code)
        if isinstance(code, str) and is_valid(changed):
            yield code, changed


def scalars(shape: Fields, message: Json) -> Iterator[Node]:
    """Every single value that the message has and that could be another."""
    for node in nodes(shape, message):
        single = isinstance(node.shape, Scalar) and not node.shape.fixed
        if single and node.value is not None:
            yield node


def replaced(value: Json, path: Path, new: Json) -> Json:
    """The same with `new` at `path`; None removes a field."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, list):
        return [
            replaced(item, tuple(rest), new) if at == first else item
            for at, item in enumerate(value)
        ]
    inner = replaced(value.get(first), tuple(rest), new)
    others = {name: item for name, item in value.items() if name != first or inner is not None}
    return others if inner is None else others | {first: inner}


_OTHER_FORM: Final = "in another form"
_FAR: Final = 5000
"""Beyond every number that a complete message was filled with."""


class _Changing:
    """Changes what stands below a place; at the place itself, no other form is tried again."""

    def __init__(self, shape: Fields, message: Json, below: Path = ()) -> None:
        self._shape = shape
        self._message = message
        self._below = below
        self._filling = Filling(_FAR)

    def everything(self) -> Iterator[Variation]:
        """All there is to change."""
        seen: set[Path] = set()
        for node in nodes(self._shape, self._message):
            if node.path[: len(self._below)] != self._below:
                continue
            if isinstance(node.shape, Choice):
                yield from self._choices(node, node.shape)
            if node.value is None:
                continue
            if isinstance(node.shape, Items) and len(node.value) > node.shape.least:
                yield from self._if_valid("one item fewer", node, node.value[:-1])
            elif isinstance(node.shape, Fields):
                yield from self._forms(node, node.shape)
            elif isinstance(node.shape, Scalar) and node.path not in seen:
                seen.add(node.path)
                yield from self._another(node, node.shape)

    def _another(self, node: Node, scalar: Scalar) -> Iterator[Variation]:
        if scalar.names_document or scalar.fixed:
            return  # which document stands where is told by exchanging them
        for value in _others(scalar, node.value):
            changed = replaced(self._message, node.path, value)
            if value != node.value and is_valid(changed):
                yield Variation("another value", (node.path,), changed, node)
                return

    def _choices(self, node: Node, choice: Choice) -> Iterator[Variation]:
        if node.value is None:
            return
        if choice.optional:
            yield from self._if_valid("left out", node, None)
        if node.path == self._below:
            return
        present = chosen(choice, node.value)
        for option in choice.options:
            if option is not present:
                yield from self._if_valid(_OTHER_FORM, node, self._filling.fill(option))

    def _forms(self, node: Node, shape: Fields) -> Iterator[Variation]:
        forms = FORMS.get(shape.record, ())[1:] if node.path != self._below else ()
        for form in forms:
            value = self._filling.record(shape, form)
            yield from self._if_valid(_OTHER_FORM, node, value)

    def _if_valid(self, what: str, node: Node, value: Json) -> Iterator[Variation]:
        changed = replaced(self._message, node.path, value)
        changed = with_its_documents(self._shape, changed)
        if is_valid(changed):
            fields = _differing(node, value)
            if fields:
                yield Variation(what, fields, changed, node)


def _others(scalar: Scalar, value: Json) -> Iterator[Json]:
    yield from (each for each in scalar.every if each != value)
    if not scalar.every:
        yield from (scalar.make(number) for number in (_FAR, -_FAR, 1, 2, 3))


def _differing(node: Node, value: Json) -> tuple[Path, ...]:
    """The single values that differ when `value` takes the place of what stands at `node`."""
    before, after = (_leaves(node, each) for each in (node.value, value))
    return tuple(path for path in before | after if before.get(path) != after.get(path))


def _leaves(node: Node, value: Json) -> dict[Path, Json]:
    return {
        each.path: each.value
        for each in nodes(node.shape, value, node.path)
        if isinstance(each.shape, Scalar) and not _is_tag(each)
    }


def _is_tag(node: Node) -> bool:
    fixed = isinstance(node.shape, Scalar) and node.shape.fixed
    return fixed and node.path[-1] in TAGS


def _of_documents(message: Json) -> Iterator[Variation]:
    for at, document in enumerate(message.get("documents", ())):
        for name, change in _DOCUMENT_CHANGES.items():
            path = ("documents", at, name)
            changed = replaced(message, ("documents", at), change(document))
            node = Node(path, _DOCUMENT_TEXT, document[name])
            yield Variation("another value", (path,), changed, node)
        path = ("documents", at, "file_name")
        without = replaced(message, path, None)
        yield Variation("left out", (path,), without, Node(path, _DOCUMENT_TEXT, None))


def _other_content(document: Json) -> Json:
    data = base64.b64decode(document["content"]) + b" changed"
    return document | {
        "content": base64.b64encode(data).decode(),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _other_type(document: Json) -> Json:
    types = {"application/pdf": "image/jpeg", "image/jpeg": "application/pdf"}
    return document | {"media_type": types[document["media_type"]]}


def _other_name(document: Json) -> Json:
    return document | {"file_name": f"Umbenannt {document['file_name']}"}


_DOCUMENT_TEXT: Final = Scalar("of a document", lambda _: None)
_DOCUMENT_CHANGES: Final[dict[str, Callable[[Json], Json]]] = {
    "content": _other_content,
    "media_type": _other_type,
    "file_name": _other_name,
}


def _scalar(node: Node) -> Scalar:
    assert isinstance(node.shape, Scalar)  # noqa: S101 - `scalars` yields no other
    return node.shape
