"""Thousands of interleavings of everything that happens to a few cases, and what must hold.

A short run each time; HUB_MODEL_EXAMPLES says how many examples are tried instead. Both begin
at the same seed and print what fails as a story that can be run again.
"""

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.way_model.machine import Conversations

_EXAMPLES: Final = int(os.environ.get("HUB_MODEL_EXAMPLES", "50"))
_STEPS: Final = 60
_SECONDS_EACH: Final = 10
"""Far more than one takes: what may hang is a machine under load."""


@pytest.mark.timeout(_EXAMPLES * _SECONDS_EACH)
def test_every_conversation_comes_to_its_end_whatever_goes_wrong() -> None:
    run_state_machine_as_test(
        Conversations,
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            print_blob=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
