"""Dead letters are found, understood, replayed as they were seen, and discarded with a reason."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest
from lxml import html

from hub.model.downward import Withdrawal
from hub.model.identifiers import MessageUuid
from hub.stages.content import Kept, seal_kept
from hub.store import (
    Connection,
    Event,
    State,
    Store,
    acts,
    bury,
    dead_letter_by_id,
    finish,
    message_by_id,
    record,
)
from tests.store.building import a_case, a_dead_letter, a_message, put
from tests.web.given import AUTHORITY

SignIn = Callable[[str], Awaitable[aiohttp.ClientSession]]
ROLES = ("viewer", "operator", "approver", "admin")
SECRET = "Żółć-Müller"


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    tokens = [
        {"name": role, "sha256": hashlib.sha256(role.encode()).hexdigest(), "role": role}
        for role in ROLES
    ]
    path = tmp_path / "access.yaml"
    path.write_text(json.dumps({"tokens": tokens}))
    return path


@pytest.fixture
def signed_in(console: aiohttp.ClientSession) -> SignIn:
    async def sign_in(role: str) -> aiohttp.ClientSession:
        async with console.post("/sign-in/", data={"token": role}) as response:
            assert response.status == 200
        return console

    return sign_in


async def page(client: aiohttp.ClientSession, path: str, status: int = 200) -> html.HtmlElement:
    async with client.get(path) as response:
        assert response.status == status
        return html.fromstring(await response.text())


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


async def submit(client: aiohttp.ClientSession, form: html.HtmlElement, **more: str) -> str:
    """Send a form as it stands; the address at which one ends."""
    fields = dict(form.form_values()) | more
    async with client.post(form.get("action"), data=fields) as response:
        assert response.status == 200, await response.text()
        return response.url.path


async def dead_messages(store: Store, count: int, cause: str = "refused.X001") -> list[UUID]:
    """Messages that died; the ids of their dead letters."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    letters: list[UUID] = []

    def unit(connection: Connection) -> None:
        for number in range(count):
            case = a_case(authority=AUTHORITY, created_at=at, application_id=f"A-{number}")
            message = a_message(case, id=case.id, wire=case.id)
            put(connection, case, message)
            finish(connection, message.id, State.DEAD, at, cause=cause)
            record(connection, Event(case.id, message.id, at, "dead", "deliver"))
            letter = a_dead_letter(
                message=message.id,
                case=case.id,
                cause=cause,
                fingerprint=cause,
                authority=AUTHORITY,
                kind="submission",
                at=at,
                content=None,
                origin={},
            )
            bury(connection, letter)
            letters.append(letter.id)

    await store.run(unit)
    return letters


async def states(store: Store, letters: list[UUID]) -> list[str]:
    def read(connection: Connection) -> list[str]:
        found = [dead_letter_by_id(connection, each) for each in letters]
        return [each.state for each in found if each is not None]

    return await store.read(read)


async def until_ended(client: aiohttp.ClientSession, path: str) -> html.HtmlElement:
    async with asyncio.timeout(60):
        while True:
            shown = await page(client, path)
            if "Running" not in text_of(shown):
                return shown
            await asyncio.sleep(0.05)


async def test_letters_are_grouped_by_cause(signed_in: SignIn, store: Store) -> None:
    viewer = await signed_in("viewer")
    assert "No dead letter waits" in text_of(await page(viewer, "/console/dead"))
    await dead_messages(store, 3)
    await dead_messages(store, 1, cause="V000")
    shown = await page(viewer, "/console/dead")
    counts = [text_of(cell) for cell in shown.cssselect("tbody td:first-child")]
    causes = [text_of(code) for code in shown.cssselect("tbody td code")]
    assert list(zip(causes, counts, strict=True)) == [("refused.X001", "3"), ("V000", "1")]
    assert not shown.cssselect("tbody form"), "a viewer decides nothing"
    letters = await page(viewer, "/console/dead/letters?cause=refused.X001")
    assert len(letters.cssselect("tbody tr")) == 3


async def test_a_group_is_replayed_as_it_was_seen(signed_in: SignIn, store: Store) -> None:
    operator = await signed_in("operator")
    seen = await dead_messages(store, 5)
    shown = await page(operator, "/console/dead")
    newcomer = a_dead_letter(cause="refused.X001", at=datetime.now(UTC))
    await store.run(lambda c: bury(c, newcomer))
    (form,) = shown.cssselect("tbody form")

    ended = await until_ended(operator, await submit(operator, form))

    assert "Done: 5 of 5." in text_of(ended)
    assert await states(store, seen) == ["replayed"] * 5
    assert await states(store, [newcomer.id]) == ["open"]
    told = [each.act for each in await store.read(acts) if each.act.action == "dead.replay"]
    assert {act.actor for act in told} == {"token:operator"}
    assert len(told) == 5


async def test_a_replay_is_stopped_between_two_letters(signed_in: SignIn, store: Store) -> None:
    operator = await signed_in("operator")
    letters = await dead_messages(store, 400)
    (form,) = (await page(operator, "/console/dead")).cssselect("tbody form")
    path = await submit(operator, form)
    (stop,) = [f for f in (await page(operator, path)).forms if f.get("action").endswith("/stop")]
    await submit(operator, stop)

    ended = text_of(await until_ended(operator, path))

    assert "Stopped" in ended
    after = await states(store, letters)
    assert 0 < after.count("open") < 400
    assert f"Stopped: {after.count('replayed')} of 400." in ended
    rows = await store.read(lambda c: [message_by_id(c, each) for each in _messages_of(c, letters)])
    standing = [row.state for row in rows if row is not None]
    assert standing.count(State.OWED) == after.count("replayed")


def _messages_of(connection: Connection, letters: list[UUID]) -> list[UUID]:
    found = [dead_letter_by_id(connection, each) for each in letters]
    return [each.message for each in found if each is not None and each.message is not None]


async def test_a_letter_is_discarded_with_a_reason(signed_in: SignIn, store: Store) -> None:
    operator = await signed_in("operator")
    (letter,) = await dead_messages(store, 1)
    shown = await page(operator, f"/console/dead/{letter}")
    (form,) = [f for f in shown.forms if f.get("action").endswith("/discard")]
    await submit(operator, form, reason="a test of the vendor")
    after = text_of(await page(operator, f"/console/dead/{letter}"))
    assert "It was discarded." in after
    assert "a test of the vendor" in after


async def test_content_is_opened_by_approvers_only_and_never_unseen(
    signed_in: SignIn, store: Store
) -> None:
    letter = a_dead_letter()
    sealed = store.sealer.seal(f'{{"name": "{SECRET}"}}'.encode(), f"dead:{letter.id}")
    letter = a_dead_letter(id=letter.id, content=sealed)
    await store.run(lambda c: bury(c, letter))

    operator = await signed_in("operator")
    shown = await page(operator, f"/console/dead/{letter.id}")
    assert SECRET not in text_of(shown)
    assert not [f for f in shown.forms if f.get("action").endswith("/open")]
    token = shown.cssselect("input[name=form_token]")[0].get("value")
    path = f"/console/dead/{letter.id}/open"
    async with operator.post(path, data={"form_token": token}) as response:
        assert response.status == 403
        assert SECRET not in await response.text()

    approver = await signed_in("approver")
    shown = await page(approver, f"/console/dead/{letter.id}")
    (form,) = [f for f in shown.forms if f.get("action").endswith("/open")]
    async with approver.post(form.get("action"), data=dict(form.form_values())) as response:
        assert SECRET in await response.text()
    told = [each.act for each in await store.read(acts) if each.act.action == "dead.open"]
    assert [(act.actor, act.subject) for act in told] == [("token:approver", str(letter.id))]


async def test_a_viewer_decides_nothing(signed_in: SignIn, store: Store) -> None:
    viewer = await signed_in("viewer")
    (letter,) = await dead_messages(store, 1)
    token = (await page(viewer, "/console")).cssselect("input[name=form_token]")[0].get("value")
    for path in (
        "/console/dead/replay",
        f"/console/dead/{letter}/replay",
        f"/console/dead/{letter}/discard",
    ):
        async with viewer.post(path, data={"form_token": token, "reason": "x"}) as response:
            assert response.status == 403
    assert await states(store, [letter]) == ["open"]


async def test_a_message_is_opened_from_its_journey_and_never_unseen(
    signed_in: SignIn, store: Store
) -> None:
    case = a_case(authority=AUTHORITY)
    withdrawal = Withdrawal(id=MessageUuid(uuid4()), case=case.id, created_at=datetime.now(UTC))
    content = seal_kept(store.sealer, Kept(message=withdrawal))
    message = a_message(case, id=withdrawal.id, kind="withdrawal", content=content)
    await store.run(lambda c: put(c, case, message))

    operator = await signed_in("operator")
    shown = await page(operator, f"/console/cases/{case.id}")
    assert not [f for f in shown.forms if f.action.endswith("/open")]

    approver = await signed_in("approver")
    shown = await page(approver, f"/console/cases/{case.id}")
    (form,) = [f for f in shown.forms if f.action.endswith("/open")]
    async with approver.post(form.action, data=dict(form.form_values())) as response:
        assert f'"case": "{case.id}"' in html.fromstring(await response.text()).text_content()
    told = [each.act for each in await store.read(acts) if each.act.action == "message.open"]
    assert [(act.actor, act.subject) for act in told] == [("token:approver", str(message.id))]
