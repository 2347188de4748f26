"""What systems and the mailbox provider answer: HTTP, SOAP, the ZBP, and how long to wait."""

from collections.abc import Iterable
from datetime import UTC, datetime

from hub.mailbox.zbp.answer import failure_of, read_answer
from hub.model.failure import HubFailure
from hub.transport.http.answer import judge as judge_http
from hub.transport.posting.answer import Answer
from hub.transport.soap.answer import AlreadyThere, judge, result_of, updates_in
from hub.transport.soap.calls import ENVELOPE, SERVICE
from tests.fuzz.rule import well_said

_NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
_STATUS = (200, 202, 204, 301, 400, 401, 409, 413, 422, 429, 500, 502, 503, 505)


def one(data: bytes) -> None:
    """A receipt, a number, updates, or a failure of the tree."""
    if not data:
        return
    wish, _, body = data[1:].partition(b"\0")
    status, retry_after = _STATUS[data[0] % len(_STATUS)], wish.decode("latin-1")
    answer = Answer(status, retry_after, body)
    try:
        receipt = judge_http(answer, "nord", _NOW)
        assert receipt.number is None or len(receipt.number) <= 100
    except HubFailure as failure:
        well_said(failure)
    for operation in ("SubmitCase", "ListUpdates"):
        try:
            response = judge(answer, operation, "nord", _NOW)
            if operation == "ListUpdates":
                updates = updates_in(response, 5, "nord")
                assert [each.number for each in updates] == sorted({e.number for e in updates})
            else:
                result_of(response, "nord")
        except AlreadyThere as known:
            _is_short(known)
        except HubFailure as failure:
            well_said(failure)
    provided = read_answer(body, _NOW, {})
    assert provided.at <= _NOW
    if status >= 300:
        well_said(failure_of(status, retry_after, _NOW))


def _is_short(known: AlreadyThere) -> None:
    assert known.number is None or len(known.number) <= 100


def seeds() -> Iterable[bytes]:
    """One of each kind."""
    update = '<i:Update number="7">PGEvPg==</i:Update>'
    fault = (
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>i:S100</e:Value>"
        '</e:Subcode></e:Code><e:Detail><i:Problem code="S100" case="7"/></e:Detail></e:Fault>'
    )
    said = (f"<i:ListUpdatesResponse>{update}</i:ListUpdatesResponse>",)
    said += ('<i:SubmitCaseResponse case="7"/>', fault, fault.replace("Sender", "Receiver"))
    for number, each in enumerate(said):
        envelope = f'<e:Envelope xmlns:e="{ENVELOPE}" xmlns:i="{SERVICE}"><e:Body>{each}</e:Body>'
        yield bytes([0 if number < 2 else 10]) + f"120\0{envelope}</e:Envelope>".encode()
    yield b'\x00\0{"receipt": "R-1", "id": "a", "createdDate": "2026-11-02T11:59:58+00:00"}'
    yield b'\x08Mon, 02 Nov 2026 12:05:00 GMT\0{"codes": ["S010"]}'
    yield b"\x0cMon, 02 Nov 2026 12:05:00 +0100\0<e><code>S010</code></e>"
