"""Who comes in, who stays outside, and when somebody is out again."""

import re
from pathlib import Path

import aiohttp
import pytest

from hub.store import Store, acts
from hub.web.access import Access, Sessions
from tests.web.given import TOKENS


async def get(console: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with console.get(path, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def post(
    console: aiohttp.ClientSession, path: str, fields: dict[str, str], site: str = "same-origin"
) -> tuple[int, str]:
    headers = {"Sec-Fetch-Site": site}
    async with console.post(path, data=fields, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def sign_in(console: aiohttp.ClientSession, name: str = "viewer") -> tuple[int, str]:
    return await post(console, "/sign-in/", {"token": TOKENS[name], "back": "/console"})


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found
    return found[1]


def take_away(access_file: Path, name: str) -> None:
    kept = [line for line in access_file.read_text().splitlines() if name not in line]
    access_file.write_text("\n".join(kept))


async def test_a_person_with_a_token_comes_in(console: aiohttp.ClientSession, store: Store) -> None:
    assert await get(console, "/console") == (303, "/sign-in?back=%2Fconsole")
    assert await sign_in(console) == (303, "/console")
    status, page = await get(console, "/console")
    assert status == 200
    assert "viewer, viewer" in page
    (act,) = await store.read(acts)
    assert (act.act.actor, act.act.action) == ("token:viewer", "signed_in")


@pytest.mark.parametrize("name", ["system", "portal"])
async def test_a_token_of_a_machine_signs_nobody_in(
    console: aiohttp.ClientSession, name: str
) -> None:
    status, page = await sign_in(console, name)
    assert status == 403
    assert "No person" in page
    assert (await get(console, "/console"))[0] == 303


async def test_the_way_back_leads_into_the_console_only(console: aiohttp.ClientSession) -> None:
    fields = {"token": TOKENS["viewer"], "back": "https://evil.example/console"}
    assert await post(console, "/sign-in/", fields) == (303, "/console")


async def test_a_session_ends_when_its_token_is_taken_away(
    console: aiohttp.ClientSession, access_file: Path
) -> None:
    await sign_in(console)
    take_away(access_file, "viewer")
    assert (await get(console, "/console"))[0] == 303


async def test_a_link_signs_in_once(console: aiohttp.ClientSession, store: Store) -> None:
    sessions = Sessions(store.sealer, Access(None), secure=False)
    path = f"/sign-in/link/{sessions.link('Ada', 'admin')}"
    assert (await get(console, path))[0] == 200
    assert await post(console, path, {}) == (303, "/console")
    assert "Ada, admin" in (await get(console, "/console"))[1]
    assert (await post(console, path, {}))[0] == 403
    assert (await get(console, f"{path}x"))[0] == 403


async def test_signing_out_needs_a_form_of_this_session(console: aiohttp.ClientSession) -> None:
    await sign_in(console)
    token = form_token((await get(console, "/console"))[1])
    assert (await post(console, "/sign-out", {}))[0] == 403
    assert (await post(console, "/sign-out", {"form_token": token}, site="cross-site"))[0] == 403
    assert (await get(console, "/console"))[0] == 200
    assert await post(console, "/sign-out", {"form_token": token}) == (303, "/sign-in")
    assert (await get(console, "/console"))[0] == 303


async def test_guessing_is_slowed_down(console: aiohttp.ClientSession) -> None:
    statuses = [
        (await post(console, "/sign-in/", {"token": f"guess {number}"}))[0] for number in range(12)
    ]
    assert statuses[0] == 403
    assert statuses[-1] == 429


async def test_a_stranger_who_guesses_keeps_nobody_else_out(
    console: aiohttp.ClientSession, store: Store
) -> None:
    link = (
        f"/sign-in/link/{Sessions(store.sealer, Access(None), secure=False).link('Ada', 'admin')}"
    )
    elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    async with aiohttp.ClientSession(console._base_url, connector=elsewhere) as stranger:
        guesses = range(12)
        tokens = [(await post(stranger, "/sign-in/", {"token": f"{n}"}))[0] for n in guesses]
        links = [(await get(stranger, f"/sign-in/link/{n}"))[0] for n in guesses]
        backs = [(await get(stranger, "/sign-in/provider/back?state=x"))[0] for _ in guesses]
    assert tokens[-1] == links[-1] == backs[-1] == 429
    assert (await get(console, "/sign-in/provider/back?state=x"))[0] == 404  # there is none here
    assert await sign_in(console) == (303, "/console")
    assert await post(console, link, {}) == (303, "/console")


async def test_nothing_of_a_page_is_kept_or_framed(console: aiohttp.ClientSession) -> None:
    async with console.get("/sign-in/") as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    async with console.get("/health/live") as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
