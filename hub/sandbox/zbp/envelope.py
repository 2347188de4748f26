"""Opens an envelope: who signed it, with which certificate, and is the token theirs and of now."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from hub.sandbox.zbp.refusal import Refusal

__all__ = ["Doorkeeper"]

_PARTS: Final = {"content", "sha512sum", "authorToken", "authorCertificate"}
_LONGEST_TOKEN: Final = timedelta(hours=1)
_LEEWAY: Final = timedelta(seconds=30)


class Doorkeeper:
    """Lets in what an author signed whose certificate comes from one authority."""

    def __init__(self, trusted: x509.Certificate) -> None:
        self._trusted = trusted

    def open(self, envelope: str) -> dict[str, Any]:
        """The content, as an object.

        Raises:
            Refusal: 400 if it is no envelope, 401 if it is not from whom it says.
        """
        parts = _object(envelope, "envelope")
        if set(parts) != _PARTS or not all(isinstance(part, str) for part in parts.values()):
            raise Refusal(400, "envelope", f"An envelope has {', '.join(sorted(_PARTS))}.")
        certificate, key = self._certificate(parts["authorCertificate"])
        _check_signature(key, parts["content"], parts["sha512sum"])
        _check_token(key, certificate, parts["authorToken"])
        return _object(parts["content"], "content")

    def _certificate(self, pem: str) -> tuple[x509.Certificate, rsa.RSAPublicKey]:
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            certificate.verify_directly_issued_by(self._trusted)
        except (ValueError, TypeError, InvalidSignature):
            raise Refusal(401, "certificate", "The certificate is of nobody known.") from None
        now, key = datetime.now(UTC), certificate.public_key()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Refusal(401, "certificate", "The certificate is not valid now.")
        if not isinstance(key, rsa.RSAPublicKey):
            raise Refusal(401, "certificate", "The certificate has no RSA key.")
        return certificate, key


def _check_signature(key: rsa.RSAPublicKey, content: str, signature: str) -> None:
    try:
        given = base64.b64decode(signature, validate=True)
        key.verify(given, content.encode(), padding.PKCS1v15(), hashes.SHA512())
    except (binascii.Error, InvalidSignature):
        raise Refusal(401, "signature", "The content was not signed with this key.") from None


def _check_token(key: rsa.RSAPublicKey, certificate: x509.Certificate, token: str) -> None:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    registry = jwt.JWTClaimsRegistry(
        leeway=int(_LEEWAY.total_seconds()),
        iat={"essential": True},
        exp={"essential": True},
        signer={"essential": True, "values": [str(name.value) for name in names]},
        roles={"essential": True, "value": ["THIRD_PARTY"]},
    )
    try:
        claims = jwt.decode(token, RSAKey.import_key(_pem(key)), algorithms=["RS512"]).claims
        registry.validate(claims)
    except (JoseError, ValueError):
        raise Refusal(401, "token", "The token is not of this author, or not of now.") from None
    if claims["exp"] - claims["iat"] > _LONGEST_TOKEN.total_seconds():
        raise Refusal(401, "token", "The token holds for too long.")


def _pem(key: rsa.RSAPublicKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form)


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, what, f"The {what} is no JSON object.")
    return found
