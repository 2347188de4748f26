import re
import shutil
from pathlib import Path

import pytest

import hub.mailbox.letters
from hub.language import Catalogue, catalogue
from hub.mailbox.letters import TEXTS
from hub.mailbox.letters.contents import Say, document_names, paragraphs, title
from hub.model.codes import code_list
from hub.model.downward import Language
from hub.model.letter import Letter
from hub.model.reminder import Reminder
from hub.model.upward import Update, UpdateKind
from tests.mailbox.letters import GOLDEN, LANGUAGES, a_letter, a_reminder, golden, updates
from tests.model.builders import UPDATE_KINDS, a_page, an_update

QUOTATIONS = {"de": "„“", "en": "“”", "tr": "“”", "fr": "«\u00a0\u00a0»"}
RIGHT_TO_LEFT = ("ar", "fa")


def spoken(language: Language) -> Catalogue:
    found = catalogue(TEXTS, language)
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_read_as_the_golden_ones(language: Language) -> None:
    # After a wanted change: python -m tests.mailbox.letters
    kept = {path.name: path.read_text("utf-8") for path in (GOLDEN / language).iterdir()}
    assert golden(language) == kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_and_every_reason_of_the_code_lists_has_its_sentences(
    language: Language,
) -> None:
    for code in code_list("status").codes:
        status = spoken(language).say(f"status.{code}")
        assert status != spoken(language).say(f"status.{code}.title")
    for code in code_list("ending_reason").codes:
        assert spoken(language).say(f"ending.{code}")


def test_the_golden_letters_use_every_sentence() -> None:
    used = {"greeting", "closing", "documents", "quotation", "language.name"}
    used |= {"notice.subject", "notice.body"}
    for update in updates():
        used |= {title(update).key, *document_names(update).values()}
        for part in paragraphs(update, answered_below=False):
            used.add(part.key if isinstance(part, Say) else part.introduction)
    assert set(spoken("de").sentences) == used


@pytest.fixture
def only_german_and_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("de.po", "en.po"):
        shutil.copy(TEXTS / file, tmp_path)
    monkeypatch.setattr(hub.mailbox.letters, "TEXTS", tmp_path)


@pytest.mark.usefixtures("only_german_and_english")
@pytest.mark.parametrize("kind", UPDATE_KINDS)
def test_who_reads_a_language_that_is_not_written_gets_german_and_english(kind: UpdateKind) -> None:
    german, english, both = (a_letter(an_update(kind), reader) for reader in ("de", "en", "ar"))
    assert both.language == "de"
    assert [part.language for part in both.parts] == ["de", "en"]
    assert both.title == f"{german.title} / {english.title}"
    assert both.body == f"*** Deutsch ***\n\n{german.body}\n\n*** English ***\n\n{english.body}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("update", [an_update("question"), a_reminder()])
def test_where_a_form_stands_below_nobody_is_sent_elsewhere(
    language: Language, update: Update | Reminder
) -> None:
    elsewhere = spoken(language).say("reply_in_online_service")
    assert elsewhere in a_letter(update, language).body
    below = a_letter(update, language, answered_below=True).body
    assert below == a_letter(update, language).body.replace(f"{elsewhere}\n\n", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_says_its_language_and_direction(language: Language) -> None:
    letter = a_letter(an_update("question"), language)
    (part,) = letter.parts
    assert letter.language == part.language == language
    assert part.right_to_left == (language in RIGHT_TO_LEFT)
    assert (part.heading, part.text) == (None, letter.body)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_authoritys_words_stand_in_quotation_marks_as_they_came(language: Language) -> None:
    words = 'Bis {deadline}?\n\n%s  <b>Ja</b> "oder" nein'
    body = a_letter(an_update("question", text=words), language).body
    quotation = QUOTATIONS.get(language, "«»")
    opening, closing = quotation[: len(quotation) // 2], quotation[len(quotation) // 2 :]
    assert f"{opening}{words}{closing}" in body.translate({0x2068: None, 0x2069: None})


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_each_line_of_the_authority_keeps_its_own_direction(language: Language) -> None:
    body = a_letter(an_update("question", text="Bis wann?\n\nHinweis: A-7."), language).body
    assert "\u2068«Bis wann?\u2069\n\n\u2068Hinweis: A-7.»\u2069" in body
    assert "\u2068Ausländerbehörde Musterstadt\u2069" in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_link_of_the_notice_stands_alone_in_its_line(language: Language) -> None:
    link = "https://hub.example.org/cases/TOKEN"
    assert link in spoken(language).say("notice.body", {"link": link}).split("\n")


def test_a_letter_is_about_its_update() -> None:
    update = an_update("status")
    letter = a_letter(update)
    assert (letter.about, letter.kind, letter.created_at) == (
        update.id,
        "status",
        update.created_at,
    )
    assert letter.sender in letter.body
    assert letter.application_id in letter.body


def test_a_reminder_is_about_the_question() -> None:
    reminder = a_reminder()
    letter = a_letter(reminder)
    assert (letter.about, letter.kind) == (an_update("question").id, "reminder")
    assert "Montag, 30. November 2026" in letter.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents_get_names_that_say_what_they_are_in_their_order(language: Language) -> None:
    update = an_update("recognition_decision")
    stray = a_page(update.id, "stray").model_copy(update={"media_type": "image/jpeg"})
    update = update.model_copy(update={"documents": (*update.documents, stray)})
    letter = a_letter(update, language)
    names = [
        spoken(language).say(f"document.{role}")
        for role in ("decision", "confirmation_form", "attachment")
    ]
    assert [document.file_name for document in letter.documents] == [
        f"1 {names[0]}.pdf",
        f"2 {names[1]}.pdf",
        f"3 {names[2]}.jpg",
    ]
    assert [document.content for document in letter.documents] == [
        document.content for document in update.documents
    ]
    assert Letter.model_validate_json(letter.model_dump_json()) == letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_documents_are_names_of_files(language: Language) -> None:
    for key, sentence in spoken(language).sentences.items():
        if key.startswith("document."):
            assert not re.search(r'[\\/:*?"<>|\n]', sentence), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_fits_into_the_mailbox_of_bundid(language: Language) -> None:
    # Length of the title of a ZBP message.
    assert max(len(letter.title) for letter in _all(language)) <= 1024


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_leaves_a_value_open(language: Language) -> None:
    left = [letter.body for letter in _all(language) if re.search(r"\{\w*\}", letter.body)]
    assert left == []


def _all(language: Language) -> list[Letter]:
    return [a_letter(update, language) for update in updates()]
