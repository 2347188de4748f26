"""An online service that was written from the published contract alone."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.way import service
from tests.way.conftest import World

CONTRACT = Path(__file__).parents[2] / "docs/api/asyncapi.json"


async def test_a_service_written_from_the_document_sends_and_learns_of_a_refusal(
    world: World, amqp_url: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, service.__file__, amqp_url, "990001"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, complaints = await process.communicate(CONTRACT.read_bytes())
    assert process.returncode == 0, complaints.decode()
    said = json.loads(out)
    assert said["refusal"]["location"] == "details.person.family_name"
    assert (said["good_is_valid"], said["bad_is_valid"]) == (True, False)
    assert said["refusal_is_valid"]
    assert not said["knows_the_hub"]
    [received] = await world.system.wait_for(1)
    assert str(received.root.xpath("string(//*[local-name()='nachrichtenUUID'])")) == said["good"]
