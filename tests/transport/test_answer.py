"""An HTTP answer says who has to act."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.model.failure import (
    EndpointDown,
    HubFailure,
    PermanentFailure,
    Refused,
    TransientFailure,
)
from hub.transport import NO_ANSWER
from hub.transport.http.answer import judge
from hub.transport.posting.answer import Answer

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def judged(
    status: int, body: bytes | None = b"", retry_after: str | None = None
) -> tuple[bool, str | None]:
    receipt = judge(Answer(status, retry_after, body), "nord", NOW)
    assert receipt.at == NOW
    return receipt.accepted, receipt.number


@pytest.mark.parametrize(
    ("status", "body", "accepted", "number"),
    [
        (200, b"", True, None),
        (204, b"", True, None),
        (201, b'{"receipt": "N-1"}', True, "N-1"),
        (200, b'{"receipt": 17}', True, "17"),
        (200, b'{"receipt": "two\\nlines"}', True, None),
        (202, b"", False, None),
        (202, b'{"receipt": "N-2"}', False, "N-2"),
        (409, b'{"codes": ["S100"]}', True, None),
        (422, b"<refusal><code>S100</code></refusal>", True, None),
    ],
)
def test_a_receipt(status: int, body: bytes, accepted: bool, number: str | None) -> None:
    assert judged(status, body) == (accepted, number)


@pytest.mark.parametrize(
    ("status", "body", "kind", "cause"),
    [
        (200, b"<html>please log in</html>", TransientFailure, NO_ANSWER),
        (200, b'{"receipt": "N-', TransientFailure, NO_ANSWER),
        (200, b"[" * 100_000, TransientFailure, NO_ANSWER),
        (200, None, TransientFailure, NO_ANSWER),
        (301, b"", EndpointDown, "endpoint.moved"),
        (308, b"", EndpointDown, "endpoint.moved"),
        (400, b"", Refused, "refused.unknown"),
        (401, b"", EndpointDown, "endpoint.denied"),
        (403, b"", EndpointDown, "endpoint.denied"),
        (404, b"", EndpointDown, "endpoint.denied"),
        (408, b"", TransientFailure, "endpoint.busy"),
        (409, b"", TransientFailure, "endpoint.busy"),
        (409, b'{"codes": ["S010"]}', Refused, "refused.S010"),
        (410, b"", EndpointDown, "endpoint.denied"),
        (413, b"", PermanentFailure, "endpoint.too_large"),
        (415, b"", EndpointDown, "endpoint.denied"),
        (418, b"", Refused, "refused.unknown"),
        (421, b"", EndpointDown, "endpoint.denied"),
        (422, b'{"codes": ["X001"]}', Refused, "refused.X001"),
        (422, b'{"codes": ["S100", "X001"]}', Refused, "refused.S100"),
        (425, b"", TransientFailure, "endpoint.busy"),
        (429, b"", EndpointDown, "endpoint.busy"),
        (500, b"", TransientFailure, "endpoint.failed"),
        (502, b"", TransientFailure, NO_ANSWER),
        (503, b"", EndpointDown, "endpoint.busy"),
        (504, b"", TransientFailure, NO_ANSWER),
    ],
)
def test_a_failure(status: int, body: bytes | None, kind: type[HubFailure], cause: str) -> None:
    with pytest.raises(HubFailure) as raised:
        judged(status, body)
    assert (type(raised.value), raised.value.cause) == (kind, cause)
    assert "nord" in raised.value.sentence


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b'{"codes": ["X001", "X001", "S020"], "sentence": "Erika"}', ("X001", "S020")),
        (b'{"codes": ["Erika Mustermann", 7, null]}', ()),
        (b'{"codes": "X001"}', ()),
        (b"{", ()),
        (b'<r xmlns="urn:x"><a><code>V000</code></a><code>Erika</code></r>', ("V000",)),
        (b"<!DOCTYPE r><r><code>X001</code></r>", ()),
        (b"no", ()),
    ],
)
def test_a_refusal_takes_over_codes_and_no_words(body: bytes, codes: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as raised:
        judged(400, body)
    assert raised.value.codes == codes
    assert "Erika" not in str(raised.value)


def test_a_refusal_explains_its_codes() -> None:
    with pytest.raises(Refused, match=r"X000 \(Die Nachricht ist kein wohlgeformtes XML"):
        judged(400, b'{"codes": ["X000"]}')


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 02 Nov 2026 10:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 02 Nov 2026 09:00:00 GMT", timedelta(0)),
        ("999999999", timedelta(days=1)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("soon", None),
        ("Mon, 02 Nov 99999999999999999999 12:05:00 GMT", None),
        ("Mon, 02 Nov 2026 12:05:00 +99999999999999999999", None),
        ("-1", None),
        ("9" * 5000, None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_the_systems_wish_is_heard(
    status: int, retry_after: str | None, wait: timedelta | None
) -> None:
    with pytest.raises((TransientFailure, EndpointDown)) as raised:
        judged(status, retry_after=retry_after)
    assert raised.value.retry_after == wait
