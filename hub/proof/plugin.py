"""The pytest plugin: gives `AdapterChecks` the report on each version of its adapter.

Loaded by pytest in every environment that has the hub, so it imports nothing before it is used.
"""

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from hub.proof.report import Report

__all__ = ["hub_adapter_report", "pytest_generate_tests"]

_REPORT: Final = "hub_adapter_report"
_reports: Final = pytest.StashKey[dict[tuple[int, str], "Report"]]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each version of the adapter's format."""
    if _REPORT in metafunc.fixturenames and metafunc.cls is not None:
        metafunc.parametrize(_REPORT, sorted(metafunc.cls.adapter.formats), indirect=True)


@pytest.fixture
def hub_adapter_report(request: pytest.FixtureRequest) -> "Report":
    """The report on one version, made once per run."""
    from hub.proof import prove

    adapter, version = request.cls.adapter, request.param
    known = request.config.stash.setdefault(_reports, {})
    if (id(adapter), version) not in known:
        known[id(adapter), version] = prove(adapter, version)
    return known[id(adapter), version]
