import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.failure import PermanentFailure
from hub.store import Sealer

OLD, NEW = Sealer.generate_text(), Sealer.generate_text()


@given(st.binary(max_size=2000))
def test_what_was_sealed_opens_and_does_not_show(plain: bytes) -> None:
    sealer = Sealer.from_text(NEW)
    sealed = sealer.seal(plain, "message:1")
    assert sealer.open(sealed, "message:1") == plain
    assert len(plain) < 8 or plain not in sealed
    assert sealer.seal(plain, "message:1") != sealed


def test_what_an_old_key_sealed_opens_after_rotation() -> None:
    sealed = Sealer.from_text(OLD).seal(b"content", "message:1")
    rotated = Sealer.from_text(f"{NEW},{OLD}")

    assert rotated.open(sealed, "message:1") == b"content"
    with pytest.raises(PermanentFailure):
        Sealer.from_text(OLD).open(rotated.seal(b"content", "message:1"), "message:1")


def test_a_key_that_is_gone_is_told_apart_from_damage() -> None:
    sealed = Sealer.from_text(OLD).seal(b"content", "message:1")
    same_id = f"{OLD.split(':')[0]}:{NEW.split(':')[1]}"

    with pytest.raises(PermanentFailure, match="not among the configured content keys"):
        Sealer.from_text(NEW).open(sealed, "message:1")
    with pytest.raises(PermanentFailure, match="another key has the same id"):
        Sealer.from_text(same_id).open(sealed, "message:1")


@pytest.mark.parametrize("damage", ["flipped", "cut", "moved", "empty"])
def test_damage_is_unreadable_with_meaning(damage: str) -> None:
    sealer = Sealer.from_text(NEW)
    sealed = sealer.seal(b"content", "message:1")
    about = "message:2" if damage == "moved" else "message:1"
    if damage == "flipped":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    elif damage == "cut":
        sealed = sealed[:15]
    elif damage == "empty":
        sealed = b""

    with pytest.raises(PermanentFailure) as raised:
        sealer.open(sealed, about)
    assert raised.value.cause == "content.unreadable"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "content key 1 needs an id"),
        ("no-colon-but-secret", "content key 1 must be 32 bytes"),
        (f"k1:{base64.b64encode(b'too short').decode()}", "content key 1 must be 32 bytes"),
        (f"{NEW},{NEW}", "content key 2 needs an id of its own"),
    ],
)
def test_a_wrong_key_text_is_explained_without_quoting_it(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as raised:
        Sealer.from_text(text)
    assert "secret" not in str(raised.value)
