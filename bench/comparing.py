"""Contestants side by side: on one broker, in turns, in every case as many rounds.

In each round everybody has one turn, and the next round begins with another one: what disturbs the
machine for a while disturbs all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench.case import Case, Round
from bench.entrants import Entrant
from bench.measuring import Effort, Machines, measure
from hub.sandbox.postgresql import private_postgresql
from hub.sandbox.rabbitmq import private_rabbitmq

__all__ = ["Compared", "compare"]


@dataclass(frozen=True, slots=True)
class Compared:
    """The rounds of each contestant, in the same order, in one case."""

    case: Case
    rounds: Mapping[str, Sequence[Round]]


async def compare(
    cases: Sequence[Case],
    entrants: Sequence[Entrant],
    rounds: int,
    effort: Effort,
    tell: Callable[[str], None],
) -> list[Compared]:
    """Measure all of them in all cases.

    Args:
        cases: under which circumstances; of the first one latency is measured, too.
        entrants: who.
        rounds: how often.
        effort: how much each time.
        tell: is told what is measured now.

    Raises:
        RuntimeError: a contestant did not do its work, twice in a row.
        PostgreSQLMissing: a case needs it, and it is not installed.
    """
    compared: list[Compared] = []
    with ExitStack() as stores:
        postgresql = None
        if any(case.store == "postgresql" for case in cases):
            postgresql = stores.enter_context(private_postgresql(durable=True))
        async with private_rabbitmq() as rabbitmq:
            machines = Machines(rabbitmq, postgresql)
            for case in cases:
                found: dict[str, list[Round]] = {each.name: [] for each in entrants}
                for number in range(rounds):
                    for entrant in in_turn(entrants, number):
                        tell(f"{case}: round {number + 1} of {rounds}, {entrant.name}")
                        only_first = effort if case is cases[0] else effort.without_latency()
                        try:
                            one = await measure(machines, case, entrant, only_first)
                        except RuntimeError as error:
                            # Such as RabbitMQ's INTERNAL_ERROR where two declare one queue at once:
                            # no reason to lose an hour.
                            tell(f"once more: {error}")
                            one = await measure(machines, case, entrant, only_first)
                        found[entrant.name].append(one)
                compared.append(Compared(case, found))
    return compared


def in_turn(entrants: Sequence[Entrant], number: int) -> list[Entrant]:
    """Who comes first in one round comes last in the next."""
    first = number % len(entrants)
    return [*entrants[first:], *entrants[:first]]
