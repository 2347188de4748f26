"""Each reader with its seeds, what fuzzing found, and some hundred bytes made up on the spot."""

import importlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
READERS = ["amqp", "answer", "form", "json_message", "link", "outbox", "paper", "update"]
READERS += ["xml_document"]


def test_none_is_forgotten() -> None:
    here = {path.stem for path in Path(__file__).parent.glob("*.py")}
    assert here - {"__init__", "__main__", "rule", "test_corpus"} == set(READERS)
    assert {path.name for path in CORPUS.iterdir()} <= set(READERS)


@pytest.mark.parametrize("reader", READERS)
def test_its_seeds_and_what_broke_it_once(reader: str) -> None:
    module = importlib.import_module(f"tests.fuzz.{reader}")
    for seed in module.seeds():
        module.one(seed)
    for path in sorted((CORPUS / reader).glob("*")):
        module.one(path.read_bytes())


@pytest.mark.parametrize("reader", READERS)
def test_any_bytes(reader: str) -> None:
    module = importlib.import_module(f"tests.fuzz.{reader}")
    seeds = list(module.seeds())

    @given(st.data())
    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def run(data: st.DataObject) -> None:
        """A seed of which a piece is replaced by something else."""
        seed = data.draw(st.sampled_from(seeds))
        begin = data.draw(st.integers(0, len(seed)))
        end = data.draw(st.integers(begin, len(seed)))
        module.one(seed[:begin] + data.draw(st.binary(max_size=100)) + seed[end:])

    run()
