"""Seals what applicants wrote before it touches a disk.

AES-256-GCM. A sealed value names the key that sealed it, so keys can be rotated: put a new one
in front, keep the old ones until nothing is left that they sealed. What a value is about is
bound to it: moved to another row, it does not open.
"""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.model.failure import PermanentFailure

__all__ = ["Sealer"]

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


class Sealer:
    """Seals with its first key, opens with any. Safe to use from several threads.

    A nonce is random, which is sound for some four thousand million values per key (NIST SP
    800-38D, 8.3); documents have a key of their own each.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._hash_keys = [_derived(key, "fingerprint") for key in keys.values()]
        self._first = next(iter(keys))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Of the keys it has, the sealing one first."""
        return tuple(self._ciphers)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read `id:base64,id:base64`: the first key seals, all open.

        Raises:
            ValueError: says which part is wrong, without quoting it.
        """
        keys: dict[str, bytes] = {}
        for number, part in enumerate(text.strip().split(","), start=1):
            key_id, _, encoded = part.strip().partition(":")
            if not _KEY_ID.fullmatch(key_id) or key_id in keys:
                raise ValueError(f"content key {number} needs an id of its own: id:base64")
            keys[key_id] = _decode(encoded, number)
        return cls(keys)

    @staticmethod
    def generate_text() -> str:
        """A new key under a new id, in the form that `from_text` reads."""
        key = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        return f"k{secrets.token_hex(4)}:{key}"

    @staticmethod
    def beginning(key_id: str) -> bytes:
        """How every value begins that this key has sealed."""
        return bytes([len(key_id)]) + key_id.encode()

    @staticmethod
    def key_id_of(sealed: bytes) -> str:
        """Which key has sealed a value, of which the first 33 bytes are enough."""
        return sealed[1 : 1 + sealed[0]].decode("ascii", errors="replace") if sealed else ""

    def seal(self, plain: bytes, about: str) -> bytes:
        """Encrypt. `about` names the place of the value, such as `message:<id>`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._first].encrypt(nonce, plain, about.encode())
        return self.beginning(self._first) + nonce + sealed

    def open(self, sealed: bytes, about: str) -> bytes:
        """Decrypt.

        Raises:
            PermanentFailure: `content.unreadable`: the key is not among ours, the value was
                changed, or it belongs to another place.
        """
        end = 1 + sealed[0] if sealed else 0
        key_id = self.key_id_of(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise PermanentFailure(
                "content.unreadable",
                "The content was sealed with a key that is not among the configured content keys.",
            )
        try:
            nonce, ciphertext = sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :]
            return cipher.decrypt(nonce, ciphertext, about.encode())
        except (InvalidTag, ValueError) as error:
            raise PermanentFailure(
                "content.unreadable",
                f"The content does not open with key {key_id}: it was changed or cut, belongs"
                " elsewhere, or another key has the same id.",
            ) from error

    def fingerprints(self, value: str, about: str) -> tuple[str, ...]:
        """Keyed hashes of `value`, one for each key, that of the sealing key first.

        Store the first and look for all: what was stored before keys were rotated is found as
        long as it can be opened. Without a key nobody can try values.
        """
        text = f"{about}:{value}".encode()
        return tuple(hmac.digest(key, text, "sha256").hex() for key in self._hash_keys)


def _derived(key: bytes, purpose: str) -> bytes:
    # A key serves one purpose (NIST SP 800-57, 5.2): HKDF gives another one its own.
    return HKDF(hashes.SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def _decode(encoded: str, number: int) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(f"content key {number} must be {_KEY_BYTES} bytes in base64")
    return key
