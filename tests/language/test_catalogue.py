from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from hub.language import Catalogue, catalogue
from hub.model.downward import Language

FSI, PDI = "\u2068", "\u2069"
SENTENCES = {
    "de": {
        "greeting": "Guten Tag, {name}!",
        "deadline": "Frist: {deadline}",
        "end": "Ende",
        "quotation": "„{text}“",
    },
    "en": {"greeting": "Hello, {name}!", "deadline": "Deadline: {deadline}", "end": "End"},
    "fr": {"greeting": "Bonjour, {name} !"},
    "ar": {"greeting": "مرحبًا {name}!", "quotation": "«{text}»"},
}


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    for language, sentences in SENTENCES.items():
        entries = [f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in sentences.items()]
        (tmp_path / f"{language}.po").write_text("\n".join(entries), "utf-8")
    return tmp_path


def in_(domain: Path, language: Language) -> Catalogue:
    found = catalogue(domain, language)
    assert found is not None
    return found


def test_a_sentence_is_said_with_its_values(domain: Path) -> None:
    assert in_(domain, "de").say("greeting", {"name": "Ọlá"}) == "Guten Tag, Ọlá!"
    deadline = {"deadline": date(2026, 11, 30)}
    assert in_(domain, "en").say("deadline", deadline) == "Deadline: Monday, 30 November 2026"


def test_a_language_that_nobody_has_written_has_no_catalogue(domain: Path) -> None:
    assert catalogue(domain, "tr") is None


def test_a_sentence_that_is_not_translated_is_said_in_german_and_english(domain: Path) -> None:
    assert in_(domain, "fr").say("end") == "Ende / End"
    assert in_(domain, "ar").say("end") == f"{FSI}Ende / End{PDI}"
    deadline = in_(domain, "fr").say("deadline", {"deadline": date(2026, 11, 30)})
    assert deadline == "Frist: Montag, 30. November 2026 / Deadline: Monday, 30 November 2026"


def test_a_sentence_that_its_translator_has_not_confirmed_is_not_said(domain: Path) -> None:
    (domain / "es.po").write_text('#, fuzzy\nmsgid "end"\nmsgstr "Principio"\n', "utf-8")
    assert in_(domain, "es").say("end") == "Ende / End"


def test_a_key_that_german_lacks_is_an_error_that_says_where_to_add_it(domain: Path) -> None:
    with pytest.raises(KeyError, match=r"de\.po has no sentence under 'gone'"):
        in_(domain, "fr").say("gone")


def test_a_file_that_is_no_catalogue_is_an_error(domain: Path) -> None:
    (domain / "uk.po").write_text("{}", "utf-8")
    with pytest.raises(PoFileError):
        catalogue(domain, "uk")


def test_values_are_never_taken_as_templates(domain: Path) -> None:
    hostile = "{deadline} {0} {name.__class__} %s"
    assert in_(domain, "de").say("greeting", {"name": hostile}) == f"Guten Tag, {hostile}!"


def test_arabic_and_persian_run_from_right_to_left(domain: Path) -> None:
    assert in_(domain, "ar").right_to_left
    assert not in_(domain, "fr").right_to_left


def test_text_of_others_is_isolated_where_sentences_run_from_right_to_left(domain: Path) -> None:
    said = in_(domain, "ar").say("greeting", {"name": "Muster (A-7).\n\nZimmer 3."})
    assert said == f"مرحبًا {FSI}Muster (A-7).{PDI}\n\n{FSI}Zimmer 3.{PDI}!"


def test_a_quotation_runs_with_its_marks_as_its_own_letters_do(domain: Path) -> None:
    words = "Zimmer {name}.\n\nBis wann?\u202e"
    assert in_(domain, "de").quote(words) == "„Zimmer {name}.\n\nBis wann?“"
    assert in_(domain, "fr").quote(words) == in_(domain, "de").quote(words)
    said = in_(domain, "ar").quote(words)
    assert said == f"{FSI}«Zimmer {{name}}.{PDI}\n\n{FSI}Bis wann?»{PDI}"


@pytest.mark.parametrize("language", ["de", "ar"])
def test_text_of_others_cannot_turn_the_text_around_it(domain: Path, language: Language) -> None:
    spoken = in_(domain, language)
    turning = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
    hostile = f"{turning}A{turning}B"
    assert spoken.say("greeting", {"name": hostile}) == spoken.say("greeting", {"name": "AB"})


def test_a_web_address_stays_bare_so_that_links_end_where_they_should(domain: Path) -> None:
    link = "https://example.org/cases/A-7"
    assert in_(domain, "ar").say("greeting", {"name": link}) == f"مرحبًا {link}!"
    more = f"{link} und mehr"
    assert in_(domain, "ar").say("greeting", {"name": more}) == f"مرحبًا {FSI}{more}{PDI}!"
