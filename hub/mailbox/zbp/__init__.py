"""The mailbox of the BundID (Zentrales Bürgerpostfach, ZBP).

`mapping` says what each kind of letter means there, `objects` what is sent, `author` signs it,
`client` sends it, `answer` says what came of it. What is known of the provider, and how, stands
at the top of each; what is not known is not guessed: addresses are settings.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from hub.mailbox.zbp.author import Author
from hub.mailbox.zbp.client import Client
from hub.mailbox.zbp.mailbox import ZbpMailbox
from hub.store import Store
from hub.tls import Contexts, TlsFiles

__all__ = ["ZbpMailbox", "open_zbp"]


@asynccontextmanager
async def open_zbp(
    store: Store,
    *,
    message_url: str,
    state_url: str,
    key_file: Path,
    certificate_file: Path,
    ca_file: Path | None,
    service: str,
    now: Callable[[], datetime],
) -> AsyncIterator[ZbpMailbox]:
    """The provider, for as long as the block runs.

    Raises:
        OSError: a file cannot be read.
        PermanentFailure: a key or certificate is not what it should be.
    """
    author = Author.load(key_file, certificate_file)
    client = Client(
        message_url, state_url, Contexts().of(TlsFiles(ca_file, setting="HUB_ZBP_CA_FILE"))
    )
    try:
        yield ZbpMailbox(store, client, author, service, now)
    finally:
        await client.close()
