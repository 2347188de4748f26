"""A short version of `python -m bench.backlog`: memory is bounded however much is owed."""

from bench.backlog import LIMIT_MEGABYTES, measure


async def test_a_backlog_is_worked_off_in_bounded_memory() -> None:
    measured = await measure(20_000, 300, authorities=100)
    assert measured.peaks["hub"] <= LIMIT_MEGABYTES
    assert measured.peaks["workshop"] <= LIMIT_MEGABYTES
    assert measured.growth < 1.5
    assert measured.doubled == 0
