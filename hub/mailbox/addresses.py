"""Addresses of providers as settings have them: encrypted, or in the clear to loopback only.

What letters carry must not travel unencrypted; a mistake in a setting is an error at start.
"""

from ipaddress import ip_address
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

__all__ = ["MailServer", "WebAddress"]

_WEB: Final = {"https": True, "http": False}
_MAIL: Final = {"smtp": True, "smtps": True, "smtp+plain": False}
"""Scheme to: is it encrypted?"""


def _web(url: str) -> str:
    _checked(url, _WEB, "https://host/path")
    return url


def _mail_server(url: str) -> str:
    parts = _checked(url, _MAIL, "smtp://host:587 (STARTTLS) or smtps://host:465 (TLS)")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("a mail server has a host and a port, and no path")
    return url


WebAddress = Annotated[str, AfterValidator(_web)]
"""`https://…`; `http://…` to this machine itself."""

MailServer = Annotated[str, AfterValidator(_mail_server)]
"""`smtp://` insists on STARTTLS, `smtps://` begins with TLS, `smtp+plain://` has neither."""


def _checked(url: str, schemes: dict[str, bool], example: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"write a whole address, such as {example}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no user and no password; name them apart")
    if not schemes[parts.scheme] and not _is_loopback(parts.hostname):
        raise ValueError(f"letters must not travel unencrypted to another machine; write {example}")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
