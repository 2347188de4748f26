from bench.profiles.flame import draw, read

STACKS = """\
run (asyncio/runners.py:190);Intake.handle (hub/stages/intake.py:97);read (hub/a.py:1) 3
Thread.run (threading.py:9);Writer._work (hub/store/writer.py:9);_take_in (hub/stages/intake.py:5) 2
run (asyncio/runners.py:190);Deliver.handle (hub/stages/deliver.py:97);post (hub/b.py:1) 7
Thread.run (threading.py:982);Writer._next_group (hub/store/writer.py:101) 100
"""


def test_who_waits_is_left_out_and_how_threads_begin_is_cut_off() -> None:
    whole = read(STACKS)
    assert whole.samples == 12
    assert set(whole.below) == {
        "Intake.handle (hub/stages/intake.py)",
        "Writer._work (hub/store/writer.py)",
        "Deliver.handle (hub/stages/deliver.py)",
    }


def test_a_stage_is_seen_on_the_loop_and_in_the_thread_that_writes() -> None:
    intake = read(STACKS, "intake")
    assert {name: each.samples for name, each in intake.below.items()} == {
        "Intake.handle (hub/stages/intake.py)": 3,
        "_take_in (hub/stages/intake.py)": 2,
    }
    assert "_take_in (hub/stages/intake.py) 40.0%" in draw(intake)
    assert "Deliver" not in draw(intake)
