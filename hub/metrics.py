"""What Prometheus is told: counted from the journal as it is committed, and from what waits.

Whatever is in the journal is counted here under the same word, so that a picture of rates and a
journey tell one story. Labels take few values: stages, events, causes and six-digit keys of the
routing table; never an id, never a word of an applicant.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.store import Committed, Event, Parking, Unfinished

__all__ = ["CONTENT_TYPE", "Metrics", "Outcome", "Standing"]

Outcome = Literal["done", "requeued", "failed"]
"""What became of a message in the hands of a stage."""

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_ACCEPTANCE_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 600, 3600, 86400)
_MOST_CAUSES: Final = 50
"""Causes shown by name. A system may refuse with codes of its own: the rest are `other`."""


class Metrics:
    """The counters of one process. Counting is a few microseconds, and never fails."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._events = Counter(
            "hub_events",
            "Events of the journal, by their names there.",
            ("stage", "event", "authority"),
            registry=self._registry,
        )
        self._attempts = Histogram(
            "hub_attempt_seconds",
            "From the beginning of a delivery to the system's answer.",
            ("authority",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._acceptance = Histogram(
            "hub_acceptance_seconds",
            "From a message's arrival at the hub until the system accepted it.",
            ("authority",),
            buckets=_ACCEPTANCE_SECONDS,
            registry=self._registry,
        )
        self._handling = Histogram(
            "hub_handling_seconds",
            "One message in the hands of one stage, whatever came of it.",
            ("stage", "outcome"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._commits = Histogram(
            "hub_store_commit_seconds",
            "One durable commit, of however many units.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._units = Counter(
            "hub_store_units", "Units of work that were committed.", registry=self._registry
        )

    def committed(self, committed: Committed) -> None:
        """Count a commit and what the journal got by it."""
        self._commits.observe(committed.took.total_seconds())
        self._units.inc(committed.units)
        for event in committed.events:
            self._count(event)

    def handled(self, stage: str, outcome: Outcome, took: timedelta) -> None:
        """Count one message that a stage had in its hands."""
        self._handling.labels(stage, outcome).observe(took.total_seconds())

    def text(self, standing: "Standing") -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self._registry) + generate_latest(_registry_of(standing))

    def _count(self, event: Event) -> None:
        authority = event.authority or ""
        self._events.labels(event.stage, event.name, authority).inc()
        if event.name == "handed_over" and event.duration is not None:
            self._attempts.labels(authority).observe(event.duration.total_seconds())
        if event.name == "accepted" and (waited := event.detail.get("after_ms")) is not None:
            self._acceptance.labels(authority).observe(int(waited) / 1000)


class Standing(Collector):
    """How things stand at the moment of asking, as the store and the broker say."""

    def __init__(
        self,
        now: datetime,
        unfinished: Iterable[Unfinished],
        dead: dict[str, int],
        parkings: Iterable[Parking],
        *,
        broker: bool,
    ) -> None:
        self._now = now
        self._unfinished = tuple(unfinished)
        self._dead = dead
        self._parkings = tuple(parkings)
        self._broker = broker

    def collect(self) -> Iterator[Metric]:
        """The gauges, each with its values."""
        yield from self._unfinished_messages()
        yield self._dead_letters()
        yield self._parked()
        yield self._breakers()
        yield GaugeMetricFamily(
            "hub_broker_ready", "1 if the broker can be reached.", value=int(self._broker)
        )

    def _unfinished_messages(self) -> Iterator[Metric]:
        labels = ("authority", "owes", "state")
        count = GaugeMetricFamily(
            "hub_unfinished_messages",
            "Messages that wait: owed for the hub, handed_over for a receipt, dead for a person.",
            labels=labels,
        )
        oldest = GaugeMetricFamily(
            "hub_oldest_unfinished_seconds", "Age of the oldest of them.", labels=labels
        )
        for each in self._unfinished:
            values = (each.authority, each.owes, each.state.value)
            count.add_metric(values, each.count)
            oldest.add_metric(values, (self._now - each.since).total_seconds())
        yield count
        yield oldest

    def _dead_letters(self) -> Metric:
        family = GaugeMetricFamily(
            "hub_dead_letters", "Dead letters that wait for a decision.", labels=("cause",)
        )
        causes = iter(self._dead.items())
        for cause, count in islice(causes, _MOST_CAUSES):
            family.add_metric((cause,), count)
        if others := sum(count for _, count in causes):
            family.add_metric(("other",), others)
        return family

    def _parked(self) -> Metric:
        family = GaugeMetricFamily(
            "hub_parked_seconds",
            "How long an authority or a mailbox provider has been parked; none while it is not.",
            labels=("place",),
        )
        for parking in self._parkings:
            family.add_metric((parking.authority,), (self._now - parking.since).total_seconds())
        return family

    def _breakers(self) -> Metric:
        family = GaugeMetricFamily(
            "hub_breaker",
            "1 for each authority or mailbox provider that is not open: parked (its breaker is"
            " open, in the words of others) or probing (half-open).",
            labels=("place", "state"),
        )
        for parking in self._parkings:
            family.add_metric((parking.authority, parking.state(self._now)), 1)
        return family


def _registry_of(standing: Standing) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(standing)
    return registry
