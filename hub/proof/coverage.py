"""What becomes of every field: carried, changed with a report, or lost.

A field whose change leaves no trace in the XML is lost. What is lost has to be declared with a
reason, and what is declared has to be lost: a declaration that is too broad hides a fault.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hub.adapter import Capability, Change
from hub.proof.examination import Examination, dotted, field_name
from hub.proof.messages import as_service, complete, is_valid
from hub.proof.places import contains, differences, same_parcel
from hub.proof.protocol import WriteCall, Written
from hub.proof.report import Fault, Outcome, Property, Row
from hub.proof.shapes import Fields, Node, Path
from hub.proof.values import Json, Scalar
from hub.proof.variations import Group, Variation, groups

__all__ = ["Coverage", "covers", "reported"]


def covers(pattern: str, name: str) -> bool:
    """Whether a declaration such as `reply.documents.*.file_name` means a field.

    `*` stands for any one step, a final `**` for all that is below.
    """
    wanted, steps = pattern.split("."), name.split(".")
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        steps = steps[: len(wanted)] if len(steps) > len(wanted) else []
    return len(wanted) == len(steps) and all(
        want in ("*", step) for want, step in zip(wanted, steps, strict=True)
    )


def reported(changes: Iterable[Change], message: Json, path: Path) -> str | None:
    """The rule of a reported change of that field or of something around it."""
    steps = [str(step) for step in path]
    for change in changes:
        named = _steps(change.field)
        named = named[1:] if named[0] == message["type"] else named
        if len(named) <= len(steps) and all(
            name in ("*", step) for name, step in zip(named, steps, strict=False)
        ):
            return change.rule
    return None


@dataclass(slots=True)
class _Found:
    """What was seen of one field in all messages.

    What is seen where several fields differ together says something of each of them only as
    long as nothing was seen of it alone.
    """

    places: dict[str, None] = field(default_factory=dict)
    around: dict[str, None] = field(default_factory=dict)
    rules: dict[str, None] = field(default_factory=dict)
    carried_by: dict[str, None] = field(default_factory=dict)
    lost_by: dict[str, None] = field(default_factory=dict)
    lost_at: dict[str, None] = field(default_factory=dict)
    carried_together: dict[str, None] = field(default_factory=dict)
    lost_together: dict[str, None] = field(default_factory=dict)

    def settled(self) -> "_Found":
        """The same, with what counts as carried and lost."""
        if self.carried_by or self.lost_by:
            return self
        return replace(self, carried_by=self.carried_together, lost_by=self.lost_together)


class Coverage:
    """The table of the mapping, filled kind of message by kind of message."""

    def __init__(self, examination: Examination, lost: Mapping[str, str]) -> None:
        self._examination = examination
        self._lost = lost
        self._found: dict[str, _Found] = {}
        self.places: dict[tuple[str, Path], tuple[str, ...]] = {}
        """Where each single value of each kind of message stands."""

    def examine(self, subject: str, shape: Fields, message: Json) -> None:
        """Change everything in `message` once.

        Raises:
            Harmed: a call did harm.
        """
        for group in groups(shape, message):
            before = self._examination.write(subject, group.base)
            if before is not None:
                self._group(subject, group, before)

    def tell_apart(self, service: Capability, others: Iterable[Capability]) -> None:
        """Make the same submission to other services: the XML has to say to which.

        Raises:
            Harmed: a call did harm.
        """
        message = complete(service)
        before = self._examination.write(service, message)
        node = Node(("details", "service"), _SERVICE, service)
        for other in others:
            same = as_service(message, other)
            after = (
                self._examination.write(other, same, field=_SERVICE.name, what=f"of {service}")
                if is_valid(same)
                else None
            )
            if before is not None and after is not None:
                variation = Variation(f"made to {other}", (node.path,), same, node)
                self._note(other, variation, node.path, before, after)

    def is_lost(self, subject: str, message: Json, path: Path) -> bool:
        """Whether the field was found to be lost in this kind of message."""
        found = self._found.get(dotted(message, path))
        return found is not None and subject in found.settled().lost_by

    def changed(self, message: Json, path: Path, rule: str) -> None:
        """Say that a field was changed, with a report."""
        self._found[dotted(message, path)].rules[rule] = None

    def stands(self, message: Json, path: Path, places: tuple[str, ...]) -> None:
        """Say where a field stands that was found by other means."""
        found = self._found.get(dotted(message, path))
        if found is not None:
            found.places |= dict.fromkeys(places[:_FEW_PLACES])

    def rows(self) -> tuple[Row, ...]:
        """The table, by field."""
        return tuple(self._row(name, found) for name, found in self._settled().items())

    def judge(self) -> None:
        """Compare what is lost with what is declared."""
        settled = self._settled()
        for name, found in settled.items():
            if found.lost_by and self._declared(name) is None:
                self._not_declared(name, found)
        for pattern, reason in self._lost.items():
            meant = {name: found for name, found in settled.items() if covers(pattern, name)}
            self._judge_declaration(pattern, reason, meant)

    def _group(self, subject: str, group: Group, before: Written) -> None:
        # Fields that only exist together are told by what changes all of them.
        alone = {each.fields for each in group.variations if len(each.fields) == 1}
        variations = self._examination.ahead(group.variations, lambda each: WriteCall(each.message))
        for variation in variations:
            after = self._written(subject, variation)
            if after is None:
                continue
            together = tuple(path for path in variation.fields if (path,) not in alone)
            for path in variation.fields if len(variation.fields) == 1 else together:
                self._note(subject, variation, path, before, after)

    def _written(self, subject: str, variation: Variation) -> Written | None:
        name = _name_of(variation)
        after = self._examination.write(subject, variation.message, field=name, what=variation.what)
        self._examination.checked[Property.CARRIED] += 1
        for finding in [each for xml in after.messages for each in xml.findings] if after else []:
            what = f"with {variation.what}: "
            self._examination.invalid(Property.VALID, subject, finding, what=what, field=name)
        return after

    def _note(
        self, subject: str, variation: Variation, path: Path, before: Written, after: Written
    ) -> None:
        found = self._found.setdefault(dotted(variation.message, path), _Found())
        alone = len(variation.fields) == 1
        if same_parcel(before, after):
            lost = found.lost_by if alone else found.lost_together
            lost[subject] = None
            found.lost_at[field_name(variation.message, path)] = None
            return
        places = differences(before, after)
        if not alone:
            found.carried_together[subject] = None
            found.around |= dict.fromkeys(places[:_FEW_PLACES])
            return
        found.carried_by[subject] = None
        self.places[(subject, path)] = places
        found.places |= dict.fromkeys(places[:_FEW_PLACES])
        rule = reported(after.changes, variation.message, path)
        if rule is not None:
            found.rules[rule] = None
        elif _is_text(variation) and not _arrived(after, variation):
            self._altered(subject, variation, path, places)

    def _altered(
        self, subject: str, variation: Variation, path: Path, places: tuple[str, ...]
    ) -> None:
        sentence = "the text arrives changed, and no Change with this field is in the parcel"
        where = places[0] if places else None
        name = dotted(variation.message, path)
        self._examination.fault(Fault(Property.TEXTS, sentence, (subject,), name, element=where))

    def _row(self, name: str, found: _Found) -> Row:
        outcome = Outcome.CARRIED
        reason = None
        if found.lost_by:
            outcome, reason = Outcome.LOST, self._declared(name)
        elif found.rules:
            outcome, reason = Outcome.CHANGED, "; ".join(found.rules)
        return Row(
            name,
            outcome,
            tuple(found.places or found.around),
            reason,
            tuple(found.carried_by),
            tuple(found.lost_by),
        )

    def _declared(self, name: str) -> str | None:
        return next((why for pattern, why in self._lost.items() if covers(pattern, name)), None)

    def _not_declared(self, name: str, found: _Found) -> None:
        at = next(iter(found.lost_at))
        sentence = (
            "changing it leaves no trace in the XML: carry it, or declare it in Format.lost "
            "with a reason"
        )
        if found.carried_by:
            sentence += f" (it is carried elsewhere; lost is {at})"
        fault = Fault(Property.CARRIED, sentence, tuple(found.lost_by), name)
        self._examination.fault(fault)

    def _judge_declaration(self, pattern: str, reason: str, meant: Mapping[str, _Found]) -> None:
        if not meant:
            sentence = f"Format.lost names {pattern}, which is no field of anything it carries"
            self._examination.fault(Fault(Property.CARRIED, sentence, field=pattern))
        for name, found in meant.items():
            if not found.lost_by:
                sentence = f"Format.lost declares {pattern} lost, but this field is carried"
                fault = Fault(Property.CARRIED, sentence, tuple(found.carried_by), name)
                self._examination.fault(fault)
        if not reason.strip():
            sentence = f"Format.lost gives no reason for {pattern}"
            self._examination.fault(Fault(Property.CARRIED, sentence, field=pattern))

    def _settled(self) -> Mapping[str, _Found]:
        return {name: found.settled() for name, found in sorted(self._found.items())}


_FEW_PLACES: Final = 3
_SERVICE: Final = Scalar("service", lambda _: None)


def _steps(name: str) -> list[str]:
    """The steps of `documents[0].file_name`, which may also be written with dots only."""
    return name.replace("[", ".").replace("]", "").split(".")


def _name_of(variation: Variation) -> str:
    path = variation.fields[0] if len(variation.fields) == 1 else variation.node.path
    return dotted(variation.message, path)


def _is_text(variation: Variation) -> bool:
    shape = variation.node.shape
    single = isinstance(shape, Scalar) and shape.text is not None
    return single and variation.what == "another value"


def _arrived(after: Written, variation: Variation) -> bool:
    value: Json = variation.message
    for step in variation.node.path:
        value = value[step]
    return contains(after, str(value))
