"""An authority of one's own for the containers of one machine, and the certificates it issues.

So that RabbitMQ, PostgreSQL and the hub prove their names to each other from the first start on.
What people and other machines see should come from the authority that they know already.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["LIFETIME", "authority", "identity"]

LIFETIME: Final = timedelta(days=1095)
"""Of the authority and of what it issues: both are made anew together."""


def authority(name: str) -> tuple[bytes, bytes]:
    """A certificate that may issue others, and its key; both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    made = _begun(name, _named(name), public).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    made = made.add_extension(_usage(signs=True), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    return _pem(made.sign(key, hashes.SHA256())), _key_pem(key)


def identity(name: str, hosts: Iterable[str], issuer: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A certificate for these hosts, issued by that authority, and its key; both PEM."""
    signing = serialization.load_pem_private_key(issuer[1], None)
    if not isinstance(signing, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is none of this script's: delete ca and ca.key")
    key = ec.generate_private_key(ec.SECP256R1())
    made = _begun(name, x509.load_pem_x509_certificate(issuer[0]).subject, key.public_key())
    made = made.add_extension(
        x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False
    )
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(_usage(signs=False), critical=True)
    made = made.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
    )
    return _pem(made.sign(signing, hashes.SHA256())), _key_pem(key)


def _begun(name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of machines differ
        .not_valid_after(now + LIFETIME)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
