"""What must hold of one kind of written message, beyond what becomes of its fields."""

from collections.abc import Iterator

from hub.proof.coverage import Coverage, reported
from hub.proof.examination import Examination, dotted, field_name
from hub.proof.examinee import Examinee
from hub.proof.places import contains, differences, same_parcel
from hub.proof.protocol import Finding, WriteCall, Written
from hub.proof.report import Fault, Property
from hub.proof.shapes import Fields
from hub.proof.values import Json, Scalar
from hub.proof.variations import Variation, exchanges, longest, scalars, with_every_code

__all__ = ["Writing", "findings_of"]


def findings_of(written: Written) -> list[Finding]:
    """Where the documents of a parcel break their schemas."""
    return [finding for message in written.messages for finding in message.findings]


class Writing:
    """Tries one kind of message after the other.

    `elsewhere` is the same format in another process, whose sets have another order.
    """

    def __init__(self, examination: Examination, elsewhere: Examinee, coverage: Coverage) -> None:
        self._examination = examination
        self._elsewhere = elsewhere
        self._coverage = coverage
        self._codes_done: set[tuple[str, ...]] = set()

    def examine(self, subject: str, shape: Fields, message: Json) -> None:
        """Everything about one kind of message; its fields have been covered before.

        Raises:
            Harmed: a call did harm.
        """
        written = self._examination.write(subject, message)
        if written is not None:
            self._identified(subject, written)
            self._exchanged(subject, shape, message, written)
            self._longest(subject, shape, message, written)
            self._codes(subject, shape, message)

    def valid_and_same(
        self, subject: str, message: Json, *, what: str = "complete"
    ) -> Written | None:
        """Write it, again, and in another process."""
        written = self._examination.write(subject, message, what=what)
        if written is None:
            return None
        self._examination.checked[Property.VALID] += 1
        for finding in findings_of(written):
            self._examination.invalid(Property.VALID, subject, finding)
        self.same(subject, message, written)
        return written

    def same(self, subject: str, message: Json, written: Written) -> None:
        """Write `message` again, here and in another process."""
        for where, by in (("", None), (" in another process", self._elsewhere)):
            again = self._examination.write(subject, message, what="again", by=by)
            self._examination.checked[Property.SAME] += 1
            if again is None or again == written:
                continue
            places = differences(written, again) or ("the parcel",)
            sentence = (
                f"written again{where}, this differs: an adapter may use nothing but the message "
                "and its context (no clock, no random number, no order of a set)"
            )
            self._examination.fault(Fault(Property.SAME, sentence, (subject,), element=places[0]))
            return

    def _identified(self, subject: str, written: Written) -> None:
        ids = [message.uuid for message in written.messages]
        if not ids:
            sentence = "the parcel has no XML message; nothing would be sent"
            self._examination.fault(Fault(Property.VALID, sentence, (subject,)))
        elif len(set(ids)) < len(ids):
            sentence = "two XML messages of one parcel have the same UUID; make each from the first"
            self._examination.fault(Fault(Property.SAME, sentence, (subject,)))

    def _exchanged(self, subject: str, shape: Fields, message: Json, written: Written) -> None:
        told_apart = (
            (one, other, exchanged)
            for one, other, exchanged in exchanges(shape, message)
            if not self._coverage.is_lost(subject, message, one.path)
            and not self._coverage.is_lost(subject, message, other.path)
        )
        calls = self._examination.ahead(told_apart, lambda each: WriteCall(each[2]))
        for one, other, exchanged in calls:
            name = field_name(message, one.path)
            after = self._examination.write(subject, exchanged, field=name, what="exchanged")
            self._examination.checked[Property.APART] += 1
            if after is None:
                continue
            if _names_documents(one.shape):
                self._coverage.stands(message, one.path, differences(written, after))
            if same_parcel(written, after):
                other_name = field_name(message, other.path)
                sentence = (
                    f"exchanged with {other_name} the XML is the same: they cannot be told apart"
                )
                if _names_documents(one.shape):
                    sentence += "; the XML has to say which document stands where"
                self._examination.fault(Fault(Property.APART, sentence, (subject,), name))

    def _longest(self, subject: str, shape: Fields, message: Json, before: Written) -> None:
        carried = (
            each
            for each in longest(shape, message)
            if not self._coverage.is_lost(subject, message, each.node.path)
        )
        for variation in self._examination.ahead(carried, lambda each: WriteCall(each.message)):
            name = dotted(message, variation.node.path)
            after = self._examination.write(
                subject, variation.message, field=name, what=variation.what
            )
            self._examination.checked[Property.TEXTS] += 1
            if after is not None:
                self._long(subject, name, variation, before, after)

    def _long(
        self, subject: str, name: str, variation: Variation, before: Written, after: Written
    ) -> None:
        findings = findings_of(after)
        for finding in findings[:1]:
            what = (
                "the longest value that the model allows is not valid; cut it and report a Change: "
            )
            self._examination.invalid(Property.TEXTS, subject, finding, what=what, field=name)
        path = variation.node.path
        rule = reported(after.changes, variation.message, path)
        if rule is not None:
            self._coverage.changed(variation.message, path, rule)
        elif findings:
            return
        elif not contains(after, str(_at(variation))) and _is_text(variation.node.shape):
            places = differences(before, after)
            sentence = (
                "the longest text is cut or changed, and no Change with this field is reported"
            )
            where = places[0] if places else None
            self._examination.fault(
                Fault(Property.TEXTS, sentence, (subject,), name, element=where)
            )

    def _codes(self, subject: str, shape: Fields, message: Json) -> None:
        for node in scalars(shape, message):
            # A list is tried once per record that has it, not once per person.
            key = (*(each.__name__ for each in node.within[-1:]), str(node.path[-1]))
            if key not in self._codes_done and not self._coverage.is_lost(
                subject, message, node.path
            ):
                self._codes_done.add(key)
                name = dotted(message, node.path)
                self._distinct(subject, name, node.path, with_every_code(node, message))

    def _distinct(
        self,
        subject: str,
        name: str,
        path: tuple[str | int, ...],
        coded: Iterator[tuple[str, Json]],
    ) -> None:
        seen: dict[tuple[object, ...], str] = {}
        for code, message in self._examination.ahead(coded, lambda each: WriteCall(each[1])):
            what = f"code {code}"
            after = self._examination.write(subject, message, field=name, what=what)
            self._examination.checked[Property.CODES] += 1
            if after is None:
                continue
            for finding in findings_of(after)[:1]:
                self._examination.invalid(
                    Property.CODES, subject, finding, what=f"{what} is not valid: ", field=name
                )
            key = (*(each.xml for each in after.messages), *after.attachments)
            if key in seen and reported(after.changes, message, path) is None:
                sentence = (
                    f"code {code} is written as code {seen[key]} is, and no Change is reported"
                )
                self._examination.fault(Fault(Property.CODES, sentence, (subject,), name))
            seen.setdefault(key, code)


def _at(variation: Variation) -> Json:
    value: Json = variation.message
    for step in variation.node.path:
        value = value[step]
    return value


def _is_text(shape: object) -> bool:
    return isinstance(shape, Scalar) and shape.text is not None


def _names_documents(shape: object) -> bool:
    return isinstance(shape, Scalar) and shape.names_document
