from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args
from uuid import UUID

import pytest
from pydantic import BaseModel

from hub.model.details import Service
from hub.model.downward import Submission, downward
from hub.model.person import Name
from hub.model.text import GROUPS, SEQUENCES
from hub.sandbox.samples import Destination, Sample, samples

Offers = Sequence[Destination]


@pytest.fixture(scope="module")
def full_set(offers: Offers) -> list[Sample]:
    return samples(offers)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name != "content":
                yield from texts(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)


def test_every_service_has_at_least_two_samples(full_set: list[Sample]) -> None:
    counted = Counter(sample.submission.service for sample in full_set)
    assert len(full_set) >= 22
    assert set(counted) == set(get_args(Service))
    assert min(counted.values()) >= 2


def test_the_same_seed_gives_the_same_bytes(offers: Offers) -> None:
    once, again = (
        [sample.submission.model_dump_json() for sample in samples(offers, 9)] for _ in range(2)
    )
    assert once == again


def test_another_seed_gives_other_ids(offers: Offers) -> None:
    ids = [{s.submission.id for s in samples(offers, 9, seed)} for seed in (1, 2)]
    assert not ids[0] & ids[1]


def test_a_larger_count_goes_through_the_variants_again_with_fresh_ids(offers: Offers) -> None:
    many = samples(offers, 70)
    assert len({sample.submission.id for sample in many}) == 70
    assert len({sample.submission.application_id for sample in many}) == 70


def test_a_sample_survives_being_sent_as_json(full_set: list[Sample]) -> None:
    for sample in full_set:
        if sum(document.size for document in sample.submission.documents) < 1_000_000:
            text = sample.submission.model_dump_json()
            assert downward.validate_json(text) == sample.submission


def test_every_letter_and_sequence_of_the_standard_occurs(full_set: list[Sample]) -> None:
    everything = "\0".join(text for sample in full_set for text in texts(sample.submission))
    assert [one for one in SEQUENCES if one not in everything] == []
    for group in GROUPS.values():
        assert set(group) <= set(everything)


def test_one_submission_is_heavier_than_one_message_may_be(full_set: list[Sample]) -> None:
    sizes = [sum(d.size for d in sample.submission.documents) for sample in full_set]
    assert sum(size > 50 * 1024 * 1024 for size in sizes) == 1


def test_documents_are_what_they_say(full_set: list[Sample]) -> None:
    begin = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff"}
    kinds = set()
    for sample in full_set:
        for document in sample.submission.documents:
            assert document.content is not None
            assert document.content.startswith(begin[document.media_type])
            assert len(document.content) == document.size
            kinds.add(document.media_type)
    assert kinds == set(begin)


def test_the_special_cases_are_there(full_set: list[Sample]) -> None:
    submissions = [sample.submission for sample in full_set]
    represented = [s for s in submissions if getattr(s.details, "representative", None)]
    assert sum(not s.back_channel for s in submissions) == 1
    assert sum(s.test for s in submissions) == 1
    assert sum(s.place is not None for s in submissions) >= 3
    assert len(represented) == 1
    assert any(Name(absent=True) in _names(s) for s in submissions)


def _names(submission: Submission) -> list[Name]:
    person = getattr(submission.details, "person", None)
    return [person.first_name] if person is not None else []


def test_a_test_goes_to_a_test_authority_and_nothing_else_does(full_set: list[Sample]) -> None:
    for sample in full_set:
        assert (sample.authority == "990099") is sample.submission.test


def test_without_back_channel_no_letter_is_expected(offers: Offers) -> None:
    silent = [replace(offer, back_channel=False) for offer in offers]
    assert all(not sample.course.letters for sample in samples(silent))


def test_every_kind_of_update_is_expected_somewhere(full_set: list[Sample]) -> None:
    kinds = {kind for sample in full_set for kind in sample.course.letters}
    replies = {kind for sample in full_set for kind in sample.course.messages}
    assert len(kinds) == 10
    assert replies == {"reply", "withdrawal", "agreement_reply", "receipt_confirmation"}


def test_an_authority_is_needed_for_every_variant(offers: Offers) -> None:
    with pytest.raises(ValueError, match="no authority takes a sample"):
        samples([offer for offer in offers if not offer.test])


def test_mailboxes_are_at_the_providers_in_turn_each_with_an_address_of_its_kind(
    offers: Offers,
) -> None:
    boxes = [
        box
        for sample in samples(offers, 9, providers=("local", "zbp", "notice"))
        if (box := sample.submission.mailbox) is not None
    ]
    assert Counter(box.provider for box in boxes) == {"local": 3, "zbp": 3, "notice": 3}
    assert len({box.account for box in boxes}) == 9
    for box in boxes:
        assert UUID(box.account) if box.provider == "zbp" else "@example.org" in box.account
