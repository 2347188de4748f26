"""What must hold of reading: golden updates as they stand there, hostile ones refused."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from hub.model.problems import problems
from hub.model.upward import UpwardKind, upward
from hub.proof.examination import Examination
from hub.proof.golden import TO_APPLICANT, Example, examples
from hub.proof.hostile import Hostile, alterations, flood, hostile
from hub.proof.protocol import Read, ReadCall, Ready, Refused
from hub.proof.report import Fault, Property

__all__ = ["Reading"]


class Reading:
    """Reads the golden updates, and what can be made of them."""

    def __init__(self, examination: Examination, ready: Ready, version: str) -> None:
        self._examination = examination
        self._package = Path(ready.package)
        self._carries = [
            kind for kind in get_args(get_args(UpwardKind)[0]) if kind in ready.carries
        ]
        self._carries += [kind for kind in ("receipt", "refusal") if kind in ready.carries]
        self._encodings = frozenset(ready.encodings)
        self._version = version
        self._shown: set[str] = set()
        self._places: set[str] = set()

    def golden(self) -> list[Example]:
        """The updates to read; a fault for each that lacks its other half."""
        whole = []
        for example in examples(self._package, TO_APPLICANT):
            missing = [each for each in (example.json, example.xml) if not each.exists()]
            if missing:
                self._fault(Property.READ, f"{TO_APPLICANT}/{missing[0].name} is missing", example)
            else:
                whole.append(example)
        return whole

    def examine(self, example: Example) -> None:
        """One golden update.

        Raises:
            Harmed: a call did harm.
        """
        document = example.xml.read_bytes()
        read = self._examination.read(example.name, document, what="golden update")
        self._examination.checked[Property.READ] += 1
        if isinstance(read, Refused):
            self._refused(example, read)
        elif read is not None:
            self._compare(example, read)
            self._again(example, document, read)
            self._hostile(example, document, read)

    def complete(self) -> None:
        """A fault for each kind that is said to be carried and that no example shows."""
        for kind in self._carries:
            if kind not in self._shown:
                sentence = (
                    f"Format.carries names {kind}, and no example shows it: put the XML of one "
                    f"into {TO_APPLICANT} and run `hub adapters examples`"
                )
                self._examination.fault(Fault(Property.READ, sentence, (kind,)))

    def _refused(self, example: Example, read: Refused) -> None:
        for finding in read.findings:
            self._examination.invalid(Property.READ, example.name, finding)
        if not read.findings:
            sentence = f"the golden update is refused: {read.cause}: {read.sentence}"
            fault = Fault(Property.READ, sentence, (example.name,), element=read.location)
            self._examination.fault(fault)

    def _compare(self, example: Example, read: Read) -> None:
        if self._broken(read, example.name, "the golden update"):
            return
        found = [json.loads(each) for each in read.messages]
        self._shown |= {each["type"] for each in found}
        expected = upward.dump_python(upward.validate_json(example.json.read_bytes()), mode="json")
        if len(found) != 1:
            sentence = f"it is read as {len(found)} messages; the example has one"
            self._fault(Property.READ, sentence, example)
            return
        for path, wanted, there in _unlike(expected, found[0]):
            sentence = f"read as {_short(there)}, and the example has {_short(wanted)}"
            fault = Fault(Property.READ, sentence, (example.name,), f"{found[0]['type']}.{path}")
            self._examination.fault(fault)

    def _again(self, example: Example, document: bytes, read: Read) -> None:
        again = self._examination.read(example.name, document, what="again")
        self._examination.checked[Property.SAME] += 1
        if again != read:
            sentence = "read again, it is another message: make ids from the message's own UUID"
            self._fault(Property.SAME, sentence, example)

    def _hostile(self, example: Example, document: bytes, read: Read) -> None:
        self._try_all(example, hostile(document, self._version, self._encodings), read)
        if not self._places:
            self._try(example, flood(document, self._encodings), read)
        self._try_all(example, alterations(document, self._encodings, self._places), read)

    def _try_all(self, example: Example, tried: Iterable[Hostile], golden: Read) -> None:
        for each in self._examination.ahead(tried, lambda each: ReadCall(each.document)):
            self._try(example, each, golden)

    def _try(self, example: Example, tried: Hostile, golden: Read) -> None:
        what = f"{example.name} with {tried.what}"
        answer = self._examination.read(example.name, tried.document, what=what)
        self._examination.checked[Property.HOSTILE] += 1
        if answer is None:
            return
        if answer.seconds > _SLOW_SECONDS:
            sentence = f"with {tried.what} it takes {answer.seconds:.1f} s of processor time"
            self._fault(Property.HOSTILE, sentence, example, tried.place)
        if isinstance(answer, Refused):
            self._has_meaning(example, tried, answer)
        elif not self._broken(answer, example.name, f"with {tried.what}", tried.place):
            self._accepted(example, tried, answer, golden)

    def _has_meaning(self, example: Example, tried: Hostile, answer: Refused) -> None:
        if not answer.cause or not answer.sentence or answer.kind not in _FINAL:
            sentence = (
                f"with {tried.what} it is refused by {answer.kind}({answer.cause!r}); raise "
                "PermanentFailure with a cause and a sentence"
            )
            self._fault(Property.HOSTILE, sentence, example, tried.place)

    def _accepted(self, example: Example, tried: Hostile, answer: Read, golden: Read) -> None:
        huge = tried.what == "a huge text"
        if not tried.ignorable or (huge and answer != golden):
            sentence = f"with {tried.what} it is accepted; refuse it"
            self._fault(Property.HOSTILE, sentence, example, tried.place)

    def _broken(self, read: Read, name: str, what: str, place: str | None = None) -> bool:
        """Whether something was read that the model does not allow: a fault for each field."""
        for message in read.messages:
            try:
                upward.validate_json(message)
            except ValidationError as error:
                for field, said in problems(error):
                    sentence = f"{what}: read makes a message that the model does not allow: {said}"
                    fault = Fault(Property.HOSTILE, sentence, (name,), field, element=place)
                    self._examination.fault(fault)
                return True
        return False

    def _fault(
        self, property_: Property, sentence: str, example: Example, place: str | None = None
    ) -> None:
        self._examination.fault(Fault(property_, sentence, (example.name,), element=place))


_SLOW_SECONDS: Final = 2.0
_FINAL: Final = frozenset({"PermanentFailure", "Refused", "Invalid"})
_SHORT: Final = 60


def _unlike(expected: Any, found: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            each
            for name in dict.fromkeys((*expected, *found))
            for each in _unlike(
                expected.get(name), found.get(name), f"{path}.{name}" if path else name
            )
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            each
            for at, (one, other) in enumerate(zip(expected, found, strict=True))
            for each in _unlike(one, other, f"{path}.{at}")
        ]
    return [] if expected == found else [(path, expected, found)]


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
