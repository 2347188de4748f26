"""The simulated ZBP is strict. Envelopes are made here by hand, not by the hub's client."""

import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from hub.sandbox.processes import Child, free_port
from hub.sandbox.zbp.authors import AuthorFiles, make_author
from hub.sandbox.zbp.system import build
from tests.sandbox.envelopes import PAGE, Change, Json, a_message, a_state, an_envelope
from tests.sandbox.serving import serving


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> AuthorFiles:
    return make_author(tmp_path_factory.mktemp("zbp-author"), name="Somebody")


@pytest.fixture
async def url(tmp_path: Path, author: AuthorFiles) -> AsyncIterator[str]:
    async with serving(build(tmp_path, trusted=author.trusted)) as url:
        yield url


async def put(
    url: str, envelope: str, *pages: bytes, name: str = "1 Gebührenmitteilung.pdf"
) -> Any:
    form = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
    form.add_field("json", envelope)
    for page in pages:
        form.add_field("files", page, filename=name, content_type="application/pdf")
    async with aiohttp.ClientSession() as session, session.put(f"{url}/messages", data=form) as got:
        return got.status, await got.json()


async def post(url: str, envelope: str) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/states", data=envelope) as r,
    ):
        return r.status


async def book_at(url: str) -> Json:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/book") as response:
        book: Json = await response.json()
        return book


async def test_a_letter_is_put_into_its_mailbox(url: str, author: AuthorFiles) -> None:
    message = a_message()
    status, answer = await put(url, an_envelope(author, message), PAGE)
    assert status == 200
    [letter] = (await book_at(url))["letters"]
    assert letter["message"] == message
    assert (letter["mailbox"], letter["times"]) == (message["mailboxUuid"], 1)
    assert letter["provided_at"] == answer["createdDate"]


async def test_a_letter_that_comes_again_is_counted_and_answered_as_the_first_time(
    url: str, author: AuthorFiles
) -> None:
    message = a_message()
    first = await put(url, an_envelope(author, message), PAGE)
    assert await put(url, an_envelope(author, message), PAGE) == first
    assert await put(url, an_envelope(author, {**message, "title": "Other"}), PAGE) == first
    [letter] = (await book_at(url))["letters"]
    assert (letter["times"], letter["other_contents"]) == (3, 1)
    assert letter["message"]["title"] == "Titel"


@pytest.mark.parametrize(
    "fields",
    [
        {"stork_qaa_level": 0},
        {"stork_qaa_level": 5},
        {"mailboxUuid": "ola@example.org"},
        {"sender": ""},
        {"sender": "x" * 256},
        {"title": ""},
        {"title": "x" * 1025},
        {"content": ""},
        {"service": "x" * 256},
        {"applicationId": "4711"},
        {"retrievalConfirmationAddress": "x" * 321},
        {"replyAddress": "x" * 321},
        {"reference": "x" * 256},
        {"senderUrl": "x" * 256},
        {"attachments": [{"filename": "", "sha512sum": "0" * 128, "contentLength": 1}]},
        {"attachments": [{"filename": "x" * 4001, "sha512sum": "0" * 128, "contentLength": 1}]},
        {"attachments": [{"filename": "x", "sha512sum": "0" * 127, "contentLength": 1}]},
        {"attachments": [{"filename": "x", "sha512sum": "0" * 128, "contentLength": "1"}]},
        {"mailboxUUID": "misspelt"},
    ],
)
async def test_a_message_beyond_a_limit_is_refused(
    url: str, author: AuthorFiles, fields: Json
) -> None:
    status, answer = await put(url, an_envelope(author, a_message(**fields)), PAGE)
    assert (status, answer["code"]) == (400, "limits")
    assert (await book_at(url))["letters"] == []


async def test_at_its_limits_a_message_is_taken(url: str, author: AuthorFiles) -> None:
    message = a_message(sender="Ä" * 255, title="Ä" * 1024, service="Ä" * 255, reference="x" * 255)
    assert (await put(url, an_envelope(author, message), PAGE))[0] == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"applicationId": "4711"},
        {"status": "DECIDED"},
        {"publicServiceName": "Dienst"},
        {"publicServiceName": {"de": "x" * 101}},
        {"senderName": "x" * 101},
        {"createdDate": "noon"},
        {"createdDate": "2026-11-02T12:00:00"},
        {"statusDetails": {"de": "x" * 51}},
        {"statusDetails": {"de": ""}},
        {"statusDetails": {"en": "x"}},
        {"additionalInformation": {"de": "x" * 101}},
        {"reference": "x" * 51},
    ],
)
async def test_a_status_beyond_a_limit_is_refused(
    url: str, author: AuthorFiles, fields: Json
) -> None:
    assert await post(url, an_envelope(author, a_state(**fields))) == 400
    assert (await book_at(url))["states"] == []


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ("RECEIVED", "PROCESSING", 204),
        ("PROCESSING", "ACTION_REQUIRED", 204),
        ("ACTION_REQUIRED", "PROCESSING", 204),
        ("PROCESSING", "PROCESSING", 204),
        ("PROCESSING", "RECEIVED", 409),
        ("COMPLETED", "ACTION_REQUIRED", 409),
        ("SUBMITTED", "INITIATED", 409),
    ],
)
async def test_a_status_never_leads_back(
    url: str, author: AuthorFiles, before: str, after: str, answer: int
) -> None:
    application = str(uuid4())
    for status, expected in ((before, 204), (after, answer)):
        state = a_state(applicationId=application, status=status)
        assert await post(url, an_envelope(author, state)) == expected


@pytest.mark.parametrize(
    ("pages", "name"),
    [
        ((), "1 Gebührenmitteilung.pdf"),
        ((PAGE, PAGE), "1 Gebührenmitteilung.pdf"),
        ((b"%PDF-1.7 b page",), "1 Gebührenmitteilung.pdf"),
        ((PAGE + b"!",), "1 Gebührenmitteilung.pdf"),
        ((PAGE,), "other.pdf"),
    ],
)
async def test_documents_are_as_named_or_refused(
    url: str, author: AuthorFiles, pages: tuple[bytes, ...], name: str
) -> None:
    status, answer = await put(url, an_envelope(author, a_message()), *pages, name=name)
    assert (status, answer["code"]) == (400, "attachments")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda e: e.update(content=e["content"].replace("Titel", "Title")), "signature"),
        (lambda e: e.update(sha512sum=hashlib.sha512(b"x").hexdigest()), "signature"),
        (lambda e: e.update(authorCertificate="nonsense"), "certificate"),
        (lambda e: e.update(authorToken="nonsense"), "token"),
    ],
)
async def test_who_is_not_the_author_is_not_let_in(
    url: str, author: AuthorFiles, change: Change, code: str
) -> None:
    status, answer = await put(url, an_envelope(author, a_message(), change), PAGE)
    assert (status, answer["code"]) == (401, code)


@pytest.mark.parametrize(
    "token",
    [
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 5400},
        {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 5400},
        {"exp": int(time.time()) + 86_400},
        {"signer": "Somebody else"},
        {"roles": []},
    ],
)
async def test_a_token_is_of_this_author_and_of_now(
    url: str, author: AuthorFiles, token: Json
) -> None:
    status, answer = await put(url, an_envelope(author, a_message(), **token), PAGE)
    assert (status, answer["code"]) == (401, "token")


async def test_a_certificate_of_another_issuer_is_not_let_in(url: str, tmp_path: Path) -> None:
    stranger = make_author(tmp_path / "stranger", name="Somebody")
    assert await post(url, an_envelope(stranger, a_state())) == 401


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"content": 1}'])
async def test_what_is_no_envelope_is_refused(url: str, body: str) -> None:
    assert await post(url, body) == 400
    assert (await put(url, body))[0] == 400


async def test_it_runs_as_a_process_and_keeps_its_book_over_a_restart(
    tmp_path: Path, author: AuthorFiles
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--folder", str(tmp_path), "--trusted", str(author.trusted))
    module = ("hub.sandbox.zbp", *options)
    child = Child(module, settings={}, log=tmp_path / "log", ready_url=f"{url}/book")
    await child.start()
    try:
        assert (await put(url, an_envelope(author, a_message()), PAGE))[0] == 200
        await child.kill()
        await child.start()
        assert len((await book_at(url))["letters"]) == 1
    finally:
        await child.stop()
