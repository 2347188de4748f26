"""Names that stand twice are found however long the texts around them are."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.model.failure import PermanentFailure
from hub.stages import reading
from hub.stages.reading import read_message
from tests.builders import a_document, a_submission

LARGE = a_document("large", size=100_000)

texts = st.text(alphabet='abc"\\:, {}[]\n', max_size=12)
pairs = st.recursive(
    st.one_of(texts, st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(st.tuples(st.sampled_from("abc"), inner), max_size=4).map(tuple),
    ),
    max_leaves=12,
)
"""JSON values; a tuple of pairs is an object, in which a name may stand twice."""


def written(value: Any, space: str) -> str:
    if isinstance(value, tuple):
        fields = (f"{json.dumps(name)}:{space}{written(each, space)}" for name, each in value)
        return "{" + space + f",{space}".join(fields) + space + "}"
    if isinstance(value, list):
        return "[" + f"{space},".join(written(each, space) for each in value) + space + "]"
    return json.dumps(value, ensure_ascii=False)


def names_twice(body: bytes) -> bool:
    def once(found: Sequence[tuple[str, Any]]) -> None:
        if len({name for name, _ in found}) < len(found):
            raise LookupError

    try:
        json.loads(body, object_pairs_hook=once)
    except LookupError:
        return True
    return False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=pairs, space=st.sampled_from(["", " ", " " * 9]))
def test_what_is_left_out_changes_no_names(
    monkeypatch: pytest.MonkeyPatch, value: Any, space: str
) -> None:
    monkeypatch.setattr(reading, "_LONG", 2)
    body = written(value, space).encode()
    assert names_twice(reading._without_long_texts(body)) is names_twice(body)


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_name_that_stands_twice_beside_a_large_document(place: str) -> None:
    good = a_submission(documents_given=(LARGE,)).model_dump_json()
    twice = '"application_id":"AT-OTHER"'
    bad = "{" + twice + "," + good[1:] if place == "before" else good[:-1] + "," + twice + "}"
    assert read_message(good.encode()).documents[0].content == LARGE.content
    with pytest.raises(PermanentFailure, match=r"json\.duplicate_name"):
        read_message(bad.encode())
