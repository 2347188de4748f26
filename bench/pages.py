"""How fast the console and the API answer, with a million cases in the store.

`python -m bench.pages --cases 1000000 --json`: a store is filled in bulk, a real hub is started
over it as a process of its own, and every page is asked for over HTTP, some fifty times after a
warm-up, one after the other. `--store-url` names an empty PostgreSQL database instead of SQLite.
"""

import asyncio
import hashlib
import json
import logging
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import aiohttp
import structlog

from bench.filling import AUTHORITIES, Filled, fill
from hub.sandbox.processes import Child, free_port
from hub.sandbox.rabbitmq import private_rabbitmq
from hub.store import Sealer, open_store

__all__ = ["Answer", "measured"]

_TOKEN: Final = "bench"  # noqa: S105 - of a hub that lives for this once
_WARM_UP: Final = 5
_LEDGER_WITHIN: Final = 1800
_LIMITS: Final = {"overview": 100.0, "search": 100.0, "journey": 50.0}
"""Milliseconds that a page may take in the median, by the first word of its name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page: how long it took, in milliseconds, and how much it is."""

    page: str
    median_ms: float
    p95_ms: float
    kilobytes: int

    @property
    def good(self) -> bool:
        """Whether it keeps its limit, if it has one."""
        limit = _LIMITS.get(self.page.partition(" ")[0])
        return limit is None or self.median_ms < limit


async def measured(
    folder: Path, *, cases: int, letters: int, acts: int, times: int, store_url: str | None = None
) -> list[Answer]:
    """Fill a store, run a hub over it, and ask for every page."""
    url = store_url or f"sqlite:///{folder / 'hub.db'}"
    key = Sealer.generate_text()
    async with open_store(url, folder / "documents", Sealer.from_text(key)):
        pass  # makes the tables
    began = time.monotonic()
    filled = await asyncio.to_thread(fill, url, cases, letters, acts)
    _say(f"the store was filled within {time.monotonic() - began:.0f} s")
    async with _a_hub(folder, url, key) as hub_url, _signed_in(hub_url) as session:
        await _ledger_is_drawn_up(session)
        answers = []
        for page, path in _pages(filled, hub_url).items():
            answers.append(await _ask(session, page, path, times))
            _say(_line(answers[-1]))
        return answers


def _pages(filled: Filled, hub_url: str) -> dict[str, str]:
    """What is asked for, by the names under which it is shown."""
    search, api = "/console/search", "/api/v1"
    return {
        "overview": "/console",
        "overview api": f"{api}/status",
        "search all": search,
        "search case": f"{search}?id={filled.case}",
        "search application": f"{search}?id={filled.application}",
        "search nachrichtenUUID": f"{search}?id={filled.wire}",
        "search nothing": f"{search}?id=AT-0",
        "search authority": f"{search}?authority=980007",
        "search service": f"{search}?service=family",
        "search state": f"{search}?state=ended",
        "search standing": f"{search}?standing=owed",
        "search cause": f"{search}?cause=bench.cause-7",
        "search time": f"{search}?since=2026-03-01&until=2026-03-02",
        "search authority, service, state": (
            f"{search}?authority=980007&service=free_movement&state=submitted"
        ),
        "search rare combination": f"{search}?authority=980007&standing=owed&service=family",
        "search api": f"{api}/cases?authority=980007",
        "journey": f"/console/cases/{filled.case}",
        "journey api": f"{api}/cases/{filled.case}",
        "authorities": "/console/authorities",
        "authorities api": f"{api}/authorities",
        "authority": "/console/authorities/980007",
        "dead letters": "/console/dead",
        "dead letters api": f"{api}/dead-letters",
        "dead letters of a group": "/console/dead/letters?cause=bench.cause-7",
        "dead letter": f"/console/dead/{filled.letter}",
        "queues": "/console/queues",
        "routes": "/console/routes",
        "ledger": "/console/ledger",
        "audit": "/console/audit",
        "audit api": f"{api}/audit?after=1000",
        "health": f"{hub_url}/health/ready",
        "metrics": f"{hub_url}/metrics",
    }


async def _ask(session: aiohttp.ClientSession, page: str, path: str, times: int) -> Answer:
    took, size = [], 0
    for number in range(_WARM_UP + times):
        began = time.perf_counter()
        async with session.get(path, allow_redirects=False) as response:
            size = len(await response.read())
            if response.status != 200:
                raise RuntimeError(f"{path} answers {response.status}")
        if number >= _WARM_UP:
            took.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(took, n=20)[-1]
    return Answer(page, round(statistics.median(took), 1), round(p95, 1), size // 1024)


async def _ledger_is_drawn_up(session: aiohttp.ClientSession) -> None:
    """It is drawn up in the background, at the start too: only then all is as it usually is."""
    began = time.monotonic()
    async with asyncio.timeout(_LEDGER_WITHIN):
        while True:
            async with session.get("/api/v1/status") as response:
                told = await response.json()
            if told["ledger_at"] is not None:
                break
            await asyncio.sleep(0.2)
    if not told["ledger_balanced"]:
        raise RuntimeError("the ledger does not balance: what was filled in is wrong")
    _say(f"the ledger was drawn up within {time.monotonic() - began:.0f} s")


@asynccontextmanager
async def _a_hub(folder: Path, store_url: str, key: str) -> AsyncIterator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    token = {"name": "bench", "sha256": hashlib.sha256(_TOKEN.encode()).hexdigest()}
    (folder / "access.yaml").write_text(json.dumps({"tokens": [token | {"role": "admin"}]}))
    (folder / "routing.yaml").write_text(json.dumps(_routing()))
    async with private_rabbitmq() as node:
        hub = Child(
            ("hub.cli", "run"),
            settings={
                "HUB_AMQP_URL": node.url,
                "HUB_STORE_URL": store_url,
                "HUB_DOCUMENTS": str(folder / "documents"),
                "HUB_ROUTING": str(folder / "routing.yaml"),
                "HUB_CONTENT_KEY": key,
                "HUB_HTTP_PORT": url.rpartition(":")[2],
                "HUB_ACCESS": str(folder / "access.yaml"),
                "HUB_PUBLIC_URL": url,
            },
            log=folder / "hub.log",
            ready_url=f"{url}/health/ready",
        )
        try:
            await hub.start()
            yield url
        finally:
            await hub.stop()


def _routing() -> dict[str, object]:
    system = {
        "adapter": "xauslaender",
        "formats": [{"version": "26.11", "from": "2020-01-01"}],
        "stage": "production",
        "transport": "http",
        "endpoint": {"url": "http://127.0.0.1:9/{authority}"},
        "limits": {"parallel": 4, "attempts": 5},
    }
    authority = {"regional_keys": [], "system": "one", "services": "all", "back_channel": True}
    return {
        "systems": {"one": system},
        "authorities": {
            f"98{number:04d}": authority | {"name": f"Authority {number} (made up)"}
            for number in range(AUTHORITIES)
        },
    }


@asynccontextmanager
async def _signed_in(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """One session for pages, by its cookie, and for the API, by the token."""
    jar = aiohttp.CookieJar(unsafe=True)
    headers = {"Authorization": f"Bearer {_TOKEN}"}
    async with aiohttp.ClientSession(url, cookie_jar=jar, headers=headers) as session:
        async with session.post("/sign-in/", data={"token": _TOKEN}) as response:
            response.raise_for_status()
        yield session


def _line(answer: Answer) -> str:
    return (
        f"{answer.page:<34}{answer.median_ms:8.1f} ms {answer.p95_ms:8.1f} ms p95"
        f" {answer.kilobytes:6d} kB{'' if answer.good else '  TOO SLOW'}"
    )


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> int:
    """Measure and print; 0 only if every page keeps its limit."""
    parser = ArgumentParser(prog="python -m bench.pages", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--letters", type=int, default=20_000)
    parser.add_argument("--acts", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--store-url", help="an empty PostgreSQL database; else SQLite")
    parser.add_argument("--folder", type=Path, help="keeps the store, and uses one that is there")
    parser.add_argument("--json", action="store_true", help="one object on the last line")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="hub-pages-") as folder:
        answers = asyncio.run(
            measured(
                given.folder or Path(folder),
                cases=given.cases,
                letters=given.letters,
                acts=given.acts,
                times=given.times,
                store_url=given.store_url,
            )
        )
    good = all(each.good for each in answers)
    if given.json:
        print(json.dumps({"pages": [asdict(each) for each in answers], "good": good}))
    else:
        print("Every page keeps its limit." if good else "NOT every page keeps its limit.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
