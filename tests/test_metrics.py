"""What is counted is what the journal says; what is shown is what waits."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from hub.metrics import Metrics, Standing
from hub.model.identifiers import CaseId, MessageUuid
from hub.store import Committed, Event, Parking, State, Unfinished

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
MONITORING = Path(__file__).parents[1] / "monitoring"


def an_event(name: str, **values: object) -> Event:
    return Event(
        CaseId(uuid4()), MessageUuid(uuid4()), NOW, name, "deliver", authority="990001", **values
    )


def nothing_waits() -> Standing:
    return Standing(NOW, [], {}, [], broker=True)


def values_of(metrics: Metrics, standing: Standing, name: str) -> dict[tuple[str, ...], float]:
    """By the values of the labels, in the order of the labels' names."""
    families = text_string_to_metric_families(metrics.text(standing).decode())
    return {
        tuple(sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


def test_events_are_counted_under_the_names_of_the_journal() -> None:
    metrics = Metrics()
    events = (
        an_event("accepted", detail={"after_ms": 312}),
        an_event("accepted"),
        an_event("dead"),
    )
    metrics.committed(Committed(2, timedelta(milliseconds=3), events))

    counted = values_of(metrics, nothing_waits(), "hub_events_total")
    assert counted == {("990001", "accepted", "deliver"): 2, ("990001", "dead", "deliver"): 1}
    assert values_of(metrics, nothing_waits(), "hub_acceptance_seconds_sum") == {("990001",): 0.312}
    assert values_of(metrics, nothing_waits(), "hub_store_units_total") == {(): 2}


def test_what_waits_is_shown_with_the_age_of_the_oldest() -> None:
    owed = Unfinished("990001", "deliver", State.OWED, 17, NOW - timedelta(minutes=2))
    parked = Parking("990002", NOW - timedelta(hours=1), NOW, 3, "endpoint.down")
    standing = Standing(NOW, [owed], {"X001": 4}, [parked], broker=False)

    metrics = Metrics()
    assert values_of(metrics, standing, "hub_unfinished_messages") == {
        ("990001", "deliver", "owed"): 17
    }
    assert values_of(metrics, standing, "hub_oldest_unfinished_seconds") == {
        ("990001", "deliver", "owed"): 120
    }
    assert values_of(metrics, standing, "hub_parked_seconds") == {("990002",): 3600}
    assert values_of(metrics, standing, "hub_dead_letters") == {("X001",): 4}
    assert values_of(metrics, standing, "hub_broker_ready") == {(): 0}


def test_a_system_cannot_make_labels_without_end() -> None:
    causes = {f"refused.X{number}": 1000 - number for number in range(200)}
    shown = values_of(Metrics(), Standing(NOW, [], causes, [], broker=True), "hub_dead_letters")
    assert len(shown) == 51
    assert sum(shown.values()) == sum(causes.values())


def shipped_expressions() -> list[str]:
    rules = YAML(typ="safe").load((MONITORING / "alerts.yaml").read_text("utf-8"))
    panels = json.loads((MONITORING / "grafana.json").read_text("utf-8"))["panels"]
    return [
        *(rule["expr"] for group in rules["groups"] for rule in group["rules"]),
        *(target["expr"] for panel in panels for target in panel["targets"]),
    ]


@pytest.mark.parametrize("expression", shipped_expressions())
def test_alerts_and_dashboard_ask_for_metrics_that_there_are(expression: str) -> None:
    owed = Unfinished("990001", "deliver", State.OWED, 1, NOW)
    standing = Standing(NOW, [owed], {"X001": 1}, [Parking("1", NOW, NOW, 1, "x")], broker=True)
    metrics = Metrics()
    metrics.handled("deliver", "done", timedelta(seconds=1))
    metrics.committed(
        Committed(
            1,
            timedelta(seconds=1),
            (
                an_event("handed_over", duration=timedelta(seconds=1)),
                an_event("accepted", detail={"after_ms": 1}),
            ),
        )
    )
    families = text_string_to_metric_families(metrics.text(standing).decode())
    there = {sample.name for family in families for sample in family.samples}
    asked = set(re.findall(r"\bhub_[a-z_]+\b", expression))
    assert asked <= there
