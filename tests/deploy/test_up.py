"""docker-compose.yml at work, without Docker: the real programs, confined as it says.

Read-only roots, the images' users, no capabilities, secrets from files, TLS with the names of the
services; from an empty folder to a submission's letter and a figure in Prometheus.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.containers import Container, Machine, machine
from tests.deploy.programs import program_named

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("bwrap") is None or not Path("/usr/lib/postgresql").exists(),
    reason="containers need root, bubblewrap and PostgreSQL",
)

GUEST = """
import asyncio, ssl
import aio_pika
async def main():
    tls = ssl.create_default_context(cafile="/run/secrets/ca")
    await aio_pika.connect("amqps://guest:guest@rabbitmq:5671/", ssl_context=tls)
asyncio.run(main())
"""
IN_THE_CLEAR = """
import psycopg
url = open("/run/secrets/store_url").read().replace("+psycopg", "").partition("?")[0]
psycopg.connect(url + "?sslmode=disable")
"""
ASK = """
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())
"""


@dataclass(frozen=True)
class Up:
    machine: Machine
    hub: Container
    start: Callable[[str], Container]

    def asked(self, url: str) -> Any:
        said = self.machine.run("hub", "python", "-c", ASK, url)
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)


@pytest.fixture(scope="module")
def up(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder: Path = tmp_path_factory.mktemp("containers")
    with machine(made, folder) as machine_, ExitStack() as running:

        def start(name: str) -> Container:
            return running.enter_context(machine_.up(name))

        start("rabbitmq")
        start("postgres").until_healthy()
        hub = start("hub")
        hub.until_healthy()
        hub.until(lambda: machine_.run("hub", "hub", "queues"))
        yield Up(machine_, hub, start)


def test_applicants_get_their_letters(up: Up) -> None:
    for name in ("xauslaender", "isar", "alster", "spree"):
        up.start(name)
    with up.machine.up("applicants", "--count=8") as applicants:
        assert applicants.ended() == 0, applicants.printed
    assert up.machine.run("hub", "hub", "ledger").returncode == 0


def test_somebody_signs_in(up: Up) -> None:
    link = up.machine.run("hub", "hub", "sign-in", "Ada", "--role", "admin")
    assert link.stdout.startswith("https://localhost:8090/sign-in/link/"), link.stderr


def test_settings_are_right(up: Up) -> None:
    said = up.machine.run("hub", "hub", "config", "check")
    assert (said.returncode, said.stderr) == (0, "")


def test_nobody_else_comes_to_the_broker(up: Up) -> None:
    said = up.machine.run("hub", "python", "-c", GUEST)
    assert "ProbableAuthenticationError" in said.stderr


def test_the_store_takes_nobody_in_the_clear(up: Up) -> None:
    said = up.machine.run("hub", "python", "-c", IN_THE_CLEAR)
    assert "no encryption" in said.stderr


def test_prometheus_sees_hub_and_broker(up: Up) -> None:
    if program_named("prometheus") is None:
        pytest.skip("Prometheus is not there: scripts/test gets it, as root on Debian")
    prometheus = up.start("prometheus")

    def seen() -> subprocess.CompletedProcess[str]:
        return up.machine.run("hub", "python", "-c", SEEN)

    prometheus.until(seen)
    rules = up.asked("http://prometheus:9090/api/v1/rules")["data"]["groups"]
    assert {each["name"] for each in rules} == {"hub"}
    owed = up.asked("http://prometheus:9090/api/v1/query?query=hub_broker_ready")["data"]["result"]
    assert [each["value"][1] for each in owed] == ["1"]


SEEN = """
import json, sys, urllib.request
answer = urllib.request.urlopen("http://prometheus:9090/api/v1/targets").read()
targets = json.loads(answer)["data"]["activeTargets"]
print(answer.decode())
sys.exit([each["health"] for each in targets] != ["up", "up"])
"""


def test_the_hub_ends_in_good_order(up: Up) -> None:
    assert up.hub.stop() == 0, up.hub.printed
    assert '"doors.closed"' in up.hub.printed
