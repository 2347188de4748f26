import pytest

from hub.sandbox.script import answers, course


def test_a_question_is_answered_and_leads_to_an_appointment() -> None:
    played = course("employment", "MUSTER-2026-000002", "reply")
    assert played.letters == ("status", "question", "status", "appointment")
    assert played.messages == ("reply",)


def test_who_withdraws_is_told_so() -> None:
    played = course("employment", "MUSTER-2026-000005", "withdrawal")
    assert played.letters == ("status", "question", "status", "withdrawal_answer")
    assert played.messages == ("withdrawal",)


@pytest.mark.parametrize(("number", "end"), [("19", "preliminary_approval"), ("20", "ending")])
def test_the_fast_track_goes_through_agreement_and_recognition(number: str, end: str) -> None:
    played = course("skilled_workers", f"MUSTER-2026-{number}", "reply")
    assert played.letters == (
        "status",
        "agreement",
        "status",
        "status",
        "recognition_decision",
        end,
    )
    assert played.messages == ("agreement_reply", "receipt_confirmation")


def test_a_declaration_of_sponsorship_is_never_refused() -> None:
    kinds = {a.kind for n in range(50) for a in answers("130201", f"MUSTER-{n}")}
    assert "intended_refusal" not in kinds


def test_packets_bring_no_answers() -> None:
    assert answers("000040", "MUSTER-1") == ()
