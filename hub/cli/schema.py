"""`hub schema`: the messages as JSON Schema, generated from the model that checks them."""

import json
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from pydantic import Field, TypeAdapter

from hub.model.downward import downward
from hub.model.upward import Update

__all__ = ["schema"]


class Kind(StrEnum):
    """Which messages."""

    SUBMISSION = "submission"
    UPDATE = "update"


def schema(
    kind: Annotated[
        Kind, typer.Argument(help="What online services send, or what applicants get.")
    ] = Kind.SUBMISSION,
) -> None:
    """Print a JSON Schema: of what online services send, or of updates."""
    adapter, title = _SCHEMAS[kind]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:residence-hub:{kind}",
        "title": title,
    }
    print(json.dumps(head | adapter.json_schema(), indent=2, ensure_ascii=False))


_SCHEMAS: Final[dict[Kind, tuple[TypeAdapter[Any], str]]] = {
    Kind.SUBMISSION: (downward, "Message to an authority: submission, reply, withdrawal, ..."),
    Kind.UPDATE: (
        TypeAdapter(Annotated[Update, Field(discriminator="type")]),
        "Update: a message from an authority's system to the applicant",
    ),
}
