import re
from string import Formatter
from typing import get_args

import pytest

from hub.mailbox.letters.catalogue import Catalogue, catalogue
from hub.mailbox.letters.contents import Say, document_names, paragraphs, title
from hub.model.codes import code_list
from hub.model.downward import Language
from hub.model.letter import Letter
from hub.model.upward import UpdateKind
from tests.mailbox.letters import GOLDEN, LANGUAGES, a_letter, golden, updates
from tests.model.builders import UPDATE_KINDS, a_page, an_update

WRITTEN: tuple[Catalogue, ...] = tuple(
    found for language in get_args(Language) if (found := catalogue(language))
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_read_as_the_golden_ones(language: Language) -> None:
    assert golden(language) == (GOLDEN / f"{language}.txt").read_text("utf-8")


def test_every_status_and_every_reason_of_the_code_lists_has_its_sentences() -> None:
    for spoken in WRITTEN:
        for code in code_list("status").codes:
            assert spoken.say(f"status.{code}") != spoken.say(f"status.{code}.title")
        for code in code_list("ending_reason").codes:
            assert spoken.say(f"ending.{code}")


def test_the_golden_letters_use_every_sentence() -> None:
    used = {"greeting", "closing", "documents", "quotation", "date", "weekdays", "months", "time"}
    used |= {"language.name"}
    for update in updates():
        used |= {title(update).key, *document_names(update).values()}
        for part in paragraphs(update):
            used.add(part.key if isinstance(part, Say) else part.introduction)
    for spoken in WRITTEN:
        assert set(spoken.sentences) == used


def test_every_language_fills_in_the_same_values() -> None:
    german = catalogue("de")
    assert german is not None
    for spoken in WRITTEN:
        for key, sentence in german.sentences.items():
            assert _values(spoken.sentences[key]) == _values(sentence), (spoken.language, key)


def _values(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence)} - {None}


@pytest.mark.parametrize("kind", UPDATE_KINDS)
def test_who_reads_neither_german_nor_english_gets_both(kind: UpdateKind) -> None:
    german, english, both = (a_letter(an_update(kind), spoken) for spoken in ("de", "en", "ar"))
    assert both.language == "de"
    assert both.title == f"{german.title} / {english.title}"
    assert both.body == f"*** Deutsch ***\n\n{german.body}\n\n*** English ***\n\n{english.body}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_authoritys_words_stand_in_quotation_marks_as_they_came(language: Language) -> None:
    words = 'Bis {deadline}?\n\n%s  <b>Ja</b> "oder" nein'
    letter = a_letter(an_update("question", text=words), language)
    frames = {"de": [f"„{words}“"], "en": [f"“{words}”"], "uk": [f"„{words}“", f"“{words}”"]}
    assert [frame for frame in frames[language] if frame not in letter.body] == []
    assert letter.body.count(words) == len(frames[language])


def test_a_letter_is_about_its_update() -> None:
    update = an_update("status")
    letter = a_letter(update)
    assert (letter.about, letter.kind, letter.created_at) == (update.id, "status", update.created_at)
    assert letter.sender in letter.body
    assert letter.application_id in letter.body


def test_documents_get_names_that_say_what_they_are_in_their_order() -> None:
    update = an_update("recognition_decision")
    stray = a_page(update.id, "stray").model_copy(update={"media_type": "image/jpeg"})
    letter = a_letter(update.model_copy(update={"documents": (*update.documents, stray)}), "en")
    assert [document.file_name for document in letter.documents] == [
        "1 Decision of the recognition body.pdf",
        "2 Confirmation of receipt.pdf",
        "3 Attachment.jpg",
    ]
    assert [document.content for document in letter.documents[:2]] == [
        document.content for document in update.documents
    ]


def test_a_letter_fits_into_the_mailbox_of_bundid() -> None:
    # Lengths of a ZBP message: sender 255, title 1024.
    assert max(len(letter.title) for letter in _all("uk")) <= 1024


def test_no_letter_leaves_a_value_open() -> None:
    left = [letter.body for letter in _all("uk") if re.search(r"\{\w*\}", letter.body)]
    assert left == []


def _all(language: Language) -> list[Letter]:
    return [a_letter(update, language) for update in updates()]
