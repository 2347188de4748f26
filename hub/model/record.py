"""What every model of the hub has in common: frozen, closed, strict about unknown fields.

Records hold what applicants wrote, and exceptions and logs print what they are given: so a
record's text form shows its type and id only, and validation errors don't print their input.
"""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

__all__ = ["Record"]


class Record(BaseModel):
    """A frozen value. Unknown fields are errors: a misspelt field would be lost silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """What `repr`, `str` and pretty printers may show."""
        return [("id", self.__dict__["id"])] if "id" in self.__dict__ else []
