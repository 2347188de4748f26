"""What a browser sends from the applicant's page: a form with documents."""

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from hub.web.applicant.answer import Answer, answer_in
from hub.web.problems import Rejected
from hub.web.uploads import TooLarge, Uploads


def one(data: bytes) -> None:
    """A form, or a page that says what is wrong."""
    content_type, _, body = data.partition(b"\n")
    asyncio.run(_read(content_type, body))


async def _read(content_type: bytes, body: bytes) -> None:
    pieces = iter([body[: len(body) // 2], body[len(body) // 2 :]])

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    try:
        filled = await Uploads(20_200_000, 128 * 1024).read(Request(scope, receive), "somebody")
    except Rejected as rejected:
        _is_the_senders_fault(rejected)
        return
    except TooLarge:
        return
    answer = answer_in(filled, "reply")
    if isinstance(answer, Answer):
        for paper in answer.papers:
            assert not {"/", "\\"} & set(paper.name), "it leads elsewhere"
            assert paper.name.isprintable()


def _is_the_senders_fault(rejected: Rejected) -> None:
    assert rejected.status < 500


def seeds() -> Iterable[bytes]:
    """Forms as browsers send them."""
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    field = part % (b"text", b"", b"Guten Tag")
    file = part % (b"documents", b'; filename="pass.pdf"', b"%PDF-1.7\n%%EOF\n")
    yield b"multipart/form-data; boundary=x\n" + field + file + b"--x--\r\n"
    yield b"multipart/form-data; boundary=x; charset=idna\n" + field + b"--x--\r\n"
    yield b"multipart/form-data\n" + field
    yield (
        b"multipart/form-data; boundary=x\n"
        + part % (b"a", b"; filename*=utf-8''%ff", b"")
        + b"--x--"
    )
    yield b"multipart/form-data; boundary=x\nno part at all"
