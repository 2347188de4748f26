"""How the hub's connections are protected: one rule for all of them, in one place.

To another machine nothing goes unencrypted, and nothing to a server that has not proven its name
by a certificate that the hub trusts. Within this machine (loopback, a socket in a folder) both
may be left out. An address that would break the rule is refused before it is used; there is no
setting that turns the rule off.
"""

from hub.tls.addresses import (
    MailServer,
    WebAddress,
    broker_addresses,
    in_the_clear,
    is_loopback,
    parts_of,
    store_address,
)
from hub.tls.contexts import Contexts, TlsFiles, TlsFilesWrong, renew, serving_context

__all__ = [
    "Contexts",
    "MailServer",
    "TlsFiles",
    "TlsFilesWrong",
    "WebAddress",
    "broker_addresses",
    "in_the_clear",
    "is_loopback",
    "parts_of",
    "renew",
    "serving_context",
    "store_address",
]
