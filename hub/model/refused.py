"""What a sender learns when the hub does not take its message."""

from typing import Annotated

from pydantic import Field

from hub.model.identifiers import MessageUuid
from hub.model.record import Record

__all__ = ["RefusedMessage"]


class RefusedMessage(Record):
    """The hub refused a message, and why; it quotes nothing of what the message said."""

    refused: Annotated[MessageUuid | None, Field(description="Id of the message, if it had one.")]
    cause: Annotated[str, Field(description="A stable code, for programs.")]
    sentence: Annotated[str, Field(description="What is wrong and what to do, for people.")]
    location: Annotated[str | None, Field(description="The field, if it is about one.")]
