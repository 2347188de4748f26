"""Tries every endpoint of a routing table, as far as that changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from hub.cli.failures import CommandFailure
from hub.cli.opened import broker
from hub.model.failure import HubFailure
from hub.model.identifiers import AuthorityKey
from hub.routing import Endpoint, RoutingTable
from hub.settings import BrokerSettings
from hub.transport import Transport
from hub.transport.amqp import AmqpTransport
from hub.transport.http import HttpTransport
from hub.transport.sftp.transport import SftpTransport
from hub.transport.soap import SoapTransport

__all__ = ["Tried", "try_endpoints"]

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Tried:
    """How far one endpoint could be reached; authorities that share it stand together."""

    system: str
    transport: str
    authorities: tuple[AuthorityKey, ...]
    works: bool
    said: str


async def try_endpoints(table: RoutingTable, chosen: BrokerSettings) -> list[Tried]:
    """Settings, connection and credentials of each endpoint, in the order of the table."""
    found: dict[tuple[object, ...], tuple[Endpoint, list[AuthorityKey]]] = {}
    for key in table.authorities:
        endpoint = table.endpoint(key)
        same = (endpoint.system, *sorted(endpoint.settings.items()))
        found.setdefault(same, (endpoint, []))[1].append(key)
    places = asyncio.Semaphore(_AT_ONCE)
    uses_broker = any(endpoint.transport == "amqp" for endpoint, _ in found.values())
    async with _transports(chosen if uses_broker else None) as transports:
        tried = (_try(endpoint, keys, transports, places) for endpoint, keys in found.values())
        return await asyncio.gather(*tried)


async def _try(
    endpoint: Endpoint,
    authorities: list[AuthorityKey],
    transports: Mapping[str, Transport | str],
    places: asyncio.Semaphore,
) -> Tried:
    async with places:
        works, said = await _reached(endpoint, transports[endpoint.transport])
    return Tried(endpoint.system, endpoint.transport, tuple(authorities), works, said)


async def _reached(endpoint: Endpoint, transport: Transport | str) -> tuple[bool, str]:
    if isinstance(transport, str):
        return False, transport
    if wrong := await asyncio.to_thread(transport.check, endpoint):
        return False, " ".join(wrong)
    try:
        return True, await transport.probe(endpoint)
    except HubFailure as failure:
        return False, failure.sentence


@asynccontextmanager
async def _transports(
    chosen: BrokerSettings | None,
) -> AsyncIterator[Mapping[str, Transport | str]]:
    """All of them; in place of the one for AMQP, a sentence if its broker cannot be reached."""
    transports: dict[str, Transport] = {
        "http": HttpTransport(),
        "soap": SoapTransport(),
        "sftp": SftpTransport(),
    }
    async with AsyncExitStack() as stack:
        for transport in transports.values():
            stack.push_async_callback(transport.close)
        of_amqp = {} if chosen is None else {"amqp": await _amqp(chosen, stack)}
        yield {**transports, **of_amqp}


async def _amqp(chosen: BrokerSettings, stack: AsyncExitStack) -> Transport | str:
    try:
        opened = await stack.enter_async_context(broker("hub routes check", chosen))
    except CommandFailure as failure:
        return " ".join(failure.sentences)
    return AmqpTransport(opened.publisher)
