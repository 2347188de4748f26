from typing import get_args

import pytest

from hub.model.details import Service
from hub.sandbox.samples import Destination

ALL = frozenset(get_args(Service))


@pytest.fixture(scope="session")
def offers() -> tuple[Destination, ...]:
    """Two authorities that answer, one that does not, one of the test stage."""
    return (
        Destination("sued", "001900", "081110000000", ALL, test=False, back_channel=True),
        Destination(
            "sued", "001800", "084210000000", ALL - {"sponsorship"}, test=False, back_channel=True
        ),
        Destination("nord", "990001", None, ALL, test=False, back_channel=False),
        Destination("probe", "990099", "010010000000", ALL, test=True, back_channel=True),
    )
