"""Encrypted and to a proven name, or to this machine: the rule for brokers and databases."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from hub.model.failure import PermanentFailure
from hub.tls import (
    MailServer,
    WebAddress,
    broker_addresses,
    in_the_clear,
    is_loopback,
    store_address,
)

PROVEN = "sslmode=verify-full&sslrootcert=/etc/hub/ca.pem"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "rabbit", "localhost.example", "127.0.0.1.example", ""]
)
def test_another_machine(host: str) -> None:
    assert not is_loopback(host)


def test_http_leaves_this_machine_in_the_clear_and_https_does_not() -> None:
    assert in_the_clear("http://nord.example/")
    assert not in_the_clear("http://127.0.0.1:8091/")
    assert not in_the_clear("https://nord.example/")


def test_brokers_may_be_several() -> None:
    urls = ["amqps://hub:geheim@one.example/", "amqps://hub@two.example:5671/vhost"]
    assert broker_addresses(f" {urls[0]}, {urls[1]},") == urls
    assert broker_addresses("amqp://guest:guest@127.0.0.1:5672/") == [
        "amqp://guest:guest@127.0.0.1:5672/"
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqp://hub:geheim@rabbit.example/", "must not travel unencrypted to another machine"),
        ("amqp://127.0.0.1/,amqp://geheim@10.0.0.1/", "must not travel unencrypted"),
        ("amqps://hub:geheim@rabbit.example/?no_verify_ssl=1", "no options"),
        ("amqps://hub:geheim@rabbit.example/?auth=plain#geheim", "no options"),
        ("https://hub:geheim@rabbit.example/", "write a whole address"),
        ("geheim", "write a whole address"),
        (" , ", "write a whole address"),
        ("amqps://hub:geheim@rabbit\u2100.example/", "write a whole address"),
        ("amqps://hub:geheim/x@rabbit.example/", "write a whole address"),
        ("amqps://hub:geheim@[rabbit.example/", "write a whole address"),
    ],
)
def test_a_broker_that_breaks_the_rule_is_refused_without_quoting_it(url: str, said: str) -> None:
    with pytest.raises(PermanentFailure, match=said) as raised:
        broker_addresses(url)
    assert raised.value.sentence.startswith("HUB_AMQP_URL: ")
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///.var/hub.db",
        "postgresql+psycopg://hub@/hub?host=/run/postgresql",
        "postgresql+psycopg:///hub",
        "postgresql+psycopg://hub:geheim@localhost/hub",
        "postgresql+psycopg://hub:geheim@127.0.0.1:5433/hub",
        "postgresql+psycopg://hub@/hub?host=127.0.0.1:5433&host=::1",
        f"postgresql+psycopg://hub:geheim@db.example/hub?{PROVEN}",
        f"postgresql+psycopg://hub@/hub?host=one.example&host=two.example&{PROVEN}",
    ],
)
def test_a_store_here_or_proven(url: str) -> None:
    assert store_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://hub:geheim@db.example/hub",
        "postgresql+psycopg://hub:geheim@db.example/hub?sslmode=require",
        "postgresql+psycopg://hub:geheim@db.example/hub?sslmode=verify-ca",
        "postgresql+psycopg://hub:geheim@db.example/hub?sslmode=verify-full&sslmode=disable",
        "postgresql+psycopg://hub@/hub?host=/run/postgresql&host=db.example",
        "postgresql+psycopg://hub@/hub?host=/run/postgresql,db.example",
        "postgresql+psycopg://hub@/hub?host=127.0.0.1&hostaddr=10.0.0.1",
        "postgresql+psycopg://hub@/hub?service=geheim",
    ],
)
def test_a_store_elsewhere_has_to_prove_its_name(url: str) -> None:
    with pytest.raises(PermanentFailure, match=r"sslmode=verify-full&sslrootcert") as raised:
        store_address(url)
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "geheim",
        "",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://hub:geheim@127.0.0.1/hub",
        "postgresql://hub:geheim@127.0.0.1/hub",
        "postgresql+psycopg://hub:geheim@127.0.0.1:port/hub",
        "postgresql+psycopg://hub:geheim@[127.0.0.1/hub",
        "postgresql+psycopg://hub:geheim@db\u2100.example/hub",
    ],
)
def test_what_is_no_store_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(PermanentFailure, match="HUB_STORE_URL: the store cannot live") as raised:
        store_address(url)
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize("kind", [WebAddress, MailServer])
@pytest.mark.parametrize(
    "url", ["https://geheim@host\u2100.example/", "https://a:geheim/x@host.example/"]
)
def test_what_is_no_address_is_never_quoted(kind: Any, url: str) -> None:
    address: TypeAdapter[str] = TypeAdapter(kind)
    with pytest.raises(ValidationError, match="write a whole address") as raised:
        address.validate_python(url.replace("https", "smtp") if kind is MailServer else url)
    assert "geheim" not in str(raised.value.errors(include_input=False))
