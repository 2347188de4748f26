"""One trace from the online service to the vendor's system and up again; ids only, or nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from hub.broker import Delivery, Verdict
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.tracing import tracing
from tests.builders import a_submission
from tests.sandbox.scanning import Scanner, private_values
from tests.way.conftest import a_world
from tests.way.system import System

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = f"00-{TRACE}-{PARENT}-01"


@dataclass
class Collector:
    """Takes traces as any OTLP collector does."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def of(self, stage: str) -> Span:
        [span] = [span for span in self.spans() if span.name == stage]
        return span


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    collector.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/traces"
    yield collector
    await runner.cleanup()


@pytest.fixture
def asked(system: System) -> list[str | None]:
    """The `traceparent` of the first message that the system is asked to take."""
    seen: list[str | None] = []
    system.answers.append(lambda request: seen.append(request.headers.get("traceparent")))
    return seen


def attributes(span: Span) -> dict[str, str]:
    return {each.key: each.value.string_value for each in span.attributes}


async def test_one_trace_from_the_service_to_the_system_and_up_again(
    settings: Settings, system: System, collector: Collector, asked: list[str | None]
) -> None:
    submission = a_submission(id=uuid4())
    traced = settings.model_copy(update={"otlp_url": collector.url})
    async with a_world(traced, system) as world:
        await world.send(submission, headers={"traceparent": GIVEN})
        [received] = await system.wait_for(1)
        await world.until_state(submission, "accepted")
        await world.update(Answer("status", status="01"), received)
        await world.until_letters(submission.id, 1)

    intake, deliver, mailbox = (collector.of(each) for each in ("intake", "deliver", "mailbox"))
    assert {span.trace_id.hex() for span in (intake, deliver, mailbox)} == {TRACE}
    assert intake.parent_span_id.hex() == PARENT
    assert deliver.parent_span_id == mailbox.parent_span_id == intake.span_id
    assert asked == [f"00-{TRACE}-{deliver.span_id.hex()}-01"]
    assert (
        attributes(deliver).items()
        >= {
            "hub.message": str(submission.id),
            "hub.case": str(submission.id),
            "hub.authority": "990001",
            "hub.verdict": "ack",
        }.items()
    )
    assert Scanner(private_values(submission)).found_in(b"".join(collector.bodies)) == []


async def test_without_a_collector_the_trace_goes_on_as_it_came(
    settings: Settings, system: System, asked: list[str | None]
) -> None:
    submission = a_submission(id=uuid4())
    async with a_world(settings, system) as world:
        await world.send(submission, headers={"traceparent": GIVEN})
        row = await world.until_state(submission, "accepted")
    assert row.trace == GIVEN
    assert asked == [GIVEN]


@pytest.mark.parametrize("given", ["Müller, Ada", f"00-{'0' * 32}-{PARENT}-01", GIVEN.upper()])
async def test_what_is_no_traceparent_is_not_kept(
    settings: Settings, system: System, asked: list[str | None], given: str
) -> None:
    submission = a_submission(id=uuid4())
    async with a_world(settings, system) as world:
        await world.send(submission, headers={"traceparent": given})
        row = await world.until_state(submission, "accepted")
    assert row.trace is None
    assert asked == [None]


async def test_a_span_names_the_kind_of_an_error_and_nothing_that_it_says(
    collector: Collector,
) -> None:
    async def failing(delivery: Delivery) -> Verdict:
        raise ValueError("Müller")

    async with tracing(collector.url) as traces:
        with pytest.raises(ValueError, match="Müller"):
            await traces.traced("interpret", failing)(a_delivery())
    span = collector.of("interpret")
    assert attributes(span)["error.type"] == "ValueError"
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert "Müller".encode() not in b"".join(collector.bodies)


def a_delivery() -> Delivery:
    return Delivery(
        body=b"{}",
        routing_key="xauslaender.990001",
        exchange="hub.returns",
        queue="hub.interpret",
        message_id="Müller",
        type="update",
        content_type=None,
        reply_to=None,
        correlation_id="Müller",
        user_id=None,
        headers={"authority": "990001"},
        redelivered=False,
        death=None,
    )
