"""The experiment of `python -m bench.replays`, with fewer letters: it measures, and it holds."""

from bench.replays import experiment


async def test_a_group_is_replayed_beside_the_flow_and_interrupted_without_loss() -> None:
    report = await experiment(letters=150, rate=4, seconds=5)
    assert report.good, report
    assert 0 < report.stopped.open_meanwhile < report.stopped.letters
    assert 0 < report.killed.open_meanwhile < report.killed.letters
    assert report.during.sent > 0
