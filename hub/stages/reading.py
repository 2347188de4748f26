"""Reads what a sender sent: bytes → message, or what is wrong with them."""

from typing import Final

from pydantic import ValidationError

from hub.model.downward import Downward, downward
from hub.model.failure import PermanentFailure
from hub.model.problems import problems

__all__ = ["read_message", "wrong_fields"]

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
    try:
        return downward.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field, problem = problems(error)[0]
        sentence = f"{field}: {problem}." if field else f"The message {problem}."
        more = f" There are {error.error_count() - 1} more." if error.error_count() > 1 else ""
        cause = _CAUSES.get(first["type"], "field.invalid")
        if cause == "kind.unknown" and field.startswith("details"):
            cause = "service.unknown"
        raise PermanentFailure(cause, sentence + more, location=field or None) from None


def wrong_fields(body: bytes) -> list[tuple[str, str]]:
    """Everything that is wrong with a message to the authority: fields, and their rules."""
    try:
        downward.validate_json(body)
    except ValidationError as error:
        return problems(error)
    return []
