from pathlib import Path

import pytest

from hub.model.downward import downward
from hub.model.upward import upward
from hub.xml import parse
from tests.adapters.isar.golden import (
    FORMAT,
    TO_APPLICANT,
    TO_AUTHORITY,
    json_of,
    message_of,
    xml_of,
)


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json"))


@pytest.mark.parametrize("name", names(TO_AUTHORITY))
def test_the_example_to_the_authority_is_written_as_it_stands_there(name: str) -> None:
    message = downward.validate_json((TO_AUTHORITY / f"{name}.json").read_bytes())
    written = (TO_AUTHORITY / f"{name}.xml").read_text("utf-8")
    assert xml_of(message) == written
    FORMAT.schemas.check(parse(written.encode()))


@pytest.mark.parametrize("name", names(TO_APPLICANT))
def test_the_example_to_the_applicant_is_read_as_it_stands_there(name: str) -> None:
    message = message_of((TO_APPLICANT / f"{name}.xml").read_text("utf-8"))
    expected = (TO_APPLICANT / f"{name}.json").read_text("utf-8")
    assert json_of(message) == expected
    assert message == upward.validate_json(expected)


def test_there_is_an_example_of_everything_that_is_carried() -> None:
    shown = {*names(TO_AUTHORITY), *names(TO_APPLICANT), "submission"}
    assert shown >= FORMAT.carries
