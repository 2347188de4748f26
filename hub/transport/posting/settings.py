"""What an endpoint that takes POST requests may say in routing.yaml, and its secrets.

Secrets never stand in the file: it names an environment variable or a file, read at each use,
so that a changed secret is taken without a restart.
"""

import os
import re
import ssl
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from hub.model.failure import EndpointDown
from hub.tls import Contexts, TlsFiles, TlsFilesWrong, in_the_clear, parts_of
from hub.transport import Settings

__all__ = ["PostingSettings", "missing_files", "tls", "token"]

_TOKEN: Final = re.compile(r"[!-~]+")
"""Visible ASCII: anything else would break the header it stands in (RFC 6750)."""


def _address(url: str) -> str:
    parts = parts_of(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write a whole address, such as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no password; name it with token_env or token_file")
    return url


class PostingSettings(Settings):
    """Options of one endpoint. With `cert_file` and `key_file` the hub shows who it is (mTLS)."""

    url: Annotated[str, AfterValidator(_address)]
    token_env: str | None = None
    token_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.token_env is not None and self.token_file is not None:
            raise ValueError("write token_env or token_file, not both")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together; write both or none")
        return self

    @property
    def names_files(self) -> bool:
        """Whether a secret or certificate has to be read from a file at each use."""
        return any((self.token_file, self.ca_file, self.cert_file, self.key_file))

    def exposed(self) -> str | None:
        """By http:// to another machine."""
        if in_the_clear(self.url):
            return "endpoint.url: applications must not travel unencrypted; write https://…"
        return None


def token(settings: PostingSettings) -> str | None:
    """The bearer token of now, None if the endpoint has none.

    Raises:
        EndpointDown: it is named but not there, or is no token.
    """
    if settings.token_env is not None:
        source, text = f"environment variable {settings.token_env}", _variable(settings.token_env)
    elif settings.token_file is not None:
        source, text = f"file {settings.token_file}", _content(settings.token_file)
    else:
        return None
    if not _TOKEN.fullmatch(text):
        raise EndpointDown("endpoint.token", f"The token in {source} is missing or not one word.")
    return text


def missing_files(settings: PostingSettings) -> list[str]:
    """A sentence for each file that is named and not there."""
    named = {
        "ca_file": settings.ca_file,
        "cert_file": settings.cert_file,
        "key_file": settings.key_file,
    }
    return [
        f"endpoint.{name}: there is no file {path}."
        for name, path in named.items()
        if path is not None and not path.is_file()
    ]


def tls(settings: PostingSettings, contexts: Contexts) -> ssl.SSLContext:
    """Whom the hub trusts there, and by what it shows who it is. Blocks while files are read.

    Raises:
        EndpointDown: a certificate or key is missing or wrong.
    """
    try:
        return contexts.of(TlsFiles(settings.ca_file, settings.cert_file, settings.key_file))
    except TlsFilesWrong as wrong:
        raise EndpointDown("endpoint.certificate", wrong.sentence) from None


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
