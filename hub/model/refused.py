"""What a sender learns when the hub does not take its message."""

from typing import Annotated

from pydantic import Field

from hub.model.identifiers import MessageUuid
from hub.model.record import Record

__all__ = ["RefusedMessage"]


class RefusedMessage(Record):
    """The hub refused a message, and why; it quotes nothing of what the message said."""

    refused: Annotated[
        MessageUuid | None,
        Field(
            description="Id of the message; null if it was refused before the hub had taken it in."
            " The property correlation_id says which message it was."
        ),
    ]
    cause: Annotated[str, Field(description="A stable code, for programs.")]
    sentence: Annotated[str, Field(description="What is wrong and what to do, for people.")]
    location: Annotated[
        str | None,
        Field(
            description="Where in what was sent, if it is about one place: a field such as"
            " documents[0].sha256, or a property such as reply_to. Problem documents of the doors"
            " say the same by the same name."
        ),
    ]
