"""One examination under way: calls to the adapter, and what was found so far.

Every call goes through here, so that whatever an adapter does to it is told in one way:
what raises is a fault and the examination goes on; what hangs, ends or eats memory is a
fault, and the rest about that kind of message is left.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Final, TypeVar

from hub.proof.examinee import Examinee
from hub.proof.places import without_positions
from hub.proof.protocol import (
    Answer,
    Call,
    Died,
    Exhausted,
    Finding,
    Hung,
    Raised,
    Read,
    ReadCall,
    Refused,
    WriteCall,
    Written,
)
from hub.proof.report import Fault, Property, Refusal, Timing
from hub.proof.shapes import Path
from hub.proof.values import Json

__all__ = ["Examination", "Harmed", "Stopped", "dotted", "field_name"]


T = TypeVar("T")


class Harmed(Exception):
    """The adapter did something that ends the examination of this kind of message."""


class Stopped(Exception):
    """It did so too often."""


def field_name(message: Json, path: Path) -> str:
    """`path` in `message` as people write it: `submission.details.evidence.0.title`."""
    return ".".join([message["type"], *map(str, path)])


def dotted(message: Json, path: Path) -> str:
    """The same for any item of a list: `submission.details.evidence.*.title`."""
    return ".".join([message["type"], *("*" if isinstance(step, int) else step for step in path)])


_MOST_HARM: Final = 5
_MOST_FAULTS: Final = 25
"""Of one property: who has more to do reads the rest after having changed something."""


class Examination:
    """The adapter's process, and everything found."""

    def __init__(self, examinee: Examinee) -> None:
        self.examinee = examinee
        self.checked: Counter[Property] = Counter()
        self.refusals: dict[tuple[str, str], Refusal] = {}
        self._faults: dict[tuple[object, ...], Fault] = {}
        self._times: dict[tuple[str, str], list[tuple[float, str]]] = {}
        self.harmed: set[str] = set()
        """Kinds of message about which something was left unexamined."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was found, the same thing once, at most 25 of one property."""
        order = list(Property)
        counted: Counter[Property] = Counter()
        kept: list[Fault] = []
        for fault in sorted(self._faults.values(), key=lambda each: order.index(each.property)):
            counted[fault.property] += 1
            if counted[fault.property] <= _MOST_FAULTS:
                kept.append(fault)
        return tuple(kept)

    def fault(self, fault: Fault, same: str | None = None) -> None:
        """Remember a fault; the same one with other kinds of message is one fault.

        `same`: what tells it from others, where its sentence says more than that.
        """
        key = (fault.property, same or fault.sentence, fault.field, fault.element)
        known = self._faults.get(key)
        if known is not None:
            subjects = dict.fromkeys((*known.subjects, *fault.subjects))
            fault = replace(known, subjects=tuple(subjects))
        self._faults[key] = fault

    def write(
        self,
        subject: str,
        message: Json,
        *,
        field: str | None = None,
        what: str = "complete",
        by: Examinee | None = None,
    ) -> Written | None:
        """The parcel, or None where there is none: that is remembered as a fault or refusal.

        Raises:
            Harmed: the call did harm.
        """
        known = what if field in (None, what) else f"{what} in {field}"
        answer = self._call(WriteCall(message), subject, known, by)
        if isinstance(answer, Written):
            return answer
        if isinstance(answer, Refused):
            self._refused_to_write(answer, subject, field, message)
        else:
            self._without_meaning(answer, "write", subject, field, what, message)
        return None

    def read(self, subject: str, document: bytes, *, what: str) -> Read | Refused | None:
        """What comes of a document of a system; None if it was a fault.

        Raises:
            Harmed: the call did harm.
        """
        answer = self._call(ReadCall(document), subject, what, None)
        if isinstance(answer, Read | Refused):
            return answer
        self._without_meaning(answer, "read", subject, None, what, None)
        return None

    def ahead(self, items: Iterable[T], call_of: Callable[[T], Call]) -> Iterator[T]:
        """The same items; about each, the adapter is asked before the one before it is judged.

        Whoever goes through them makes for each item that call and no other.
        """
        waiting = iter(items)
        item, told = next(waiting, None), False
        while item is not None:
            following, told_next = next(waiting, None), False
            if (told or self.examinee.expect(call_of(item))) and following is not None:
                told_next = self.examinee.expect(call_of(following))
            yield item
            item, told = following, told_next

    def invalid(
        self,
        property_: Property,
        subject: str,
        finding: Finding,
        *,
        what: str = "",
        field: str | None = None,
        message: Json | None = None,
    ) -> None:
        """A document breaks its schema. `message` is shown, else the line that does."""
        explanation = finding.explanation
        self.fault(
            Fault(
                property_,
                f"{what}{explanation.text}",
                subjects=(subject,),
                field=field,
                element=explanation.path,
                line=explanation.line,
                example=finding.text if message is None else _shown(message),
            ),
            same=f"{what}{explanation.sentence}",
        )

    def knows(self, finding: Finding) -> bool:
        """Whether a document was found before that breaks the same rule at the same place."""
        explanation = finding.explanation
        place = without_positions(explanation.path)
        return any(
            fault.property is Property.VALID
            and without_positions(fault.element or "") == place
            and explanation.sentence.removesuffix(".") in fault.sentence
            for fault in self._faults.values()
        )

    def timings(self) -> tuple[Timing, ...]:
        """Processor time, by function and kind of message."""
        return tuple(
            Timing(
                function,
                subject,
                len(times),
                timedelta(seconds=median(seconds for seconds, _ in times)),
                timedelta(seconds=max(times)[0]),
                max(times)[1],
            )
            for (function, subject), times in self._times.items()
        )

    def _call(self, call: Call, subject: str, what: str, by: Examinee | None) -> Answer:
        answer = (by or self.examinee).call(call)
        self.checked[Property.ANSWERS] += 1
        if isinstance(answer, Written | Read):
            times = self._times.setdefault((call.function, subject), [])
            times.append((answer.seconds, what))
        return answer

    def _refused_to_write(
        self, answer: Refused, subject: str, field: str | None, message: Json
    ) -> None:
        if answer.kind not in _FINAL:
            sentence = (
                f"write raised {answer.kind} ({answer.cause}); whether a message can be "
                "expressed depends on nothing that passes: raise PermanentFailure"
            )
            self.fault(Fault(Property.ANSWERS, sentence, (subject,), field))
        elif field is None:
            sentence = f"write refuses the message: {answer.cause}: {answer.sentence}"
            self.fault(
                Fault(
                    Property.VALID,
                    f"{sentence} A format that carries it has to write it.",
                    (subject,),
                    element=answer.location,
                    example=_shown(message),
                )
            )
        else:
            known = Refusal(subject, field, answer.cause, answer.sentence)
            self.refusals.setdefault((subject, field), known)

    def _without_meaning(
        self,
        answer: Answer,
        function: str,
        subject: str,
        field: str | None,
        what: str,
        message: Json | None,
    ) -> None:
        sentence = f"{function} {_did(answer)}"
        about = f" (input: {what})" if field is None else f" (input: {what} in {field})"
        example = None if message is None else _shown(message)
        if isinstance(answer, Raised):
            sentence += "; raise PermanentFailure where the format cannot express something"
            self.fault(Fault(Property.ANSWERS, sentence + ".", (subject,), field, example=example))
            return
        sentence += f"{about}; the rest about {subject} was not examined."
        self.fault(Fault(Property.ANSWERS, sentence, (subject,), field, example=example))
        self.harmed.add(subject)
        raise Stopped if len(self.harmed) >= _MOST_HARM else Harmed


_FINAL: Final = frozenset({"PermanentFailure", "Refused", "Invalid"})


def _did(answer: Answer) -> str:
    match answer:
        case Raised():
            return f"raised {answer.error} at {answer.place}"
        case Exhausted():
            return f"needed more than {answer.megabytes} MB of memory"
        case Hung():
            return f"did not answer within {answer.seconds:g} s"
        case Died():
            return f"ended its process ({answer.how})"
        case _:
            return f"answered {type(answer).__name__} to something else"


_LONGEST_EXAMPLE: Final = 20_000


def _shown(message: Json) -> str:
    """The message for people: without the content of its documents."""
    bare: Mapping[str, Json] = message | {
        "documents": [
            {name: value for name, value in each.items() if name != "content"}
            for each in message.get("documents", ())
        ]
    }
    return json.dumps(bare, ensure_ascii=False, indent=2)[:_LONGEST_EXAMPLE]
