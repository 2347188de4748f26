"""No secret is written anywhere: marked ones in every setting, failures provoked, all searched.

At log level debug, of every library as well, with tracebacks, and with far ends that say back
what they were shown.
"""

import asyncio
import base64
import hashlib
import json
import logging
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
import asyncssh
import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr, ValidationError

from hub.app import running
from hub.broker import Broker
from hub.cli import opened
from hub.sandbox.processes import free_port
from hub.sandbox.rabbitmq import PrivateRabbitMQ
from hub.sandbox.script import Answer
from hub.sandbox.sftp import make_keys
from hub.settings import Settings
from hub.store import parkings
from hub.web.building import build
from hub.web.server import serving
from tests.builders import a_submission, an_id
from tests.cli.conftest import Hub
from tests.cli.conftest import hub as a_command
from tests.identities.conftest import TlsNode
from tests.mailbox.mail_server import a_mail_server, authenticate
from tests.way.conftest import World, until
from tests.way.system import a_system

MARKS = {
    name: f"geheim-{name}-7f3a"
    for name in ("amqp", "store", "smtp", "token", "sftp", "visitor", "openid")
}
RAW_KEY = b"geheim-content-key-7f3a-32-bytes"
CONTENT_KEY = f"k1:{base64.b64encode(RAW_KEY).decode()}"
TOLD = {*MARKS.values(), CONTENT_KEY.partition(":")[2].rstrip("="), RAW_KEY.decode()}

ROUTING = """
systems:
  web: {{adapter: xauslaender, formats: [{{version: "26.11", from: 2020-01-01}}],
    stage: production, transport: http, limits: {{parallel: 4, attempts: 5}},
    endpoint: {{url: "{url}/{{authority}}", token_env: MARKED_TOKEN}}}}
  files: {{adapter: alster, formats: [{{version: "3", from: 2020-01-01}}],
    stage: production, transport: sftp, limits: {{parallel: 4, attempts: 5}},
    endpoint: {{host: 127.0.0.1, port: {port}, user: hub, password_env: MARKED_PASSWORD,
      known_hosts_file: {known_hosts}, inbox: /in, outbox: /out, done: /done}}}}
authorities:
  "990001": {{name: W, regional_keys: [], system: web, services: all, back_channel: true}}
  "990002": {{name: F, regional_keys: [], system: files, services: all, back_channel: true}}
"""


hub = a_command  # the fixture
AMQP, STORE = MARKS["amqp"], MARKS["store"]


@dataclass(frozen=True)
class Urls:
    """To a broker that has another password, and to one that somebody else has certified."""

    wrong: str
    untrusted: str


def found_in(*texts: str | bytes) -> set[str]:
    """Marks that are told, as they are, in base64, or as part of a longer base64 text."""
    everything = b"\n".join(each.encode() if isinstance(each, str) else each for each in texts)
    guises = {
        mark: {mark.encode(), *(_inside_base64(mark.encode(), shift) for shift in range(3))}
        for mark in TOLD
    }
    return {mark for mark, them in guises.items() if any(each in everything for each in them)}


def _inside_base64(mark: bytes, shift: int) -> bytes:
    """What every base64 text has that contains the mark so many bytes after a multiple of three."""
    encoded = base64.b64encode(bytes(shift) + mark)
    return encoded[4 if shift else 0 : len(encoded) - 4]


@pytest.mark.parametrize("before", ["", "1", "22"])
def test_what_is_told_is_found(before: str) -> None:
    mark = MARKS["amqp"]
    assert found_in(f"amqp://hub:{mark}@host") == {mark}
    assert found_in(b"AUTH " + base64.b64encode(f"{before}{mark}\0x".encode())) == {mark}
    assert found_in("geheim", b"7f3a") == set()


def test_every_secret_can_come_out_of_a_file() -> None:
    secrets = [
        name
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    ]
    assert {"amqp_url", "store_url", "content_key", "smtp_password"} <= set(secrets)
    assert {f"{name}_file" for name in secrets} <= set(Settings.model_fields)


def test_files_say_what_their_settings_would(tmp_path: Path) -> None:
    said = {
        "amqp_url": f"amqps://hub:{MARKS['amqp']}@one.example/",
        "store_url": f"postgresql+psycopg://hub:{MARKS['store']}@127.0.0.1/hub",
        "content_key": CONTENT_KEY,
        "smtp_password": MARKS["smtp"],
    }
    for name, text in said.items():
        (tmp_path / name).write_text(f"{text}\n")
    files = {f"{name}_file": tmp_path / name for name in said}
    server = {"smtp_url": "smtp://mail.example", "smtp_from": "a@b.example", "smtp_user": "hub"}
    settings = Settings(**files, **server)  # type: ignore[arg-type]
    assert settings.amqp_urls == [said["amqp_url"]]
    assert (settings.store_at, settings.keys()) == (said["store_url"], CONTENT_KEY)
    assert settings.smtp_secret() == MARKS["smtp"]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_no_setting_is_quoted_by_what_is_wrong_with_it_or_shown(name: str) -> None:
    mark = MARKS["store"]
    given = {"content_key": CONTENT_KEY, name: f"http://{mark}:{mark}@[{mark}"}
    told = ""
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
        if isinstance(getattr(settings, name), SecretStr):
            told = f"{settings!r} {settings} {settings.model_dump_json()}"
    except ValidationError as error:
        told = f"{error!r} {error}"
    assert mark not in told


class Turned(asyncssh.SSHServer):
    """Asks for a password and likes none."""

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002 - asyncssh's signature
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:  # noqa: ARG002 - the same
        return False


def echo(request: web.Request) -> None:
    shown = request.headers["Authorization"]
    raise web.HTTPUnauthorized(text=f'{{"error": "I do not know {shown}"}}', reason="No")


@asynccontextmanager
async def a_marked_world(
    tmp_path: Path, amqp_url: str, node: PrivateRabbitMQ
) -> AsyncIterator[tuple[World, aiohttp.ClientSession]]:
    """A hub whose every neighbour wants a secret, most of them another one."""
    vhost = unquote(urlsplit(amqp_url).path[1:])
    marked = await node.user("marked", MARKS["amqp"], ".*", ".*", ".*", vhost)
    port = free_port()
    keys = make_keys(tmp_path / "keys", port)
    (tmp_path / "openid.secret").write_text(MARKS["openid"])
    (tmp_path / "access.yaml").write_text(
        json.dumps(
            {
                "tokens": [
                    {
                        "name": "visitor",
                        "sha256": hashlib.sha256(MARKS["visitor"].encode()).hexdigest(),
                        "role": "admin",
                    }
                ],
                "sign_in": {
                    "issuer": "http://127.0.0.1:1/",
                    "client_id": "hub",
                    "client_secret_file": str(tmp_path / "openid.secret"),
                    "roles": {"viewer": ["all"]},
                },
            }
        )
    )
    host_key = str(keys.server)
    async with (
        a_system() as system,
        asyncssh.listen("127.0.0.1", port, server_host_keys=[host_key], server_factory=Turned),
    ):
        routing = tmp_path / "routing.yaml"
        routing.write_text(ROUTING.format(url=system.url, port=port, known_hosts=keys.known_hosts))
        with a_mail_server(authenticator=authenticate, auth_require_tls=False) as mail:
            settings = Settings(
                amqp_url=marked,
                store_url=f"sqlite:///{tmp_path}/hub.db",
                documents=tmp_path / "documents",
                routing=routing,
                content_key=CONTENT_KEY,
                access=tmp_path / "access.yaml",
                smtp_url=f"smtp+plain://127.0.0.1:{mail.port}",
                smtp_from="hub@hub.example",
                smtp_user="hub",
                smtp_password=MARKS["smtp"],
            )
            async with (
                running(settings) as hub,
                serving(build(hub), "127.0.0.1", 0) as doors,
                Broker(settings.amqp_urls, name="sender") as sender,
                aiohttp.ClientSession(f"http://127.0.0.1:{doors}") as client,
            ):
                await hub.broker.wait_ready()
                yield World(hub, sender, system), client


async def everything_fails(world: World) -> None:
    """A letter that the mail server does not take, and submissions that no system does."""
    mailbox = {"provider": "notice", "account": "ola@example.org", "trust_level": 2}
    first = a_submission(id=an_id("one"), authority="990001", mailbox=mailbox)
    await world.send(first)
    [received] = await world.system.wait_for(1)
    await world.until_state(first, "accepted")
    world.system.answers += [echo] * 100
    await world.update(Answer("status", status="01"), received)
    for authority in ("990001", "990002"):
        later = a_submission(
            id=an_id(authority), application_id=f"A-{authority}", authority=authority
        )
        await world.send(later)

    async def parked() -> bool:
        found = await world.hub.store.read(parkings)
        return {each.authority for each in found} >= {"990001", "990002", "notice"}

    await until(parked)


async def seen_at_the_doors(client: aiohttp.ClientSession) -> list[str]:
    known = {"Authorization": f"Bearer {MARKS['visitor']}"}
    pages = ("/health/ready", "/metrics", "/api/v1/status", "/api/v1/authorities", "/console")
    answers = []
    for headers in ({}, known, {"Authorization": f"Bearer {MARKS['visitor']}x"}):
        for page in (*pages, "/sign-in/", "/sign-in/provider", "/none"):
            async with client.get(page, headers=headers, allow_redirects=False) as answer:
                answers.append(f"{answer.headers} {await answer.text()}")
    async with client.post("/sign-in/", data={"token": f"{MARKS['visitor']}x"}) as answer:
        answers.append(f"{answer.headers} {await answer.text()}")
    return answers


async def test_a_hub_whose_neighbours_turn_it_away_tells_no_secret(
    tmp_path: Path,
    amqp_url: str,
    rabbitmq: PrivateRabbitMQ,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MARKED_TOKEN", MARKS["token"])
    monkeypatch.setenv("MARKED_PASSWORD", MARKS["sftp"])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    caplog.set_level(logging.DEBUG)
    # What the test's own ends of these lines log is not the hub's to keep.
    for ours in ("mail.log", "aiohttp.access"):
        logging.getLogger(ours).setLevel(logging.CRITICAL)
    async with a_marked_world(tmp_path, amqp_url, rabbitmq) as (world, client):
        await everything_fails(world)
        shown = await seen_at_the_doors(client)
    shown += [caplog.text, *capfd.readouterr()]
    assert "endpoint.parked" in shown[-2] or "parked" in shown[-2]
    kept = [path.read_bytes() for path in tmp_path.glob("hub.db*")]  # noqa: ASYNC240 - small
    assert found_in(*shown, *kept) == set()


LOUD = "import logging; logging.basicConfig(level=0); from hub.cli import main; main(['run'])"


async def said_at_start(environment: Mapping[str, str], until_said: str) -> str:
    """All that `hub run` prints at its most talkative, until it ends or has said that."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LOUD),
        env={
            **{name: text for name, text in os.environ.items() if not name.startswith("HUB_")},
            "HUB_CONTENT_KEY": CONTENT_KEY,
            "HUB_TRACEBACK": "1",
            **environment,
        },
        stdout=PIPE,
        stderr=STDOUT,
    )
    said = ""
    try:
        async with asyncio.timeout(60):
            assert process.stdout is not None
            while line := await process.stdout.readline():
                said += line.decode()
                if until_said in said:
                    break
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return said


@pytest.mark.parametrize(
    ("given", "until_said"),
    [
        (lambda node: {"HUB_AMQP_URL": node.wrong}, "does not accept who the hub says it is"),
        (
            lambda node: {"HUB_AMQP_URL": node.untrusted},
            "a certificate that the hub does not trust",
        ),
        (
            lambda _: {"HUB_STORE_URL": f"postgresql+psycopg://hub:{STORE}@127.0.0.1:1/hub"},
            "The store",
        ),
    ],
    ids=["wrong password", "bad certificate", "no connection"],
)
async def test_a_hub_that_cannot_start_tells_no_secret(
    tls_node: TlsNode, tmp_path: Path, given: Callable[[Urls], dict[str, str]], until_said: str
) -> None:
    urls = Urls(
        tls_node.node.url.replace("guest:guest", f"guest:{AMQP}"), tls_node.url(f"hub:{AMQP}")
    )
    here = {
        "HUB_STORE_URL": f"sqlite:///{tmp_path}/hub.db",
        "HUB_DOCUMENTS": str(tmp_path / "documents"),
    }
    said = await said_at_start(here | given(urls), until_said)
    assert until_said in said
    assert found_in(said) == set()


@pytest.mark.parametrize(
    ("command", "given", "until_said"),
    [
        ("queues", {"AMQP_URL": f"amqp://hub:{AMQP}@127.0.0.1:1/"}, "RabbitMQ cannot be reached"),
        ("queues", {"AMQP_URL": f"amqp://hub:{AMQP}@rabbit.example/"}, "must not travel"),
        ("queues", {"AMQP_URL": AMQP}, "HUB_AMQP_URL: write a whole address"),
        (
            "status",
            {"STORE_URL": f"mysql://hub:{STORE}@db.example/hub"},
            "the store cannot live there",
        ),
        (
            "status",
            {"STORE_URL": f"postgresql+psycopg://hub:{STORE}@db.example/hub"},
            "sslmode=verify-full",
        ),
        (
            "status",
            {"STORE_URL": f"postgresql+psycopg://hub:{STORE}@127.0.0.1:x/"},
            "HUB_STORE_URL",
        ),
        ("status", {"STORE_URL": f"{STORE}"}, "HUB_STORE_URL"),
        ("status", {"CONTENT_KEY": f"k1:{AMQP}"}, "hub keys new"),
    ],
)
def test_commands_tell_no_secret(
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    command: str,
    given: dict[str, str],
    until_said: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(opened, "CONNECT_SECONDS", 0.3)
    monkeypatch.setenv("HUB_TRACEBACK", "1")
    for name, text in {"CONTENT_KEY": CONTENT_KEY, **given}.items():
        monkeypatch.setenv(f"HUB_{name}", text)
    outcome = hub(command)
    assert outcome.code == 1
    assert until_said in outcome.err
    assert found_in(*outcome[1:], caplog.text) == set()
