from hub.model.letter import Letter, Part
from tests.mailbox.letters import a_letter
from tests.model.builders import an_update

PARTS = (
    Part(language="de", heading="Deutsch", text="Guten Tag"),
    Part(language="ar", right_to_left=True, heading="العربية", text="تحية طيبة"),
)


def test_a_letter_begins_in_the_language_of_its_first_part() -> None:
    letter = a_letter(an_update("status")).model_copy(update={"parts": PARTS})
    assert letter.language == "de"


def test_the_body_shows_where_each_language_begins() -> None:
    letter = a_letter(an_update("status")).model_copy(update={"parts": PARTS})
    assert letter.body == "*** Deutsch ***\n\nGuten Tag\n\n*** العربية ***\n\nتحية طيبة"


def test_a_letter_that_was_kept_as_one_text_is_still_read() -> None:
    kept = a_letter(an_update("intended_refusal")).model_dump(mode="json")
    del kept["parts"]
    letter = Letter.model_validate({**kept, "language": "en", "body": "Hello,\n\nyours"})
    assert letter.parts == (Part(language="en", text="Hello,\n\nyours"),)
    assert (letter.language, letter.body) == ("en", "Hello,\n\nyours")
