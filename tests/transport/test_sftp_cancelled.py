"""A hub that ends while it connects by SFTP: whoever is told to end, ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hub.model.failure import HubFailure
from hub.sandbox.processes import free_port
from hub.sandbox.sftp import make_keys
from hub.transport.sftp.connections import Connections
from hub.transport.sftp.settings import SftpSettings

STEPS = 60
"""Of the loop, more than a refused connection takes."""


async def test_a_cancellation_is_never_taken_for_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(function: Callable[..., Any], *given: Any) -> Any:
        return function(*given)

    monkeypatch.setattr(asyncio, "to_thread", at_once)  # a thread takes any number of steps
    port = free_port()  # nobody listens there
    keys = make_keys(tmp_path, port)
    settings = SftpSettings(
        host="127.0.0.1",
        port=port,
        user="hub",
        key_file=keys.client,
        known_hosts_file=keys.known_hosts,
        inbox="/inbox",
        outbox="/outbox",
        done="/done",
    )

    async def connect() -> bool:
        """Whether it went on although it was cancelled."""
        try:
            async with Connections().session(settings, "alster"):
                pass
        except HubFailure:
            task = asyncio.current_task()
            assert task is not None
            return task.cancelling() > 0
        raise AssertionError("somebody listens there")

    went_on = []
    for steps in range(STEPS):
        connecting = asyncio.create_task(connect())
        for _ in range(steps):
            await asyncio.sleep(0)
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            went_on.append(await connecting)
    assert not any(went_on)
