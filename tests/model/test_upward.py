import pytest
from pydantic import ValidationError

from hub.model.identifiers import MessageUuid
from hub.model.upward import RefusalReason, UpdateKind, embedded, upward
from tests.model.builders import UPDATE_KINDS, an_update


@pytest.mark.parametrize("kind", UPDATE_KINDS)
def test_an_update_of_every_kind_survives_its_json_with_its_documents(kind: UpdateKind) -> None:
    update = an_update(kind)
    assert update.type == kind
    assert upward.validate_json(upward.dump_json(update)) == update


def test_reading_a_message_twice_gives_its_documents_the_same_ids() -> None:
    message: MessageUuid = an_update("status").id
    one, again = (embedded(message, "notice", "application/pdf", b"%PDF") for _ in range(2))
    other = embedded(message, "fee_notice", "application/pdf", b"%PDF")
    assert one == again
    assert one.id != other.id
    assert one.sha256 == other.sha256


def test_a_status_that_the_standard_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError):
        an_update("status", status="04")


@pytest.mark.parametrize("code", ["S100", "X001", "V000", "T000"])
def test_a_refusal_has_codes(code: str) -> None:
    assert RefusalReason(code=code).text is None
    with pytest.raises(ValidationError):
        RefusalReason(code=code.lower())


def test_the_json_schema_covers_every_kind() -> None:
    assert set(upward.json_schema()["discriminator"]["mapping"]) == {
        *UPDATE_KINDS,
        "receipt",
        "refusal",
    }
