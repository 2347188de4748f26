"""What may be edited, what is locked, and how a change is shown: tables."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from hub.model.downward import Downward
from hub.model.failure import PermanentFailure
from hub.model.upward import Status, Upward
from hub.stages.editing import (
    applied,
    difference,
    editable,
    locked,
    locked_return,
    same_person,
    shape_of,
)
from hub.store import DeadLetter, Message
from tests.builders import a_reply, a_submission, an_id
from tests.store.building import a_dead_letter

SECRET = "Żółć-Müller"


def a_letter(**values: Any) -> DeadLetter:
    new = a_dead_letter(**values)
    given = {name: getattr(new, name) for name in new.__slots__}
    return DeadLetter(
        **given,
        state="open",
        reason=None,
        decided_at=None,
        refusal_sent_at=None,
        refusal_attempts=0,
        replays=0,
        passed_at=None,
    )


class ARow:
    def __init__(self, direction: str) -> None:
        self.direction = direction


@pytest.mark.parametrize(
    ("given", "direction", "shape"),
    [
        ({"message": an_id("m")}, "down", "message"),
        ({"message": an_id("m")}, "up", "edit.not_possible"),
        ({"message": an_id("m")}, None, "edit.not_possible"),
        ({"origin": {"exchange": "hub.submissions"}}, None, "submission"),
        ({"origin": {"exchange": "hub.returns"}}, None, "return"),
        ({"origin": {"exchange": "hub.mailbox"}}, None, "origin.unknown"),
        ({"origin": {}}, None, "origin.unknown"),
    ],
)
def test_what_may_be_edited(given: Mapping[str, Any], direction: str | None, shape: str) -> None:
    row: Any = ARow(direction) if direction else None
    message: Message | None = row
    try:
        found = shape_of(a_letter(**given), message)
    except PermanentFailure as failure:
        found = failure.cause  # type: ignore[assignment]
    assert found == shape


def changed(message: Downward, **fields: Any) -> Downward:
    return message.model_copy(update=fields)


SUBMISSION = a_submission(documents=2)
REPLY = a_reply(case=SUBMISSION.id)
OTHER_FAMILY = a_submission(service="family").details
OTHER_PERSON = SUBMISSION.details.model_copy(
    update={"person": SUBMISSION.details.person.model_copy(update={"gender": "m"})}
)
RENAMED = tuple(each.model_copy(update={"file_name": "x.pdf"}) for each in SUBMISSION.documents)


@pytest.mark.parametrize(
    ("before", "fields", "of_row", "of_none"),
    [
        (SUBMISSION, {}, [], []),
        (SUBMISSION, {"azr_number": "900401000001"}, [], []),
        (SUBMISSION, {"details": OTHER_PERSON}, [], []),
        (SUBMISSION, {"documents": RENAMED}, [], []),
        (SUBMISSION, {"id": an_id("other")}, ["id"], ["id"]),
        (SUBMISSION, {"application_id": "AT-2"}, ["application_id"], ["application_id"]),
        (SUBMISSION, {"authority": None, "place": "081110000000"}, *[["authority", "place"]] * 2),
        (SUBMISSION, {"authority": "990002"}, ["authority"], ["authority"]),
        (
            SUBMISSION,
            {"sender": SUBMISSION.sender.model_copy(update={"name": "Other"})},
            *[["sender"]] * 2,
        ),
        (SUBMISSION, {"back_channel": False}, ["back_channel"], ["back_channel"]),
        (SUBMISSION, {"mailbox": None}, ["mailbox"], ["mailbox"]),
        (SUBMISSION, {"test": True}, ["test"], ["test"]),
        (SUBMISSION, {"documents": SUBMISSION.documents[:1]}, *[["documents"]] * 2),
        (SUBMISSION, {"documents": SUBMISSION.documents[::-1]}, *[["documents"]] * 2),
        (SUBMISSION, {"language": "en"}, ["language"], []),
        (SUBMISSION, {"details": OTHER_FAMILY}, ["service"], []),
        (REPLY, {"text": "other"}, [], []),
        (REPLY, {"case": an_id("other")}, ["case"], ["case"]),
        (REPLY, {"answers": an_id("other")}, ["answers"], []),
    ],
)
def test_what_is_locked(
    before: Downward, fields: Mapping[str, Any], of_row: list[str], of_none: list[str]
) -> None:
    after = changed(before, **fields)
    assert locked(before, after, filed=True) == of_row
    assert locked(before, after, filed=False) == of_none


def test_a_submission_does_not_become_a_reply() -> None:
    assert "type" in locked(SUBMISSION, REPLY, filed=False)


def test_what_is_locked_in_a_document_of_a_system() -> None:
    def a_status(**fields: Any) -> Upward:
        plain: dict[str, Any] = {
            "id": an_id("status"),
            "answers": an_id("submission"),
            "application_id": "AT-1",
            "created_at": "2026-11-02T08:15:00Z",
            "status": "01",
        }
        return Status(**plain | fields)

    before = a_status()
    assert locked_return([before], [a_status(status="02", answers=an_id("other"))]) == []
    assert locked_return([before], [a_status(id=an_id("other"))]) == ["id"]
    assert locked_return([before], [a_status(application_id="AT-2")]) == ["application_id"]
    assert locked_return([before], [before, before]) == ["messages"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("token:ola", "token:ola", True),
        ("token:ola", "oidc:ola", True),
        ("oidc:Ola", "cli:ola", True),
        ("oidc:ola@example.org", "token:ola", True),
        ("oidc:ola@example.org", "oidc:ola@example.org", True),
        ("oidc:ola@example.org", "oidc:ola@example.net", False),
        ("token:ola", "token:kim", False),
        ("token:ola", "ola:kim", False),
    ],
)
def test_who_is_one_person(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same
    assert same_person(other, one) is same


def test_documents_are_not_shown_and_come_along() -> None:
    original = SUBMISSION.model_dump_json().encode()
    text = editable("submission", original)
    content = base64.b64encode(SUBMISSION.documents[0].content or b"").decode()
    assert content not in text
    sent = applied("submission", original, text.replace("Musterort", SECRET))
    assert json.loads(sent)["documents"] == json.loads(original)["documents"]
    assert SECRET in sent.decode()
    assert content not in difference("submission", original, sent)


def test_what_is_no_json_is_edited_as_it_came() -> None:
    original = b'{"id": "\xff", \n broken'
    assert editable("submission", original) == '{"id": "\ufffd", \n broken'
    assert applied("submission", original, "still broken") == b"still broken"


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "ISO-8859-15"])
def test_a_document_keeps_its_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<name>Müller</name>'
    original = text.encode(encoding)
    assert editable("return", original) == text
    assert applied("return", original, text.replace("\n", "\r\n")) == original
    corrected = applied("return", original, text.replace("Müller", SECRET))
    lines = difference("return", original, corrected).splitlines()
    assert lines[-2:] == ["-<name>Müller</name>", f"+<name>{SECRET}</name>"]


@pytest.mark.parametrize("codec", ["punycode", "idna"])
def test_a_codec_for_names_of_hosts_is_no_encoding_of_a_document(codec: str) -> None:
    """A megabyte of it held the hub up for minutes, as soon as somebody wanted to correct it."""
    document = f'<?xml version="1.0" encoding="{codec}"?><n>a-b</n>'.encode()
    assert editable("return", document) == document.decode()
    assert applied("return", document, document.decode()) == document
    assert not difference("return", document, document)


def test_a_document_with_no_hash_that_can_be_one_is_corrected() -> None:
    before = b'{"documents": [{"sha256": ["a"], "content": "x"}]}'
    assert "content" not in editable("submission", before)
    mended = applied("submission", before, '{"documents": [{"sha256": "a"}]}')
    assert json.loads(mended) == {"documents": [{"sha256": "a"}]}
    same = applied("submission", before, '{"documents": [{"sha256": ["a"]}]}')
    assert json.loads(same)["documents"][0]["content"] == "x"


def test_a_document_in_one_line_is_compared_line_by_line() -> None:
    before = b"<a><b>1</b><c>2</c><d>3</d></a>"
    changed = [
        line
        for line in difference("return", before, before.replace(b"2", b"9")).splitlines()[2:]
        if line[0] in "+-"
    ]
    assert changed == ["-  <c>2</c>", "+  <c>9</c>"]


def test_no_change_is_no_difference_but_a_comment_is_one() -> None:
    before = b"<a><b>1</b></a>"
    assert difference("return", before, before) == ""
    assert "<!--x-->" in difference("return", before, b"<a><!--x--><b>1</b></a>")
