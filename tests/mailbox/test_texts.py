"""What can be seen of a catalogue without reading the language: script, terms, punctuation."""

import re
from collections.abc import Mapping

import pytest

from hub.language import catalogue
from hub.mailbox.letters import TEXTS
from hub.model.downward import Language
from tests.mailbox.letters import LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "de"]
LATIN = ("en", "fr", "es", "tr")
# Terms of law that readers meet on paper, and have to recognise there.
TERMS = {
    "Anerkennung",
    "Ausländerbehörde",
    "Bescheid",
    "Empfangsbestätigung",
    "Vereinbarung",
    "Vorabzustimmung",
    "Vorgangsnummer",
    "beschleunigtes Fachkräfteverfahren",
}
INTERNATIONAL = {"Internet"}
FOREIGN_LETTERS: Mapping[Language, str] = {
    "ru": "іїєґІЇЄҐ",
    "uk": "ыэъёЫЭЪЁ",
    "ar": "پچژگیک",
    "fa": "يكة",
}
_TERM = re.compile(r" \((\w[^()]*)\)")


def sentences(language: Language) -> Mapping[str, str]:
    found = catalogue(TEXTS, language)
    assert found is not None
    return found.sentences


def terms(sentence: str) -> list[str]:
    return sorted(term for term in _TERM.findall(sentence) if term in TERMS)


def bare(sentence: str) -> str:
    """The sentence without terms in parentheses and without what is filled in."""
    without = _TERM.sub(lambda found: "" if found[1] in TERMS else found[0], sentence)
    return re.sub(r"\{\w+\}", "", without)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sentence_names_the_same_german_terms_in_every_language(language: Language) -> None:
    named = {key: terms(sentence) for key, sentence in sentences(language).items()}
    assert named == {key: terms(sentence) for key, sentence in sentences("en").items()}


def test_every_german_term_stands_in_the_german_letters() -> None:
    german = " ".join(sentences("de").values())
    assert {term for term in TERMS if term.split()[-1] not in german} == set()


@pytest.mark.parametrize("language", [each for each in TRANSLATED if each not in LATIN])
def test_no_latin_letter_is_left_in_another_script(language: Language) -> None:
    left = [key for key, text in sentences(language).items() if re.search("[A-Za-z]", bare(text))]
    assert left == []


@pytest.mark.parametrize("language", LATIN)
def test_no_german_word_is_left(language: Language) -> None:
    assert (words(language) & words("de")) - INTERNATIONAL == set()


def words(language: Language) -> set[str]:
    text = " ".join(map(bare, sentences(language).values()))
    return set(re.findall(r"\w{4,}", text))


@pytest.mark.parametrize("language", FOREIGN_LETTERS)
def test_a_language_is_written_with_its_own_letters(language: Language) -> None:
    foreign = set(FOREIGN_LETTERS[language])
    assert [key for key, text in sentences(language).items() if foreign & set(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_introduces_something_ends_with_a_colon_as_in_german(language: Language) -> None:
    # The greeting has the mark of its language, which is a colon in Spanish.
    ends = {key: text.endswith(":") for key, text in sentences(language).items()}
    german = {key: text.endswith(":") for key, text in sentences("de").items()}
    assert ends | {"greeting": False} == german
