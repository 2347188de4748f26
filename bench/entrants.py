"""How each contestant is started, how it is known to be ready, and how a submission is put to it.

Peers are handed the submission in the wire format of their own framework, which is documented and
written here by hand: the publisher then costs the same for everybody, and needs none of them.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aio_pika import DeliveryMode, Message

from bench.contestants import floor, once, relay
from bench.contestants.pipeline import translate
from bench.submissions import SERVICE, Given
from hub.broker import INTAKE, SUBMISSIONS, delivery_queue
from hub.model.downward import Submission, downward
from hub.model.identifiers import AuthorityKey
from hub.sandbox.processes import Child, free_port
from hub.store import Sealer

__all__ = ["ENTRANTS", "Entrant", "Envelope", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a contestant is run with. `store_url`: of the hub, which alone has a store."""

    amqp_url: str
    system_url: str
    store_url: str
    folder: Path
    keys: Sequence[AuthorityKey]
    processes: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message, and where it is published."""

    exchange: str
    key: str
    message: Message


@dataclass(frozen=True, slots=True)
class Entrant:
    """One contestant.

    `queues`: how many consumers which have once it is ready; `package`: what has to be installed;
    `results`: a queue that it expects to be there.
    """

    name: str
    start: Callable[[Surroundings], list[Child]]
    queues: Callable[[Surroundings], Mapping[str, int]]
    envelope: Callable[[Given], Envelope]
    package: str | None = None
    results: str | None = None

    @property
    def installed(self) -> bool:
        """Whether it can be run here."""
        return self.package is None or find_spec(self.package) is not None


def _program(around: Surroundings, name: str, *module: str, count: int = 1) -> list[Child]:
    settings = {"BENCH_AMQP_URL": around.amqp_url, "BENCH_SYSTEM_URL": around.system_url}
    # Without doors it has nothing that could be asked: its consumers show that it is ready.
    asked = f"{around.system_url}/count"
    log = around.folder / f"{name}.log"
    return [Child(module, settings=settings, log=log, ready_url=asked) for _ in range(count)]


def _to_queue(name: str, body: bytes, **properties: Any) -> Envelope:
    message = Message(body, delivery_mode=DeliveryMode.PERSISTENT, **properties)
    return Envelope("", name, message)


# The limits.


def _relay(around: Surroundings) -> list[Child]:
    return _program(around, "relay", "bench.contestants.relay", count=around.processes)


class _Translated:
    """The XML of submissions, made once: of one template only the id changes."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[str, bytes]] = {}

    def of(self, given: Given) -> bytes:
        """What the hub would send for it, but for the key of its authority."""
        size = len(given.body)
        if size not in self._made:
            submission = downward.validate_json(given.body)
            assert isinstance(submission, Submission)  # noqa: S101 - nothing else is made
            ((uuid, xml),) = translate(submission)
            self._made[size] = (uuid, xml)
        uuid, xml = self._made[size]
        return xml.replace(uuid.encode(), given.id.encode())


_translated: Final = _Translated()


def _to_relay(given: Given) -> Envelope:
    headers: dict[str, Any] = {"authority": str(given.authority)}
    xml = _translated.of(given)
    return _to_queue(relay.ENTRANCE, xml, message_id=given.id, headers=headers)


def _once(around: Surroundings) -> list[Child]:
    return _program(around, "once", "bench.contestants.once", count=around.processes)


def _to_once(given: Given) -> Envelope:
    return _to_queue(once.ENTRANCE, given.body)


def _floor(around: Surroundings) -> list[Child]:
    return _program(around, "floor", "bench.contestants.floor", count=around.processes)


def _to_floor(given: Given) -> Envelope:
    return _to_queue(floor.ENTRANCE, given.body)


# The hub.

_SYSTEM: Final = """
systems:
  fast: {{adapter: xauslaender, formats: [{{version: "26.11", from: 2020-01-01}}],
    stage: production, transport: http, endpoint: {{url: "{url}/{{authority}}"}},
    limits: {{parallel: 4, attempts: 12}}}}
authorities:
"""
_AUTHORITY: Final = """\
  "{key}": {{name: "{key}", regional_keys: [], system: fast, services: all, back_channel: true}}
"""
_CONTENT_KEY: Final = Sealer.generate_text()


def _hub(around: Surroundings) -> list[Child]:
    table = around.folder / "routing.yaml"
    named = "".join(_AUTHORITY.format(key=key) for key in around.keys)
    table.write_text(_SYSTEM.format(url=around.system_url) + named, "utf-8")
    return [_hub_process(around, table) for _ in range(around.processes)]


def _hub_process(around: Surroundings, table: Path) -> Child:
    port = free_port()
    settings = {
        "HUB_AMQP_URL": around.amqp_url,
        "HUB_STORE_URL": around.store_url,
        "HUB_DOCUMENTS": str(around.folder / "documents"),
        "HUB_ROUTING": str(table),
        "HUB_CONTENT_KEY": _CONTENT_KEY,
        "HUB_HTTP_PORT": str(port),
    }
    return Child(
        ("hub.cli", "run"),
        settings=settings,
        log=around.folder / f"hub-{port}.log",
        ready_url=f"http://127.0.0.1:{port}/health/ready",
    )


def _to_hub(given: Given) -> Envelope:
    message = Message(
        given.body,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=str(uuid4()),
        content_type="application/json",
        type="submission",
        correlation_id=given.id,
    )
    return Envelope(SUBMISSIONS, f"{SERVICE}.{given.authority}", message)


def _of_hub(around: Surroundings) -> dict[str, int]:
    # Of those that wait for their turn at a queue in order, the broker counts none.
    return {INTAKE: 1, **_each(*map(delivery_queue, around.keys))(around)}


# The peers.


def _faststream(around: Surroundings) -> list[Child]:
    module = "bench.contestants.faststream"
    return _program(around, "faststream", module, count=around.processes)


def _to_faststream(given: Given) -> Envelope:
    return _to_queue("faststream", given.body, content_type="application/json")


def _taskiq(around: Surroundings) -> list[Child]:
    command = ("taskiq", "worker", "bench.contestants.taskiq:broker", "--log-level", "WARNING")
    return _program(around, "taskiq", *command, "--workers", str(around.processes))


def _to_taskiq(given: Given) -> Envelope:
    head = {"task_id": given.id, "task_name": "deliver", "labels": {}, "kwargs": {}}
    headers: dict[str, Any] = {"task_id": given.id, "task_name": "deliver"}
    return _to_queue("taskiq", _with(head, b'"args":[%s]', given.body), headers=headers)


def _dramatiq(around: Surroundings) -> list[Child]:
    command = ("dramatiq", "bench.contestants.dramatiq", "--queues", "dramatiq")
    threads = ("--processes", str(around.processes), "--threads", "8")
    return _program(around, "dramatiq", *command, *threads)


def _to_dramatiq(given: Given) -> Envelope:
    head = {
        "queue_name": "dramatiq",
        "actor_name": "deliver",
        "kwargs": {},
        "options": {},
        "message_id": given.id,
        "message_timestamp": int(time.time() * 1000),
    }
    return _to_queue("dramatiq", _with(head, b'"args":[%s]', given.body))


def _celery(around: Surroundings) -> list[Child]:
    def worker(number: int) -> Child:
        command = ("celery", "-A", "bench.contestants.celery", "worker", "--queues", "celery")
        pool = ("--pool", "threads", "--concurrency", "8", "--loglevel", "WARNING")
        return _program(around, "celery", *command, *pool, "--hostname", f"bench-{number}")[0]

    return [worker(number) for number in range(around.processes)]


def _to_celery(given: Given) -> Envelope:
    headers: dict[str, Any] = {"lang": "py", "task": "deliver", "id": given.id, "root_id": given.id}
    following = b'{"callbacks":null,"errbacks":null,"chain":null,"chord":null}'
    return _to_queue(
        "celery",
        b"[[%s],{},%s]" % (given.body, following),
        headers=headers,
        correlation_id=given.id,
        content_type="application/json",
        content_encoding="utf-8",
    )


def _with(head: Mapping[str, Any], argument: bytes, body: bytes) -> bytes:
    """A JSON object with one more field, which holds the submission as it stands."""
    return json.dumps(head).encode()[:-1] + b"," + argument % body + b"}"


def _each(*queues: str) -> Callable[[Surroundings], dict[str, int]]:
    return lambda around: dict.fromkeys(queues, around.processes)


_ALL: Final = (
    Entrant("relay", _relay, _each(relay.ENTRANCE, relay.DELIVERIES), _to_relay),
    Entrant("once", _once, _each(once.ENTRANCE), _to_once),
    Entrant("floor", _floor, _each(floor.ENTRANCE), _to_floor),
    Entrant("hub", _hub, _of_hub, _to_hub),
    Entrant(
        "faststream",
        _faststream,
        _each("faststream"),
        _to_faststream,
        package="faststream",
        results="faststream.results",
    ),
    Entrant("taskiq", _taskiq, _each("taskiq"), _to_taskiq, package="taskiq_aio_pika"),
    Entrant("dramatiq", _dramatiq, _each("dramatiq"), _to_dramatiq, package="dramatiq"),
    Entrant("celery", _celery, _each("celery"), _to_celery, package="celery"),
)
ENTRANTS: Final = {each.name: each for each in _ALL}
"""By name, in the order in which they are shown."""
