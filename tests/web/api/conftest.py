"""The API of a small hub with a few cases, and tokens of every role."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hub.broker import Broker
from hub.store import Store
from hub.web.building import build
from hub.web.server import serving
from hub.workshop.workshop import Workshop
from tests.store.building import a_case, a_message, an_update, put
from tests.web.given import AUTHORITY, AHub, Settings

ROLES = ("viewer", "operator", "approver", "admin")


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer token-of-a-{role}"}


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    tokens = [
        {"name": role, "sha256": hashlib.sha256(f"token-of-a-{role}".encode()).hexdigest()}
        | ({"role": role} if role in ROLES else {"authorities": [AUTHORITY]})
        for role in (*ROLES, "system")
    ]
    path = tmp_path / "access.yaml"
    path.write_text(json.dumps({"tokens": tokens}))
    return path


@pytest.fixture
async def api(
    access_file: Path, broker: Broker, store: Store, workshop: Workshop
) -> AsyncIterator[aiohttp.ClientSession]:
    case = a_case(authority=AUTHORITY, service="family")
    await store.run(lambda c: put(c, case, a_message(case, id=case.id), an_update(case)))
    hub = AHub(Settings(access_file), broker, store, workshop)
    async with (
        serving(build(hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield client
