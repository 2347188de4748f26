"""What of a dead letter may be edited, what is locked, and how two contents differ. Pure.

An edit mends what a message says, never whose it is: who sent it, to whom, in which case, with
which documents. A message of the store is filed under more than that, and keeps it too. What was
refused at the door keeps the headers with which it came; its body is text, and is locked as far
as both the old and the new one can be read.
"""

import difflib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from hub.broker import RETURNS, SUBMISSIONS
from hub.model.downward import Downward
from hub.model.failure import PermanentFailure
from hub.model.upward import Upward
from hub.stages.origin import exchange_of
from hub.store import DeadLetter, Message
from hub.xml import RETURN_LIMITS, encoding_of, parse, readable

__all__ = [
    "EditRefused",
    "Shape",
    "applied",
    "difference",
    "editable",
    "locked",
    "locked_return",
    "same_person",
    "shape_of",
]

Shape = Literal["message", "submission", "return"]
"""What is edited: a message of the store, or as it was sent a JSON message or a system's XML."""


class EditRefused(PermanentFailure):
    """What was written cannot take the place of the content; each problem says where and why."""

    def __init__(self, cause: str, problems: Sequence[tuple[str, str]]) -> None:
        place, sentence = problems[0]
        more = f" There are {len(problems) - 1} more." if len(problems) > 1 else ""
        said = f"{place}: {sentence}" if place else sentence
        super().__init__(cause, said + more, location=place or None)
        self.problems = tuple(problems)


_LOCKED: Final = (
    "id",
    "type",
    "case",
    "application_id",
    "sender",
    "authority",
    "place",
    "back_channel",
    "mailbox",
    "test",
)
_FILED_UNDER: Final = ("service", "answers", "language")
"""What the row and the case of a message were made from as well: an edit could only belie them."""

_NOT_JSON: Final = (ValueError, RecursionError)
"""What `json.loads` raises; deep nesting ends its recursion."""

_NO_ENCODING: Final = (LookupError, UnicodeError)
"""What codecs raise that are for something else than documents, such as `hex` or `idna`."""

_OF_A_RETURN: Final = ("id", "type", "application_id", "test")


def shape_of(letter: DeadLetter, message: Message | None) -> Shape:
    """How the content of a dead letter is edited.

    Args:
        letter: the dead letter.
        message: its row, if it has one.

    Raises:
        PermanentFailure: it is not.
    """
    if letter.message is not None:
        if message is None or message.direction != "down":
            raise PermanentFailure(
                "edit.not_possible", "What an authority said to an applicant is never changed."
            )
        return "message"
    match exchange_of(letter.origin):
        case exchange if exchange == SUBMISSIONS:
            return "submission"
        case exchange if exchange == RETURNS:
            return "return"
        case _:
            raise PermanentFailure("origin.unknown", "It is not known where this came from.")


def editable(shape: Shape, content: bytes) -> str:
    """The content as text to be edited; documents are named by their hashes only."""
    if shape == "return":
        return _text(content)
    try:
        message = json.loads(content)
    except _NOT_JSON:
        return content.decode(errors="replace")
    for document in _documents(message):
        document.pop("content", None)
    return json.dumps(message, indent=2, ensure_ascii=False)


def applied(shape: Shape, original: bytes, text: str) -> bytes:
    """What is sent if `text` takes the place of the content: with the documents it came with."""
    text = text.replace("\r\n", "\n")  # a browser's form has no other ends of lines
    if shape == "return":
        declared = encoding_of(text.encode(errors="replace")) or "utf-8"
        try:
            return text.encode(declared, errors="xmlcharrefreplace")
        except _NO_ENCODING:
            return text.encode(errors="xmlcharrefreplace")
    try:
        message, old = json.loads(text), _or_none(original)
    except _NOT_JSON:
        return text.encode(errors="replace")
    contents = {_sha256(each): each.get("content") for each in _documents(old)}
    for document in _documents(message):
        content = contents.get(_sha256(document))
        if content is not None:
            document.setdefault("content", content)
    return json.dumps(message, ensure_ascii=False).encode(errors="replace")


def difference(shape: Shape, before: bytes, after: bytes) -> str:
    """The two contents line by line as people read them, as a unified diff; empty if equal."""
    old, new = (_lines(shape, each) for each in (before, after))
    if old == new:  # in what the readable form leaves out, such as a comment
        old, new = (editable(shape, each).splitlines() for each in (before, after))
    return "\n".join(difflib.unified_diff(old, new, "as it is", "as proposed", lineterm=""))


def locked(before: Downward, after: Downward, *, filed: bool) -> list[str]:
    """The locked fields in which a message to the authority was changed.

    `filed`: it has a row and a case, made from what it said first.
    """
    names = (*_LOCKED, *_FILED_UNDER) if filed else _LOCKED
    return _changed(names, before, after)


def locked_return(before: Sequence[Upward], after: Sequence[Upward]) -> list[str]:
    """The same for a document of a system, which may hold several messages."""
    if len(before) != len(after):
        return ["messages"]
    pairs = zip(before, after, strict=True)
    return list(dict.fromkeys(name for pair in pairs for name in _changed(_OF_A_RETURN, *pair)))


def same_person(one: str, other: str) -> bool:
    """Whether two actors are one person, or may be: the name counts, not how it signed in.

    A name with a domain (`ola@example.org`) may be anybody's who is called so without one.
    """
    (name, domain), (other_name, other_domain) = _name(one), _name(other)
    return name == other_name and (domain == other_domain or not (domain and other_domain))


def _changed(
    names: Sequence[str], before: Downward | Upward, after: Downward | Upward
) -> list[str]:
    changed = [name for name in names if getattr(before, name, None) != getattr(after, name, None)]
    if _hashes(before) != _hashes(after):
        changed.append("documents")
    return changed


def _hashes(message: Downward | Upward) -> list[tuple[object, str]]:
    return [(each.id, each.sha256) for each in message.documents]


def _name(actor: str) -> tuple[str, str]:
    name = unicodedata.normalize("NFKC", actor.partition(":")[2]).strip().casefold()
    local, _, domain = name.partition("@")
    return local, domain


def _documents(message: Any) -> list[dict[str, Any]]:
    given = message.get("documents") if isinstance(message, Mapping) else None
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _sha256(document: dict[str, Any]) -> str:
    return str(document.get("sha256"))  # refused for it, perhaps: it may be anything


def _or_none(content: bytes) -> Any:
    try:
        return json.loads(content)
    except _NOT_JSON:
        return None


def _text(document: bytes) -> str:
    try:
        return document.decode(encoding_of(document) or "utf-8", errors="replace")
    except _NO_ENCODING:
        return document.decode(errors="replace")


def _lines(shape: Shape, content: bytes) -> list[str]:
    if shape == "return":
        try:
            encodings = frozenset({encoding_of(content) or "utf-8"})
            return (
                readable(parse(content, RETURN_LIMITS, encodings=encodings)).decode().splitlines()
            )
        except PermanentFailure:
            pass  # shown as it came
    return editable(shape, content).splitlines()
