"""What is wrong with a message, in words that its sender can act upon.

pydantic's own reports quote what was sent. These never do: only field names, the rules of
the model and the ids of documents are named, so a report may be logged, shown and sent back.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hub.model.details import Service

__all__ = ["problems"]


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """Return one (field path, sentence) for each problem, such as ("details.person.gender", …).

    The path is empty where the message as a whole is meant.
    """
    whole_union = error.title.startswith("tagged-union")
    return [
        (_path(detail["loc"][1:] if whole_union else detail["loc"]), _sentence(detail))
        for detail in error.errors(include_url=False, include_input=False)
    ]


# pydantic names the chosen one of several models right after the field that holds it.
_TAGGED_FIELDS: Final = frozenset({"details", "address", "host", "stay"})
_TAGS: Final = frozenset(get_args(Service)) | {
    *("building", "post_box", "private", "institution"),
    *("c_visa", "visa_free", "d_visa", "residence_title", "other"),
}
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def _path(loc: tuple[int | str, ...]) -> str:
    path, before = "", ""
    for part in map(str, loc):
        if part.isdecimal():
            path += f"[{part}]"
        elif not (before in _TAGGED_FIELDS and part in _TAGS):
            path += f".{_printable(part)}" if path else _printable(part)
        before = part
    return path


def _printable(name: str) -> str:
    # An unknown field's name is input as well: shown only if it looks like a field's name.
    return name if _FIELD_NAME.fullmatch(name) else "(unprintable name)"


def _sentence(detail: ErrorDetails) -> str:
    write = _SENTENCES.get(detail["type"])
    if write is None:
        return f"is not valid ({detail['type']})"
    return write(detail.get("ctx", {}))


def _plain(sentence: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda _: sentence


def _with(template: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda ctx: template.format_map(ctx)


def _own_words(ctx: Mapping[str, Any]) -> str:
    # Raised by a validator of the model; those never quote what was sent.
    return str(ctx["error"])


# By pydantic's error type. Only values that come from the model itself are filled in.
_SENTENCES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "value_error": _own_words,
    "missing": _plain("is missing"),
    "extra_forbidden": _plain("is not a field of this message"),
    "literal_error": _with("must be {expected}"),
    "string_pattern_mismatch": _with("must match {pattern}"),
    "string_type": _plain("must be a text"),
    "bool_type": _plain("must be true or false"),
    "bool_parsing": _plain("must be true or false"),
    "int_type": _plain("must be a whole number"),
    "int_parsing": _plain("must be a whole number"),
    "int_from_float": _plain("must be a whole number"),
    "greater_than": _with("must be greater than {gt}"),
    "greater_than_equal": _with("must be at least {ge}"),
    "less_than_equal": _with("must be at most {le}"),
    "too_short": _with("needs at least {min_length}"),
    "too_long": _with("takes at most {max_length}"),
    "tuple_type": _plain("must be a list"),
    "dict_type": _plain("must be an object"),
    "model_type": _plain("must be an object"),
    "model_attributes_type": _plain("must be an object"),
    "bytes_type": _plain("must be a text in base64"),
    "uuid_type": _plain("must be a UUID"),
    "uuid_parsing": _plain("must be a UUID"),
    "date_type": _plain("must be a date such as 2026-11-30"),
    "date_parsing": _plain("must be a date such as 2026-11-30"),
    "date_from_datetime_parsing": _plain("must be a date such as 2026-11-30"),
    "date_from_datetime_inexact": _plain("must be a date without a time"),
    "time_type": _plain("must be a time such as 10:30"),
    "time_parsing": _plain("must be a time such as 10:30"),
    "datetime_type": _plain("must be a time such as 2026-11-02T09:15:00Z"),
    "datetime_parsing": _plain("must be a time such as 2026-11-02T09:15:00Z"),
    "datetime_from_date_parsing": _plain("must be a time such as 2026-11-02T09:15:00Z"),
    "timezone_aware": _plain("needs a time zone, such as 2026-11-02T09:15:00Z"),
    "json_invalid": _with("is not JSON: {error}"),
    "union_tag_not_found": _with("does not say which it is: {discriminator} is missing"),
    "union_tag_invalid": _with("{discriminator} must be one of {expected_tags}"),
}
