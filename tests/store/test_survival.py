"""What a caller was told is committed survives `kill -9` of the process that told it."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from hub.model.identifiers import CaseId
from hub.store import case_by_id
from tests.store.conftest import Opener

_COMMITS_IN_A_LOOP = """
import asyncio, sys
from pathlib import Path
from hub.store import Sealer, insert_case, open_store
from tests.store.building import a_case

async def main(url, documents):
    async with open_store(url, Path(documents), Sealer.from_text(Sealer.generate_text())) as store:
        async def commit():
            while True:
                case = a_case()
                await store.run(lambda c: insert_case(c, case))
                print(case.id, flush=True)
        await asyncio.gather(*(commit() for _ in range(8)))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_everything_acknowledged_is_there_after_kill_9(
    opener: Opener, tmp_path: Path
) -> None:
    acknowledged = [case for _ in range(3) for case in _until_killed(opener.url, tmp_path)]

    async with opener() as store:
        kept = [await store.read(lambda c, one=one: case_by_id(c, one)) for one in acknowledged]
    assert None not in kept
    assert len(kept) >= 600


def _until_killed(url: str, documents: Path) -> list[CaseId]:
    """The cases that a process said were committed, before it was killed in the middle."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _COMMITS_IN_A_LOOP, url, documents],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(200)]
        process.kill()
        lines += [line for line in process.stdout if line.endswith("\n")]
    return [CaseId(UUID(line.strip())) for line in lines]
