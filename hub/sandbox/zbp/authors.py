"""Makes an author for the simulated ZBP: a key, and a certificate from an issuer of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

__all__ = ["AuthorFiles", "make_author"]

_KEY_BITS: Final = 2048
_HOLDS: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AuthorFiles:
    """Files in PEM: the author's key and certificate, and the certificate of who issued it."""

    key: Path
    certificate: Path
    trusted: Path


def make_author(
    folder: Path, name: str = "Muster-Hub (erfunden)", holds: timedelta = _HOLDS
) -> AuthorFiles:
    """Make an author; with `holds` in the past, one whose certificate has expired."""
    folder.mkdir(parents=True, exist_ok=True)
    files = AuthorFiles(folder / "author.key", folder / "author.pem", folder / "trusted.pem")
    issuer_key, key = _key(), _key()
    issuer = _named("Muster-PKI (erfunden)")
    trusted = _builder(issuer, issuer, issuer_key, _HOLDS).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    files.trusted.write_bytes(_pem(trusted.sign(issuer_key, hashes.SHA256())))
    own = _builder(_named(name), issuer, key, holds)
    files.certificate.write_bytes(_pem(own.sign(issuer_key, hashes.SHA256())))
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, holds: timedelta
) -> x509.CertificateBuilder:
    until = datetime.now(UTC) + holds
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 2 * _HOLDS)
        .not_valid_after(until)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
