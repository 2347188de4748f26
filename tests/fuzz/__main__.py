"""`python -m tests.fuzz READER [--seconds N]`: lets atheris look for bytes that break a reader.

Begins with the seeds and the corpus. Ends after so many seconds, or at the first find, which lies
in `corpus/<reader>/` then: a test of its own, as soon as it is committed.
"""

import argparse
import hashlib
import importlib
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import atheris

READERS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith(("_", "test_")) and path.stem != "rule"
)


def main() -> None:
    """Fuzz one reader; does not return."""
    arguments = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    arguments.add_argument("reader", choices=READERS)
    arguments.add_argument("--seconds", type=int, default=120)
    asked = arguments.parse_args()
    corpus = Path(__file__).parent / "corpus" / asked.reader
    corpus.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["hub", "adapters"]):
        reader = importlib.import_module(f"tests.fuzz.{asked.reader}")
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(reader.seeds()):
            Path(folder, f"seed-{number}").write_bytes(seed)
        options = (
            f"-max_total_time={asked.seconds}",
            f"-artifact_prefix={corpus}/",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-max_len=65536",
            "-print_final_stats=1",
        )
        found = Path(folder, "found")
        found.mkdir()
        one = partial(_keeping_finds, reader.one, corpus)
        atheris.Setup([sys.argv[0], *options, str(found), str(corpus), folder], one)
        atheris.Fuzz()


def _keeping_finds(one: Callable[[bytes], None], corpus: Path, data: bytes) -> None:
    try:
        one(data)
    except Exception:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        raise


if __name__ == "__main__":
    main()
