"""An online service that speaks HTTP: what it sends goes the whole way, or it hears why not."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from hub.model.downward import Downward, Submission
from hub.settings import Settings
from hub.store import dead_letters
from hub.web.building import build
from hub.web.server import serving
from tests.builders import a_reply, a_submission, a_withdrawal
from tests.way.conftest import World, until
from tests.way.system import Received

OTHERS = "alp:000009"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    def entry(name: str, senders: list[str]) -> dict[str, Any]:
        return {
            "name": name,
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "senders": senders,
        }

    access = tmp_path / "access.yaml"
    own = a_submission().sender.key
    access.write_text(json.dumps({"tokens": [entry("service", [own]), entry("other", [OTHERS])]}))
    return settings.model_copy(update={"access": access})


class Service:
    """It has a token and a client, and nothing else."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client

    async def send(
        self, message: Downward | bytes, by: str = "service", **files: bytes
    ) -> tuple[int, dict[str, Any]]:
        body = message if isinstance(message, bytes) else message.model_dump_json().encode()
        form = aiohttp.FormData()
        form.add_field(
            "message", BytesIO(body), content_type="application/json", filename="antrag.json"
        )
        for name, content in files.items():
            form.add_field(name, content, filename=f"{name}.pdf")
        headers = {"Authorization": f"Bearer {by}"}
        async with self._client.post("/submissions", data=form, headers=headers) as answer:
            return answer.status, await answer.json()

    async def became(self, message: Downward, by: str = "service") -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {by}"}
        async with self._client.get(f"/submissions/{message.id}", headers=headers) as answer:
            return await answer.json() if answer.status == 200 else None

    async def until_state(self, message: Downward, state: str) -> dict[str, Any]:
        async def found() -> dict[str, Any] | None:
            said = await self.became(message)
            return said if said is not None and said["state"] == state else None

        return dict(await until(found))


@pytest.fixture
async def service(world: World) -> AsyncIterator[Service]:
    async with (
        serving(build(world.hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield Service(client)


def texts_in(received: Received) -> set[str]:
    return {(element.text or "").strip() for element in received.root.iter()}


def in_parts(submission: Submission) -> tuple[Submission, dict[str, bytes]]:
    """The message without its documents, and these as files named by their ids."""
    files = {str(each.id): each.content for each in submission.documents if each.content}
    return submission.without_content(), files


async def test_a_submission_with_its_documents_goes_the_whole_way(
    world: World, service: Service
) -> None:
    whole = a_submission(id=uuid4(), documents=2)
    message, files = in_parts(whole)
    for _ in range(2):  # sent again, it is the same message
        status, said = await service.send(message, **files)
        assert (status, said) == (202, {"id": str(whole.id)})
    assert (await service.until_state(whole, "accepted"))["cause"] is None
    [received] = world.system.received
    texts = texts_in(received)
    assert all(base64.b64encode(each.content or b"").decode() in texts for each in whole.documents)
    assert await service.became(whole, "other") is None


async def test_what_follows_a_submission_comes_by_the_same_door(
    world: World, service: Service
) -> None:
    submission = a_submission(id=uuid4(), documents=0)
    await service.send(submission)
    await world.until_state(submission, "accepted")
    withdrawal = a_withdrawal(id=uuid4(), case=submission.id)
    assert (await service.send(withdrawal))[0] == 202
    await service.until_state(withdrawal, "accepted")
    status, said = await service.send(a_reply(id=uuid4(), case=submission.id, answers=uuid4()))
    assert (status, said["cause"]) == (409, "case.withdrawn")
    assert (await service.send(withdrawal))[0] == 202  # the same again is no second one


async def test_an_id_that_was_used_for_something_else_is_refused(
    world: World, service: Service
) -> None:
    submission = a_submission(id=uuid4(), documents=0)
    await service.send(submission)
    await service.until_state(submission, "accepted")
    other = submission.model_copy(update={"application_id": "MUSTER-2026-999999"})
    status, said = await service.send(other)
    assert (status, said["cause"], said["location"]) == (409, "message.conflict", "id")
    withdrawal = a_withdrawal(id=submission.id, case=submission.id)
    assert (await service.send(withdrawal))[1]["cause"] == "message.conflict"
    assert len(world.system.received) == 1
    assert not await world.hub.store.read(dead_letters)


def bad(change: str) -> tuple[bytes, dict[str, bytes]]:
    message, files = in_parts(a_submission(id=uuid4(), documents=1))
    raw = json.loads(message.model_dump_json())
    match change:
        case "field":
            raw["details"]["person"]["gender"] = "?"
        case "authority":
            raw["authority"] = "999999"
        case "provider":
            raw["mailbox"]["provider"] = "elsewhere"
        case "other sender":
            raw["sender"]["key"] = OTHERS
        case "test":
            raw["test"] = True
        case "hash":
            raw["documents"][0]["sha256"] = "0" * 64
        case "size":
            raw["documents"][0]["size"] += 1
        case "not a PDF":
            content = b"MZ" + next(iter(files.values()))[2:]
            raw["documents"][0]["sha256"] = hashlib.sha256(content).hexdigest()
            files = dict.fromkeys(files, content)
        case "file that nobody lists":
            files = {str(uuid4()): next(iter(files.values()))}
    return json.dumps(raw).encode(), files


@pytest.mark.parametrize(
    ("change", "status", "cause"),
    [
        ("field", 422, "field.invalid"),
        ("authority", 404, "authority.unknown"),
        ("provider", 422, "mailbox.unknown_provider"),
        ("other sender", 422, "sender.not_allowed"),
        ("test", 422, "stage.mismatch"),
        ("hash", 422, "document.hash"),
        ("size", 422, "document.media_type"),
        ("not a PDF", 422, "document.media_type"),
        ("file that nobody lists", 422, "document.not_listed"),
    ],
)
async def test_what_is_wrong_is_said_at_once_and_goes_nowhere(
    world: World, service: Service, change: str, status: int, cause: str
) -> None:
    body, files = bad(change)
    answered, said = await service.send(body, **files)
    assert (answered, said["cause"]) == (status, cause)
    good = a_submission(id=uuid4(), documents=0)
    assert (await service.send(good))[0] == 202
    await service.until_state(good, "accepted")
    assert len(world.system.received) == 1
    assert not await world.hub.store.read(dead_letters)


@pytest.mark.parametrize("change", ["field", "authority", "provider", "test"])
async def test_what_is_wrong_is_said_in_the_same_words_over_amqp(
    world: World, service: Service, refusals: asyncio.Queue[dict[str, Any]], change: str
) -> None:
    body, files = bad(change)
    _, said = await service.send(body, **files)
    await world.send(body, reply_to="service.refusals")
    async with asyncio.timeout(20):
        told = await refusals.get()
    assert (told["cause"], told["location"]) == (said["cause"], said["location"])
    assert told["sentence"] == said["detail"]


async def test_what_only_intake_finds_is_told_when_asked(world: World, service: Service) -> None:
    message, _ = in_parts(a_submission(id=uuid4(), documents=1))
    assert (await service.send(message))[0] == 202  # the document may still be on its way
    said = await service.until_state(message, "refused")
    assert (said["cause"], said["location"]) == ("document.missing", "documents[0]")
    assert await service.became(message, "other") is None


async def test_a_form_that_is_none_is_refused(service: Service) -> None:
    headers = {"Authorization": "Bearer service"}
    async with service._client.post("/submissions", json={}, headers=headers) as answer:
        assert (answer.status, (await answer.json())["cause"]) == (415, "form.type")
    status, said = await service.send(b"")
    assert (status, said["cause"]) == (400, "message.missing")
    status, said = await service.send(b"{" * 3_000_000)
    assert (status, said["cause"]) == (413, "message.too_large")
