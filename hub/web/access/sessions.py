"""Sessions: who signed in, in a signed cookie; and forms that only their own pages can send.

Nothing is kept of a session but what its cookie says, so any hub with the same content key
knows it. A session of a token ends when the token is deleted; others end after their time.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Final, get_args

from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from hub.store import Sealer
from hub.web.access.person import Person, Role
from hub.web.access.tokens import Access, Token
from hub.web.charset import check_charset
from hub.web.problems import Rejected

__all__ = ["LINK_LIFETIME", "SESSION", "Sessions"]

SESSION: Final = "hub_session"
_LIFETIME: Final = timedelta(hours=8)
LINK_LIFETIME: Final = timedelta(minutes=10)
"""How long a one-time link signs in."""

_FORM: Final = "form_token"
_MOST_FIELDS: Final = 20


class _Session(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    role: Role
    by: str
    session: str
    sha256: str | None = None


class _Link(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    role: Role
    nonce: str


class Sessions:
    """Signs people in and knows them again. The keys follow from the content keys."""

    def __init__(self, sealer: Sealer, access: Access, *, secure: bool) -> None:
        """`secure`: the hub is reached by https only, and so is the cookie sent."""
        keys = list(reversed(sealer.fingerprints("sessions", "signing key")))
        self._sessions = URLSafeTimedSerializer(keys, salt="session")
        self._links = URLSafeTimedSerializer(keys, salt="one-time link")
        self._forms = URLSafeTimedSerializer(keys, salt="form")
        self._keys = keys
        self._access = access
        self.secure = secure

    def begin(self, response: Response, name: str, role: Role, by: str) -> None:
        """Sign somebody in with this response."""
        self._set(response, _Session(name=name, role=role, by=by, session=secrets.token_hex(8)))

    def begin_with(self, response: Response, token: Token) -> None:
        """Sign in whom a token was given to; its role is needed."""
        if token.role is None:
            raise ValueError("a token without a role is no person's")
        session = _Session(
            name=token.name,
            role=token.role,
            by="token",
            session=secrets.token_hex(8),
            sha256=token.sha256[:16],
        )
        self._set(response, session)

    def end(self, response: Response) -> None:
        """Sign out with this response."""
        response.delete_cookie(SESSION, httponly=True, samesite="lax", secure=self.secure)

    def person(self, request: Request) -> Person | None:
        """Who is signed in; None if nobody is, or not any more."""
        try:
            signed = self._sessions.loads(
                request.cookies.get(SESSION, ""), max_age=_seconds(_LIFETIME)
            )
            session = _Session.model_validate(signed)
        except (BadSignature, ValidationError):
            return None
        role: Role | None = session.role
        if session.sha256 is not None:
            token = self._access.of_name(session.name, session.sha256)
            role = token.role if token is not None else None
        return Person(session.name, role, session.by, session.session) if role else None

    def form_token(self, person: Person) -> str:
        """What a page puts into its forms."""
        return str(self._forms.dumps(person.session))

    async def check_form(self, request: Request, person: Person) -> None:
        """Pass if the form was sent from a page of this session.

        Raises:
            Rejected: 403 if it came from elsewhere, 415 if it is not in UTF-8.
        """
        check_charset(request)
        # Whoever reads the form after this gets the same one: no page takes files.
        given = str((await request.form(max_files=0, max_fields=_MOST_FIELDS)).get(_FORM, ""))
        self.check_origin(request)
        try:
            session = self._forms.loads(given, max_age=_seconds(_LIFETIME))
        except BadSignature:
            session = None
        if session != person.session:
            raise _from_elsewhere()

    def check_origin(self, request: Request) -> None:
        """Pass if the browser says that the request comes from a page of this hub.

        Raises:
            Rejected: 403 if it says that it comes from elsewhere.
        """
        # Fetch Metadata: a browser that sends it cannot be made to lie about it by a page.
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise _from_elsewhere()

    def secret_for(self, purpose: str) -> str:
        """A secret for another part of the sign-in, the same in every hub with this key."""
        return hashlib.sha256(f"{purpose}:{self._keys[-1]}".encode()).hexdigest()

    def link(self, name: str, role: Role) -> str:
        """The secret part of a link that signs in once."""
        if role not in get_args(Role):
            raise ValueError(f"there is no role {role}")
        nonce = secrets.token_hex(16)
        return str(self._links.dumps(_Link(name=name, role=role, nonce=nonce).model_dump()))

    def of_link(self, secret: str) -> tuple[str, Role, str] | None:
        """Name, role and nonce of a link that has not expired; whether it was used is not known."""
        try:
            signed = self._links.loads(secret, max_age=_seconds(LINK_LIFETIME))
            link = _Link.model_validate(signed)
        except (BadSignature, ValidationError):
            return None
        return link.name, link.role, link.nonce

    def _set(self, response: Response, session: _Session) -> None:
        response.set_cookie(
            SESSION,
            str(self._sessions.dumps(session.model_dump())),
            max_age=_seconds(_LIFETIME),
            httponly=True,
            samesite="lax",  # strict would sign out whoever comes back from an OpenID provider
            secure=self.secure,
        )


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _from_elsewhere() -> Rejected:
    return Rejected(
        403, "form.foreign", "The form did not come from a page of this session; open it again."
    )
