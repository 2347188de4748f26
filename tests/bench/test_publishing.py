"""Arrivals are drawn beforehand, whatever becomes of those before them."""

from bench.publishing import schedule
from bench.submissions import Submissions, authorities
from hub.model.downward import Submission, downward


def test_arrivals_are_drawn_at_the_rate_and_the_same_each_time() -> None:
    times = schedule(rate=50, count=2000)
    assert times == sorted(times)
    assert times == schedule(rate=50, count=2000)
    assert 0.9 < times[-1] / (2000 / 50) < 1.1


def test_submissions_go_to_the_authorities_in_turn_each_with_its_own_id() -> None:
    keys = authorities(3)
    submissions = Submissions(keys, 10_000)
    given = [submissions.take() for _ in range(6)]
    read = [downward.validate_json(each.body) for each in given]
    assert [each.authority for each in read if isinstance(each, Submission)] == [*keys, *keys]
    assert len({each.id for each in read}) == 6
    assert [str(each.id) for each in read] == [each.id for each in given]
    assert all(each.documents[0].size >= 10_000 for each in read)
