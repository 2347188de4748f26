"""What an endpoint of the sftp transport may say in routing.yaml, and its secrets.

The server's key is always checked: without `known_hosts_file` there is no connection. Secrets
never stand in the file; it names a private key, a file or an environment variable.
"""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.model.failure import EndpointDown
from hub.transport import Settings

__all__ = ["Account", "SftpSettings", "missing_files", "password"]

Folder = Annotated[str, Field(pattern=r"^[^\x00-\x1f]{0,500}[^\x00-\x1f/]$")]
"""A folder on the server, without a slash at its end."""


class Account(Settings):
    """Who logs in where, and how: endpoints with the same account share one connection."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, Field(min_length=1, max_length=100)]
    key_file: Path | None = None
    password_env: str | None = None
    password_file: Path | None = None
    known_hosts_file: Path
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if [self.key_file, self.password_env, self.password_file].count(None) != 2:
            raise ValueError("write key_file, password_file or password_env, one of them")
        return self


class SftpSettings(Account):
    """Options of one endpoint; `timeout_seconds` bounds the transfer of one file."""

    inbox: Folder
    outbox: Folder
    done: Folder

    @model_validator(mode="after")
    def _three_folders(self) -> Self:
        if len({self.inbox, self.outbox, self.done}) != 3:
            raise ValueError("inbox, outbox and done are three folders")
        return self

    @property
    def account(self) -> Account:
        """The part that endpoints share."""
        return Account.model_validate(self.model_dump(include=set(Account.model_fields)))


def password(account: Account) -> str | None:
    """The password of now, None if the account has a key. Blocks while its file is read.

    Raises:
        EndpointDown: it is named but not there.
    """
    if account.password_file is not None:
        where, secret = f"file {account.password_file}", _content(account.password_file)
    elif account.password_env is not None:
        name = account.password_env
        where, secret = f"environment variable {name}", os.environ.get(name, "")
    else:
        return None
    if not secret:
        raise EndpointDown("endpoint.password", f"There is no password in {where}.")
    return secret


def missing_files(account: Account) -> list[str]:
    """A sentence for each file that is named and not there."""
    named = {
        "key_file": account.key_file,
        "password_file": account.password_file,
        "known_hosts_file": account.known_hosts_file,
    }
    return [
        f"endpoint.{name}: there is no file {path}."
        for name, path in named.items()
        if path is not None and not path.is_file()
    ]


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
