"""A person at the console or the API: under which name, with which role, let in by what."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from hub.web.problems import Rejected

__all__ = ["Person", "Role", "need"]

Role = Literal["viewer", "operator", "approver", "admin"]
"""What a person may do; each may also do what those before it may.

A viewer sees codes, counts and journeys. An operator replays, discards, parks and forwards. An
approver opens contents and lets another person's edit pass. An admin sees the audit as well.
"""

_RANKS: Final = {role: rank for rank, role in enumerate(get_args(Role))}


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `by` is what let them in, such as `token`, `link` or `oidc`.

    `session` tells one sign-in from another; it is empty where a token came with the request.
    """

    name: str
    role: Role
    by: str
    session: str = ""

    @property
    def actor(self) -> str:
        """As the audit names them."""
        return f"{self.by}:{self.name}"

    def may(self, at_least: Role) -> bool:
        """Whether the role suffices."""
        return _RANKS[self.role] >= _RANKS[at_least]


def need(person: Person, at_least: Role) -> Person:
    """The same person, if the role suffices.

    Raises:
        Rejected: 403 if it does not.
    """
    if not person.may(at_least):
        raise Rejected(
            403, "access.denied", f"This needs the role {at_least}; {person.role} is not enough."
        )
    return person
