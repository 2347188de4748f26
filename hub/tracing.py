"""Traces (OpenTelemetry): one span for each message that a stage handles.

A span continues the `traceparent` that the message came with, and what the stage sends on the
way (to a system, through the broker) continues the span. Spans hold ids only: an exception's
text may quote what applicants wrote. Without an address to export to nothing is recorded, and
what came is carried on as it came.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from opentelemetry import context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from pydantic import ValidationError

from hub.broker import DELIVERIES, MAILBOX, Delivery, Handler, Verdict
from hub.model.reference import Reference
from hub.traceparent import continued, parent_in

__all__ = ["Tracing", "tracing"]

_SERVICE: Final = "residence-hub"
_SECONDS_TO_EXPORT: Final = 5


class Tracing:
    """Stands around the handlers of the stages."""

    def __init__(self, tracer: Tracer | None) -> None:
        """Without a tracer nothing is recorded."""
        self._tracer = tracer

    def traced(self, stage: str, handler: Handler) -> Handler:
        """The same handler, at work in the trace of each message."""
        if self._tracer is None:
            return _carrying(handler)
        return _recording(self._tracer, stage, handler)


@asynccontextmanager
async def tracing(url: str | None) -> AsyncIterator[Tracing]:
    """Export to `url` (OTLP over HTTP) while the block runs; what is left goes out at its end."""
    if url is None:
        yield Tracing(None)
        return
    # Imported here: most hubs export nothing, and need not load what does.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: _SERVICE}), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint=url, timeout=_SECONDS_TO_EXPORT)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield Tracing(provider.get_tracer("hub"))
    finally:
        await asyncio.to_thread(provider.shutdown)


def _carrying(handler: Handler) -> Handler:
    async def carrying(delivery: Delivery) -> Verdict:
        parent = parent_in(delivery.headers)
        if parent is None:
            return await handler(delivery)
        token = context.attach(parent)
        try:
            return await handler(delivery)
        finally:
            context.detach(token)

    return carrying


def _recording(tracer: Tracer, stage: str, handler: Handler) -> Handler:
    async def recording(delivery: Delivery) -> Verdict:
        with tracer.start_as_current_span(
            stage,
            context=parent_in(delivery.headers) or context.Context(),
            kind=SpanKind.CONSUMER,
            attributes=_ids(delivery),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            # What the stage keeps of the message's trace goes on from here.
            inside = replace(delivery, headers={**delivery.headers, **continued()})
            try:
                verdict = await handler(inside)
            except Exception as error:
                _failed(span, error)
                raise
            span.set_attribute("hub.verdict", verdict.name.lower())
            return verdict

    return recording


def _ids(delivery: Delivery) -> dict[str, str | int]:
    """Which message it is. Of one that comes from outside nothing is believed to be an id."""
    ids: dict[str, str | int] = {"hub.queue": delivery.queue, "hub.attempt": delivery.attempts}
    if delivery.exchange in {DELIVERIES, MAILBOX}:
        try:
            reference = Reference.model_validate_json(delivery.body)
        except ValidationError:
            return ids  # the stage says what it thinks of it
        ids |= {
            "hub.message": str(reference.message),
            "hub.case": str(reference.case),
            "hub.authority": reference.authority,
        }
    return ids


def _failed(span: Span, error: Exception) -> None:
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))
