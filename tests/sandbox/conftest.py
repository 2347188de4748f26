from typing import get_args

import pytest

from hub.model.details import Service
from hub.sandbox.samples import Destination

ALL = frozenset(get_args(Service))
LINE = "xauslaender 26.11"


@pytest.fixture(scope="session")
def offers() -> tuple[Destination, ...]:
    """Two authorities that answer, one that does not, one of the test stage."""
    return (
        Destination("sued", LINE, "001900", "081110000000", ALL, test=False, back_channel=True),
        Destination(
            "sued",
            LINE,
            "001800",
            "084210000000",
            ALL - {"sponsorship"},
            test=False,
            back_channel=True,
        ),
        Destination("nord", LINE, "990001", None, ALL, test=False, back_channel=False),
        Destination("probe", LINE, "990099", "010010000000", ALL, test=True, back_channel=True),
    )
