from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from itsdangerous import URLSafeSerializer

from hub.mailbox.links import LinkBroken, LinkExpired, Links
from hub.model.identifiers import CaseId
from hub.store import Sealer

OLD, NEW = Sealer.generate_text(), Sealer.generate_text()
CASE = CaseId(uuid4())
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAYS = timedelta(days=30)


def links(keys: str = OLD) -> Links:
    return Links(Sealer.from_text(keys), "https://hub.example/", DAYS)


def token(keys: str = OLD) -> str:
    return links(keys).to_case(CASE, NOW).rpartition("/")[2]


def test_a_link_opens_its_case_until_its_time_is_over() -> None:
    assert links().to_case(CASE, NOW) == f"https://hub.example/cases/{token()}"
    assert links().case_of(token(), NOW + DAYS - timedelta(seconds=1)) == CASE
    with pytest.raises(LinkExpired):
        links().case_of(token(), NOW + DAYS)


@pytest.mark.parametrize("position", range(0, 60, 7))
def test_no_changed_character_passes(position: int) -> None:
    whole = token()
    changed = "A" if whole[position] != "A" else "B"
    with pytest.raises(LinkBroken):
        links().case_of(whole[:position] + changed + whole[position + 1 :], NOW)


@pytest.mark.parametrize("broken", ["", ".", "x" * 10_000, "é"])
def test_what_is_no_token_is_refused(broken: str) -> None:
    with pytest.raises(LinkBroken):
        links().case_of(broken, NOW)


@pytest.mark.parametrize("length", [-1, -10, 30])
def test_a_link_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(LinkBroken):
        links().case_of(token()[:length], NOW)


def test_what_was_signed_for_another_purpose_opens_nothing() -> None:
    keys = list(Sealer.from_text(OLD).fingerprints("sessions", "signing key"))
    for salt in ("session", "link to the letters of a case"):
        forged = URLSafeSerializer(keys, salt=salt).dumps([CASE.hex, 4_000_000_000])
        with pytest.raises(LinkBroken):
            links().case_of(str(forged), NOW)


def test_links_of_an_older_key_still_open_and_those_of_a_removed_one_do_not() -> None:
    old, new = token(OLD), token(f"{NEW},{OLD}")
    assert links(f"{NEW},{OLD}").case_of(old, NOW) == CASE
    assert links(NEW).case_of(new, NOW) == CASE
    with pytest.raises(LinkBroken):
        links(NEW).case_of(old, NOW)


def test_a_link_says_the_case_and_nothing_of_anybody() -> None:
    assert str(CASE) not in token()
    assert len(token()) < 120
