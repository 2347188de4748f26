"""How a parcel reaches a system: the contract of a transport, and what all transports share.

A transport says what happened in the words of the failure tree: nothing arrived
(`EndpointDown`), nobody knows (`TransientFailure` with the cause `NO_ANSWER`), later perhaps
(`TransientFailure`), or the system said no (`Refused`). It never tries again by itself.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.model.failure import EndpointDown
from hub.routing import Endpoint
from hub.workshop.packed import Packed

__all__ = [
    "NO_ANSWER",
    "Collected",
    "Collecting",
    "Receipt",
    "Settings",
    "Steps",
    "Transport",
    "read_settings",
    "wrong_in",
]

NO_ANSWER: Final = "endpoint.no_answer"
"""Cause of a failure after the message left: it may have arrived, its delivery is in doubt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The system has the parcel. Not `accepted`: handed over only, its receipt comes later."""

    accepted: bool
    at: datetime
    number: str | None = None


class Steps(Protocol):
    """Results of the finished steps of one parcel, kept over retries: nothing is sent twice."""

    @property
    def done(self) -> Mapping[str, str]:
        """What is finished, by the name of the step."""

    async def record(self, step: str, result: str) -> None:
        """Keep the result of a step durably, before the next one begins."""


@dataclass(frozen=True, slots=True)
class Collected:
    """One document that a system has left for the hub.

    `confirm` tells the system that it is safe; it is called after the broker has it, and may be
    called again for the same document after a crash. `cursor`, where the system counts its
    documents, is kept durably before that, and is what the next `collect` begins after.
    """

    body: bytes
    confirm: Callable[[], Awaitable[None]]
    cursor: str | None = None


class Collecting(Protocol):
    """A transport whose systems do not bring their documents: the hub fetches them."""

    def collect(self, endpoint: Endpoint, cursor: str | None) -> AsyncIterator[Collected]:
        """What lies there now, the oldest first; ends when there is no more.

        Raises:
            EndpointDown: it cannot be reached; tried again later.
            TransientFailure: later perhaps.
        """


class Transport(Protocol):
    """One way to systems."""

    async def deliver(self, parcel: Packed, endpoint: Endpoint, steps: Steps) -> Receipt:
        """Send the messages of a parcel in their order, except those that `steps` has done.

        Raises:
            EndpointDown: nothing was taken; the endpoint or its settings are at fault.
            Unreachable: nothing was sent, and nothing would be to any other authority there.
            TransientFailure: later perhaps; with `NO_ANSWER` the message may have arrived.
            PermanentFailure: this parcel can never pass; `Refused`: the system said no.
        """

    def check(self, endpoint: Endpoint) -> list[str]:
        """What is wrong with the endpoint's settings, in sentences; empty if nothing is."""

    async def probe(self, endpoint: Endpoint) -> str:
        """Go as far as is possible without delivering or changing anything; says how far that was.

        Raises:
            EndpointDown: no message would arrive there; the sentence says why.
            TransientFailure: later perhaps.
        """

    async def close(self) -> None:
        """Close all connections."""


class Settings(BaseModel):
    """Base of a transport's own options under `endpoint` in routing.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def exposed(self) -> str | None:
        """A sentence if messages would leave this machine so that others could read them."""
        return None


AnySettings = TypeVar("AnySettings", bound=Settings)


def read_settings(model: type[AnySettings], endpoint: Endpoint) -> AnySettings:
    """The endpoint's settings as the transport's model.

    Raises:
        EndpointDown: they are wrong; the sentence says how.
    """
    try:
        settings = model.model_validate(dict(endpoint.settings))
    except ValidationError as error:
        raise EndpointDown("endpoint.settings", " ".join(_sentences(model, error))) from None
    if (sentence := _exposed(settings, endpoint)) is not None:
        raise EndpointDown("endpoint.settings", sentence)
    return settings


def wrong_in(model: type[Settings], endpoint: Endpoint) -> list[str]:
    """What is wrong with the endpoint's settings, one sentence for each problem."""
    try:
        settings = model.model_validate(dict(endpoint.settings))
    except ValidationError as error:
        return _sentences(model, error)
    sentence = _exposed(settings, endpoint)
    return [] if sentence is None else [sentence]


def _exposed(settings: Settings, endpoint: Endpoint) -> str | None:
    """What real applications may not be sent by; what is made up for a test may."""
    return settings.exposed() if endpoint.stage == "production" else None


def _sentences(model: type[Settings], error: ValidationError) -> list[str]:
    return [
        _sentence(model, ".".join(map(str, each["loc"])), each["type"], each["msg"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _sentence(model: type[Settings], setting: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        close = get_close_matches(setting, model.model_fields, n=1) or sorted(model.model_fields)
        return f"endpoint has no {setting}; write {' or '.join(close)} instead."
    if kind == "missing":
        return f"endpoint lacks {setting}; write a line {setting}: …"
    return f"endpoint{'.' if setting else ''}{setting}: {message.removeprefix('Value error, ')}."
