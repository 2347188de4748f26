"""Two real hubs on one PostgreSQL and one RabbitMQ, while one of them is in trouble.

Judged by the books of applicants, systems and mailboxes: nothing is lost, doubled or out of order.
"""

import pytest

from hub.sandbox.faults.campaign import Plan, campaign
from hub.sandbox.faults.together import TOGETHER
from tests.postgresql import postgresql_server


@pytest.mark.timeout(400)
async def test_nothing_is_lost_while_one_of_two_hubs_is_killed_stands_still_or_is_wrong() -> None:
    with postgresql_server():
        pass  # skips without one
    report = await campaign(Plan(runs=len(TOGETHER), seed=6, kinds=TOGETHER), lambda *_: None)

    assert [str(finding) for finding in report.findings] == []
    assert {line.kind for line in report.lines()} == {kind.name for kind in TOGETHER}
    assert report.letters > 0
