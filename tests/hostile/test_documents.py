"""Documents that are not what they say, or more than that, on the whole way."""

from pathlib import Path
from uuid import uuid4

import pytest

from hub.model.document import MediaType
from tests.hostile.conftest import Besieged
from tests.hostile.papers import a_jpeg, a_pdf, a_zip, packed_objects, with_document

PDF: MediaType = "application/pdf"
JPEG: MediaType = "image/jpeg"

REFUSED: dict[str, tuple[bytes, MediaType, str]] = {
    "a JPEG called PDF": (a_jpeg(), PDF, "document.media_type"),
    "a PDF called JPEG": (a_pdf(), JPEG, "document.media_type"),
    "a program": (b"MZ\x90\x00" + a_pdf(), PDF, "document.media_type"),
    "a page of the web before a PDF": (b"<html>" + a_pdf(), PDF, "document.media_type"),
    "a PDF without an end": (a_pdf()[:-10], PDF, "document.incomplete"),
    "a PDF whose end is far from the end": (a_pdf(behind=b"x" * 1100), PDF, "document.incomplete"),
    "only the beginning of a JPEG": (b"\xff\xd8\xff", JPEG, "document.incomplete"),
    "a JPEG cut in the middle": (a_jpeg()[:-2], JPEG, "document.incomplete"),
    "a JPEG of no segments": (b"\xff\xd8\xff\xd9", JPEG, "document.incomplete"),
    "a JPEG whose segment ends nowhere": (
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(9) + b"\xff\xd9",
        JPEG,
        "document.incomplete",
    ),
    "a PDF that is a ZIP": (a_pdf(behind=a_zip()), PDF, "document.two_types"),
    "a PDF in the comment of a ZIP": (
        a_pdf(behind=a_zip()[:-2] + b"\x06\x00%%EOF\n"),
        PDF,
        "document.two_types",
    ),
    "a JPEG that is a ZIP": (a_jpeg(behind=a_zip()), JPEG, "document.two_types"),
    "a JPEG that is a PDF": (a_jpeg(comment=a_pdf()), JPEG, "document.two_types"),
}

FLAGGED: dict[str, tuple[bytes, MediaType, str]] = {
    "a script": (a_pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), PDF, "javascript"),
    "a script written otherwise": (a_pdf(b"<< /S /J#61vaScr#69pt >>"), PDF, "javascript"),
    "a packed script": (a_pdf(packed_objects(b"1 0 << /S /JavaScript >>")), PDF, "javascript"),
    "a packed script under another name": (
        a_pdf(packed_objects(b"1 0 << /S /J#53 (x) /JS (x) >>", b"/O#62jStm")),
        PDF,
        "javascript",
    ),
    "a program to start": (a_pdf(b"<< /S /Launch /F (cmd.exe) >>"), PDF, "launch"),
    "a file inside": (a_pdf(b"<< /Type /EmbeddedFile >>"), PDF, "embedded_files"),
    "something at opening": (
        a_pdf(b"<< /OpenAction 3 0 R /AA << /O 4 0 R >> >>"),
        PDF,
        "open_action",
    ),
    "a form that sends": (a_pdf(b"<< /S /SubmitForm /F (x) >>"), PDF, "sends_data"),
    "an encrypted PDF": (a_pdf(b"<< >>", b"<< /Encrypt 5 0 R >>"), PDF, "encrypted"),
    "a bomb": (a_pdf(packed_objects(bytes(50_000_000))), PDF, "unsearched"),
    "objects packed in an unusual way": (
        a_pdf(b"<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n78\nendstream"),
        PDF,
        "unsearched",
    ),
    "something behind a PDF": (a_pdf(behind=b"MZ and more"), PDF, "trailing_data"),
    "something behind a JPEG": (a_jpeg(behind=b"a film"), JPEG, "trailing_data"),
}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused_nothing_is_left_of_it_and_the_next_good_message_passes(
    besieged: Besieged, name: str
) -> None:
    content, media_type, cause = REFUSED[name]
    submission = with_document(content, media_type)
    refusal = await besieged.refused(submission.model_dump_json().encode())
    assert refusal["cause"] == cause
    assert refusal["location"].startswith("documents[1]")
    folder = besieged.world.hub.settings.documents / str(submission.id)[:2] / str(submission.id)
    assert not folder.exists()
    await besieged.good_passes()


@pytest.mark.parametrize("name", FLAGGED)
async def test_it_passes_and_its_journey_tells_of_it(besieged: Besieged, name: str) -> None:
    content, media_type, flag = FLAGGED[name]
    submission = with_document(content, media_type)
    await besieged.world.send(submission)
    await besieged.world.until_state(submission, "accepted")
    events = await besieged.world.events(submission.id)
    [event] = [each for each in events if each.name == "flagged"]
    assert event.detail == {"document": str(submission.documents[1].id), "found": flag}
    assert (event.stage, event.authority) == ("intake", "990001")


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "C:\\x.pdf", "/x.pdf", "a\r\nX-Injected: 1.pdf", "..", "a\tb"]
)
async def test_a_name_that_leads_elsewhere_is_refused(besieged: Besieged, name: str) -> None:
    submission = with_document(a_pdf(), PDF)
    first, second = submission.documents
    named = (first, second.model_copy(update={"file_name": name}))
    body = submission.model_copy(update={"documents": named}).model_dump_json().encode()
    refusal = await besieged.refused(body)
    assert refusal["cause"] == "document.file_name"
    assert refusal["location"] == "documents[1].file_name"
    assert "Injected" not in refusal["sentence"]
    await besieged.good_passes()


async def test_a_document_that_was_put_before_is_looked_at_all_the_same(besieged: Besieged) -> None:
    submission = with_document(*REFUSED["a PDF that is a ZIP"][:2])
    put = submission.documents[1]
    assert put.content is not None
    content = put.content

    async def chunks():  # type: ignore[no-untyped-def]
        yield content

    documents = besieged.world.hub.store.documents
    await documents.stage(submission.sender.key, put.sha256, chunks(), len(content))
    refusal = await besieged.refused(submission.without_content().model_dump_json().encode())
    assert refusal["cause"] == "document.missing"  # the first one was not put
    both = (submission.documents[0], put.model_copy(update={"content": None}))
    again = submission.model_copy(update={"documents": both, "id": uuid4()})
    refusal = await besieged.refused(again.model_dump_json().encode())
    assert refusal["cause"] == "document.two_types"


async def test_a_refused_reply_leaves_the_documents_of_its_case(besieged: Besieged) -> None:
    good = with_document(a_pdf(), PDF)
    await besieged.world.send(good)
    await besieged.world.until_state(good, "accepted")
    bad = with_document(*REFUSED["a JPEG that is a ZIP"][:2])
    folder: Path = besieged.world.hub.settings.documents / str(good.id)[:2] / str(good.id)
    kept = names(folder)
    conflicting = bad.model_copy(update={"id": good.id})
    refusal = await besieged.refused(conflicting.model_dump_json().encode())
    assert refusal["cause"] == "message.conflict"
    assert names(folder) == kept
