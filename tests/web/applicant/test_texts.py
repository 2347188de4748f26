"""What can be seen of the page's catalogues without reading the language."""

import re
from typing import Final

import pytest

from hub.language import catalogue
from hub.model.downward import Language
from hub.model.transitions import Phase
from hub.web.applicant.correspondence import REASONS, Progress
from hub.web.applicant.pages import LANGUAGES, TEXTS

_NAMED: Final = re.compile(r"\{\w+\}")
_TERM: Final = re.compile(r"\((Ausländerbehörde|Vereinbarung|Empfangsbestätigung|Vorgangsnummer)\)")


def sentences(language: Language) -> dict[str, str]:
    found = catalogue(TEXTS, language)
    assert found is not None
    return dict(found.sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_and_fills_in_the_same(language: Language) -> None:
    ours, english = sentences(language), sentences("en")
    assert ours.keys() == english.keys()
    for key, text in ours.items():
        assert set(_NAMED.findall(text)) == set(_NAMED.findall(english[key])), key


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "de"])
def test_german_terms_stand_with_their_translation_as_in_english(language: Language) -> None:
    ours, english = sentences(language), sentences("en")
    assert {key: set(_TERM.findall(text)) for key, text in ours.items()} == {
        key: set(_TERM.findall(text)) for key, text in english.items()
    }


def test_there_is_a_sentence_for_everything_that_can_become_of_a_case_and_a_message() -> None:
    wanted = {
        *(f"phase.{phase}" for phase in Phase),
        *(f"progress.{progress}" for progress in Progress),
        *(f"progress.{progress}.means" for progress in Progress),
        *(f"refused.{cause}" for cause in REASONS),
    }
    assert wanted <= sentences("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sent_handed_over_and_accepted_are_three_different_words(language: Language) -> None:
    said = sentences(language)
    words = [said[f"progress.{each}"] for each in ("on_its_way", "handed_over", "accepted")]
    assert len(set(words)) == 3


@pytest.mark.parametrize("language", ["ru", "uk", "ar", "fa"])
def test_no_latin_word_is_left_in_another_script(language: Language) -> None:
    known = r"\((a, b, c|[A-Z]\w+)\)|PDF|JPEG|MB|\{\w+\}"
    left = {
        k: v for k, v in sentences(language).items() if re.search("[A-Za-z]", re.sub(known, "", v))
    }
    assert left == {}
