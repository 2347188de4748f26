"""`traceparent` (W3C Trace Context): read from what comes in, continued in what goes out.

Whoever sends may write anything into a header: one that is no `traceparent` is not kept, for it
would stand in rows and headers that hold nothing personal.
"""

import re
from collections.abc import Mapping
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

__all__ = ["TRACEPARENT", "TRACEPARENT_SHAPE", "continued", "parent_in", "traceparent_in"]

TRACEPARENT: Final = "traceparent"
TRACEPARENT_SHAPE: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_PROPAGATOR: Final = TraceContextTextMapPropagator()


def traceparent_in(headers: Mapping[str, object]) -> str | None:
    """The header of that name, None if there is none or it is something else."""
    value = headers.get(TRACEPARENT)
    return value if isinstance(value, str) and TRACEPARENT_SHAPE.fullmatch(value) else None


def parent_in(headers: Mapping[str, object]) -> Context | None:
    """The context that a message continues, None if it begins a trace of its own."""
    given = traceparent_in(headers)
    # Nothing else of the current context: a message is handled for itself.
    return _PROPAGATOR.extract({TRACEPARENT: given}, Context()) if given else None


def continued() -> dict[str, str]:
    """The headers with which the current trace goes on elsewhere; none where there is no trace."""
    headers: dict[str, str] = {}
    _PROPAGATOR.inject(headers)
    return {name: headers[name] for name in headers.keys() & {TRACEPARENT}}
