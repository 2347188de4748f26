"""The process in which a rehearsal for the console works: `python -m hub.rehearsal.child`.

It reads one question, tells how far it is, answers, and ends. It is in nobody's way: whatever the
hub has to carry comes first on the machine.
"""

import os
from collections.abc import Mapping
from datetime import date
from typing import Final

from hub.adapter import Adapter
from hub.rehearsal.apart import ANSWER, ASK, Answer, Ask, Compared, Progress, Refused, Rehearsed
from hub.rehearsal.rehearsing import Rehearsal, ways
from hub.routing import RoutingError, RoutingTable
from hub.workshop.inside import Line, bound_memory
from hub.workshop.reference import referred

__all__ = ["main"]

_MEGABYTE: Final = 1024 * 1024
_NICE: Final = 10


def main() -> None:
    """Answer one question."""
    line = Line()
    os.nice(_NICE)
    ask = ASK.validate_json(line.hear()[0])
    adapters = {name: referred(reference) for name, reference in ask.adapters.items()}
    bound_memory(ask.megabytes * _MEGABYTE)

    def say(answer: Answer) -> None:
        line.say([ANSWER.dump_json(answer)])

    try:
        held, to_come = _tables(ask, adapters)
    except RoutingError as error:
        say(Refused(tuple(str(error).splitlines())))
        return
    changes = () if to_come is None else tuple(held.diff(to_come))
    if ask.days is None:
        say(Compared(changes))
        return
    keys = dict.fromkeys((*held.authorities, *(to_come or held).authorities))
    rehearsal = Rehearsal(ways(held, to_come, ask.days.on, ask.days.today), keys, {})
    rehearsal.try_generated(lambda done, steps: say(Progress(done, steps)))
    say(Rehearsed(changes, rehearsal.report(opened=None)))


def _tables(ask: Ask, adapters: Mapping[str, Adapter]) -> tuple[RoutingTable, RoutingTable | None]:
    # What a format cannot carry is for the rehearsal to find out.
    held = RoutingTable.parse(ask.held, adapters, since=None)
    if ask.to_come is None:
        return held, None
    since = date.min if ask.days is None else None
    return held, RoutingTable.parse(ask.to_come, adapters, name="candidate", since=since)


if __name__ == "__main__":
    main()
