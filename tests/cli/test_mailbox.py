import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from hub.mailbox.links import LinkExpired, Links
from hub.mailbox.local import LocalMailbox
from hub.store import Store, acts, insert_case
from tests.cli.conftest import Hub
from tests.mailbox.letters import CASE, a_letter
from tests.model.builders import an_update
from tests.store.building import a_case

Fill = Callable[[Callable[[Store], object]], None]
LETTER = a_letter(an_update("intended_refusal"))


def test_letters_are_shown_as_the_applicant_reads_them(hub: Hub, store: Fill) -> None:
    store(lambda opened: LocalMailbox(opened).deliver(LETTER))
    by_case = hub("mailbox", "show", "--case", CASE)
    assert by_case == hub("mailbox", "show", "--account", "ola@example.org")
    assert LETTER.body in by_case.out
    assert LETTER.title in by_case.out
    assert "[1 Mitteilung zur beabsichtigten Ablehnung.pdf]" in by_case.out


def test_letters_as_json(hub: Hub, store: Fill) -> None:
    store(lambda opened: LocalMailbox(opened).deliver(LETTER))
    (letter,) = json.loads(hub("mailbox", "show", "--case", CASE, "--json").out)
    assert letter["id"] == str(LETTER.id)
    assert letter["documents"][0]["content"] is None


def test_an_empty_mailbox_says_so(hub: Hub, store: Fill) -> None:
    assert hub("mailbox", "show", "--case", CASE).out == "No letters yet.\n"


def test_nobody_reads_everybodys_letters(hub: Hub, store: Fill) -> None:
    assert hub("mailbox", "show").err == "give --case, --account or both\n"


def test_that_letters_were_opened_is_written_down_without_the_account(
    hub: Hub, store: Fill
) -> None:
    store(lambda opened: LocalMailbox(opened).deliver(LETTER))
    hub("mailbox", "show", "--case", CASE)
    hub("mailbox", "show", "--account", "ola@example.org")
    written = hub("audit", "list", "--json").out
    acts = [each["act"] for each in json.loads(written)]
    assert [(act["action"], act["subject"]) for act in acts] == [
        ("mailbox.open", str(CASE)),
        ("mailbox.open", "account"),
    ]
    assert "ola@" not in written


def test_a_link_opens_the_case_it_was_made_for_and_is_written_down(
    hub: Hub, store: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(lambda opened: opened.run(lambda c: insert_case(c, a_case(id=CASE, provider="local"))))
    monkeypatch.setenv("HUB_PUBLIC_URL", "https://hub.example")
    made = hub("mailbox", "link", CASE)
    address, token = made.out.strip().rsplit("/", 1)
    assert (made.code, address) == (0, "https://hub.example/cases")

    async def look(opened: Store) -> None:
        links = Links(opened.sealer, "", timedelta(days=30))
        assert links.case_of(token, datetime.now(UTC)) == CASE
        with pytest.raises(LinkExpired):
            links.case_of(token, datetime.now(UTC) + timedelta(days=30))
        [act] = await opened.read(acts)
        assert (act.act.action, act.act.subject) == ("link.make", str(CASE))
        assert token not in str(act)

    store(look)


def test_no_link_is_made_where_there_is_nothing_to_read(hub: Hub, store: Fill) -> None:
    store(lambda opened: opened.run(lambda c: insert_case(c, a_case(id=CASE, provider="zbp"))))
    for case in (CASE, uuid4()):
        made = hub("mailbox", "link", case)
        assert (made.code, made.out) == (1, "")
        assert "no case whose applicant reads letters" in made.err
