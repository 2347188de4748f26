"""Who may do what at the doors: tokens and certificates in a file, of which it has the hashes.

Nothing is allowed that no entry allows. A token's hash is compared in constant time with every
known one, so that the time of an answer tells nothing. Certificates are a program's: a browser
shows one with every request, also with those that a foreign page makes it send.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

import structlog
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from starlette.requests import Request

from hub.model.details import Service
from hub.model.failure import BrokenFile
from hub.model.identifiers import AuthorityKey, DirectoryKey, Sha256
from hub.web.access.person import Person, Role, need
from hub.web.peer import sha256_of_peer
from hub.web.problems import Rejected

__all__ = ["Access", "AccessError", "Certificate", "Encroached", "Grant", "SignIn", "Token"]

AnyGrant = TypeVar("AnyGrant", bound="Grant")

_log = structlog.get_logger()


class AccessError(BrokenFile, ValueError):
    """The file of tokens is wrong; the text says where."""


class Encroached(Rejected):
    """A known token or certificate was shown for an authority that it does not speak for."""

    def __init__(self, grant: "Grant") -> None:
        super().__init__(
            403, "access.denied", f"This {grant.kind} does not speak for that authority."
        )
        self.grant = grant


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _without_colons(text: object) -> object:
    """As `openssl x509 -fingerprint -sha256` shows it."""
    return text.replace(":", "").lower() if isinstance(text, str) else text


class Grant(_Strict):
    """What was given to whom, known by its SHA-256, and what it opens."""

    kind: ClassVar[str]

    name: str
    sha256: Sha256
    authorities: frozenset[AuthorityKey] = frozenset()
    services: frozenset[Service] = frozenset()
    senders: frozenset[DirectoryKey] = frozenset()

    @property
    def actor(self) -> str:
        """As the audit names who comes with it."""
        return f"{self.kind}:{self.name}"


class Token(Grant):
    """A secret. Only a person's has a `role`."""

    kind = "token"

    role: Role | None = None


class Certificate(Grant):
    """A client's certificate; `sha256` is that of its DER form, with or without colons."""

    kind = "certificate"

    sha256: Annotated[Sha256, BeforeValidator(_without_colons)]


def _all_different(grants: tuple[AnyGrant, ...]) -> tuple[AnyGrant, ...]:
    if len({each.sha256 for each in grants}) != len(grants):
        raise ValueError("two entries have the same sha256; give each its own")
    return grants


class SignIn(_Strict):
    """An OpenID provider at which people sign in, and which of its groups has which role.

    A person in several groups has the highest of their roles; one in none does not come in.
    """

    issuer: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")]
    client_id: str
    client_secret_file: Path
    claim: str = "groups"
    roles: dict[Role, frozenset[str]]


class _File(_Strict):
    tokens: Annotated[tuple[Token, ...], AfterValidator(_all_different)] = ()
    certificates: Annotated[tuple[Certificate, ...], AfterValidator(_all_different)] = ()
    sign_in: SignIn | None = None


class Access:
    """The file of tokens, read again when it changes.

    A file that was broken while the hub ran leaves the tokens in force that were; `error` says
    so. To take a token away, delete its line.
    """

    def __init__(self, path: Path | None) -> None:
        """Without a file nothing opens.

        Raises:
            AccessError: the file is missing or wrong.
        """
        self._path = path
        self._stamp = _stamp(path)
        self._file = _read(path)
        self.error: AccessError | None = None

    @property
    def sign_in(self) -> SignIn | None:
        """The OpenID provider, if there is one."""
        return self._in_force().sign_in

    def authority(self, request: Request, key: AuthorityKey) -> Grant:
        """The token or certificate with which a request speaks for an authority.

        Raises:
            Rejected: 401 without a known one.
            Encroached: 403: it does not speak for that authority.
        """
        grant = self._grant(request)
        if key not in grant.authorities:
            raise Encroached(grant)
        return grant

    def person(self, request: Request, at_least: Role) -> Person:
        """Who asks with a token, if their role suffices.

        Raises:
            Rejected: 401 without a known token, 403 if it has no role or a lesser one.
        """
        token = self._token(request)
        if token.role is None:
            raise _forbidden("This token is no person's: it has no role.")
        return need(Person(token.name, token.role, "token"), at_least)

    def of_secret(self, secret: str) -> Token | None:
        """The token that somebody typed, if it is known."""
        digest = hashlib.sha256(secret.strip().encode()).hexdigest()
        tokens = self._in_force().tokens
        found = [each for each in tokens if hmac.compare_digest(each.sha256, digest)]
        return found[0] if found else None

    def of_name(self, name: str, sha256: str) -> Token | None:
        """The token of that name whose hash begins so, if it is still known."""
        tokens = self._in_force().tokens
        return next((t for t in tokens if t.name == name and t.sha256.startswith(sha256)), None)

    def sender(self, request: Request) -> DirectoryKey:
        """For which sender a request speaks: its only one, or `?sender=` among them.

        Raises:
            Rejected: 401 without a known token or certificate, 403 if it speaks for no or another
                sender.
        """
        grant = self._grant(request)
        named = request.query_params.get("sender")
        if named is None and len(grant.senders) == 1:
            return next(iter(grant.senders))
        if named is None and grant.senders:
            raise _forbidden(
                f"This {grant.kind} speaks for several senders; name one with ?sender=…"
            )
        if named is None or named not in grant.senders:
            raise _forbidden(f"This {grant.kind} does not speak for that sender.")
        return named

    def _grant(self, request: Request) -> Grant:
        """A token that is sent counts, also if it is wrong; else the certificate that is shown."""
        shown = sha256_of_peer(request)
        if shown is None or "authorization" in request.headers:
            return self._token(request)
        certificates = self._in_force().certificates
        found = [each for each in certificates if each.sha256 == shown]
        if not found:
            sentence = "The certificate that you show is not known here; ask for it to be entered."
            raise Rejected(401, "access.unknown", sentence, {"WWW-Authenticate": "Bearer"})
        return found[0]

    def _token(self, request: Request) -> Token:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        token = self.of_secret(secret) if scheme.lower() == "bearer" else None
        if token is None:
            raise Rejected(
                401,
                "access.unknown",
                "Send a known token as Authorization: Bearer …",
                {"WWW-Authenticate": "Bearer"},
            )
        return token

    def _in_force(self) -> _File:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._file, self.error = _read(self._path), None
                _log.info("access.reloaded")
            except AccessError as error:
                self.error = error
                _log.error("access.broken", problem=str(error))
        return self._file


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        status = path.stat() if path is not None else None
    except OSError:
        return None
    return None if status is None else (status.st_mtime_ns, status.st_size)


def _read(path: Path | None) -> _File:
    if path is None:
        return _File()
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return _File.model_validate(content)
    except ValidationError as error:
        raise AccessError(f"{path}: {_sentences(error)}") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise AccessError(f"{path}:{line}: this is not YAML ({error.problem})") from None
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise AccessError(f"{path}: the file cannot be read ({type(error).__name__})") from None


def _sentences(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems)


def _forbidden(sentence: str) -> Rejected:
    return Rejected(403, "access.denied", sentence)
