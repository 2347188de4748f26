"""What calls have in common that ask for something: bodies, keys, and a line of text for people."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Asked", "Key", "Line"]

_NO_NUL: Final = r"^[^\x00]*[^\s\x00][^\x00]*$"
"""Something to read, and nothing that PostgreSQL does not store."""

Key = Annotated[str, Field(pattern="^[0-9]{6}$")]
Line = Annotated[str, Field(min_length=1, max_length=500, pattern=_NO_NUL)]


class Asked(BaseModel):
    """The body of a call; what it does not know is refused, not passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")
