"""What the provider's answers mean: who has to act, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.mailbox.zbp.answer import failure_of, read_answer
from hub.model.failure import EndpointDown, PermanentFailure, Refused, TransientFailure

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, EndpointDown) for status in (301, 308, 401, 403, 405, 407, 415, 421)),
        *((status, TransientFailure) for status in (404, 408, 410, 425, 429, 500, 502, 503, 504)),
        *((status, Refused) for status in (400, 409, 422)),
        (413, PermanentFailure),
    ],
)
def test_a_status_says_who_has_to_act(status: int, kind: type[Exception]) -> None:
    assert type(failure_of(status, None, NOW)) is kind


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize(
    ("given", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 02 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 02 Nov 2026 11:05:00 GMT", timedelta(0)),
        ("999999999", timedelta(days=1)),
        ("soon", None),
        ("Mon, 02 Nov 99999999999999999999 12:05:00 GMT", None),
        ("Mon, 02 Nov 2026 12:05:00 +99999999999999999999", None),
        (None, None),
    ],
)
def test_a_wish_for_patience_is_heard(
    status: int, given: str | None, wait: timedelta | None
) -> None:
    failure = failure_of(status, given, NOW)
    assert isinstance(failure, TransientFailure)
    assert failure.retry_after == wait


@pytest.mark.parametrize("status", [404, 410])
def test_a_mailbox_that_is_not_there_cannot_be_told_from_a_wrong_address(status: int) -> None:
    failure = failure_of(status, None, NOW)
    assert failure.cause == "mailbox.unknown"
    assert "HUB_ZBP_URL" in failure.sentence


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_leaves_it_in_doubt(status: int) -> None:
    failure = failure_of(status, None, NOW)
    assert isinstance(failure, TransientFailure)
    assert failure.in_doubt


def test_the_time_of_provision_is_the_providers_where_it_tells() -> None:
    told = read_answer(b'{"id": "a-1", "createdDate": "2026-11-02T11:59:58+00:00"}', NOW, {})
    assert (told.at, told.provider_reference) == (NOW - timedelta(seconds=2), "a-1")


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b"{}", b'{"createdDate": "noon"}'])
def test_else_it_is_that_of_the_answer(body: bytes) -> None:
    told = read_answer(body, NOW, {"title": 2000})
    assert (told.at, told.provider_reference) == (NOW, None)
    assert told.detail == {"shortened_title": 2000}


@pytest.mark.parametrize(
    "time",
    [
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "2026-11-02T12:00:01Z",
        "2025-11-02T12:00:00Z",
    ],
)
def test_a_time_that_cannot_be_true_is_that_of_the_answer(time: str) -> None:
    # A later one would move the end of retention beyond all years, an earlier one a deadline.
    assert read_answer(f'{{"createdDate": "{time}"}}'.encode(), NOW, {}).at == NOW


def test_what_cannot_be_a_reference_is_not_kept() -> None:
    assert read_answer(b'{"id": "a\\nb"}', NOW, {}).provider_reference is None
