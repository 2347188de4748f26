"""`deploy/prepare.py`: secrets are made once, and nobody else on the machine can reach them."""

import json
import ssl
from pathlib import Path

from cryptography import x509

from hub.settings import Settings
from hub.web.access import Access
from tests.deploy.conftest import prepare

WRITTEN_ANEW = {"secrets/rabbitmq_definitions"}
"""Its hashes have a salt."""


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_there_stays_and_what_is_missing_is_made(made: Path) -> None:
    before = contents(made)
    (made / "secrets" / "grafana_password").unlink()
    assert prepare(made).returncode == 0
    after = contents(made)
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"secrets/grafana_password", *WRITTEN_ANEW}


def test_only_the_owner_enters(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o700
    modes = {path.stat().st_mode & 0o777 for path in (made / "secrets").iterdir()}
    assert modes == {0o444}  # each container runs as somebody else


def test_the_broker_is_given_hashes_only(made: Path) -> None:
    text = (made / "secrets" / "rabbitmq_definitions").read_text()
    users = {user["name"]: user["tags"] for user in json.loads(text)["users"]}
    assert users == {"hub": "", "spree": "", "monitoring": "monitoring"}
    for name in users:
        assert (made / "secrets" / f"rabbitmq_password_{name}").read_text() not in text


def test_the_authority_has_issued_what_it_should(made: Path) -> None:
    authority = ssl.create_default_context(cafile=made / "secrets" / "ca")
    assert authority.cert_store_stats()["x509_ca"] == 1
    for name in ("hub", "rabbitmq", "postgres"):
        certificate = x509.load_pem_x509_certificate(
            (made / "secrets" / f"{name}_certificate").read_bytes()
        )
        issuer = x509.load_pem_x509_certificate((made / "secrets" / "ca").read_bytes())
        certificate.verify_directly_issued_by(issuer)
        hosts = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert name in hosts.value.get_values_for_type(x509.DNSName)


def test_the_hub_takes_addresses_and_access(made: Path) -> None:
    for name in ("amqp_url", "amqp_url_cluster"):
        settings = Settings(
            amqp_url_file=made / "secrets" / name,
            store_url_file=made / "secrets" / "store_url",
            content_key_file=made / "secrets" / "content_key",
        )
        assert all(url.startswith("amqps://hub:") for url in settings.amqp_urls)
        assert settings.store_at.startswith("postgresql+psycopg://hub:")
    token = (made / "secrets" / "metrics_token").read_text()
    found = Access(made / "hub" / "access.yaml").of_secret(token)
    assert found is not None
    assert (found.name, found.role) == ("prometheus", "viewer")


def test_a_wrong_routing_table_is_told(made: Path, tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "routing.yaml").write_text("systems: {}\n")
    said = prepare(tmp_path)
    assert said.returncode != 0
    assert "routing.yaml" in said.stderr
