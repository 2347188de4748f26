"""Forms share the memory that is set aside for them, and give it back."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from hub.web.applicant.answer import Answer, answer_in
from hub.web.problems import Rejected
from hub.web.uploads import Filled, Uploaded, Uploads

MINE, THEIRS, ANOTHER = "mine", "theirs", "another"
HEAVY = 20_000_000


class Slow:
    """A form that states its size, and comes when it is let come."""

    def __init__(self, size: int) -> None:
        self.come = asyncio.Event()
        headers = [
            (b"content-length", str(size).encode()),
            (b"content-type", b"multipart/form-data; boundary=x"),
        ]
        self.request = Request({"type": "http", "headers": headers}, self._receive)

    async def _receive(self) -> Message:
        await self.come.wait()
        return {"type": "http.request", "body": b"--x--\r\n", "more_body": False}


async def begun(uploads: Uploads, whose: str) -> tuple[Slow, "asyncio.Task[object]"]:
    slow = Slow(HEAVY)
    task = asyncio.create_task(uploads.read(slow.request, whose))
    await asyncio.sleep(0)
    return slow, task


async def refused(uploads: Uploads, whose: str) -> None:
    with pytest.raises(Rejected) as busy:
        await uploads.read(Slow(HEAVY).request, whose)
    assert busy.value.status == 503


async def test_one_takes_two_and_all_take_five() -> None:
    uploads = Uploads(HEAVY, 100)
    under_way = [await begun(uploads, case) for case in (MINE, MINE, THEIRS, THEIRS)]
    await refused(uploads, MINE)
    under_way.append(await begun(uploads, ANOTHER))
    await refused(uploads, "a fourth")

    for slow, task in under_way:
        slow.come.set()
        await task
    slow, task = await begun(uploads, MINE)
    slow.come.set()
    await task


async def test_a_form_that_breaks_off_gives_back_its_share() -> None:
    uploads = Uploads(HEAVY, 100)
    _, task = await begun(uploads, MINE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    under_way = [await begun(uploads, MINE) for _ in range(2)]
    for slow, arriving in under_way:
        slow.come.set()
        await arriving


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\Erika\\pass.PDF", "pass.pdf"),
        ("../../etc/cron.d/pass", "pass.pdf"),
        ("folder/scan", "scan.pdf"),
        ("folder/", "Anlage 1.pdf"),
        ("a\r\nb.pdf", "Anlage 1.pdf"),
        ("", "Anlage 1.pdf"),
    ],
)
def test_a_name_loses_its_folders_whether_or_not_it_has_an_ending(given: str, kept: str) -> None:
    content = b"%PDF-1.7\n%%EOF\n"
    answer = answer_in(Filled({}, (Uploaded("documents", given, content),)), "reply")
    assert isinstance(answer, Answer)
    assert [paper.name for paper in answer.papers] == [kept]
