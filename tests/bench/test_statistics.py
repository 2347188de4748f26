"""Medians, ratios and percentiles."""

import pytest

from bench.statistics import percentile, ratio, spread


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    found = spread([3.0, 1.0, 2.0, 10.0])
    assert (found.median, found.low, found.high) == (2.5, 1.0, 10.0)


def test_it_is_written_with_what_can_be_relied_on() -> None:
    assert str(spread([12.34, 11.96, 1234.0])) == "12.3 (12.0-1,234)"
    assert str(spread([0.456])) == "0.46"


def test_a_ratio_is_taken_round_by_round() -> None:
    # In the second round the machine was twice as slow for both: the ratio does not see it.
    found = ratio([2.0, 4.0, 2.2], [1.0, 2.0, 1.0])
    assert (found.median, found.low, found.high) == (2.0, 2.0, 2.2)


def test_rounds_that_were_not_measured_together_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize(("share", "expected"), [(50, 50), (95, 95), (99, 99), (100, 100)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_of_few_values_the_highest_percentile_is_the_worst() -> None:
    assert percentile([1.0, 9.0, 2.0], 99) == 9.0
