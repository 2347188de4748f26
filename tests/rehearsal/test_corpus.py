from typing import get_args

import pytest

from hub.adapter import Capability
from hub.model.details import Service
from hub.model.downward import Submission
from hub.proof.messages import SUBJECTS
from hub.rehearsal.corpus import corpus, fields_of, service_of, subjects_of


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_kind_has_messages_of_its_own_and_always_the_same(subject: Capability) -> None:
    samples = corpus(subject)
    corpus.cache_clear()
    assert corpus(subject) == samples
    kinds = {
        each.message.service if isinstance(each.message, Submission) else each.message.type
        for each in samples
    }
    assert kinds == {subject}
    assert len({each.message.model_dump_json() for each in samples}) == len(samples)


def test_the_least_message_has_what_is_required_and_the_longest_is_cut_nowhere() -> None:
    complete, least, longest, *variations = corpus("employment")
    assert len(complete.message.documents) > 0
    assert least.message.documents == ()
    assert isinstance(least.message, Submission)
    assert least.message.azr_number is None
    size = len(complete.message.model_dump_json())
    assert len(least.message.model_dump_json()) < size < len(longest.message.model_dump_json())
    assert len(variations) > 10


def test_fields_are_named_as_formats_name_what_they_lose() -> None:
    fields = fields_of("employment")
    assert {
        "submission.azr_number",
        "submission.mailbox.account",
        "submission.place",
        "submission.details.evidence.*.title",
        "submission.documents.*.file_name",
    } <= fields
    assert fields_of("withdrawal") == {
        f"withdrawal.{name}" for name in ("id", "test", "created_at", "type", "case")
    }


def test_what_an_authority_is_given_follows_from_what_it_offers() -> None:
    plain = subjects_of(("family",), back_channel=True)
    assert plain == ("family", "withdrawal", "reply")
    assert subjects_of(("family",), back_channel=False) == ("family", "withdrawal")
    assert set(subjects_of(get_args(Service), back_channel=True)) == set(SUBJECTS)
    assert subjects_of((), back_channel=True) == ()


def test_what_follows_a_submission_belongs_to_a_service_that_is_offered() -> None:
    assert service_of("family", ("education",)) == "family"
    assert service_of("reply", ("education", "family")) == "education"
    assert service_of("agreement_reply", ("education",)) == "skilled_workers"
