"""Who may do what at the doors: tokens in a file, of which only the hashes are known.

Nothing is allowed that no token allows. A token's hash is compared in constant time with
every known one, so that the time of an answer tells nothing.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Annotated

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from starlette.requests import Request

from hub.model.details import Service
from hub.model.identifiers import AuthorityKey, DirectoryKey, Sha256
from hub.web.access.person import Person, Role, need
from hub.web.problems import Rejected

__all__ = ["Access", "AccessError", "Encroached", "SignIn", "Token"]

_log = structlog.get_logger()


class AccessError(ValueError):
    """The file of tokens is wrong; the text says where."""


class Encroached(Rejected):
    """A known token was shown at the door of an authority that it does not speak for."""

    def __init__(self, token: "Token") -> None:
        super().__init__(403, "access.denied", "This token does not speak for that authority.")
        self.token = token


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Token(_Strict):
    """One token: whom it was given to, and what it opens. Only a person's has a `role`."""

    name: str
    sha256: Sha256
    role: Role | None = None
    authorities: frozenset[AuthorityKey] = frozenset()
    services: frozenset[Service] = frozenset()
    senders: frozenset[DirectoryKey] = frozenset()


def _all_different(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    if len({token.sha256 for token in tokens}) != len(tokens):
        raise ValueError("two entries have the same sha256; give each its own token")
    return tokens


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

    def authority(self, request: Request, key: AuthorityKey) -> Token:
        """The token of a request that speaks for an authority.

        Raises:
            Rejected: 401 without a known token.
            Encroached: 403: it does not speak for that authority.
        """
        token = self._token(request)
        if key not in token.authorities:
            raise Encroached(token)
        return token

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
        """For which sender a request speaks: the token's only one, or `?sender=` among them.

        Raises:
            Rejected: 401 without a known token, 403 if it speaks for no or another sender.
        """
        senders = self._token(request).senders
        named = request.query_params.get("sender")
        if named is None and len(senders) == 1:
            return next(iter(senders))
        if named is None and senders:
            raise _forbidden("This token speaks for several senders; name one with ?sender=…")
        if named is None or named not in senders:
            raise _forbidden("This token does not speak for that sender.")
        return named

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
