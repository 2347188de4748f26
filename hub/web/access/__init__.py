"""Who may do what: tokens of systems, services and people; sign-in, sessions, and their forms."""

from hub.web.access.person import Person, Role, need
from hub.web.access.sessions import SESSION, Sessions
from hub.web.access.tokens import Access, AccessError, Encroached, Grant, SignIn, Token

__all__ = [
    "SESSION",
    "Access",
    "AccessError",
    "Encroached",
    "Grant",
    "Person",
    "Role",
    "Sessions",
    "SignIn",
    "Token",
    "need",
]
