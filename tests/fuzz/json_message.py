"""What online services send: `hub.stages.reading`, and opening it to be edited."""

from collections.abc import Iterable

from hub.model.failure import PermanentFailure
from hub.stages.editing import applied, difference, editable
from hub.stages.reading import read_message, wrong_fields
from tests.builders import a_reply, a_submission, a_withdrawal
from tests.fuzz.rule import well_said


def one(data: bytes) -> None:
    """A message, or a PermanentFailure; and a text that a person can correct."""
    try:
        read_message(data)
        assert wrong_fields(data) == []
    except PermanentFailure as failure:
        well_said(failure)
        assert wrong_fields(data)
    text = editable("submission", data)
    difference("submission", data, applied("submission", data, text))


def seeds() -> Iterable[bytes]:
    """One message of each kind that is told apart."""
    for message in (a_submission(documents=1), a_reply(), a_withdrawal()):
        yield message.model_dump_json().encode()
