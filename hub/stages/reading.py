"""Reads what a sender sent: bytes → message, or what is wrong with them.

Before anything is validated, the body is bounded in bytes and values: a value costs a hundred times
its length, and while pydantic validates, nothing else of this process does anything.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from hub.model.downward import Downward, downward
from hub.model.failure import PermanentFailure
from hub.model.problems import problems

__all__ = ["read_message", "wrong_fields"]

_MOST_BYTES: Final = 16 * 1024 * 1024
"""RabbitMQ 4 takes no more; 3.10 takes eight times as much."""

_MOST_VALUES: Final = 20_000
"""Commas. A message has some hundred; texts have commas, too."""

_LONG: Final = 16 * 1024
"""Bytes of a text from which it is worth leaving out; names of fields are shorter."""

_MOST_QUOTES: Final = 4 * _MOST_VALUES
"""Quotes between which long texts are looked for; behind them none is left out."""

_MOST_PROBLEMS: Final = 1_000
"""Beyond these nobody reads on, and each costs as much as a value."""

_CAUSES: Final = {
    "json_invalid": "json.malformed",
    "union_tag_invalid": "kind.unknown",
    "union_tag_not_found": "kind.unknown",
}


def read_message(body: bytes) -> Downward:
    """Read a message to the authority.

    Raises:
        PermanentFailure: names the first wrong field and its rule, never the value it has.
    """
    short = _checked(body)
    try:
        message = downward.validate_json(body)
    except ValidationError as error:
        raise _failure_of(error) from None
    _refuse_duplicates(short)
    return message


def wrong_fields(body: bytes) -> list[tuple[str, str]]:
    """Everything that is wrong with a message to the authority: fields, and their rules."""
    try:
        short = _checked(body)
        downward.validate_json(body)
        _refuse_duplicates(short)
    except PermanentFailure as failure:
        return [("", failure.sentence)]
    except ValidationError as error:
        if error.error_count() > _MOST_PROBLEMS:
            return [("", _failure_of(error).sentence)]
        return problems(error)
    return []


def _failure_of(error: ValidationError) -> PermanentFailure:
    if error.error_count() > _MOST_PROBLEMS:
        return PermanentFailure(
            "field.invalid", f"More than {_MOST_PROBLEMS} things are wrong with the message."
        )
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field, problem = problems(error)[0]
    sentence = f"{field}: {problem}." if field else f"The message {problem}."
    more = f" There are {error.error_count() - 1} more." if error.error_count() > 1 else ""
    cause = _CAUSES.get(first["type"], "field.invalid")
    if cause == "kind.unknown" and field.startswith("details"):
        cause = "service.unknown"
    return PermanentFailure(cause, sentence + more, location=field or None)


def _checked(body: bytes) -> bytes:
    """The same without long texts, once it is known not to be too much."""
    if len(body) > _MOST_BYTES:
        raise PermanentFailure(
            "json.too_large",
            f"The message has more than {_MOST_BYTES} bytes; put its documents to the hub before.",
        )
    short = _without_long_texts(body)
    if short.count(b",") > _MOST_VALUES:
        raise PermanentFailure(
            "json.too_large", f"The message has more than {_MOST_VALUES} values."
        )
    return short


def _refuse_duplicates(short: bytes) -> None:
    """Of a name that stands twice, two readers may take different values (RFC 8259, 4)."""
    try:
        json.loads(short, object_pairs_hook=_each_once)
    except _Twice as twice:
        raise PermanentFailure(
            "json.duplicate_name",
            f"The field {twice.name} stands twice in one object.",
            location=twice.name,
        ) from None


def _without_long_texts(body: bytes) -> bytes:
    """The same without most of its documents: to read 5 MB once more takes 14 ms.

    Between two quotes of valid JSON, what has neither colon nor comma is text, or that part of a
    text which lies between two quotes in it. Behind a backslash the next quote might be one of
    these. Whatever it is: no comma is left out.
    """
    if len(body) < _LONG:
        return body
    kept, begin, quote = [], 0, body.find(b'"')
    for _ in range(_MOST_QUOTES):
        following = body.find(b'"', quote + 1)
        if quote < 0 or following < 0:
            break
        if following - quote > _LONG and not _has_marks(body, quote, following):
            kept.append(body[begin : quote + 1])
            begin = following
        quote = following
    return b"".join([*kept, body[begin:]])


def _has_marks(body: bytes, begin: int, end: int) -> bool:
    return any(body.find(mark, begin, end) >= 0 for mark in (b":", b",", b"\\"))


class _Twice(Exception):
    """`name` is a field of the model: others were refused before."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _each_once(pairs: Sequence[tuple[str, Any]]) -> None:
    names = set()
    for name, _ in pairs:
        if name in names:
            raise _Twice(name)
        names.add(name)
