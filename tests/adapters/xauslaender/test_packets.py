import base64
import io
import zipfile

import pytest

from adapters.xauslaender import adapter
from adapters.xauslaender.elements import NAMESPACE
from adapters.xauslaender.packets import MAX_MESSAGE_BYTES
from hub.adapter import Parcel, PermanentFailure
from hub.model.document import Document
from hub.model.downward import Downward
from hub.xml import Element, serialise
from tests.adapters.xauslaender.schemas import check
from tests.builders import (
    a_context,
    a_document,
    a_person,
    a_reply,
    a_submission,
    an_agreement_reply,
)
from tests.builders.messages import a_details
from tests.builders.parts import an_identity_document

FORMAT = adapter.formats["26.11"]
MEGABYTE = 1000 * 1000


def write(message: Downward) -> Parcel:
    return FORMAT.write(message, a_context(message))


def text(root: Element, path: str) -> str:
    found = root.xpath(f"string({path})", namespaces={"x": NAMESPACE})
    return str(found)


def large(name: str, megabytes: int, **given: str) -> Document:
    return a_document(name, size=megabytes * MEGABYTE, **given)


def archive_of(parcel: Parcel) -> bytes:
    return b"".join(
        base64.b64decode(text(packet.root, "x:paket")) for packet in parcel.messages[1:]
    )


def test_documents_too_large_for_their_message_follow_in_packets_of_one_archive() -> None:
    documents = (large("one", 30), large("two", 30, media_type="image/jpeg"))
    message = a_submission(documents_given=documents)
    parcel = write(message)
    head, *packets = parcel.messages
    for sent in parcel.messages:
        check(sent.root)
        assert len(serialise(sent.root)) <= MAX_MESSAGE_BYTES
    assert [sent.name for sent in parcel.messages] == ["130101", "000040", "000040"]

    archive = archive_of(parcel)
    delivery = "x:angabenDokumentenlieferung"
    assert text(head.root, f"{delivery}/x:anzahlDerPakete") == str(len(packets))
    assert text(head.root, f"{delivery}/x:archivgroesse") == str(len(archive))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist() == [f"{documents[0].id}.pdf", f"{documents[1].id}.jpg"]
        assert [opened.read(name) for name in opened.namelist()] == [
            document.content for document in documents
        ]
    named = head.root.xpath("//x:dokumentuuid/text()", namespaces={"x": NAMESPACE})
    assert named == [str(document.id) for document in documents]
    assert head.root.xpath("//x:dokument", namespaces={"x": NAMESPACE}) == []


def test_packets_are_numbered_and_name_their_message() -> None:
    message = a_reply(documents_given=(large("one", 45), large("two", 45)))
    head, *packets = write(message).messages
    assert [text(packet.root, "x:paketnummer") for packet in packets] == ["1", "2", "3"]
    assert {text(packet.root, "x:ausloeserUUID") for packet in packets} == {str(message.id)}
    uuids = [str(sent.uuid) for sent in (head, *packets)]
    header = "nachrichtenkopf.g2g/identifikation.nachricht/nachrichtenUUID"
    assert uuids == [text(sent.root, header) for sent in (head, *packets)]
    assert len(set(uuids)) == 4


def test_packets_of_a_message_that_is_sent_again_are_the_same() -> None:
    message = a_submission(documents_given=(large("one", 40),))
    first, second = write(message), write(message)
    assert [sent.uuid for sent in first.messages] == [sent.uuid for sent in second.messages]
    assert archive_of(first) == archive_of(second)


def test_all_packets_but_the_last_are_as_full_as_they_may_be() -> None:
    _, first, _ = write(a_submission(documents_given=(large("one", 60),))).messages
    assert MAX_MESSAGE_BYTES - len(serialise(first.root)) < 16


def test_documents_stay_in_their_message_as_long_as_it_is_not_too_large() -> None:
    empty = a_submission(documents_given=(a_document(size=3),))
    without = len(serialise(write(empty).messages[0].root)) - 4
    fits = (MAX_MESSAGE_BYTES - without) // 4 * 3
    exact = write(a_submission(documents_given=(a_document(size=fits),)))
    (only,) = exact.messages
    assert MAX_MESSAGE_BYTES - 4 < len(serialise(only.root)) <= MAX_MESSAGE_BYTES
    assert len(write(a_submission(documents_given=(a_document(size=fits + 1),))).messages) > 1


def test_papers_that_have_no_reference_stay_embedded_beside_packets() -> None:
    page, evidence = large("page", 10), large("evidence", 40)
    person = a_person(passport=an_identity_document(page.id))
    details = a_details("employment", (evidence,)) | {"person": person}
    parcel = write(a_submission(documents_given=(page, evidence), details=details))
    head = parcel.messages[0].root
    assert page.content is not None
    embedded = text(head, "//x:ausweisseite/x:dokument")
    assert embedded == base64.b64encode(page.content).decode()
    assert text(head, "//x:nachweis//x:dokumentuuid") == str(evidence.id)
    assert len(archive_of(parcel)) < 41 * MEGABYTE


def test_what_may_not_follow_in_packets_is_refused_when_too_large() -> None:
    with pytest.raises(PermanentFailure) as refused:
        write(an_agreement_reply(documents=(large("agreement", 50),)))
    assert refused.value.cause == "document.too_large_for_format"
    assert refused.value.location == "documents"


def test_a_declaration_of_sponsorship_may_not_follow_in_packets() -> None:
    with pytest.raises(PermanentFailure, match=r"document\.too_large_for_format"):
        write(a_submission(service="sponsorship", documents_given=(large("summary", 50),)))


def test_papers_that_alone_are_too_large_are_refused() -> None:
    page = large("page", 50)
    person = a_person(passport=an_identity_document(page.id))
    details = a_details("employment", ()) | {"person": person}
    with pytest.raises(PermanentFailure, match=r"document\.too_large_for_format"):
        write(a_submission(documents_given=(page,), details=details))
