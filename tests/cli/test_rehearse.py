"""The rehearsal as an operator sees it, on the project's own table and on a real store."""

import asyncio
import json
import socket
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.adapter import Adapter
from hub.cli import rehearse
from hub.model.case import Profile
from hub.model.downward import Downward, Submission
from hub.model.identifiers import CaseId, MessageUuid
from hub.stages.content import Kept, seal_kept, seal_profile
from hub.store import Case, NewMessage, State, Store, insert_case, insert_message
from tests.adapters.every import EVERY
from tests.builders.messages import a_submission, a_withdrawal
from tests.builders.parts import a_party
from tests.cli.conftest import Hub
from tests.routing.given import AFormat

Fill = Callable[[Callable[[Store], Awaitable[object]]], None]
ROUTING = Path(__file__).parents[2] / "routing.yaml"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECRET = "Geheimniskrämer"


class _Today(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # noqa: ARG003 - of the signature
        return NOW


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Adapter("few", {"1": AFormat(carries=frozenset({"family", "withdrawal"}))})
    monkeypatch.setattr(rehearse, "adapters", lambda: {**EVERY, "few": few})
    monkeypatch.setattr(rehearse, "datetime", _Today)
    monkeypatch.setenv("HUB_ROUTING", str(ROUTING))
    for name in ("HUB_CONTENT_KEY", "HUB_CONTENT_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a rehearsal opens no connection")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", refused)


def a_changed_table(folder: Path, *changes: tuple[str, str]) -> Path:
    text = ROUTING.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    (folder / "new.yaml").write_text(text, "utf-8")
    return folder / "new.yaml"


def of_bremen(old: str, new: str) -> tuple[str, str]:
    """A change in the entry of Bremen alone."""
    entry = (
        '    name: Bremen, Stadt (placeholder key)\n    regional_keys: ["04011"]\n'
        "    system: alster\n    services: all\n"
    )
    return entry, entry.replace(old, new)


async def owe(store: Store, authority: str, *messages: Downward) -> None:
    """As INTAKE leaves them: one case, its messages owed."""
    case = CaseId(uuid4())
    submission = next(each for each in messages if isinstance(each, Submission))
    profile = Profile(sender=a_party(), language="de", mailbox=submission.mailbox)

    def unit(connection: Any) -> None:
        insert_case(
            connection,
            Case(
                id=case,
                application_id=submission.application_id,
                service=submission.service,
                authority=authority,
                sender="alp:000001",
                provider="local",
                back_channel=True,
                test=False,
                created_at=NOW,
                state="open",
                profile=seal_profile(store.sealer, profile, case),
            ),
        )
        for message in messages:
            row = MessageUuid(message.id)
            kept = Kept(message=message.without_content())
            insert_message(
                connection,
                NewMessage(
                    id=row,
                    case=case,
                    direction="down",
                    kind=message.type,
                    authority=authority,
                    wire=row,
                    answers=None,
                    state=State.OWED,
                    owes="deliver",
                    provider=None,
                    content=seal_kept(store.sealer, kept),
                    digest="0" * 64,
                    trace=None,
                    created_at=NOW,
                    due_at=NOW,
                    deadline=None,
                ),
            )

    await store.run(unit)
    for message in messages:
        for document in message.documents:
            await store.documents.keep(case, document.content or b"", document.sha256)


def a_new_submission(**given: Any) -> Submission:
    return a_submission(id=uuid4(), **given)


def everything_in(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if path.suffix != ".yaml"}


def rows_in(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        return list(connection.iterdump())


def outcome_of(hub: Hub, *arguments: object) -> tuple[int, dict[str, Any]]:
    outcome = hub("rehearse", "--json", *arguments)
    assert outcome.err == ""
    found = json.loads(outcome.out)
    assert isinstance(found, dict)
    assert (outcome.code == 0) is found["holds"]
    return outcome.code, found


def test_the_next_cut_over_of_each_authority_is_rehearsed(hub: Hub) -> None:
    code, report = outcome_of(hub)
    assert code == 0
    [group] = report["groups"]
    assert group["authorities"] == ["990020", "990021"]
    assert group["old"] == {"system": "alster", "format": "alster 3", "on": "2026-11-26"}
    assert group["new"] == {"system": "alster", "format": "alster 4", "on": "2027-05-01"}
    assert group["compared"]["generated"] > 150
    assert (group["fails"], group["lost"], group["possible"]) == ([], [], [])
    assert "/Antrag/Verfahren" in [each["path"] for each in group["appear"]]
    assert "/Anlagen" in [each["path"] for each in group["vanish"]]
    written = {each["path"]: (each["old"], each["new"]) for each in group["reshaped"]}
    assert written["/"] == ("Sendung", "Nachricht")
    assert written["/Antrag/Antragsdatum"] == ("9.9.9", "9-9-9")
    assert report["opened"] is None
    assert len(report["unchanged"]) == 19


def test_people_see_the_same(hub: Hub) -> None:
    outcome = hub("rehearse")
    assert (outcome.code, outcome.err) == (0, "")
    for words in (
        "2 authorities 990020, 990021",
        "alster 4 of alster on 2027-05-01",
        "/Antrag/Verfahren and 2 below it",
        "Sendung → Nachricht",
        "there is no HUB_CONTENT_KEY",
        "Nothing newly fails, nothing is newly lost. Nothing was sent.",
    ):
        assert words in outcome.out


def test_the_way_back_would_lose_what_the_older_version_has_no_element_for(
    hub: Hub, tmp_path: Path
) -> None:
    new = a_changed_table(
        tmp_path, ('{version: "4", from: 2026-11-01}', '{version: "4", from: 2028-11-01}')
    )
    code, report = outcome_of(hub, "--new", new)
    assert code == 1
    [group] = report["groups"]
    assert group["authorities"] == ["990022"]
    lost = {each["field"]: each for each in group["lost"]}
    assert set(lost) == {
        *("submission.leika", "submission.language"),
        *(
            f"submission.details.{who}.trust.**"
            for who in ("person", "representative", "worker", "family.*", "host")
        ),
    }
    assert all(each["declared"] for each in lost.values())
    assert lost["submission.leika"]["reason"] == (
        "version 3 has no element for the key of the service"
    )
    assert lost["submission.leika"]["count"]["generated"] > 0
    shown = hub("rehearse", "--new", new)
    assert shown.code == 1
    assert "Newly lost:" in shown.out
    assert "1 of 1 groups newly fail or lose. Nothing was sent." in shown.out


def test_a_format_that_cannot_carry_a_service_newly_fails_and_the_way_back_is_newly_possible(
    hub: Hub, tmp_path: Path
) -> None:
    few = (
        'systems:\n  few: {adapter: few, formats: [{version: "1", from: 2026-11-01}],\n'
        "    stage: production, transport: http, endpoint: {url: 'https://few.example'},\n"
        "    limits: {parallel: 1, attempts: 3}}\n"
    )
    new = a_changed_table(tmp_path, ("systems:\n", few), of_bremen("alster", "few"))
    code, report = outcome_of(hub, "--new", new, "--authority", "990020")
    assert code == 1
    [group] = report["groups"]
    failures = {each["cause"]: each for each in group["fails"]}
    said = [each["sentence"] for each in group["fails"] if each["cause"] == "format.cannot_carry"]
    assert "Format few 1 cannot carry sponsorship." in said
    assert "Format few 1 cannot carry reply." in said
    assert failures["unexpected"]["sentence"] == (
        "The adapter failed with NotImplementedError, which it should not."
    )
    _, report = outcome_of(hub, "--routing", new, "--new", ROUTING, "--authority", "990020")
    [group] = report["groups"]
    assert group["fails"] == []
    assert {each["cause"] for each in group["possible"]} == {"format.cannot_carry", "unexpected"}


def test_an_authority_or_a_service_that_goes_fails_by_name(hub: Hub, tmp_path: Path) -> None:
    new = a_changed_table(
        tmp_path,
        of_bremen("services: all", "services: [family]"),
        ('"990021":', '"990023":'),
    )
    code, report = outcome_of(hub, "--new", new)
    assert code == 1
    by_authority = {each["authorities"][0]: each for each in report["groups"]}
    [fewer, gone, come] = (by_authority[key] for key in ("990020", "990021", "990023"))
    assert {each["cause"] for each in fewer["fails"]} == {"service.not_offered"}
    assert not any("family" in each["kinds"] for each in fewer["fails"])
    assert {each["cause"] for each in gone["fails"]} == {"authority.unknown"}
    assert gone["new"] == {"system": None, "format": None, "on": "2026-11-26"}
    assert {each["cause"] for each in come["possible"]} == {"authority.unknown"}
    assert come["fails"] == []


def test_a_day_without_any_format_fails(hub: Hub) -> None:
    code, report = outcome_of(hub, "--on", "2020-01-01", "--authority", "001900")
    assert code == 1
    [failure] = report["groups"][0]["fails"]
    assert failure["cause"] == "format.none_in_force"
    assert report["groups"][0]["new"]["format"] is None


def test_a_new_table_with_an_error_is_not_rehearsed(hub: Hub, tmp_path: Path) -> None:
    new = a_changed_table(tmp_path, of_bremen("system: alster", "system: alsterr"))
    outcome = hub("rehearse", "--new", new)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"{new}:")
    assert "did you mean alster?" in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--new", "nowhere.yaml"),
        ("--on", "soon"),
        ("--authority", "000000"),
        ("--what",),
    ],
)
def test_who_calls_it_wrongly_is_told(hub: Hub, arguments: tuple[str, ...]) -> None:
    outcome = hub("rehearse", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err != ""


def test_what_is_owed_is_rehearsed_and_nothing_of_the_store_is_changed_or_shown(
    hub: Hub, store: Fill, tmp_path: Path
) -> None:
    async def fill(opened: Store) -> None:
        await owe(opened, "990020", a_new_submission(), a_withdrawal(id=uuid4()))
        await owe(opened, "990021", a_new_submission(service="family", leika="99107001001000"))
        await owe(opened, "990022", a_new_submission())
        await owe(opened, "001900", a_new_submission())
        await owe(opened, "990099", a_new_submission())

    store(fill)
    before, rows = everything_in(tmp_path), rows_in(tmp_path / "hub.db")
    code, report = outcome_of(hub)
    assert code == 0
    assert report["opened"] == 3
    [group] = report["groups"]
    assert group["compared"]["owed"] == 3
    whole = {each["path"]: each["count"]["owed"] for each in group["appear"]}
    assert whole["/Nachrichtenkopf"] == 3
    assert whole["/Antrag/Verfahren"] == 2
    assert everything_in(tmp_path) == before
    assert rows_in(tmp_path / "hub.db") == rows


def test_what_is_owed_shows_what_made_up_messages_do_not(
    hub: Hub, store: Fill, tmp_path: Path
) -> None:
    async def fill(opened: Store) -> None:
        await owe(opened, "990020", a_new_submission(service="family"), a_withdrawal(id=uuid4()))

    store(fill)
    new = a_changed_table(tmp_path, of_bremen("services: all", "services: [employment]"))
    code, report = outcome_of(hub, "--new", new, "--on", str(date(2027, 5, 1)))
    assert code == 1
    [group] = [each for each in report["groups"] if each["authorities"] == ["990020"]]
    # A withdrawal belongs to the service of its case.
    owed = {tuple(each["kinds"]): each["count"]["owed"] for each in group["fails"]}
    assert sum(owed.values()) == 2


def test_no_value_of_a_message_is_shown(hub: Hub, store: Fill) -> None:
    submission = a_new_submission()
    details = submission.details.model_dump(mode="json")
    details["person"]["family_name"] = {"text": SECRET}
    details["remarks"] = f"{SECRET} Ł"
    sealed = a_new_submission(details=details, documents_given=submission.documents)

    async def fill(opened: Store) -> None:
        await owe(opened, "990020", sealed)

    store(fill)
    people, programs = hub("rehearse"), hub("rehearse", "--json")
    assert "opened in memory, and not shown: 1." in people.out
    assert json.loads(programs.out)["opened"] == 1
    assert SECRET not in people.out + people.err + programs.out + programs.err


def test_settings_that_are_wrong_are_said_and_a_store_that_is_not_there_as_well(
    hub: Hub, store: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = hub("rehearse")
    assert outcome.code == 1
    assert "hub.db is missing" in outcome.err
    assert not (tmp_path / "hub.db").exists()
    monkeypatch.setenv("HUB_CONTENT_KEY", "no key")
    assert hub("rehearse").code == 1
