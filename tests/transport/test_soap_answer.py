"""A fault says whose it is: that counts for more than the status it comes with."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from hub.model.failure import (
    EndpointDown,
    HubFailure,
    PermanentFailure,
    Refused,
    TransientFailure,
)
from hub.transport import NO_ANSWER
from hub.transport.posting.answer import Answer
from hub.transport.soap.answer import AlreadyThere, judge
from tests.transport.contract import SECRET
from tests.transport.soap_far_end import a_fault, enveloped

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def judged(answer: web.Response, retry_after: str | None = None) -> None:
    body = answer.body
    assert isinstance(body, bytes)
    judge(Answer(answer.status, retry_after, body), "SubmitCase", "isar", NOW)


def failure(answer: web.Response, retry_after: str | None = None) -> HubFailure:
    with pytest.raises(HubFailure) as raised:
        judged(answer, retry_after)
    assert SECRET not in f"{raised.value} {raised.value.__cause__}"
    return raised.value


PROBLEM = '<isar:Problem code="S011"/>'
NESTED = enveloped(
    "<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>x:Rejected"
    "</env:Value><env:Subcode><env:Value> x:S010 </env:Value></env:Subcode></env:Subcode>"
    "</env:Code></env:Fault>",
    400,
)


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (a_fault("Sender", "X001"), Refused, "refused.X001"),
        (a_fault("Sender", "X001", status=500), Refused, "refused.X001"),
        (a_fault("Sender", "X001", status=200), Refused, "refused.X001"),
        (a_fault("Sender", detail=PROBLEM), Refused, "refused.S011"),
        (a_fault("Sender", "not a code"), Refused, "refused.unknown"),
        (a_fault("Sender"), Refused, "refused.unknown"),
        (a_fault("Sender", "S100", "X001"), Refused, "refused.S100"),
        (NESTED, Refused, "refused.S010"),
        (a_fault("Receiver"), TransientFailure, "endpoint.failed"),
        (a_fault("Receiver", "S100"), TransientFailure, "endpoint.failed"),
        (a_fault("Receiver", status=200), TransientFailure, "endpoint.failed"),
        (a_fault("Receiver", status=503), TransientFailure, "endpoint.failed"),
        (a_fault("MustUnderstand"), EndpointDown, "endpoint.protocol"),
        (a_fault("VersionMismatch"), EndpointDown, "endpoint.protocol"),
        (a_fault("DataEncodingUnknown"), EndpointDown, "endpoint.protocol"),
        (a_fault("Sender", "X001", status=401), EndpointDown, "endpoint.denied"),
        (a_fault("Sender", "X001", status=404), EndpointDown, "endpoint.denied"),
        (web.Response(status=307, body=b""), EndpointDown, "endpoint.moved"),
        (web.Response(status=403, body=b""), EndpointDown, "endpoint.denied"),
        (web.Response(status=500, body=b"oops"), TransientFailure, "endpoint.failed"),
        (web.Response(status=502, body=b""), TransientFailure, NO_ANSWER),
        (web.Response(status=429, body=b""), EndpointDown, "endpoint.busy"),
        (web.Response(status=413, body=b""), PermanentFailure, "endpoint.too_large"),
        (web.Response(status=400, body=b"oops"), Refused, "refused.unknown"),
        (enveloped("", 200), TransientFailure, NO_ANSWER),
        (enveloped("<a/><b/>", 200), TransientFailure, NO_ANSWER),
    ],
)
def test_who_has_to_act(answer: web.Response, kind: type[HubFailure], cause: str) -> None:
    found = failure(answer)
    assert (type(found), found.cause) == (kind, cause)


def test_all_codes_of_a_fault_are_taken_each_once() -> None:
    found = failure(a_fault("Sender", "X001", "S010", "X001"))
    assert isinstance(found, Refused)
    assert found.codes == ("X001", "S010")


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (a_fault("Sender", "S100"), None),
        (a_fault("Sender", detail='<isar:Problem code="S100" case="I-7"/>'), "I-7"),
        (a_fault("Sender", detail='<isar:Problem code="S100" case="&#10;"/>'), None),
    ],
)
def test_a_duplicate_is_no_failure(answer: web.Response, number: str | None) -> None:
    with pytest.raises(AlreadyThere) as raised:
        judged(answer)
    assert raised.value.number == number


def test_a_receiver_may_say_when_to_come_again() -> None:
    found = failure(a_fault("Receiver"), "90")
    assert isinstance(found, TransientFailure)
    assert found.retry_after == timedelta(seconds=90)
    assert not found.in_doubt
