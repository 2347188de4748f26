"""The examination as tests in a vendor's own repository, one for each thing that has to hold.

::

    from hub.proof.testing import AdapterChecks
    from mine import adapter

    class TestMine(AdapterChecks):
        adapter = adapter
"""

from typing import ClassVar

import pytest

from hub.adapter import Adapter
from hub.proof.report import PROMISES, Property, Report

__all__ = ["AdapterChecks"]


class AdapterChecks:
    """Derive a class `Test…` from it; its adapter must have a name in a module."""

    adapter: ClassVar[Adapter]

    def test_it_can_be_loaded(self, hub_adapter_report: Report) -> None:
        """See `PROMISES`, as for all that follow."""
        _hold(hub_adapter_report, Property.LOADED)

    def test_every_call_is_answered(self, hub_adapter_report: Report) -> None:
        """Nothing raises, hangs, ends or eats memory."""
        _hold(hub_adapter_report, Property.ANSWERS)

    def test_every_written_document_is_valid(self, hub_adapter_report: Report) -> None:
        """Against the format's own schemas."""
        _hold(hub_adapter_report, Property.VALID)

    def test_the_same_message_gives_the_same_bytes(self, hub_adapter_report: Report) -> None:
        """In this process and in any other."""
        _hold(hub_adapter_report, Property.SAME)

    def test_every_field_is_carried_or_declared_lost(self, hub_adapter_report: Report) -> None:
        """The table of the mapping."""
        _hold(hub_adapter_report, Property.CARRIED)

    def test_no_two_fields_can_be_exchanged(self, hub_adapter_report: Report) -> None:
        """Without a trace in the XML."""
        _hold(hub_adapter_report, Property.APART)

    def test_every_code_is_written_and_no_two_alike(self, hub_adapter_report: Report) -> None:
        """Of every list that the hub keeps."""
        _hold(hub_adapter_report, Property.CODES)

    def test_texts_arrive_or_their_change_is_reported(self, hub_adapter_report: Report) -> None:
        """Up to the longest that the model allows."""
        _hold(hub_adapter_report, Property.TEXTS)

    def test_golden_examples_are_written_as_they_stand(self, hub_adapter_report: Report) -> None:
        """Those in `examples/to_authority`."""
        _hold(hub_adapter_report, Property.EXAMPLES)

    def test_golden_updates_are_read_as_they_stand(self, hub_adapter_report: Report) -> None:
        """Those in `examples/to_applicant`."""
        _hold(hub_adapter_report, Property.READ)

    def test_hostile_updates_are_refused_with_a_meaning(self, hub_adapter_report: Report) -> None:
        """What no system should send."""
        _hold(hub_adapter_report, Property.HOSTILE)


def _hold(report: Report, property_: Property) -> None:
    faults = report.faults_of(property_)
    if faults:
        said = "\n\n".join(map(str, faults))
        pytest.fail(f"It does not hold that {PROMISES[property_]}:\n\n{said}", pytrace=False)
