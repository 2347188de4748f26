"""Who may make a call: said in the document by `bearer`, decided by `having`."""

from collections.abc import Callable
from typing import Final

from fastapi import Request
from fastapi.security import HTTPBearer

from hub.web.access import Access, Person, Role

__all__ = ["bearer", "having"]

bearer: Final = HTTPBearer(auto_error=False)
"""Says in the document what the tokens are; it refuses nobody."""


def having(access: Access, role: Role) -> Callable[[Request], Person]:
    """What finds out who calls, and refuses whoever has not that role."""

    def person(request: Request) -> Person:
        return access.person(request, role)

    return person
