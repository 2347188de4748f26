"""Who may do what at the doors: tokens in a file, of which only the hashes are known.

Nothing is allowed that no token allows. A token's hash is compared in constant time with
every known one, so that the time of an answer tells nothing.
"""

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from starlette.requests import Request

from hub.model.details import Service
from hub.model.identifiers import AuthorityKey, DirectoryKey, Sha256
from hub.web.problems import Rejected

__all__ = ["Access", "AccessError", "Encroached", "Token"]


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
    """One token: whom it was given to, and what it opens."""

    name: str
    sha256: Sha256
    authorities: frozenset[AuthorityKey] = frozenset()
    services: frozenset[Service] = frozenset()
    senders: frozenset[DirectoryKey] = frozenset()


def _all_different(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    if len({token.sha256 for token in tokens}) != len(tokens):
        raise ValueError("two entries have the same sha256; give each its own token")
    return tokens


class _File(_Strict):
    tokens: Annotated[tuple[Token, ...], AfterValidator(_all_different)]


class Access:
    """The tokens in force."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tuple(tokens)

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read the tokens from a YAML file; without a file there are none.

        Raises:
            AccessError: the file is missing or wrong.
        """
        if path is None:
            return cls(())
        try:
            content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
            return cls(_File.model_validate(content).tokens)
        except ValidationError as error:
            raise AccessError(f"{path}: {_sentences(error)}") from None
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise AccessError(f"{path}:{line}: this is not YAML ({error.problem})") from None
        except (OSError, UnicodeDecodeError, YAMLError) as error:
            raise AccessError(f"{path}: the file cannot be read ({type(error).__name__})") from None

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
        digest = hashlib.sha256(secret.strip().encode()).hexdigest()
        found = [each for each in self._tokens if hmac.compare_digest(each.sha256, digest)]
        if scheme.lower() != "bearer" or not found:
            raise Rejected(
                401,
                "access.unknown",
                "Send a known token as Authorization: Bearer …",
                {"WWW-Authenticate": "Bearer"},
            )
        return found[0]


def _sentences(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems)


def _forbidden(sentence: str) -> Rejected:
    return Rejected(403, "access.denied", sentence)
