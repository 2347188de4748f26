"""Why the broker cannot be reached, in a sentence that says what to do.

No error's own text is taken over: it may quote an address with its password.
"""

import ssl
from collections.abc import Iterator
from typing import Final

from aio_pika.exceptions import (
    AuthenticationError,
    IncompatibleProtocolError,
    InvalidFrameError,
    ProbableAuthenticationError,
)
from aiormq.exceptions import ConnectionNotAllowed

from hub.model.failure import HubFailure

__all__ = ["why_away"]

_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_OTHER_NAMES: Final = frozenset({62, 64})
"""OpenSSL's X509_V_ERR_…: for another host name, for another IP address."""


def why_away(error: BaseException | None) -> str:
    """What is wrong, and where to look."""
    first = type(error).__name__
    for each in _with_causes(error):
        first = type(each).__name__
        match each:
            case HubFailure():
                return each.sentence
            case ssl.SSLCertVerificationError():
                return _certificate(each.verify_code)
            case ssl.SSLError():
                return (
                    f"RabbitMQ and the hub do not agree on TLS ({each.reason or 'no reason'}): is"
                    " the port of HUB_AMQP_URL one for TLS, and does RabbitMQ trust the"
                    " certificate in HUB_AMQP_CERTIFICATE_FILE?"
                )
            case AuthenticationError() | ProbableAuthenticationError():
                return (
                    "RabbitMQ does not accept who the hub says it is: see user and password in"
                    " HUB_AMQP_URL, or HUB_AMQP_CERTIFICATE_FILE and RabbitMQ's EXTERNAL."
                )
            case ConnectionNotAllowed() | InvalidFrameError():  # the latter: closed, not opened
                return (
                    "RabbitMQ has no such vhost, or the hub's user has no right in it: see"
                    " HUB_AMQP_URL; `hub topology export` says which rights the user needs."
                )
            case IncompatibleProtocolError() | ConnectionResetError() | BrokenPipeError():
                # Also where TLS 1.3 judges the hub's certificate: often with a bare reset.
                return (
                    "What answers there closed the connection at once: is the port of HUB_AMQP_URL"
                    " one for amqp:// or for amqps://, and does it want a certificate, or another"
                    " one (HUB_AMQP_CERTIFICATE_FILE)?"
                )
    return (
        f"RabbitMQ cannot be reached ({first}): are host and port of HUB_AMQP_URL right, and is"
        " the port one for amqp:// or for amqps://?"
    )


def _certificate(code: int) -> str:
    if code == _EXPIRED:
        return "RabbitMQ shows a certificate that has expired: renew it there."
    if code == _NOT_YET_VALID:
        return "RabbitMQ shows a certificate that is not valid yet: is the clock right?"
    if code in _OTHER_NAMES:
        return (
            "RabbitMQ shows a certificate for another name: HUB_AMQP_URL has to name a host that"
            " stands in it."
        )
    return (
        "RabbitMQ shows a certificate that the hub does not trust: HUB_AMQP_CA_FILE has to name"
        " who issued it."
    )


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
