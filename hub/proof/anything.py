"""Messages drawn at random: whatever the model allows has to be written, valid and the same again.

When one is not, everything that may be left out of it is, as long as the fault stays: what is
left is the smallest message that shows it.
"""

from collections.abc import Callable, Iterator
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings

from hub.adapter import Capability
from hub.proof.examination import Examination, dotted
from hub.proof.messages import is_valid, shape_of_subject, with_its_documents
from hub.proof.report import Property
from hub.proof.shapes import Choice, Fields, Items, Path, nodes
from hub.proof.strategies import messages
from hub.proof.values import Json
from hub.proof.variations import replaced
from hub.proof.writing import Writing, findings_of

__all__ = ["examine_any"]

_EXAMPLES: Final = 8
"""Per kind of message: what they are for is the odd combination, fields are tried one by one."""


def examine_any(examination: Examination, writing: Writing, subject: Capability) -> None:
    """Write any message about `subject`.

    Raises:
        Harmed: a call did harm.
    """

    @settings(
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(messages(subject))
    def hold(message: Json) -> None:
        written = examination.write(subject, message, field="any message", what="any message")
        if written is None:
            return
        findings = findings_of(written)
        if findings and not all(map(examination.knows, findings)):
            _explain(examination, subject, message)
        elif not findings:
            writing.same(subject, message, written)

    hold()


def _explain(examination: Examination, subject: Capability, message: Json) -> None:
    def stays(smaller: Json) -> bool:
        written = examination.write(subject, smaller, field="any message", what="a smaller one")
        return written is not None and bool(findings_of(written))

    shape = shape_of_subject(subject)
    smallest = _smallest(shape, message, stays)
    written = examination.write(subject, smallest, field="any message", what="the smallest one")
    findings = findings_of(written) if written else []
    present = ", ".join(_optional(shape, smallest)) or "required fields only"
    for finding in findings[:1]:
        what = f"a message with {present}: "
        examination.invalid(Property.VALID, subject, finding, what=what, message=smallest)


def _smallest(shape: Fields, message: Json, stays: Callable[[Json], bool]) -> Json:
    kept = 0
    while kept < len(left := list(_leaving_out(shape, message))):
        path, value = left[kept]
        smaller = with_its_documents(shape, replaced(message, path, value))
        if is_valid(smaller) and stays(smaller):
            message = smaller
        else:
            kept += 1
    return message


def _leaving_out(shape: Fields, message: Json) -> Iterator[tuple[Path, Json]]:
    """What may be left out, the largest first."""
    for node in nodes(shape, message):
        if node.value is None:
            continue
        if isinstance(node.shape, Choice) and node.shape.optional:
            yield node.path, None
        elif isinstance(node.shape, Items) and len(node.value) > node.shape.least:
            yield node.path, node.value[: node.shape.least]


def _optional(shape: Fields, message: Json) -> list[str]:
    return [dotted(message, path) for path, _ in _leaving_out(shape, message)]
