import json

import pytest

from tests.cli.conftest import Hub
from tests.model.builders import UPDATE_KINDS


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        (
            "submission",
            ["submission", "reply", "withdrawal", "agreement_reply", "receipt_confirmation"],
        ),
        ("update", UPDATE_KINDS),
    ],
)
def test_the_schema_of_what_is_sent_and_of_what_comes_back(
    hub: Hub, kind: str, types: list[str]
) -> None:
    outcome = hub("schema", kind)
    schema = json.loads(outcome.out)
    assert schema["$id"] == f"urn:residence-hub:{kind}"
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["title"]
    assert set(schema["discriminator"]["mapping"]) == set(types)


def test_a_new_key_is_another_each_time(hub: Hub) -> None:
    one, other = hub("keys", "new").out, hub("keys", "new").out
    assert one != other
    assert one.count(":") == 1
