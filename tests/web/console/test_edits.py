"""A dead letter is edited on a page of its own, and approved by somebody else who saw it."""

import asyncio
import hashlib
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from lxml import html

from adapters.xauslaender import adapter
from hub.model.failure import Refused
from hub.model.identifiers import MessageUuid
from hub.routing import RoutingTable
from hub.stages import edits
from hub.stages.burial import bury_message
from hub.stages.decision import dead
from hub.store import State, Store, acts, dead_letter_by_id, message_by_id, open_edits
from hub.workshop.workshop import Workshop
from tests.builders import a_submission
from tests.stages.given import NOW, an_accepted_case
from tests.web.console.test_dead import page, submit, text_of
from tests.web.given import Routes

SignIn = Callable[[str], Awaitable[aiohttp.ClientSession]]
PEOPLE = {"ola": "approver", "kim": "approver", "ida": "operator"}
WRONG, RIGHT = "Musterort", "Żółć-Ort"
WHY = Refused("The system refused the message with S010.", codes=("S010",))
ROUTING = """
systems:
  one: {adapter: xauslaender, formats: [{version: "26.11", from: 2020-01-01}], stage: production,
    transport: http, endpoint: {url: "https://one.example"}, limits: {parallel: 1, attempts: 3}}
authorities:
  "990001": {name: One, regional_keys: [], system: one, services: all, back_channel: true}
"""


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    tokens = [
        {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest(), "role": role}
        for name, role in PEOPLE.items()
    ]
    path = tmp_path / "access.yaml"
    path.write_text(json.dumps({"tokens": tokens}))
    return path


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop({"xauslaender": adapter}) as workshop:
        yield workshop


@pytest.fixture
def routes() -> Routes:
    return Routes(RoutingTable.parse(ROUTING, {"xauslaender": adapter}))


@pytest.fixture
def signed_in(console: aiohttp.ClientSession) -> SignIn:
    async def sign_in(name: str) -> aiohttp.ClientSession:
        async with console.post("/sign-in/", data={"token": name}) as response:
            assert response.status == 200
        return console

    return sign_in


@pytest.fixture
async def letter(store: Store) -> UUID:
    """Of a submission that its system refused."""
    case = await an_accepted_case(store, a_submission(documents=1))
    row = await store.read(lambda c: message_by_id(c, MessageUuid(case.id)))
    assert row is not None
    refused = row
    buried = await store.run(
        lambda c: bury_message(c, refused, dead(WHY), stage="interpret", at=NOW)
    )
    return buried.id


def form_of(shown: html.HtmlElement, ending: str) -> html.HtmlElement:
    [form] = [each for each in shown.forms if each.get("action").endswith(ending)]
    return form


async def posted(
    client: aiohttp.ClientSession, form: html.HtmlElement, status: int = 200, **more: str
) -> html.HtmlElement:
    fields = dict(form.form_values()) | more
    async with client.post(form.get("action"), data=fields) as response:
        assert response.status == status, await response.text()
        return html.fromstring(await response.text())


async def edited(client: aiohttp.ClientSession, letter: UUID) -> html.HtmlElement:
    """The form, with the content in it."""
    form = form_of(await page(client, f"/console/dead/{letter}"), "/edit")
    return form_of(await posted(client, form), "/edits")


async def proposed(client: aiohttp.ClientSession, letter: UUID) -> str:
    """The address of the proposal."""
    form = await edited(client, letter)
    text = form.fields["content"].replace(WRONG, RIGHT)
    return await submit(client, form, content=text.replace("\n", "\r\n"), reason="a wrong place")


async def test_the_loop_goes_on_while_two_contents_are_compared(
    signed_in: SignIn, letter: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare, loop, went_on = edits.difference, asyncio.get_running_loop(), threading.Event()

    def compare_at_length(*contents: Any) -> str:
        loop.call_soon_threadsafe(went_on.set)
        assert went_on.wait(10)
        return compare(*contents)

    monkeypatch.setattr(edits, "difference", compare_at_length)
    address = await proposed(await signed_in("ola"), letter)
    went_on.clear()
    reader = await signed_in("kim")
    shown = await posted(reader, form_of(await page(reader, address), "/open"))
    assert RIGHT in text_of(shown)


async def test_one_proposes_and_another_approves(
    signed_in: SignIn, store: Store, letter: UUID
) -> None:
    ola = await signed_in("ola")
    path = await proposed(ola, letter)
    shown = await page(ola, path)
    assert "It waits for a second person." in text_of(shown)
    assert RIGHT not in text_of(shown)
    own = await posted(ola, form_of(shown, "/open"))
    assert RIGHT in text_of(own)
    assert not [each for each in own.forms if each.get("action").endswith("/approve")]

    kim = await signed_in("kim")
    assert "proposed" in text_of(await page(kim, "/console/dead/letters?cause=refused.S010"))
    [link] = [
        each.get("href")
        for each in (await page(kim, "/console/dead")).cssselect("td a")
        if "/edits/" in each.get("href")
    ]
    assert link == path
    opened = await posted(kim, form_of(await page(kim, path), "/open"))
    assert [text_of(each).split(": ")[1] for each in opened.cssselect("del, ins")[2:]] == [
        f'"{WRONG}",',
        f'"{RIGHT}",',
    ]
    approve = form_of(opened, "/approve")
    assert approve.fields["sha256"] in text_of(opened)
    assert await submit(kim, approve) == f"/console/dead/{letter}"

    assert "was replayed, and is under way" in text_of(await page(kim, f"/console/dead/{letter}"))
    assert "It was approved and sent." in text_of(await page(kim, path))
    gone = await store.read(lambda c: dead_letter_by_id(c, letter))
    assert gone is not None
    assert gone.message is not None
    message = gone.message
    row = await store.read(lambda c: message_by_id(c, message))
    assert row is not None
    assert (row.state, row.wire == row.id) == (State.OWED, False)
    told = [(each.act.action, each.act.actor) for each in await store.read(acts)]
    assert [each for each in told if each[0].split(".")[0] in {"dead", "edit"}] == [
        ("dead.open", "token:ola"),
        ("edit.propose", "token:ola"),
        ("edit.open", "token:ola"),
        ("edit.open", "token:kim"),
        ("edit.approve", "token:kim"),
    ]
    kept = f"{told}{await store.read(acts)}"
    assert RIGHT not in kept
    assert WRONG not in kept


async def test_what_is_wrong_stands_beside_what_was_typed(
    signed_in: SignIn, store: Store, letter: UUID
) -> None:
    ola = await signed_in("ola")
    form = await edited(ola, letter)
    message = json.loads(form.fields["content"])
    message["details"]["person"]["gender"] = "unbekannt <&>"
    message["azr_number"] = "x"
    typed = json.dumps(message, indent=1)
    again = await posted(ola, form, 422, content=typed, reason="because")
    problems = [text_of(each) for each in again.cssselect("#problems li")]
    assert [each.split()[0] for each in problems] == ["azr_number", "details.person.gender"]
    kept = form_of(again, "/edits")
    # A browser leaves out the end of line with which the text begins.
    assert kept.fields["content"] == f"\n{typed}"
    assert kept.fields["reason"] == "because"

    locked = json.loads(form.fields["content"]) | {"application_id": "AT-OTHER"}
    again = await posted(ola, form, 422, content=json.dumps(locked), reason="because")
    [problem] = [text_of(each) for each in again.cssselect("#problems li")]
    assert problem.startswith("application_id is locked")
    await posted(ola, form, 422, content=form.fields["content"].replace(WRONG, "X"), reason=" ")
    assert await store.read(open_edits) == []


async def test_a_proposal_is_not_approved_by_its_proposer_nor_under_another_hash(
    signed_in: SignIn, store: Store, letter: UUID
) -> None:
    ola = await signed_in("ola")
    path = await proposed(ola, letter)
    token = (await page(ola, path)).cssselect("input[name=form_token]")[0].get("value")
    [edit] = await store.read(open_edits)
    form = {"form_token": token, "sha256": edit.sha256}
    async with ola.post(f"{path}/approve", data=form) as response:
        assert response.status == 422
        assert "ask another" in await response.text()

    kim = await signed_in("kim")
    approve = form_of(await posted(kim, form_of(await page(kim, path), "/open")), "/approve")
    refused = await posted(kim, approve, 422, sha256="0" * 64)
    assert "Look at it again" in text_of(refused)
    withdraw = form_of(await page(kim, path), "/withdraw")
    assert await submit(kim, withdraw) == path
    assert "It was withdrawn." in text_of(await page(kim, path))
    assert await store.read(open_edits) == []


async def test_a_lesser_role_sees_that_there_is_one_and_nothing_of_it(
    signed_in: SignIn, store: Store, letter: UUID
) -> None:
    path = await proposed(await signed_in("ola"), letter)
    ida = await signed_in("ida")
    shown = await page(ida, path)
    assert "a wrong place" in text_of(shown)
    assert [each.get("action") for each in shown.forms] == ["/sign-out"]
    assert not [
        each
        for each in (await page(ida, f"/console/dead/{letter}")).forms
        if each.get("action").endswith("/edit")
    ]
    token = shown.cssselect("input[name=form_token]")[0].get("value")
    form = {"form_token": token, "content": "{}", "reason": "x", "sha256": "0" * 64}
    for address in (
        f"/console/dead/{letter}/edit",
        f"/console/dead/{letter}/edits",
        f"{path}/open",
        f"{path}/approve",
        f"{path}/withdraw",
    ):
        async with ida.post(address, data=form) as response:
            assert response.status == 403
    assert len(await store.read(open_edits)) == 1


async def test_there_is_no_such_edit(signed_in: SignIn) -> None:
    ola = await signed_in("ola")
    await page(ola, "/console/edits/nonsense", 404)
    await page(ola, f"/console/edits/{UUID(int=1)}", 404)
