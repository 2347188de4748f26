"""One invalid update: the door, the dead letter and its journey say the same about it."""

import hashlib
from pathlib import Path

import aiohttp

from adapters.xauslaender import adapter
from hub.sandbox.script import Answer
from hub.settings import Settings
from hub.web.building import build
from hub.web.server import serving
from hub.xml import parse
from tests.builders import a_submission
from tests.way.conftest import World

TOKEN, SECRET = "the-system", "Geheim"


def tokens_file(folder: Path) -> Path:
    sha256 = hashlib.sha256(TOKEN.encode()).hexdigest()
    path = folder / "access.yaml"
    path.write_text(
        f'tokens: [{{name: system, sha256: "{sha256}", authorities: ["990001"]}}]', "utf-8"
    )
    return path


async def test_door_and_dead_letter_say_the_same_sentence(world: World, tmp_path: Path) -> None:
    await world.send(a_submission())
    [received] = await world.system.wait_for(1)
    good = await world.written(Answer("status", status="01"), received)
    invalid = good.replace(b"<code>01</code>", f"<code>{SECRET}</code>".encode(), 1)
    assert invalid != good
    [explanation, *_] = adapter.formats["26.11"].schemas.explain(parse(invalid))
    assert explanation.line is not None
    assert "xxxxxx" in explanation.text

    settings = world.hub.settings.model_copy(update={"access": tokens_file(tmp_path)})
    world.hub.settings = Settings.model_validate(settings)
    async with (
        serving(build(world.hub), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
        client.post(
            "/returns/990001",
            data=invalid,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/xml"},
        ) as response,
    ):
        problem = await response.json()
    assert problem["detail"] == explanation.text
    assert problem["problems"][0]["sentence"] == explanation.text
    assert problem["location"] == problem["problems"][0]["location"] == explanation.location

    await world.post(invalid)
    [dead] = await world.until_dead()
    assert (dead.stage, dead.cause, dead.sentence) == ("interpret", "X001", explanation.text)
    assert dead.location == problem["location"]
    assert SECRET not in f"{problem}{dead.sentence}{dead.location}"
