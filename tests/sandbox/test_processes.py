import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from hub.sandbox.processes import Child, free_port

OWNER = """
import asyncio, sys
from pathlib import Path
from hub.sandbox.processes import Child

async def main():
    child = Child(("http.server", sys.argv[1], "--bind", "127.0.0.1"), settings={},
                  log=Path(sys.argv[2]), ready_url=f"http://127.0.0.1:{sys.argv[1]}/")
    await child.start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def a_server(folder: Path, port: int, *arguments: str) -> Child:
    return Child(
        ("http.server", str(port), "--bind", "127.0.0.1", *arguments),
        settings={},
        log=folder / "server.log",
        ready_url=f"http://127.0.0.1:{port}/",
    )


async def refuses(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_a_started_child_is_ready_and_a_stopped_one_gone(tmp_path: Path) -> None:
    port = free_port()
    child = a_server(tmp_path, port)
    await child.start()
    assert not await refuses(port)
    await child.stop()
    assert await refuses(port)


async def test_a_killed_child_can_be_started_again(tmp_path: Path) -> None:
    port = free_port()
    child = a_server(tmp_path, port)
    for _ in range(2):
        await child.start()
        await child.kill()
        assert await refuses(port)


async def test_a_child_that_ends_by_itself_says_what_it_printed_last(tmp_path: Path) -> None:
    child = a_server(tmp_path, free_port(), "--no-such-option")
    with pytest.raises(RuntimeError, match="unrecognized arguments"):
        await child.start()


async def test_settings_of_another_hub_do_not_reach_a_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_ROUTING", "elsewhere.yaml")
    (tmp_path / "shows.py").write_text("import os; raise SystemExit(os.environ.get('HUB_ROUTING'))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    child = Child(("shows",), settings={}, log=tmp_path / "log", ready_url="http://127.0.0.1:9/")
    with pytest.raises(RuntimeError) as ended:
        await child.start()
    assert "elsewhere" not in str(ended.value)


async def test_no_child_outlives_an_owner_killed_with_sigkill(tmp_path: Path) -> None:
    port = free_port()
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(port), str(tmp_path / "log")),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"ready\n"
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    async with asyncio.timeout(5):
        while not await refuses(port):
            pass
