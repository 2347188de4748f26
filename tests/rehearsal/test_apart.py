"""In a process of its own a vendor may do what it likes: the rehearsal tells, or ends in time."""

import threading
from datetime import date, timedelta

import pytest

from hub.rehearsal.apart import Apart, Compared, Days, Progress, Refused, Rehearsed
from hub.workshop.process import Ended, Hung
from tests.rehearsal.vendors import REFERENCES, a_table_text

TODAY = date(2026, 11, 26)
NEXT = Days(on=None, today=TODAY)


def rehearsed(then: str, to_come: str | None = None) -> tuple[Rehearsed, list[Progress]]:
    told: list[Progress] = []
    found = Apart(REFERENCES).rehearse(a_table_text(then), to_come, NEXT, told.append)
    assert isinstance(found, Rehearsed)
    return found, told


def test_what_fails_from_the_next_cut_over_on_is_told_with_progress() -> None:
    found, told = rehearsed("refuses")
    [group] = found.report.groups
    assert [(each.kinds, each.cause) for each in group.fails] == [(("family",), "family.gone")]
    assert (group.old.format, group.new.format) == ("trial well", "trial refuses")
    assert group.compared.owed == 0, "nothing that is owed was looked at"
    assert [(each.done, each.steps) for each in told] == [(0, 2), (1, 2), (2, 2)]


def test_the_child_has_no_setting_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_CONTENT_KEY", "a key")
    found, _ = rehearsed("spies")
    assert [each.sentence for each in found.report.groups[0].fails] == ["I see []."]


def test_a_vendor_that_hangs_is_ended_when_its_time_is_up() -> None:
    apart = Apart(REFERENCES, time=timedelta(seconds=4))
    with pytest.raises(Hung):
        apart.rehearse(a_table_text("hangs"), None, NEXT, lambda _: None)


def test_one_that_ends_its_process_ends_nothing_else() -> None:
    with pytest.raises(Ended, match="exit code 3"):
        rehearsed("ends")


def test_it_is_stopped_while_a_vendor_hangs_and_before_it_began() -> None:
    apart = Apart(REFERENCES)

    def stop_soon(progress: Progress) -> None:
        stopping.append(threading.Timer(0.1, apart.stop))
        stopping[-1].start()

    stopping: list[threading.Timer] = []
    with pytest.raises(Ended, match="signal 9"):
        apart.rehearse(a_table_text("hangs"), None, NEXT, stop_soon)
    for each in stopping:
        each.join()
    with pytest.raises(Ended, match="signal 9"):
        apart.rehearse(a_table_text("well"), None, NEXT, stop_soon)


def test_a_candidate_is_compared_with_what_holds() -> None:
    found = Apart(REFERENCES).compare(a_table_text("well"), a_table_text("well", name="Neustadt"))
    assert found == Compared(("authority 990001: name Musterstadt → Neustadt",))


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ("systems: 3", "candidate:1: systems must be"),
        ("[" * 600, "candidate:1: this is not YAML (its values stand inside each other"),
        ("a: &a [x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(99)), "candidate:1: the file"),
        (a_table_text("unheard"), "candidate:3: system one: version"),
    ],
)
def test_what_is_no_table_is_refused_with_its_lines(candidate: str, said: str) -> None:
    found = Apart(REFERENCES).compare(a_table_text("well"), candidate)
    assert isinstance(found, Refused)
    assert found.problems[0].startswith(said), found.problems


def test_one_that_takes_all_memory_gets_no_more_than_it_may() -> None:
    found, _ = rehearsed("takes")
    assert [each.sentence for each in found.report.groups[0].fails] == [
        "The adapter failed with MemoryError, which it should not."
    ]
