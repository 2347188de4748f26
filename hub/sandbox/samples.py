"""Sample submissions for the demo, and what has to come back for each.

Seeded: the same seed gives the same submissions, byte for byte. Which there are, `variants` has
as a table.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from hub.model.details import Service
from hub.model.downward import MailboxAddress, Party, Submission
from hub.model.identifiers import Ars, AuthorityKey, CaseId, MessageUuid
from hub.sandbox import people
from hub.sandbox.applications import fill_in
from hub.sandbox.drafts import Draft
from hub.sandbox.papers import Folder
from hub.sandbox.script import Course, Reaction, course
from hub.sandbox.variants import COUNT, Variant, variant

__all__ = ["SENDER", "Destination", "Sample", "sample", "samples"]

SENDER: Final = Party(
    key="alp:000001", name="Antragsdienst Muster (erfunden)", address=people.address(0)
)
"""The online service that all samples come from; its key is a placeholder."""

_NAMESPACE: Final = UUID("6b1a4c52-0d7e-5d3a-9a55-1c9a54a0f001")
_FIRST_SENT: Final = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Destination:
    """An authority that takes submissions, as the routing table has it.

    `line`: the adapter with its format in force. `heavy`: also such as no queue takes, of more
    than 12 MiB with their documents.
    """

    system: str
    line: str
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
    line: str
    submission: Submission
    authority: AuthorityKey
    reaction: Reaction
    course: Course

    @property
    def case(self) -> CaseId:
        """The id of its case: that of the submission which begins it."""
        return CaseId(self.submission.id)


def samples(
    offers: Sequence[Destination],
    count: int | None = None,
    seed: int = 2026,
    providers: Sequence[str] = ("local",),
) -> list[Sample]:
    """Make `count` samples (by default one of each variant) for the authorities of `offers`.

    Their applicants have mailboxes at `providers` in turn.

    Raises:
        ValueError: no authority takes a variant.
    """
    wanted = COUNT if count is None else count
    return [sample(number, offers, seed, providers) for number in range(1, wanted + 1)]


def sample(
    number: int, offers: Sequence[Destination], seed: int, providers: Sequence[str] = ("local",)
) -> Sample:
    """Make the one of `samples` that has this number, from 1; there are as many as are asked for.

    Raises:
        ValueError: no authority takes its variant.
    """
    plan = variant(number)
    target = _choose(plan, number, offers)
    box = _mailbox(number, providers[number % len(providers)]) if plan.back_channel else None
    submission = _submission(plan, number, target, seed, box)
    answered = submission.back_channel and target.back_channel
    whole = course(plan.service, submission.application_id, plan.reaction)
    return Sample(
        number=number,
        story=plan.story,
        line=target.line,
        submission=submission,
        authority=target.authority,
        reaction=plan.reaction,
        course=whole if answered else Course((), ()),
    )


def _choose(plan: Variant, number: int, offers: Sequence[Destination]) -> Destination:
    fit = [
        offer
        for offer in offers
        if offer.test == plan.test
        and plan.service in offer.services
        and (offer.place is not None or not plan.by_place)
        and (offer.heavy or not plan.padding)
    ]
    # Whoever wants answers is better served where there is a back-channel.
    fit = [offer for offer in fit if offer.back_channel or not plan.back_channel] or fit
    if not fit:
        raise ValueError(f"no authority takes a sample of {plan.service} ({plan.story})")
    there = [offer for offer in fit if offer.system == plan.system] or fit
    return there[number // 5 % len(there)]  # a step of five changes no system


def _submission(
    plan: Variant, number: int, target: Destination, seed: int, box: MailboxAddress | None
) -> Submission:
    made = MessageUuid(uuid5(_NAMESPACE, f"{seed}/{number}"))
    folder = Folder(made)
    draft = Draft(
        person=people.invented(number, random.Random(f"{seed}/{number}")),
        folder=folder,
        minor=plan.minor,
        only_year_of_birth=plan.only_year_of_birth,
        no_first_name=plan.no_first_name,
        # Weight is tried once: later rounds are about numbers.
        padding=plan.padding if number <= COUNT else 0,
    )
    details = fill_in(plan.service, draft)
    return Submission(
        id=made,
        test=plan.test,
        created_at=_FIRST_SENT + timedelta(minutes=number),
        documents=tuple(folder.documents),
        application_id=f"MUSTER-{seed}-{number:06d}",
        authority=None if plan.by_place else target.authority,
        place=target.place if plan.by_place else None,
        sender=SENDER,
        language=plan.language,
        back_channel=plan.back_channel,
        mailbox=box,
        azr_number=f"000101{number % 1_000_000:06d}" if number % 4 == 0 else None,
        details=details,
    )


def _mailbox(number: int, provider: str) -> MailboxAddress:
    # A mailbox of the ZBP has a UUID; elsewhere an address will do.
    uuid, address = uuid5(_NAMESPACE, f"mailbox {number}"), f"muster.{number}@example.org"
    account = str(uuid) if provider == "zbp" else address
    return MailboxAddress(provider=provider, account=account, trust_level=number % 4 + 1)
