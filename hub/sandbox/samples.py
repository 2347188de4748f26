"""Sample submissions for the demo, and what has to come back for each.

Seeded: the same seed gives the same submissions, byte for byte. At least two for each of the
ten services, and among them what usually goes wrong: documents of more than 50 MB, a minor, no
back-channel, a person without first name, half a date of birth, a place instead of a key.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from hub.model.details import Service
from hub.model.downward import Language, MailboxAddress, Party, Submission
from hub.model.identifiers import Ars, AuthorityKey, CaseId, MessageUuid
from hub.sandbox import people
from hub.sandbox.applications import fill_in
from hub.sandbox.drafts import Draft
from hub.sandbox.papers import Folder
from hub.sandbox.script import Course, Reaction, course

__all__ = ["SENDER", "Destination", "Sample", "samples"]

SENDER: Final = Party(
    key="alp:000001", name="Antragsdienst Muster (erfunden)", address=people.address(0)
)
"""The online service that all samples come from; its key is a placeholder."""

_NAMESPACE: Final = UUID("6b1a4c52-0d7e-5d3a-9a55-1c9a54a0f001")
_FIRST_SENT: Final = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Destination:
    """An authority that takes submissions, as the routing table has it.

    `heavy`: also such as no queue takes, of more than 12 MiB with their documents.
    """

    system: str
    authority: AuthorityKey
    place: Ars | None
    services: frozenset[Service]
    test: bool
    back_channel: bool
    heavy: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission and what is expected of it.

    All documents carry their content; whoever sends it decides what travels inline.
    """

    number: int
    story: str
    submission: Submission
    authority: AuthorityKey
    reaction: Reaction
    course: Course

    @property
    def case(self) -> CaseId:
        """The id of its case: that of the submission which begins it."""
        return CaseId(self.submission.id)


@dataclass(frozen=True, slots=True)
class _Variant:
    service: Service
    story: str
    language: Language = "de"
    by_place: bool = False
    back_channel: bool = True
    test: bool = False
    reaction: Reaction = "reply"
    minor: bool = False
    only_year_of_birth: bool = False
    no_first_name: bool = False
    padding: int = 0


_VARIANTS: Final = (
    _Variant("employment", "first title, by the authority's key"),
    _Variant("employment", "by place", by_place=True, language="en"),
    _Variant("family", "a child, represented by its mother", minor=True, language="tr"),
    _Variant("family", "joins the spouse", language="ar"),
    _Variant("education", "withdraws when asked", reaction="withdrawal", language="fr"),
    _Variant("education", "only the year of birth is known", only_year_of_birth=True),
    _Variant("protection", "has no first name", no_first_name=True, language="uk"),
    _Variant("protection", "by place", by_place=True, language="ru"),
    _Variant("conditions", "another employer", language="es"),
    _Variant("conditions", "by place", by_place=True),
    _Variant("settlement", "documents of more than 50 MB", padding=19 * _MIB),
    _Variant("settlement", "asked for more", language="en"),
    _Variant("work_permission", "training while tolerated", language="fa"),
    _Variant("work_permission", "without back-channel", back_channel=False),
    _Variant("free_movement", "residence card", language="en"),
    _Variant("free_movement", "permanent residence, by place", by_place=True),
    _Variant("sponsorship", "a private host"),
    _Variant("sponsorship", "an association as host", language="en"),
    _Variant("skilled_workers", "up to the preliminary approval"),
    _Variant("skilled_workers", "ended by the authority", language="en"),
    _Variant("employment", "marked as a test", test=True),
    _Variant("family", "documents too heavy for one message", padding=3 * _MIB),
    _Variant("protection", "has no first name, year of birth", no_first_name=True,
             only_year_of_birth=True, language="fa"),
    _Variant("employment", "by place", by_place=True, language="fr"),
)  # fmt: skip


def samples(
    offers: Sequence[Destination], count: int | None = None, seed: int = 2026
) -> list[Sample]:
    """Make `count` samples (by default one of each variant) for the authorities of `offers`.

    Raises:
        ValueError: no authority takes a variant.
    """
    wanted = len(_VARIANTS) if count is None else count
    return [_sample(number, offers, seed) for number in range(1, wanted + 1)]


def _sample(number: int, offers: Sequence[Destination], seed: int) -> Sample:
    variant = _VARIANTS[(number - 1) % len(_VARIANTS)]
    target = _choose(variant, number, offers)
    submission = _submission(variant, number, target, seed)
    answered = submission.back_channel and target.back_channel
    whole = course(variant.service, submission.application_id, variant.reaction)
    return Sample(
        number=number,
        story=variant.story,
        submission=submission,
        authority=target.authority,
        reaction=variant.reaction,
        course=whole if answered else Course((), ()),
    )


def _choose(variant: _Variant, number: int, offers: Sequence[Destination]) -> Destination:
    fit = [
        offer
        for offer in offers
        if offer.test == variant.test
        and variant.service in offer.services
        and (offer.place is not None or not variant.by_place)
        and (offer.heavy or not variant.padding)
    ]
    # Whoever wants answers is better served where there is a back-channel.
    fit = [offer for offer in fit if offer.back_channel or not variant.back_channel] or fit
    if not fit:
        raise ValueError(f"no authority takes a sample of {variant.service} ({variant.story})")
    # First the system, then one of its authorities: every system gets its share.
    systems = sorted({offer.system for offer in fit})
    there = [offer for offer in fit if offer.system == systems[number % len(systems)]]
    return there[number // len(systems) % len(there)]


def _submission(variant: _Variant, number: int, target: Destination, seed: int) -> Submission:
    made = MessageUuid(uuid5(_NAMESPACE, f"{seed}/{number}"))
    folder = Folder(made)
    draft = Draft(
        person=people.invented(number, random.Random(f"{seed}/{number}")),
        folder=folder,
        minor=variant.minor,
        only_year_of_birth=variant.only_year_of_birth,
        no_first_name=variant.no_first_name,
        # Weight is tried once: later rounds are about numbers.
        padding=variant.padding if number <= len(_VARIANTS) else 0,
    )
    details = fill_in(variant.service, draft)
    return Submission(
        id=made,
        test=variant.test,
        created_at=_FIRST_SENT + timedelta(minutes=number),
        documents=tuple(folder.documents),
        application_id=f"MUSTER-{seed}-{number:06d}",
        authority=None if variant.by_place else target.authority,
        place=target.place if variant.by_place else None,
        sender=SENDER,
        language=variant.language,
        back_channel=variant.back_channel,
        mailbox=_mailbox(number) if variant.back_channel else None,
        azr_number=f"000101{number % 1_000_000:06d}" if number % 4 == 0 else None,
        details=details,
    )


def _mailbox(number: int) -> MailboxAddress:
    return MailboxAddress(
        provider="local", account=f"muster.{number}@example.org", trust_level=number % 4 + 1
    )
