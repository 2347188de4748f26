"""Tries every endpoint of a routing table, as far as that changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from hub.broker import Broker
from hub.model.failure import HubFailure
from hub.model.identifiers import AuthorityKey
from hub.routing import Endpoint, RoutingTable
from hub.transport import Transport
from hub.transport.amqp import AmqpTransport
from hub.transport.http import HttpTransport
from hub.transport.sftp import SftpTransport
from hub.transport.soap import SoapTransport

__all__ = ["Tried", "try_endpoints"]

_AT_ONCE: Final = 8
_BROKER_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Tried:
    """How far one endpoint could be reached; authorities that share it stand together."""

    system: str
    transport: str
    authorities: tuple[AuthorityKey, ...]
    works: bool
    said: str


async def try_endpoints(table: RoutingTable, amqp_url: str) -> list[Tried]:
    """Settings, connection and credentials of each endpoint, in the order of the table."""
    found: dict[tuple[object, ...], tuple[Endpoint, list[AuthorityKey]]] = {}
    for key in table.authorities:
        endpoint = table.endpoint(key)
        same = (endpoint.system, *sorted(endpoint.settings.items()))
        found.setdefault(same, (endpoint, []))[1].append(key)
    places = asyncio.Semaphore(_AT_ONCE)
    uses_broker = any(endpoint.transport == "amqp" for endpoint, _ in found.values())
    async with _transports(amqp_url if uses_broker else None) as transports:
        tried = (_try(endpoint, keys, transports, places) for endpoint, keys in found.values())
        return await asyncio.gather(*tried)


async def _try(
    endpoint: Endpoint,
    authorities: list[AuthorityKey],
    transports: Mapping[str, Transport],
    places: asyncio.Semaphore,
) -> Tried:
    async with places:
        works, said = await _reached(endpoint, transports.get(endpoint.transport))
    return Tried(endpoint.system, endpoint.transport, tuple(authorities), works, said)


async def _reached(endpoint: Endpoint, transport: Transport | None) -> tuple[bool, str]:
    if transport is None:
        return False, "RabbitMQ cannot be reached; is HUB_AMQP_URL right?"
    if wrong := await asyncio.to_thread(transport.check, endpoint):
        return False, " ".join(wrong)
    try:
        return True, await transport.probe(endpoint)
    except HubFailure as failure:
        return False, failure.sentence


@asynccontextmanager
async def _transports(amqp_url: str | None) -> AsyncIterator[Mapping[str, Transport]]:
    """All of them; without the one for AMQP if its broker cannot be reached or is not needed."""
    transports: dict[str, Transport] = {
        "http": HttpTransport(),
        "soap": SoapTransport(),
        "sftp": SftpTransport(),
    }
    async with AsyncExitStack() as stack:
        for transport in transports.values():
            stack.push_async_callback(transport.close)
        if amqp_url is not None and (broker := await _broker(amqp_url, stack)) is not None:
            transports["amqp"] = AmqpTransport(broker.publisher)
        yield transports


async def _broker(amqp_url: str, stack: AsyncExitStack) -> Broker | None:
    try:
        async with asyncio.timeout(_BROKER_SECONDS):
            return await stack.enter_async_context(
                Broker(amqp_url.split(","), name="hub routes check")
            )
    except TimeoutError:
        return None
