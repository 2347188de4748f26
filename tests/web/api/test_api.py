"""The API says what its document says, to those who may know."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from hub.store import (
    Connection,
    Event,
    Ledger,
    Pause,
    Store,
    acts,
    bury,
    insert_case,
    insert_message,
    ledger,
    pause,
    record,
)
from hub.web.api import accounting
from tests.store.building import NOW, a_case, a_dead_letter, a_message
from tests.web.api.conftest import bearer

DOCUMENT = "/api/v1/openapi.json"


async def get(api: aiohttp.ClientSession, path: str, role: str = "viewer") -> tuple[int, Any]:
    async with api.get(f"/api/v1{path}", headers=bearer(role)) as response:
        return response.status, await response.json()


async def test_a_viewer_reads_how_things_stand(api: aiohttp.ClientSession) -> None:
    status, told = await get(api, "/status")
    assert status == 200
    assert (told["owed"], told["broker"], told["ledger_balanced"]) == (2, True, None)
    assert [concern["sentence"] for concern in told["concerns"]] == [
        "The oldest message is owed since 2026-11-02 09:30 UTC."
    ]


async def test_a_case_is_found_and_followed(api: aiohttp.ClientSession) -> None:
    _, page = await get(api, "/cases?authority=001900&service=family")
    (case,) = page["cases"]
    status, journey = await get(api, f"/cases/{case['id']}")
    assert status == 200
    assert [message["kind"] for message in journey["messages"]] == ["submission", "status"]
    assert [event["name"] for event in journey["events"]] == ["received", "interpreted"]


@pytest.mark.parametrize(
    "path", ["/status", "/authorities", "/cases", f"/cases/{'0' * 8}-0000-0000-0000-{'0' * 12}"]
)
async def test_nobody_reads_without_a_token_of_a_person(
    api: aiohttp.ClientSession, path: str
) -> None:
    async with api.get(f"/api/v1{path}") as response:
        assert (response.status, response.content_type) == (401, "application/problem+json")
    status, told = await get(api, path, "system")
    assert (status, told["cause"]) == (403, "access.denied")


async def test_the_audit_is_for_admins(api: aiohttp.ClientSession) -> None:
    assert (await get(api, "/audit", "approver"))[0] == 403
    assert (await get(api, "/audit", "admin"))[0] == 200
    assert (await get(api, "/audit/verify", "approver"))[0] == 403


async def test_the_chain_of_acts_is_verified(api: aiohttp.ClientSession, store: Store) -> None:
    assert await get(api, "/audit/verify", "admin") == (200, {"first_broken": None, "last": None})
    await post(api, "/authorities/001900/pause", {"reason": "it moves"})
    _, told = await get(api, "/audit/verify", "admin")
    assert (told["first_broken"], told["last"]["number"]) == (None, 1)
    await store.run(lambda c: c.execute(text("UPDATE acts SET actor = 'nobody'")) and None)
    assert (await get(api, "/audit/verify", "admin"))[1]["first_broken"] == 1


async def test_what_is_owed_is_placed(api: aiohttp.ClientSession) -> None:
    status, placed = await get(api, "/ledger/places")
    assert (status, placed["broker"], sum(placed["places"].values())) == (200, True, 2)


async def test_the_whole_ledger_is_written_piece_by_piece(
    api: aiohttp.ClientSession, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounting, "_PIECE", 2)
    await store.run(_later_cases)
    status, told = await get(api, "/ledger")
    assert (status, len(told["balances"]), told["totals"]["came_in"]) == (200, 5, 5)
    drawn = await store.read(lambda c: TypeAdapter(Ledger).dump_python(ledger(c), mode="json"))
    assert told == drawn


async def test_the_ledger_is_read_in_pages_of_days_and_authorities(
    api: aiohttp.ClientSession, store: Store
) -> None:
    await store.run(_later_cases)
    path, seen = "/ledger/balances?limit=2", []
    while True:
        status, page = await get(api, path)
        assert (status, page["totals"]["came_in"], page["balanced"]) == (200, 5, True)
        seen += [(each["day"], each["authority"], each["direction"]) for each in page["balances"]]
        if page["behind"] is None:
            break
        path = "/ledger/balances?limit=2&" + "&".join(
            f"behind_{name}={value}" for name, value in page["behind"].items()
        )
    first, second, third = (str((NOW + timedelta(days=each)).date()) for each in range(3))
    assert seen == [
        (third, "990001", "down"),
        (second, "990001", "down"),
        (second, "990002", "down"),
        (first, "001900", "down"),
        (first, "001900", "up"),
    ]
    for narrowed, count in (
        (f"since={second}", 3),
        (f"until={first}", 2),
        ("authority=990001", 2),
        (f"since={second}&until={second}&authority=990002", 1),
        ("authority=990077", 0),
    ):
        _, page = await get(api, f"/ledger/balances?{narrowed}")
        assert (len(page["balances"]), page["behind"]) == (count, None), narrowed


def _later_cases(connection: Connection) -> None:
    for days, authority in ((1, "990001"), (1, "990002"), (2, "990001")):
        at = NOW + timedelta(days=days)
        case = a_case(authority=authority, created_at=at, application_id=f"{authority}-{days}")
        message = a_message(case, id=case.id, wire=case.id, created_at=at)
        insert_case(connection, case)
        insert_message(connection, message)
        entered = Event(case.id, message.id, at, "received", "intake", authority=authority)
        record(connection, entered)


async def test_queues_are_told_with_why_nobody_consumes_them(
    api: aiohttp.ClientSession, store: Store
) -> None:
    await store.run(lambda c: pause(c, Pause("001900", NOW, "token:ida", "it moves")))
    status, told = await get(api, "/queues")
    states = {each["queue"]: (each["state"], each["sentence"]) for each in told["rows"]}
    assert (status, states["hub.deliver.001900"]) == (
        200,
        ("paused", "Paused by token:ida: it moves"),
    )
    assert states["hub.intake"][0] == "unconsumed"


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/cases?since=2026-11-01T00:00:00", 422, "query.since"),
        ("/cases?behind_case=nowhere", 422, "query.behind_case"),
        ("/cases?service=famly", 422, "query.service"),
        ("/cases/no-id", 422, "path.case"),
        ("/nothing", 404, None),
    ],
)
async def test_a_call_that_makes_no_sense_is_told(
    api: aiohttp.ClientSession, path: str, status: int, location: str | None
) -> None:
    answered, told = await get(api, path)
    assert (answered, told.get("location")) == (status, location)


async def post(
    api: aiohttp.ClientSession, path: str, body: object, role: str = "operator"
) -> tuple[int, Any]:
    async with api.post(f"/api/v1{path}", json=body, headers=bearer(role)) as response:
        return response.status, await response.json() if response.status != 204 else None


async def test_an_authority_is_paused_and_goes_on(api: aiohttp.ClientSession, store: Store) -> None:
    assert (await post(api, "/authorities/001900/pause", {"reason": " "}))[0] == 422
    assert (await post(api, "/authorities/990077/pause", {"reason": "x"}))[0] == 404
    assert (await post(api, "/authorities/001900/pause", {"reason": "it moves"}))[0] == 204
    assert (await get(api, "/status"))[1]["paused"] == ["001900"]
    assert (await post(api, "/authorities/001900/resume", {}))[0] == 204
    told = [(each.act.actor, each.act.action) for each in await store.read(acts)]
    assert told == [("token:operator", "authority.pause"), ("token:operator", "authority.resume")]


async def test_a_group_is_replayed_as_it_was_seen(api: aiohttp.ClientSession, store: Store) -> None:
    letters = [a_dead_letter(cause="X001", origin={"exchange": "elsewhere"}) for _ in range(3)]
    newcomer = a_dead_letter(cause="X001", at=NOW + timedelta(seconds=1))
    await store.run(lambda c: [bury(c, each) for each in (*letters, newcomer)] and None)
    _, [group] = await get(api, "/dead-letters")
    assert group["count"] == 4
    asked = {"cause": "X001", "seen_at": NOW.isoformat()}
    assert (await post(api, "/replays", asked, "viewer"))[0] == 403
    status, replay = await post(api, "/replays", asked)
    assert (status, replay["total"]) == (202, 3)
    async with asyncio.timeout(30):
        while replay["ended_at"] is None:
            _, replay = await get(api, f"/replays/{replay['id']}")
    # They came by no exchange of the hub's: nobody knows where to send them.
    assert replay["results"] == {"impossible": 3}
    assert (await get(api, f"/dead-letters/{newcomer.id}"))[1]["outcome"] == "open"


async def test_a_letter_is_discarded_with_a_reason(
    api: aiohttp.ClientSession, store: Store
) -> None:
    letter = a_dead_letter()
    await store.run(lambda c: bury(c, letter))
    path = f"/dead-letters/{letter.id}"
    assert (await post(api, f"{path}/discard", {"reason": "a test"}))[0] == 204
    _, told = await get(api, path)
    assert (told["outcome"], told["reason"]) == ("discarded", "a test")
    assert (await post(api, f"{path}/discard", {"reason": "again"}))[0] == 422
    assert (await post(api, f"/dead-letters/{UUID(int=1)}/discard", {"reason": "x"}))[0] == 404


async def test_no_call_fails_or_answers_what_is_not_documented(
    api: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """Schemathesis makes calls out of the document, sensible ones and others."""
    command = [
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            str(api._base_url).rstrip("/") + DOCUMENT,
        ),
        *("--header", f"Authorization: {bearer('admin')['Authorization']}"),
        *("--max-examples", os.environ.get("HUB_API_EXAMPLES", "15"), "--seed", "1"),
        *("--checks", "all"),
    ]
    run = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
