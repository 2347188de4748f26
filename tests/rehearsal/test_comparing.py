from hub.rehearsal.comparing import Comparison, Loss, Reshaped, compare, newly_declared
from hub.rehearsal.outcomes import Failed, Translated

FAILED = Failed("text.not_expressible", "No letter for it.", "details.person", "same")


def translated(shapes: dict[str, str], **changes: str) -> Translated:
    return Translated(shapes, {name: frozenset({rule}) for name, rule in changes.items()})


def test_failing_on_both_sides_is_nothing_new() -> None:
    assert compare(FAILED, FAILED, (), {}) == Comparison()


def test_what_only_one_side_can_write_newly_fails_or_is_newly_possible() -> None:
    assert compare(translated({}), FAILED, (), {}) == Comparison(fails=FAILED)
    assert compare(FAILED, translated({}), (), {}) == Comparison(possible=FAILED)


def test_elements_appear_vanish_and_are_written_in_another_way_wherever_they_stand() -> None:
    old = translated({"/": "Alt", "/A[1]": "9.9.9", "/A[2]": "9.9.9", "/B[1]": "a"})
    new = translated({"/": "Neu", "/A[1]": "9-9-9", "/A[2]": "9.9.9", "/C[1]/@nr": "9"})
    assert compare(old, new, (), {}) == Comparison(
        appear=frozenset({"/C/@nr"}),
        vanish=frozenset({"/B"}),
        reshaped=frozenset({Reshaped("/", "Alt", "Neu"), Reshaped("/A", "9.9.9", "9-9-9")}),
    )


def test_a_change_is_new_where_the_old_format_made_none_or_another() -> None:
    old = translated({}, a="cut to 120", b="transliterated")
    new = translated({}, a="cut to 60", b="transliterated", c="cut to 60")
    assert compare(old, new, (), {}).lost == {Loss("a", "cut to 60"), Loss("c", "cut to 60")}


def test_what_was_lost_before_cannot_get_lost_again() -> None:
    new = Translated({}, {"reply.mailbox": frozenset({"left out: version 4 has none"})})
    assert compare(translated({}), new, ["reply.mailbox.**"], {}).lost == frozenset()
    assert compare(translated({}), new, ["reply.text"], {}).lost != frozenset()


def test_a_change_of_what_is_declared_lost_is_told_by_its_declaration() -> None:
    lost = {"submission.details.*.trust.**": "no such thing"}
    new = Translated({}, {"submission.details.person.trust": frozenset({"left out"})})
    assert compare(translated({}), new, (), lost).lost == {
        Loss("submission.details.*.trust.**", "no such thing")
    }


def test_newly_declared_is_what_the_old_format_did_not_declare_of_the_fields_there_are() -> None:
    fields = ["submission.leika", "submission.mailbox.account", "submission.place"]
    before = ["submission.mailbox.account"]
    now = {
        "submission.mailbox.**": "stays here",
        "submission.leika": "unknown",
        "reply.text": "of something else",
    }
    assert newly_declared(fields, before, now) == {Loss("submission.leika", "unknown")}
