"""Which providers of mailboxes a hub has: its own always, the others as its settings say."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime

from hub.mailbox import MailboxProvider
from hub.mailbox.local import LocalMailbox
from hub.mailbox.notice import MailSender, NoticeMailbox, Server, address
from hub.mailbox.zbp import ZbpMailbox, open_zbp
from hub.model.failure import PermanentFailure
from hub.model.identifiers import CaseId
from hub.settings import Settings
from hub.store import Store

__all__ = ["open_providers"]


@asynccontextmanager
async def open_providers(
    settings: Settings, store: Store, link: Callable[[CaseId], str], now: Callable[[], datetime]
) -> AsyncIterator[Mapping[str, MailboxProvider]]:
    """The providers by name, those of `Settings.providers`, for as long as the block runs.

    Args:
        settings: say which there are.
        store: the hub's own mailbox lies in it.
        link: where an applicant reads the letters of a case; e-mails name it.
        now: the clock.

    Raises:
        OSError: a file that a setting names cannot be read.
        PermanentFailure: a setting names something else than it should.
    """
    local = LocalMailbox(store, now)
    providers: dict[str, MailboxProvider] = {"local": local}
    if (notice := _notice(settings, store, local, link, now)) is not None:
        providers["notice"] = notice
    async with AsyncExitStack() as opened:
        if (zbp := _zbp(settings, store, now)) is not None:
            providers["zbp"] = await opened.enter_async_context(zbp)
        yield providers


def _zbp(
    settings: Settings, store: Store, now: Callable[[], datetime]
) -> AbstractAsyncContextManager[ZbpMailbox] | None:
    message_url, state_url = settings.zbp_url, settings.zbp_status_url
    key_file, certificate_file = settings.zbp_key_file, settings.zbp_certificate_file
    if message_url is None or state_url is None or key_file is None or certificate_file is None:
        return None
    return open_zbp(
        store,
        message_url=message_url,
        state_url=state_url,
        key_file=key_file,
        certificate_file=certificate_file,
        ca_file=settings.zbp_ca_file,
        service=settings.zbp_service,
        now=now,
    )


def _notice(
    settings: Settings,
    store: Store,
    local: LocalMailbox,
    link: Callable[[CaseId], str],
    now: Callable[[], datetime],
) -> NoticeMailbox | None:
    if settings.smtp_url is None or settings.smtp_from is None:
        return None
    server = Server(
        settings.smtp_url, settings.smtp_ca_file, settings.smtp_user, settings.smtp_secret()
    )
    try:
        sender = address(settings.smtp_from)
    except PermanentFailure:
        raise PermanentFailure("settings.smtp", "HUB_SMTP_FROM is no e-mail address.") from None
    return NoticeMailbox(store, local, MailSender(server), sender, link, now)
