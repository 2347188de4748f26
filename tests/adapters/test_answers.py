"""Every answer says what it answers, in every vendor's XML: the `ausloeserUUID` of XAusländer."""

from collections.abc import Callable

import pytest
from lxml import etree

from hub.adapter import Format
from hub.model.downward import AgreementReply, Downward, ReceiptConfirmation, Reply
from hub.xml import Element, parse, serialise
from tests.adapters.every import EVERY
from tests.builders import (
    a_context,
    a_receipt_confirmation,
    a_reply,
    a_withdrawal,
    an_agreement_reply,
)

Answer = Reply | AgreementReply | ReceiptConfirmation
FORMATS = [
    pytest.param(f"{adapter.name} {version}", format_, id=f"{adapter.name} {version}")
    for adapter in EVERY.values()
    for version, format_ in adapter.formats.items()
]
PLACE = {
    "xauslaender 26.11": "ausloeserUUID",
    "alster 3": "Bezug",
    "alster 4": "BezugsId",
    "spree 1": "Bezug",
    "isar 2.1": "inReplyTo",
}
"""Where each has it."""


def written(format_: Format, message: Downward) -> Element:
    """The one document of a message, as it is after its way over the wire."""
    [part] = format_.write(message, a_context(message)).messages
    format_.schemas.check(part.root)
    return parse(serialise(part.root))


def places_of(document: Element, value: str) -> list[str]:
    """Names of the elements and attributes that hold exactly this value."""
    found = []
    for element in document.iter("*"):
        name = etree.QName(element).localname
        found += [name] if (element.text or "").strip() == value else []
        found += [str(key) for key, held in element.attrib.items() if held == value]
    return found


@pytest.mark.parametrize(("name", "format_"), FORMATS)
@pytest.mark.parametrize("write", [a_reply, an_agreement_reply, a_receipt_confirmation])
def test_an_answer_names_what_it_answers(
    name: str, format_: Format, write: Callable[[], Answer]
) -> None:
    message = write()
    document = written(format_, message)
    assert places_of(document, str(message.answers)) == [PLACE[name]]


@pytest.mark.parametrize(("name", "format_"), FORMATS)
def test_a_withdrawal_names_its_case_by_its_token_only(name: str, format_: Format) -> None:
    message = a_withdrawal()
    document = written(format_, message)
    names = [etree.QName(element).localname for element in document.iter("*")]
    assert PLACE[name] not in names
    assert len(places_of(document, a_context(message).application_id)) == 1
