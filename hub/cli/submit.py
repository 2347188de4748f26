"""`hub submit`: messages out of files, as an online service would send them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Final

import aiohttp
import typer

from hub.broker import SUBMISSIONS
from hub.cli.failures import CommandFailure
from hub.cli.opened import broker, broker_settings
from hub.cli.prepared import prepared
from hub.model.document import Document
from hub.model.downward import Downward, Submission, downward
from hub.settings import BrokerSettings

__all__ = ["submit"]

LARGEST_INLINE: Final = 8 * 1024 * 1024
"""Bytes of a message with its documents inside; RabbitMQ 4 refuses more than twice that."""


@dataclass(frozen=True, slots=True)
class _Door:
    """The hub's door for documents that are too large to be inside a message."""

    url: str
    token: str


def submit(
    files: Annotated[list[Path], typer.Argument(help="Each holds one message as JSON.")],
    amqp_url: Annotated[
        str | None, typer.Option(help="RabbitMQ, in place of HUB_AMQP_URL.", show_default=False)
    ] = None,
    hub_url: Annotated[
        str | None, typer.Option(help="The hub's doors, for messages with more than 8 MiB.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="Holds the token that opens the doors.")
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(help="Folder of the documents; else that of each file.")
    ] = None,
) -> None:
    """Send submissions, replies or withdrawals; none is sent unless all are right."""
    messages = _checked(files, documents)
    door = _Door(hub_url, token_file.read_text().strip()) if hub_url and token_file else None
    asyncio.run(_send(messages, broker_settings(amqp_url), door))


def _checked(files: Sequence[Path], documents: Path | None) -> list[Downward]:
    messages: list[Downward] = []
    wrong: list[str] = []
    for file in files:
        try:
            messages.append(prepared(file, documents or file.parent))
        except CommandFailure as failure:
            wrong += failure.sentences
    if wrong:
        raise CommandFailure(*wrong)
    return messages


async def _send(messages: Sequence[Downward], chosen: BrokerSettings, door: _Door | None) -> None:
    async with broker("hub submit", chosen) as connected:
        for message in messages:
            body = downward.dump_json(message)
            if len(body) > LARGEST_INLINE:
                body = downward.dump_json(await _with_documents_put(message, door))
            # The hub does not know a message that it refuses at the door but by this.
            await connected.publisher.publish(
                SUBMISSIONS, _key(message), body, type=message.type, correlation_id=str(message.id)
            )
            case = message.id if isinstance(message, Submission) else message.case
            print(f"{message.type} {message.id} is sent; `hub journey {case}` shows its way.")


def _key(message: Downward) -> str:
    """`<service>.<authority or place>`; what follows a submission does not name its authority."""
    if isinstance(message, Submission):
        return f"{message.service}.{message.authority or message.place}"
    return f"{message.type}.unknown"


async def _with_documents_put(message: Downward, door: _Door | None) -> Downward:
    """Put the documents to the hub one by one, and list them without content."""
    if door is None:
        raise CommandFailure(
            f"{message.type} {message.id} has more than 8 MiB: give --hub-url and --token-file,"
            " so that its documents can be put to the hub first"
        )
    headers = {"Authorization": f"Bearer {door.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for document in message.documents:
            if document.content is not None:
                await _put(session, door, document)
    listed = tuple(each.model_copy(update={"content": None}) for each in message.documents)
    return message.model_copy(update={"documents": listed})


async def _put(session: aiohttp.ClientSession, door: _Door, document: Document) -> None:
    url = f"{door.url.rstrip('/')}/documents/{document.sha256}"
    try:
        async with session.put(url, data=BytesIO(document.content or b"")) as answer:
            if answer.status >= 300:
                raise CommandFailure(
                    f"{door.url} does not take document {document.id}: HTTP {answer.status}"
                )
    except aiohttp.ClientError as error:
        raise CommandFailure(
            f"{door.url} cannot be reached to put documents ({type(error).__name__})"
        ) from None
