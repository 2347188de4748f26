"""Applicants who do not wait: the next message is on its way before the hub is done with the last.

Otherwise every message would follow from a letter, and its order would prove nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import uuid5

from hub.model.downward import Reply, Withdrawal
from hub.model.identifiers import MessageUuid
from hub.model.letter import Letter
from hub.sandbox.applicants import Applicants, answer
from hub.sandbox.samples import Sample
from hub.sandbox.script import Course, answers

__all__ = ["Impatient", "hurried"]


def hurried(sample: Sample) -> Sample:
    """The sample with the course that it takes with an impatient applicant.

    Who replies sends a supplement at once: it brings about the same updates once more. Who would
    withdraw when asked withdraws without being asked: that brings about the same as before.
    """
    course = sample.course
    if "reply" not in course.messages:
        return sample
    more = answers("130103", sample.submission.application_id)
    letters = (*course.letters, *(each.kind for each in more))
    return replace(sample, course=Course(letters, (*course.messages, "reply")))


class Impatient(Applicants):
    """Send two messages in a row where they can."""

    async def send(self, samples: Sequence[Sample]) -> None:
        """Send all submissions, and withdraw those at once which would be withdrawn anyway."""
        await super().send(samples)
        for sample in samples:
            if "withdrawal" in sample.course.messages:
                await self._send(sample, _withdrawal(sample))

    async def read(self, sample: Sample, letters: Iterable[Letter]) -> None:
        """Answer once for each letter that wants it; to a question, with a supplement."""
        if "withdrawal" in sample.course.messages:
            return
        for letter in letters:
            if letter.id in self._answered:
                continue
            self._answered.add(letter.id)
            if (message := answer(sample, letter)) is not None:
                await self._send(sample, message)
                if isinstance(message, Reply):
                    await self._send(sample, _supplement(message))


def _withdrawal(sample: Sample) -> Withdrawal:
    submission = sample.submission
    return Withdrawal(
        id=MessageUuid(uuid5(sample.case, "withdrawal")),
        test=submission.test,
        created_at=submission.created_at,
        case=sample.case,
    )


def _supplement(reply: Reply) -> Reply:
    text = "Noch etwas dazu (Muster)."
    id_ = MessageUuid(uuid5(reply.id, "supplement"))
    return reply.model_copy(update={"id": id_, "text": text, "documents": ()})
