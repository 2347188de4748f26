"""Who writes to the ZBP: the author's key and certificate, and the envelope signed with them.

The envelope has four parts: content as a text, its signature, a token and the certificate. The
form of signature (RSA PKCS #1 v1.5 over SHA-512, base64) and token (RS512; `signer` is the common
name of the certificate) are those of the public client library that the facts come from; the
provider's own documentation is not public. The key never leaves this object.
"""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from hub.model.failure import PermanentFailure

__all__ = ["Author"]

_TOKEN_HOLDS: Final = timedelta(minutes=30)
_ROLES: Final = ["THIRD_PARTY"]


class Author:
    """Signs. Made by `load`; a renewed certificate needs a restart."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate, name: str) -> None:
        self._key = key
        self._token_key = RSAKey.import_key(_pem(key))
        self._certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self._name = name

    @classmethod
    def load(cls, key_file: Path, certificate_file: Path) -> Self:
        """Read key and certificate, both PEM, the key without a passphrase.

        Raises:
            OSError: a file cannot be read.
            PermanentFailure: it is not what it should be; says which setting names it.
        """
        key, certificate = _key(key_file.read_bytes()), _certificate(certificate_file.read_bytes())
        if certificate.public_key() != key.public_key():
            raise _wrong("HUB_ZBP_CERTIFICATE_FILE is not the certificate of HUB_ZBP_KEY_FILE.")
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if not names:
            raise _wrong("HUB_ZBP_CERTIFICATE_FILE: the certificate has no common name.")
        return cls(key, certificate, str(names[0].value))

    def envelope(self, content: str, now: datetime) -> bytes:
        """Sign `content` and put it into an envelope, as JSON. Takes milliseconds."""
        signature = self._key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA512())
        envelope = {
            "content": content,
            "sha512sum": base64.b64encode(signature).decode(),
            "authorToken": self._token(now),
            "authorCertificate": self._certificate,
        }
        return json.dumps(envelope, ensure_ascii=False).encode()

    def _token(self, now: datetime) -> str:
        claims = {
            "iat": int(now.timestamp()),
            "exp": int((now + _TOKEN_HOLDS).timestamp()),
            "signer": self._name,
            "roles": _ROLES,
        }
        return jwt.encode({"alg": "RS512"}, claims, self._token_key, algorithms=["RS512"])


def _key(pem: bytes) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None  # and not a word of what the parser said: it might quote the key
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _wrong("HUB_ZBP_KEY_FILE holds no RSA key in PEM that opens without a passphrase.")
    return key


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise _wrong("HUB_ZBP_CERTIFICATE_FILE holds no certificate in PEM.") from None


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _wrong(sentence: str) -> PermanentFailure:
    return PermanentFailure("settings.zbp", sentence)
