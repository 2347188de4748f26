"""The BundID's mailbox against the simulated one: the contract, and what is its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.mailbox import HalfDone
from hub.mailbox.zbp import ZbpMailbox, open_zbp
from hub.mailbox.zbp.client import Client
from hub.model.failure import EndpointDown, PermanentFailure, Refused, TransientFailure
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter, Shortfall
from hub.sandbox.zbp.authors import AuthorFiles, make_author
from hub.store import Store
from tests.mailbox.conftest import now
from tests.mailbox.contract import MailboxContract, letter_to
from tests.mailbox.letters import a_letter
from tests.mailbox.zbp_far_end import ZbpFarEnd, a_zbp
from tests.model.builders import an_update
from tests.store.building import a_case, put
from tests.store.building import an_update as a_row
from tests.transport.certificates import CertificateAuthority, server_context


@pytest.fixture
async def far_end(tmp_path: Path, author: AuthorFiles) -> AsyncIterator[ZbpFarEnd]:
    async with a_zbp(tmp_path, author) as far_end:
        yield far_end


def opened(
    store: Store, url: str, author: AuthorFiles, ca: Path | None = None
) -> AbstractAsyncContextManager[ZbpMailbox]:
    return open_zbp(
        store,
        message_url=f"{url}/messages",
        state_url=f"{url}/states",
        key_file=author.key,
        certificate_file=author.certificate,
        ca_file=ca,
        service="Aufenthaltstitel",
        now=now,
    )


@pytest.fixture
async def mailbox(store: Store, far_end: ZbpFarEnd) -> AsyncIterator[ZbpMailbox]:
    async with opened(store, far_end.url, far_end.author) as mailbox:
        yield mailbox


class TestZbpKeepsTheContract(MailboxContract):
    pass


async def a_thread(store: Store, account: str, *kinds: str) -> list[Letter]:
    """Letters of one case, whose messages are in the store as those of a hub are."""
    case = a_case(provider="zbp")
    rows = [a_row(case) for _ in kinds]
    await store.run(lambda c: put(c, case, *rows))
    return [_letter(kind, row.id, case.id, account) for kind, row in zip(kinds, rows, strict=True)]


def _letter(kind: str, row: UUID, case: UUID, account: str) -> Letter:
    name, _, status = kind.partition(".")
    update = an_update(name, **({"status": status} if status else {}))  # type: ignore[arg-type]
    letter = a_letter(update, account=account)
    return letter.model_copy(update={"id": row, "case": case})


async def test_the_status_follows_the_letters_and_never_leads_back(
    store: Store, mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    kinds = ("status.01", "question", "status.02", "appointment", "status.01", "ending", "question")
    shown = []
    for letter in await a_thread(store, far_end.accounts[0], *kinds):
        shown.append((await mailbox.deliver(letter)).detail["status"])
    expected = ["RECEIVED", "ACTION_REQUIRED", "PROCESSING", "ACTION_REQUIRED", "COMPLETED"]
    assert await far_end.statuses() == expected
    assert shown == [*expected[:4], "unchanged", expected[4], "unchanged"]
    assert (await far_end.book())["refusals"] == {}


async def test_a_letter_without_a_status_of_its_own_leaves_the_monitor_alone(
    store: Store, mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    [letter] = await a_thread(store, far_end.accounts[0], "not_competent")
    assert (await mailbox.deliver(letter)).detail == {"status": "unchanged"}
    assert await far_end.statuses() == []


async def test_what_only_labels_a_letter_is_shortened_and_the_journal_says_so(
    mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    long = {"sender": "Ä" * 400, "title": "Ş̌" * 900}
    letter = letter_to(far_end.accounts[0]).model_copy(update=long)
    provided = await mailbox.deliver(letter)
    [each] = (await far_end.book())["letters"]
    [state] = (await far_end.book())["states"]
    assert each["message"]["sender"] == "Ä" * 254 + "…"
    assert len(state["state"]["senderName"]) == 100
    assert each["message"]["content"] == letter.body
    assert provided.detail["shortened_sender"] == 400
    assert provided.detail["shortened_title"] == 1800
    assert not any("Ä" in str(value) for value in provided.detail.values())


async def test_level_and_case_and_reference_travel_with_the_letter(
    mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    letter = letter_to(far_end.accounts[0])
    await mailbox.deliver(letter)
    [each] = (await far_end.book())["letters"]
    message = each["message"]
    assert message["stork_qaa_level"] == 3
    assert (message["applicationId"], message["reference"]) == (str(letter.case), str(letter.id))
    assert "replyAddress" not in message


async def test_a_retry_for_the_status_does_not_send_the_letter_again(
    mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    letter = letter_to(far_end.accounts[0])
    far_end.answers += [None, lambda: web.Response(status=503)]
    with pytest.raises(TransientFailure):
        await mailbox.deliver(letter)
    await mailbox.deliver(letter)
    assert far_end.requests == ["PUT /messages", "POST /states", "POST /states"]
    assert await far_end.statuses() == ["ACTION_REQUIRED"]


async def test_a_letter_that_lies_there_is_provided_also_without_its_status(
    mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    letter = letter_to(far_end.accounts[0])
    far_end.answers += [None, lambda: web.Response(status=503)]
    with pytest.raises(HalfDone) as raised:
        await mailbox.deliver(letter)
    half, failed = raised.value.provided, Shortfall(event="status_failed", cause="mailbox.failed")
    assert half.shortfall == failed
    far_end.answers += [lambda: web.Response(status=409)]
    provided = await mailbox.deliver(letter)
    refused = Shortfall(event="status_failed", cause="mailbox.refused")
    assert (provided.at, provided.shortfall) == (half.at, refused)


async def test_a_broken_connection_never_makes_the_client_send_twice_by_itself(
    mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    # aiohttp would: PUT is idempotent by the book.
    await mailbox.deliver(letter_to(far_end.accounts[0]))
    far_end.requests.clear()
    await far_end.next("vanish")
    with pytest.raises(TransientFailure):
        await mailbox.deliver(letter_to(far_end.accounts[0]))
    assert far_end.requests == ["PUT /messages"]


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end() -> None:
    """Else the time of provision and the reference were lost with what had not come yet."""
    answer = b'{"id": "ZBP-1", "createdDate": "2026-11-02T09:30:00Z"}'

    async def in_pieces(request: web.Request) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(answer[:20])
        await asyncio.sleep(0.2)
        await response.write(answer[20:])
        return response

    app = web.Application()
    app.router.add_put("/messages", in_pieces)
    async with TestServer(app) as server:
        client = Client(str(server.make_url("/messages")), "", ssl.create_default_context())
        assert await client.put_message(b"{}", []) == answer
        await client.close()


async def test_a_mailbox_that_does_not_exist_is_answered_as_a_wrong_address_is(
    store: Store, mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    with pytest.raises(TransientFailure) as gone:
        await mailbox.deliver(letter_to(str(UUID(int=0))))
    async with opened(store, f"{far_end.url}/wrong", far_end.author) as elsewhere:
        with pytest.raises(TransientFailure) as wrong:
            await elsewhere.deliver(letter_to(far_end.accounts[0], 1))
    assert gone.value.cause == wrong.value.cause == "mailbox.unknown"
    assert gone.value.sentence == wrong.value.sentence


async def test_what_is_no_mailbox_at_all_was_refused_by_nobody(
    mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    with pytest.raises(PermanentFailure) as raised:
        await mailbox.deliver(letter_to("ola@example.org"))
    assert not isinstance(raised.value, Refused)
    assert far_end.requests == []


async def test_an_author_who_is_not_accepted_is_the_hubs_fault_and_not_the_letters(
    store: Store, far_end: ZbpFarEnd, tmp_path: Path
) -> None:
    for number, author in enumerate(
        [make_author(tmp_path / "stranger"), make_author(tmp_path / "old", holds=-timedelta(1))]
    ):
        async with opened(store, far_end.url, author) as mailbox:
            with pytest.raises(EndpointDown) as raised:
                await mailbox.deliver(letter_to(far_end.accounts[0], number))
            assert raised.value.cause == "mailbox.denied"
    assert await far_end.letters(far_end.accounts[0]) == []


async def test_only_a_trusted_certificate_gets_letters(
    store: Store, far_end: ZbpFarEnd, tmp_path: Path
) -> None:
    ours, theirs = CertificateAuthority(tmp_path, "ours"), CertificateAuthority(tmp_path, "theirs")
    await far_end.stop()
    await far_end.start(server_context(ours.identity("server")))
    url = far_end.url.replace("http:", "https:")
    async with opened(store, url, far_end.author, theirs.certificate) as mailbox:
        with pytest.raises(EndpointDown) as raised:
            await mailbox.deliver(letter_to(far_end.accounts[0]))
        assert raised.value.cause == "mailbox.certificate"
    async with opened(store, url, far_end.author, ours.certificate) as mailbox:
        await mailbox.deliver(letter_to(far_end.accounts[0]))


@pytest.mark.parametrize("wrong", ["no key", "another's key", "no certificate"])
async def test_a_wrong_key_or_certificate_is_named_by_its_setting(
    store: Store, author: AuthorFiles, tmp_path: Path, wrong: str
) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    files, setting = {
        "no key": (replace(author, key=nonsense), "HUB_ZBP_KEY_FILE"),
        "another's key": (replace(author, key=make_author(tmp_path).key), "HUB_ZBP_CERTIFICATE"),
        "no certificate": (replace(author, certificate=nonsense), "HUB_ZBP_CERTIFICATE_FILE"),
    }[wrong]
    with pytest.raises(PermanentFailure, match=setting) as raised:
        async with opened(store, "http://127.0.0.1:1", files):
            pass
    assert "c2VjcmV0" not in str(raised.value)


async def test_a_name_with_a_line_in_it_cannot_add_headers(
    mailbox: ZbpMailbox, far_end: ZbpFarEnd
) -> None:
    letter = letter_to(far_end.accounts[0])
    named = {"file_name": 'Bescheid\r\nX-Evil: "1".pdf'}
    documents = tuple(each.model_copy(update=named) for each in letter.documents)
    letter = letter.model_copy(update={"documents": documents, "id": MessageUuid(uuid4())})
    await mailbox.deliver(letter)
    [each] = (await far_end.book())["letters"]
    assert each["message"]["attachments"][0]["filename"] == 'Bescheid X-Evil: "1".pdf'
