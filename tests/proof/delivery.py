"""One submission by way of an adapter that is installed here: through a whole hub, over HTTP.

`python -m tests.proof.delivery NAME AMQP_URL FOLDER` prints what the system received, as JSON.
It is run by the Python of another environment, to which this repository was never told of NAME.
"""

import asyncio
import json
import sys
from pathlib import Path

from hub.app import running
from hub.broker import Broker
from hub.settings import Settings
from hub.store import Sealer
from tests.builders import a_submission
from tests.way.conftest import World
from tests.way.system import a_system

ROUTING = """
systems:
  theirs: {{adapter: {name}, formats: [{{version: "1", from: 2020-01-01}}],
    stage: production, transport: http, endpoint: {{url: "{url}/{{authority}}"}},
    limits: {{parallel: 4, attempts: 5}}}}
authorities:
  "990001": {{name: One, regional_keys: ["08111"], system: theirs, services: [employment],
    back_channel: false}}
"""


async def deliver(name: str, amqp_url: str, folder: Path) -> dict[str, str | None]:
    settings = Settings(
        amqp_url=amqp_url,
        store_url=f"sqlite:///{folder}/hub.db",
        documents=folder / "documents",
        routing=folder / "routing.yaml",
        content_key=Sealer.generate_text(),
    )
    async with a_system() as system:
        settings.routing.write_text(ROUTING.format(name=name, url=system.url))
        async with running(settings) as hub, Broker(settings.amqp_urls, name="sender") as sender:
            await hub.broker.wait_ready()
            world = World(hub, sender, system)
            submission = a_submission(documents=2, back_channel=False)
            await world.send(submission)
            row = await world.until_state(submission, "accepted")
            [received] = system.received
            return {
                "state": row.state,
                "root": received.name,
                "namespace": received.root.nsmap[None],
                "uuid": received.root.get("uuid"),
                "sent": str(submission.id),
            }


if __name__ == "__main__":
    received = asyncio.run(deliver(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
    sys.stdout.write(json.dumps(received) + "\n")
