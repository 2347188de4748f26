import json
from collections.abc import Callable

from hub.mailbox.local import LocalMailbox
from hub.store import Store
from tests.cli.conftest import Hub
from tests.mailbox.letters import CASE, a_letter
from tests.model.builders import an_update

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
