"""The contracts in `docs/api` are what the code does, and are not broken without a new version."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hub.asyncapi import asyncapi
from hub.web.api import openapi
from hub.web.applicant import embedded_document
from tests.contracts.breaking import breaking

DOCUMENTS = Path(__file__).parents[2] / "docs/api"
GENERATED = {"asyncapi": asyncapi, "openapi": openapi, "applicant": embedded_document}


def document(name: str) -> dict[str, Any]:
    return json.loads((DOCUMENTS / f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def major(contract: dict[str, Any]) -> str:
    version: str = contract["info"]["version"]
    return version.partition(".")[0]


@pytest.mark.parametrize("name", GENERATED)
def test_the_document_is_what_the_code_says(name: str) -> None:
    assert document(name) == GENERATED[name](), f"run: hub docs {name} > docs/api/{name}.json"


@pytest.mark.parametrize("name", GENERATED)
def test_nothing_published_is_broken_unless_the_version_says_so(name: str) -> None:
    published, current = document(f"published/{name}"), GENERATED[name]()
    if major(published) == major(current):
        broken = list(breaking(published, current))
        assert not broken, (
            f"{len(broken)} breaks of what was published, the first: {broken[0]}. Undo them, or "
            f"raise the version and copy docs/api/{name}.json to docs/api/published/."
        )


@pytest.mark.parametrize(
    ("at", "change", "found"),
    [
        ("AgreementReply", lambda one: one["required"].append("language"), "language is new"),
        ("AgreementReply", lambda one: one["properties"].pop("answers"), "answers: is gone"),
        (
            "Submission",
            lambda one: one["properties"]["language"]["enum"].remove("fa"),
            "fa is gone",
        ),
        ("Submission", lambda one: one["properties"]["test"].update(type="string"), "is string"),
        ("Submission", lambda one: one["properties"].update(more={"type": "string"}), None),
        ("Submission", lambda one: one["properties"]["language"]["enum"].append("pl"), None),
        ("Submission", lambda one: one.update(description="In other words."), None),
    ],
)
def test_a_break_is_told_from_an_addition(at: str, change: Any, found: str | None) -> None:
    published = asyncapi()
    changed = deepcopy(published)
    change(changed["components"]["schemas"][at])
    broken = list(breaking(published, changed))
    assert [found in each for each in broken] == [True] if found else not broken
