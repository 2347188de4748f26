"""Addresses as settings and routing.yaml have them: encrypted, or to this machine only.

What travels holds what applicants wrote, and passwords. No error quotes an address: it may hold
a password itself.
"""

from ipaddress import ip_address
from typing import Annotated, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import AfterValidator

from hub.model.failure import PermanentFailure

__all__ = [
    "MailServer",
    "WebAddress",
    "broker_addresses",
    "in_the_clear",
    "is_loopback",
    "parts_of",
    "store_address",
]

_WEB: Final = {"https": True, "http": False}
_MAIL: Final = {"smtp": True, "smtps": True, "smtp+plain": False}
_BROKER: Final = {"amqps": True, "amqp": False}
"""Scheme to: is it encrypted?"""

_PROVEN: Final = ["verify-full"]
"""The one `sslmode` of libpq that checks certificate and name of the server."""


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def in_the_clear(url: str) -> bool:
    """Whether what is sent there would leave this machine without TLS, by http://."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def parts_of(url: str) -> SplitResult | None:
    """Its parts; None if it is ill-formed. urllib's own error would quote it, password and all."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - looks whether it is a number
    except ValueError:
        return None
    return parts


def _web(url: str) -> str:
    _without_credentials(_checked(url, _WEB, "https://host/path"))
    return url


def _mail_server(url: str) -> str:
    parts = _checked(url, _MAIL, "smtp://host:587 (STARTTLS) or smtps://host:465 (TLS)")
    _without_credentials(parts)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("a mail server has a host and a port, and no path")
    return url


WebAddress = Annotated[str, AfterValidator(_web)]
"""`https://…`; `http://…` to this machine itself."""

MailServer = Annotated[str, AfterValidator(_mail_server)]
"""`smtp://` insists on STARTTLS, `smtps://` begins with TLS, `smtp+plain://` has neither."""


def broker_addresses(text: str) -> list[str]:
    """The addresses of RabbitMQ's hosts, which commas separate: amqps://, or amqp:// to loopback.

    Raises:
        PermanentFailure: one of them is something else.
    """
    urls = [url.strip() for url in text.split(",") if url.strip()]
    try:
        for url in urls or [""]:
            _without_options(_checked(url, _BROKER, "amqps://user:password@host/"))
    except ValueError as error:
        raise PermanentFailure("settings.amqp_url", f"HUB_AMQP_URL: {error}.") from None
    return urls


def store_address(url: str) -> str:
    """Where the store is: a file, or PostgreSQL on this machine, or one that proves its name.

    Raises:
        PermanentFailure: it is something else, or PostgreSQL elsewhere without
            `sslmode=verify-full`.
    """
    parts = parts_of(url)
    if parts is None or parts.scheme not in {"sqlite", "postgresql+psycopg"}:
        raise _no_store()
    if parts.scheme == "sqlite":
        if parts.path.strip("/") in {"", ":memory:"}:
            raise _no_store()
        return url
    options = parse_qs(parts.query)
    named = [*options.get("host", ()), *options.get("hostaddr", ()), parts.hostname or "localhost"]
    hosts = [host for each in named for host in each.split(",")]  # all that libpq would try
    elsewhere = "service" in options or not all(map(_is_here, hosts))
    if elsewhere and options.get("sslmode") != _PROVEN:
        raise PermanentFailure(
            "settings.store_url",
            "HUB_STORE_URL: PostgreSQL on another machine has to prove its name;"
            " add ?sslmode=verify-full&sslrootcert=/path/ca.pem.",
        )
    return url


def _no_store() -> PermanentFailure:
    return PermanentFailure(
        "settings.store_url",
        "HUB_STORE_URL: the store cannot live there; write sqlite:///path/hub.db or"
        " postgresql+psycopg://user@host/database.",
    )


def _is_here(host: str) -> bool:
    name = host if host.count(":") > 1 else host.partition(":")[0]
    return host.startswith("/") or is_loopback(name)


def _checked(url: str, schemes: dict[str, bool], example: str) -> SplitResult:
    parts = parts_of(url)
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"write a whole address, such as {example}")
    if not schemes[parts.scheme] and not is_loopback(parts.hostname):
        raise ValueError(f"this must not travel unencrypted to another machine; write {example}")
    return parts


def _without_options(parts: SplitResult) -> None:
    if parts.query or parts.fragment:  # aiormq would take `?no_verify_ssl=1` there
        raise ValueError("an address of RabbitMQ has no options; see HUB_AMQP_CA_FILE")


def _without_credentials(parts: SplitResult) -> None:
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no user and no password; name them apart")
