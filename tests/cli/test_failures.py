import pytest
from pydantic import ValidationError

from hub.cli import schema
from hub.cli.failures import CommandFailure, sentences
from hub.model.downward import downward
from hub.model.failure import PermanentFailure
from tests.cli.conftest import Hub


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["submit"], "Missing argument"),
        (["schema", "letter"], "'letter' is not one of"),
        (["routes", "explain", "--service", "x", "--place", "1"], "'x' is not one of"),
        (["journey"], "Missing argument"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    hub: Hub, arguments: list[str], said: str
) -> None:
    outcome = hub(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


def test_an_unexpected_error_is_one_sentence_without_its_text(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_SCHEMAS", {})
    outcome = hub("schema")
    assert outcome.code == 1
    assert outcome.err == (
        "This is an error in the hub itself (KeyError); HUB_TRACEBACK=1 shows where.\n"
    )
    monkeypatch.setenv("HUB_TRACEBACK", "1")
    assert "Traceback (most recent call last)" in hub("schema").err


def test_settings_that_are_missing_or_wrong_are_named_as_they_are_set(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HUB_CONTENT_KEY", "HUB_CONTENT_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert "set either HUB_CONTENT_KEY or HUB_CONTENT_KEY_FILE" in hub("ledger").err
    monkeypatch.setenv("HUB_CONTENT_KEY", "k1:short")
    monkeypatch.setenv("HUB_HTTP_PORT", "http")
    assert hub("ledger").err == "HUB_HTTP_PORT: must be a whole number\n"
    monkeypatch.setenv("HUB_HTTP_PORT", "0")
    outcome = hub("ledger")
    assert outcome.code == 1
    assert outcome.err.startswith("content key 1 must be 32 bytes in base64")
    assert "short" not in outcome.err
    monkeypatch.setenv("HUB_CONTENT_KEY_FILE", "/nowhere/key")
    monkeypatch.delenv("HUB_CONTENT_KEY")
    assert hub("ledger").err == "/nowhere/key: No such file or directory\n"


def test_failures_that_came_together_are_told_together() -> None:
    with pytest.raises(ValidationError) as refused:
        downward.validate_python({"type": "withdrawal", "id": "x", "case": "y"})
    group = ExceptionGroup("", [PermanentFailure("a", "One."), ExceptionGroup("", [refused.value])])
    assert sentences(group) == [
        *("One.", "id: must be a UUID", "created_at: is missing", "case: must be a UUID"),
    ]
    assert sentences(CommandFailure("Two.", "Three.")) == ["Two.", "Three."]
    assert sentences(FileNotFoundError(2, "No such file", "x.json")) == ["x.json: No such file"]
