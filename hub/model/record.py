"""What every model of the hub has in common: frozen, closed, strict about unknown fields."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Record"]


class Record(BaseModel):
    """A frozen value. Unknown fields are errors: a misspelt field would be lost silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")
