"""Error codes: their classes are those of dead letters, their words those of the list."""

import pytest

from hub.model.codes import code_list
from hub.model.error_codes import error_class, in_words

KNOWN = code_list("error_code").codes


@pytest.mark.parametrize("code", KNOWN)
def test_every_known_code_has_the_class_of_its_letter(code: str) -> None:
    assert error_class(code) == error_class(f"refused.{code}") == code[0]


@pytest.mark.parametrize(
    "cause", ["refused.unknown", "refused.AB1", "case.withdrawn", "Sunday", ""]
)
def test_what_is_no_error_code_has_no_class(cause: str) -> None:
    assert error_class(cause) is None


@pytest.mark.parametrize("code", KNOWN)
def test_a_known_code_is_told_in_the_words_of_the_list(code: str) -> None:
    assert in_words((code,)) == f"{code} ({KNOWN[code].rstrip('.')})"


def test_an_unknown_code_stands_for_itself() -> None:
    assert in_words(("S998", "X000")) == f"S998, X000 ({KNOWN['X000'].rstrip('.')})"
    assert in_words(()) == "without an error code"
