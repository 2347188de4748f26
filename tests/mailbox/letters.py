"""The golden letters: every kind in every language and wording, a file each.

`python -m tests.mailbox.letters` writes them anew.

Translators and lawyers read the files beside this one; a change of a text shows up in them.
"""

from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import groupby
from pathlib import Path
from typing import get_args
from uuid import UUID, uuid5

from hub.language import catalogue
from hub.mailbox.letters import TEXTS, write_letter
from hub.model.downward import Language, MailboxAddress
from hub.model.identifiers import CaseId, MessageUuid
from hub.model.letter import Letter
from hub.model.reminder import Reminder
from hub.model.upward import Update
from tests.model.builders import NOON, a_page, an_address, an_update

GOLDEN = Path(__file__).with_name("golden")
LANGUAGES: tuple[Language, ...] = get_args(Language)
CASE = CaseId(UUID("11111111-1111-4111-8111-111111111111"))


def a_letter(
    update: Update | Reminder,
    language: Language = "de",
    account: str = "ola@example.org",
    *,
    answered_below: bool = False,
) -> Letter:
    return write_letter(
        update,
        id=MessageUuid(uuid5(update.id, "row")),
        case=CASE,
        application_id="AT-2026-000001",
        authority_name="Ausländerbehörde Musterstadt",
        language=language,
        mailbox=MailboxAddress(provider="local", account=account),
        answered_below=answered_below,
    )


def a_reminder() -> Reminder:
    question = an_update("question").id
    return Reminder(
        id=MessageUuid(uuid5(question, "reminder")),
        about=question,
        deadline=date(2026, 11, 30),
        created_at=NOON,
    )


def updates() -> Iterator[Update | Reminder]:
    """Every sentence that a letter can contain is in one of these."""
    for status in ("01", "02", "03", "05", "06", "07"):
        yield an_update("status", status=status)
    yield a_reminder()
    yield an_update("question")
    yield an_update("question", deadline=date(2026, 11, 30), **_document("attachment"))
    yield an_update("appointment")
    yield _full_appointment()
    yield an_update("appointment", day=date(2027, 3, 8), from_time=time(9, 5))
    yield an_update("appointment", day=date(2027, 3, 8), until_time=time(15))
    yield an_update("withdrawal_answer", text="Wir haben die Akte geschlossen.")
    yield an_update("not_competent")
    yield an_update("not_competent", competent_authority="Ausländerbehörde Beispielstadt")
    yield an_update("intended_refusal")
    for reason in ("01", "02", "03", "04"):
        yield an_update("ending", reason=reason)
    yield an_update("agreement", text="Bitte unterschreiben Sie auf Seite 3.")
    yield an_update("recognition_decision")
    yield an_update("preliminary_approval")


def _document(role: str) -> dict[str, object]:
    page = a_page(an_update("status").id, role)
    return {"documents": (page,), role: page.id}


def _full_appointment() -> Update:
    plain = an_update("appointment")
    notice, fee = a_page(plain.id, "notice"), a_page(plain.id, "fee_notice")
    return an_update(
        "appointment",
        day=date(2026, 12, 1),
        from_time=time(10),
        until_time=time(10, 30),
        place=an_address(),
        place_note="Zimmer 3, zweiter Stock.",
        booking="Sie können den Termin unter dem Zeichen A-7 ändern.",
        hints="Bitte Pass und Lichtbild mitbringen.\n\nBitte kommen Sie pünktlich.",
        documents=(fee, notice),
        notice=notice.id,
        fee_notice=fee.id,
    )


def golden(language: Language) -> Mapping[str, str]:
    """What each file of a language has to say, by its name."""
    letters = (a_letter(update, language) for update in updates())
    kinds = groupby(letters, key=lambda letter: letter.kind)
    parting = f"\n{'=' * 80}\n"
    files = {f"{kind}.txt": parting.join(map(_shown, alike)) for kind, alike in kinds}
    return {**files, "notice.txt": notice(language)}


def _shown(letter: Letter) -> str:
    files = "".join(f"[{document.file_name}]\n" for document in letter.documents)
    return f"{letter.title}\n\n{letter.body}\n{files}"


def notice(language: Language) -> str:
    """The e-mail that says that a letter waits."""
    spoken = catalogue(TEXTS, language)
    assert spoken is not None
    body = spoken.say("notice.body", {"link": "https://hub.example.org/cases/TOKEN"})
    return f"{spoken.say('notice.subject')}\n\n{body}\n"


if __name__ == "__main__":
    for written in LANGUAGES:
        (GOLDEN / written).mkdir(parents=True, exist_ok=True)
        for name, text in golden(written).items():
            (GOLDEN / written / name).write_text(text, "utf-8")
