from datetime import timedelta

import pytest

from hub.stages.parking import wanted
from hub.store import Parking
from tests.store.building import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("next_probe", "paused", "mode"),
    [
        (None, False, "open"),
        (NOW, False, "probing"),
        (NOW + MINUTE, False, "parked"),
        (None, True, "paused"),
        (NOW, True, "paused"),  # who was paused is not even probed
        (NOW + MINUTE, True, "paused"),
    ],
)
def test_a_person_stands_above_the_outage(next_probe: object, paused: bool, mode: str) -> None:
    parking = (
        None if next_probe is None else Parking("990001", NOW, next_probe, 1, "endpoint.down")  # type: ignore[arg-type]
    )
    assert wanted(parking, NOW, paused=paused) == mode
