"""A hub that is told to end finishes what is at work."""

import asyncio

import pytest
from aiohttp import web

from hub.model.identifiers import CaseId
from hub.settings import Settings
from hub.store import Sealer, State, messages_of, open_store
from tests.builders import a_submission
from tests.way.conftest import a_world
from tests.way.system import System, a_system


async def test_a_message_that_is_being_delivered_arrives_before_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, usual, submission = asyncio.Event(), System.handle, a_submission()

    async def slow(self: System, request: web.Request) -> web.Response:
        answer = await usual(self, request)
        await go_on.wait()
        return answer

    monkeypatch.setattr(System, "handle", slow)
    async with a_system() as system, a_world(settings, system) as world:
        await world.send(submission)
        await system.wait_for(1)
        asyncio.get_running_loop().call_later(0.5, go_on.set)
    sealer = Sealer.from_text(settings.keys())
    async with open_store(settings.store_at, settings.documents, sealer) as store:
        [message] = await store.read(lambda c: messages_of(c, CaseId(submission.id)))
    assert (message.state, message.in_doubt) == (State.ACCEPTED, False)
