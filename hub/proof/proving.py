"""Examines one version of an adapter and reports all that was found.

The adapter runs in processes of its own; this one only asks. Nothing is sent anywhere, and
the same adapter gives the same report, but for the times.
"""

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from hub.adapter import Adapter, Capability
from hub.proof.comparing import compare
from hub.proof.coverage import Coverage
from hub.proof.examination import Examination, Harmed, Stopped
from hub.proof.examinee import Bounds, Examinee
from hub.proof.golden import TO_AUTHORITY, examples
from hub.proof.messages import SUBJECTS, complete, is_service, shape_of_subject
from hub.proof.protocol import Answer, Died, Hung, Raised, Ready
from hub.proof.reading import Reading
from hub.proof.report import Fault, Property, Report
from hub.proof.swaps import swapped
from hub.proof.writing import Writing
from hub.workshop.reference import reference_to

__all__ = ["prove"]

_BOUNDS: Final = Bounds()


def prove(adapter: Adapter, version: str, *, bounds: Bounds = _BOUNDS) -> Report:
    """Examine a version of `adapter`: well under a minute for a large format.

    Raises:
        KeyError: the adapter has no such version.
        LookupError: the adapter has no name in a module, so that no other process finds it.
    """
    if version not in adapter.formats:
        raise KeyError(version)
    began = time.monotonic()
    reference = reference_to(adapter)
    with (
        Examinee(reference, version, bounds) as examinee,
        Examinee(reference, version, bounds, hash_seed=1) as elsewhere,
    ):
        proof = _Proof(version, examinee, elsewhere)
        proof.run()
    return proof.report(adapter.name, timedelta(seconds=time.monotonic() - began))


class _Proof:
    def __init__(self, version: str, examinee: Examinee, elsewhere: Examinee) -> None:
        self._version = version
        self._examinee = examinee
        self._elsewhere = elsewhere
        self._examination = Examination(examinee)
        self._coverage = Coverage(self._examination, {})

    def run(self) -> None:
        """Examine everything that can be examined."""
        ready = self._examinee.start()
        self._examination.checked[Property.LOADED] += 1
        if not isinstance(ready, Ready):
            self._not_loaded(ready)
            return
        self._coverage = Coverage(self._examination, ready.lost)
        try:
            self._written(ready)
            self._read(ready)
        except Stopped:
            sentence = "the examination was stopped: this happened too often"
            self._examination.fault(Fault(Property.ANSWERS, sentence))
        if not self._examination.harmed:
            self._coverage.judge()  # otherwise not every field was seen
        for fault in swapped(self._coverage.places):
            self._examination.fault(fault)

    def report(self, adapter: str, duration: timedelta) -> Report:
        """All that was found."""
        return Report(
            adapter=adapter,
            version=self._version,
            faults=self._examination.faults,
            checked=dict(self._examination.checked),
            rows=self._coverage.rows(),
            refusals=tuple(self._examination.refusals.values()),
            timings=self._examination.timings(),
            duration=duration,
        )

    def _written(self, ready: Ready) -> None:
        writing = Writing(self._examination, self._elsewhere, self._coverage)
        for subject in _capabilities(ready):
            with suppress(Harmed):
                self._kind(writing, subject)
        services = [each for each in _capabilities(ready) if is_service(each)]
        for at, service in enumerate(services, start=1):
            with suppress(Harmed):
                self._coverage.tell_apart(service, services[at:])
        for example in examples(Path(ready.package), TO_AUTHORITY):
            with suppress(Harmed):
                compare(self._examination, example)

    def _kind(self, writing: Writing, subject: Capability) -> None:
        # Not above: hypothesis comes with the extra `check` only.
        from hub.proof.anything import examine_any

        message, shape = complete(subject), shape_of_subject(subject)
        if writing.valid_and_same(subject, message) is None:
            return  # refused or raised: nothing can be said of its fields
        self._coverage.examine(subject, shape, message)
        writing.examine(subject, shape, message)
        examine_any(self._examination, writing, subject)

    def _read(self, ready: Ready) -> None:
        reading = Reading(self._examination, ready, self._version)
        for example in reading.golden():
            with suppress(Harmed):
                reading.examine(example)
        reading.complete()

    def _not_loaded(self, answer: Answer) -> None:
        match answer:
            case Raised():
                sentence = f"loading it raised {answer.error} at {answer.place}"
            case Hung():
                sentence = f"it was not loaded within {answer.seconds:g} s"
            case Died():
                sentence = f"loading it ended the process ({answer.how})"
            case _:
                sentence = "loading it needed more memory than it may have"
        self._examination.fault(Fault(Property.LOADED, sentence))


def _capabilities(ready: Ready) -> list[Capability]:
    return [each for each in SUBJECTS if each in ready.carries]
