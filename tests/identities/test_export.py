"""`hub topology export`, loaded by a fresh node: enough for everybody's work, and for no more.

The hub comes with its exported user alone, Spree and the online service with theirs; then each
tries what it must not.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelPreconditionFailed,
)
from structlog.testing import capture_logs

from hub.app import running
from hub.broker import SUBMISSIONS, Broker, Exchange, Topology
from hub.cli import main
from hub.model.failure import EndpointDown
from hub.routing import Endpoint, Limits
from hub.sandbox.processes import free_port
from hub.sandbox.rabbitmq import private_rabbitmq
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.store import Sealer
from hub.tls import TlsFiles
from hub.transport.amqp import AmqpTransport
from tests.builders import a_submission
from tests.identities.conftest import tls_configuration, trouble
from tests.transport.certificates import CertificateAuthority
from tests.transport.contract import KeptSteps, a_parcel
from tests.way.conftest import World
from tests.way.spree import ROUTING, a_spree, publish
from tests.way.system import System

SENDERS = f"""
senders:
  "{a_submission().sender.key}": {{users: [portal], services: [employment, family]}}
  "alp:999999": {{users: [other]}}
"""
PASSWORDS = {
    name: f"password-of-{name}-that-is-long"
    for name in ("hub", "spree", "rival", "portal", "monitoring")
}
KEY = Sealer.generate_text()


@dataclass(frozen=True)
class Loaded:
    """A node that was given what was exported, and nothing else."""

    port: int
    tls_port: int
    ca: CertificateAuthority
    routing: Path
    exported: dict[str, Any]

    def url(self, user: str) -> str:
        return f"amqp://{user}:{PASSWORDS[user]}@127.0.0.1:{self.port}/"

    def settings(self, folder: Path) -> Settings:
        return Settings(
            amqp_url=self.url("hub")
            .replace("amqp:", "amqps:")
            .replace(f"127.0.0.1:{self.port}", f"localhost:{self.tls_port}"),
            amqp_ca_file=self.ca.certificate,
            store_url=f"sqlite:///{folder}/hub.db",
            documents=folder / "documents",
            routing=self.routing,
            content_key=KEY,
        )


def export(environment: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    shown = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(shown):
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(["topology", "export", *arguments])
    assert ended.value.code == 0
    found: dict[str, Any] = json.loads(shown.getvalue())
    return found


def written(folder: Path) -> tuple[Path, dict[str, str]]:
    routing = folder / "routing.yaml"
    routing.write_text(ROUTING.format(user="spree") + SENDERS)
    return routing, {
        "HUB_AMQP_URL": "amqps://hub@rabbitmq.example/",
        "HUB_ROUTING": str(routing),
        "HUB_CONTENT_KEY": KEY,
    }


@pytest.fixture(scope="module")
async def loaded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    folder: Path = tmp_path_factory.mktemp("exported")
    routing, environment = written(folder)
    passwords = folder / "passwords"
    passwords.mkdir()
    for name, password in PASSWORDS.items():
        (passwords / name).write_text(f"{password}\n")
    exported = export(environment, "--passwords", str(passwords))
    file = folder / "definitions.json"
    file.write_text(json.dumps(exported))
    ca, tls_port = CertificateAuthority(folder), free_port()
    async with private_rabbitmq(
        folder / "node",
        configuration=(*tls_configuration(tls_port, ca), f"load_definitions = {file}"),
        plugins=("rabbitmq_auth_mechanism_ssl",),
    ) as node:
        yield Loaded(node.port, tls_port, ca, routing, exported)


@asynccontextmanager
async def a_hub(loaded: Loaded, folder: Path) -> AsyncIterator[World]:
    async with (
        running(loaded.settings(folder)) as hub,
        Broker([loaded.url("portal")], name="portal") as portal,
    ):
        await hub.broker.wait_ready()
        yield World(hub, portal, System())


async def test_everybody_can_do_their_work(loaded: Loaded, tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with a_spree(loaded.url("spree")) as spree, a_hub(loaded, tmp_path) as world:
            submission = a_submission(authority="990041")
            await send(world.sender, "employment", submission.model_dump_json().encode())
            [message] = await spree.wait_for(1)
            await spree.receipt(message)
            await world.until_state(submission, "accepted")
            await spree.update(Answer("status", status="01"), message)
            await world.until_letters(submission.id, 1)
            assert (await world.ledger()).balanced

            await send(world.sender, "family", b"{}")
            refusal = await taken(loaded.url("portal"), "portal.refusals")
            assert refusal["sentence"]

            another = a_submission(authority="990041", service="settlement")
            await send(world.sender, "family", another.model_dump_json().encode())
            refusal = await taken(loaded.url("portal"), "portal.refusals")
            assert (refusal["cause"], refusal["location"]) == ("sender.not_allowed", "service")
    assert [each for each in logs if each["event"] == "declare.refused"] == []


async def send(portal: Broker, key: str, body: bytes) -> None:
    await portal.publisher.publish(
        SUBMISSIONS, f"{key}.990041", body, type="submission", reply_to="portal.refusals"
    )


async def taken(url: str, queue: str) -> dict[str, Any]:
    async with asyncio.timeout(30), await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        found = await channel.get_queue(queue, ensure=False)
        async with found.iterator() as messages:
            async for message in messages:
                await message.ack()
                content: dict[str, Any] = json.loads(message.body)
                return content
    raise AssertionError


Attempt = Callable[[AbstractChannel], Awaitable[object]]


def to(exchange: str, key: str, **given: Any) -> Attempt:
    async def attempt(channel: AbstractChannel) -> None:
        target = await channel.get_exchange(exchange, ensure=False)
        await target.publish(aio_pika.Message(b"{}", **given), key)

    return attempt


def take(queue: str) -> Attempt:
    async def attempt(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).get(fail=False)

    return attempt


def declare(queue: str) -> Attempt:
    return lambda channel: channel.declare_queue(queue, durable=True)


def declare_exchange(exchange: str) -> Attempt:
    return lambda channel: channel.declare_exchange(exchange, durable=True)


def bind(queue: str, exchange: str, key: str = "#") -> Attempt:
    async def attempt(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).bind(exchange, key)

    return attempt


def delete(queue: str) -> Attempt:
    return lambda channel: channel.queue_delete(queue)


MUST_NOT: dict[str, list[Attempt]] = {
    "portal": [
        to("hub.submissions", "settlement.990041"),
        to("hub.submissions", "whatever"),
        to("hub.returns", "spree.990041"),
        to("hub.deliveries", "990041"),
        to("hub.refusals", "x"),
        to("spree.in", "990041"),
        to("other.refusals", ""),
        to("", "hub.intake"),
        take("hub.intake"),
        take("hub.dead-letters"),
        take("other.refusals"),
        declare("portal.mine"),
        declare_exchange("portal.mine"),
        bind("portal.refusals", "hub.refusals"),
        bind("portal.refusals", "hub.submissions"),
        delete("portal.refusals"),
        delete("hub.intake"),
    ],
    "spree": [
        to("hub.returns", "spree.990051"),
        to("hub.returns", "xauslaender.990041"),
        to("hub.submissions", "employment.990041"),
        to("rival.in", "990051"),
        to("", "hub.interpret"),
        take("hub.interpret"),
        take("hub.deliver.990041"),
        declare("hub.mine"),
        declare("rival.mine"),
        delete("hub.interpret"),
    ],
    "hub": [
        to("amq.topic", "x"),
        to("", "spree.inbox.990041"),
        take("portal.refusals"),
        declare("mine"),
        declare_exchange("spree.in"),
        delete("portal.refusals"),
        delete("spree.inbox.990041"),
    ],
    "monitoring": [
        to("hub.submissions", "employment.990041"),
        take("hub.intake"),
        declare("monitoring.mine"),
        delete("hub.intake"),
        bind("hub.intake", "hub.returns"),
    ],
}


@pytest.mark.parametrize("user", MUST_NOT)
async def test_nobody_can_do_more(loaded: Loaded, user: str) -> None:
    async with await aio_pika.connect(loaded.url(user)) as connection:
        could = []
        for number, attempt in enumerate(MUST_NOT[user]):
            channel = await connection.channel()
            try:
                await attempt(channel)
                could.append(number)
            except ChannelAccessRefused:
                pass
    assert could == []


async def test_nobody_can_publish_as_another(loaded: Loaded) -> None:
    async with await aio_pika.connect(loaded.url("portal")) as connection:
        channel = await connection.channel()
        with pytest.raises(ChannelPreconditionFailed):
            await to(SUBMISSIONS, "employment.990041", user_id="other")(channel)
    async with await aio_pika.connect(loaded.url("spree")) as connection:
        channel = await connection.channel(on_return_raises=True)
        with pytest.raises(ChannelPreconditionFailed):
            await publish(channel, b"<x/>", user_id="hub")


async def test_without_a_password_one_comes_by_certificate_only(loaded: Loaded) -> None:
    for password in ("none", ""):
        url = f"amqp://other:{password}@127.0.0.1:{loaded.port}/"
        assert "does not accept who the hub says it is" in await trouble(url, TlsFiles())
    own = loaded.ca.identity("other")
    tls = TlsFiles(loaded.ca.certificate, own.certificate, own.key)
    url = f"amqps://other@localhost:{loaded.tls_port}/"
    async with asyncio.timeout(30), Broker([url], name="other", tls=tls) as other:
        await other.publisher.publish(
            SUBMISSIONS, "settlement.990041", b"{}", type="submission", reply_to="other.refusals"
        )


async def test_guest_is_gone_and_nobody_is_administrator(loaded: Loaded) -> None:
    guest = f"amqp://guest:guest@127.0.0.1:{loaded.port}/"
    assert "does not accept who the hub says it is" in await trouble(guest, TlsFiles())
    tags = {each["name"]: each["tags"] for each in loaded.exported["users"]}
    assert {tag for name, tag in tags.items() if name != "monitoring"} == {""}
    assert tags["monitoring"] == "monitoring"
    assert not any(password in json.dumps(loaded.exported) for password in PASSWORDS.values())


async def test_a_system_that_was_not_exported_is_down_and_nothing_is_in_doubt(
    loaded: Loaded,
) -> None:
    endpoint = Endpoint(
        "rival",
        "amqp",
        "production",
        {"exchange": "rival.in", "routing_key": "990051", "user": "rival"},
        Limits(4, 12),
    )
    async with Broker([loaded.url("rival")], name="rival") as rival:
        await rival.declare(Topology((Exchange("rival.in", "direct"),), (), ()))
    async with Broker([loaded.url("portal")], name="not the hub") as broker:
        transport = AmqpTransport(broker.publisher)
        with pytest.raises(EndpointDown, match=r"may not publish to rival\.in; `hub topology"):
            await transport.deliver(a_parcel(), endpoint, KeptSteps())
