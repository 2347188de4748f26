"""What becomes of one message by one table on one day, reduced to what can be compared.

The values of a document are kept as their shape only: `9-9-9` for a date, `x x` for two words.
"""

import re
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from hub.adapter import Change, Context, Parcel
from hub.model.downward import Downward, Submission
from hub.model.failure import HubFailure, PermanentFailure
from hub.proof.places import flat, without_positions
from hub.routing import Route, RoutingTable
from hub.xml import Element, Invalid, SchemaSet, redacted

__all__ = ["Failed", "Official", "Outcome", "Translated", "Way", "translate"]

Official = Mapping[tuple[str, str], SchemaSet]
"""Schema sets that are checked in addition, by adapter and version."""


@dataclass(frozen=True, slots=True)
class Way:
    """A table, and the day on which it is asked."""

    table: RoutingTable
    on: date


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot be delivered. Two that are `alike` have one cause, whatever the message."""

    cause: str
    sentence: str
    location: str | None
    alike: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Translated:
    """It can. `shapes`: of each value, by its place; `changes`: rules by field of the model."""

    shapes: Mapping[str, str]
    changes: Mapping[str, frozenset[str]]


Outcome = Failed | Translated


def translate(way: Way, message: Downward, context: Context, official: Official) -> Outcome:
    """Find the route, write and validate, as DELIVER does it; nothing is sent."""
    try:
        route = way.table.route(context.authority.key, context.service, way.on)
        _refuse_what_cannot_go(route, message, context)
        parcel = route.format.write(message, replace(context, authority=route.authority))
        schemas = [route.format.schemas]
        if (more := official.get((route.adapter, route.version))) is not None:
            schemas.append(more)
        for part in parcel.messages:
            for each in schemas:
                each.check(part.root)
        return Translated(_shapes(parcel), _changes(message, parcel.changes))
    except Invalid as failure:
        first = failure.explanations[0]
        alike = f"{first.rule} {without_positions(first.path)}"
        return Failed(failure.cause, failure.sentence, failure.location, alike)
    except HubFailure as failure:
        location = failure.location if isinstance(failure, PermanentFailure) else None
        alike = f"{failure.cause} {without_positions(location or failure.sentence)}"
        return Failed(failure.cause, failure.sentence, location, alike)
    except Exception as error:  # noqa: BLE001 - the vendor's code: whatever it raises is an outcome
        return _unexpected(error)


def _refuse_what_cannot_go(route: Route, message: Downward, context: Context) -> None:
    if context.test is not (route.endpoint.stage == "test"):
        raise PermanentFailure(
            "stage.mismatch",
            f"The case is marked test: {str(context.test).lower()}, but system {route.system} "
            f"is a {route.endpoint.stage} system.",
        )
    wanted = message.service if isinstance(message, Submission) else message.type
    if wanted not in route.format.carries:
        raise PermanentFailure(
            "format.cannot_carry",
            f"Format {route.adapter} {route.version} cannot carry {wanted}.",
        )


def _unexpected(error: Exception) -> Failed:
    """Named by its type and place: its text may quote the message."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(at.filename).name}, line {at.lineno}"
    sentence = f"The adapter failed with {type(error).__name__}, which it should not."
    return Failed("unexpected", sentence, place, f"{type(error).__name__} {place}")


def _shapes(parcel: Parcel) -> Mapping[str, str]:
    shapes: dict[str, str] = {}
    for number, part in enumerate(parcel.messages):
        under = "" if number == 0 else f"[{number}]"
        shapes[f"{under}/"] = str(part.root.tag).rpartition("}")[2]
        for place, value in _below_the_root(part.root):
            shapes[f"{under}{place}"] = _shape(value)
    return shapes


def _below_the_root(root: Element) -> Iterable[tuple[str, str]]:
    """Places without the name of the root: where only that changes, nothing else does."""
    for place, value in flat(root).items():
        _, _, below = place.removeprefix("/").partition("/")
        if below:
            yield f"/{below}", value


_LONGEST_SHAPE: Final = 40
_LONGEST_VALUE: Final = 80
_RUN: Final = re.compile(r"([x9 ])\1+")


def _shape(value: str) -> str:
    if value in ("true", "false"):
        return "true or false"
    short = _RUN.sub(r"\1", redacted(value, _LONGEST_VALUE))
    return short if len(short) <= _LONGEST_SHAPE else f"{short[:_LONGEST_SHAPE]}…"


def _changes(message: Downward, changes: Iterable[Change]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for change in changes:
        name = _field(message.type, change.field)
        found[name] = found.get(name, frozenset()) | {change.rule}
    return found


def _field(kind: str, path: str) -> str:
    """As `Format.lost` names fields: of a kind, and of any item of a list."""
    steps = path.replace("[", ".").replace("]", "").split(".")
    general = ["*" if step.isdecimal() else step for step in steps]
    return ".".join(general if general[0] == kind else [kind, *general])
