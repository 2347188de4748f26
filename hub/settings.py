"""Settings of a hub: from environment variables that begin with `HUB_`, secrets also from files."""

import re
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.tls import MailServer, TlsFiles, WebAddress, broker_addresses, store_address

__all__ = ["BrokerSettings", "Settings"]

_SCANNER: Final = re.compile(
    r"/.{1,106}|([A-Za-z0-9._-]{1,253}|\[[0-9a-f:]{2,39}\]):(?P<port>[0-9]{1,5})"
)


def _scanner(address: str) -> str:
    found = _SCANNER.fullmatch(address)
    if not found or int(found["port"] or 0) > 0xFFFF:
        raise ValueError("write host:port, or the whole path of clamd's socket")
    return address


class BrokerSettings(BaseSettings):
    """What is needed to reach RabbitMQ. No error of these settings quotes what was set."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    amqp_url: SecretStr = Field(
        default=SecretStr("amqp://guest:guest@127.0.0.1:5672/"),
        description="RabbitMQ; several hosts of one cluster separated by commas. amqps:// proves"
        " the broker's name; amqp:// is for this machine only.",
    )
    amqp_url_file: Path | None = Field(
        default=None, description="A file with what amqp_url would say."
    )
    amqp_ca_file: Path | None = Field(
        default=None, description="Who certifies RabbitMQ, PEM; the system's, if none."
    )
    amqp_certificate_file: Path | None = Field(
        default=None,
        description="The hub's certificate, PEM; without a password in amqp_url it is who it is.",
    )
    amqp_key_file: Path | None = Field(
        default=None, description="The certificate's key, PEM without a passphrase."
    )

    @model_validator(mode="after")
    def _whole_broker(self) -> Self:
        _one_of(self, "amqp_url")
        _all_or_none(
            HUB_AMQP_CERTIFICATE_FILE=self.amqp_certificate_file,
            HUB_AMQP_KEY_FILE=self.amqp_key_file,
        )
        return self

    @property
    def amqp_urls(self) -> list[str]:
        """The broker's addresses, one for each host.

        Raises:
            OSError: their file cannot be read.
            PermanentFailure: one of them would let messages leave this machine unencrypted.
        """
        return broker_addresses(_secret(self.amqp_url, self.amqp_url_file))

    @property
    def amqp_tls(self) -> TlsFiles:
        """Whom the hub trusts there, and by what it proves who it is."""
        return TlsFiles(
            self.amqp_ca_file,
            self.amqp_certificate_file,
            self.amqp_key_file,
            setting="HUB_AMQP_…_FILE",
        )


class Settings(BrokerSettings):
    """Every setting, with its meaning. An unset one without a default is an error at start."""

    store_url: SecretStr = Field(
        default=SecretStr("sqlite:///.var/hub.db"),
        description="sqlite:///path, or postgresql+psycopg://user:password@host/database; another"
        " machine's with ?sslmode=verify-full&sslrootcert=/path/ca.pem.",
    )
    store_url_file: Path | None = Field(
        default=None, description="A file with what store_url would say."
    )
    documents: Path = Field(
        default=Path(".var/documents"), description="Folder of the encrypted documents."
    )
    routing: Path = Field(default=Path("routing.yaml"), description="The routing table.")
    content_key: SecretStr | None = Field(
        default=None,
        description="Keys that encrypt content, as `id:base64` of 32 bytes, the newest first.",
    )
    content_key_file: Path | None = Field(
        default=None, description="A file with what content_key would say."
    )
    access: Path | None = Field(
        default=None, description="File of the tokens that open the doors; without it, none does."
    )
    http_host: str = Field(default="127.0.0.1", description="Address the doors listen on.")
    http_port: int = Field(default=8090, ge=0, le=65535, description="Port of the doors.")
    http_certificate_file: Path | None = Field(
        default=None, description="The doors' certificate, PEM; with it they speak TLS only."
    )
    http_key_file: Path | None = Field(
        default=None, description="The certificate's key, PEM without a passphrase."
    )
    http_client_ca_file: Path | None = Field(
        default=None,
        description="Who certifies clients, PEM, or their own certificates; which of them may"
        " do what, the file of access says.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8090",
        description="Under which address people reach this hub from outside.",
    )
    link_days: int = Field(
        default=30, ge=1, description="Days for which a link to an applicant's letters opens."
    )
    official_schemas: Path | None = Field(
        default=None,
        description="Folder `<adapter>/<version>/` of official schema sets, checked in addition.",
    )
    clamd: Annotated[str, AfterValidator(_scanner)] | None = Field(
        default=None,
        description="clamd that scans every document: host:port or a socket; none: no scan.",
    )
    otlp_url: WebAddress | None = Field(
        default=None,
        description="Where traces go, OTLP over HTTP: https://host/v1/traces; none: nowhere.",
    )
    retention_days: int = Field(
        default=30, ge=0, description="Days for which content is kept after it was accepted."
    )
    letter_days: int = Field(
        default=365,
        ge=1,
        description="Days for which letters in the hub's own mailbox are kept, with documents.",
    )
    journal_days: int = Field(
        default=1095,
        ge=1,
        description="Days for which a case and its journal are kept after the last event in it.",
    )
    receipt_hours: float = Field(
        default=24, gt=0, description="Hours after which what has no receipt is sent again."
    )

    zbp_url: WebAddress | None = Field(
        default=None, description="Where the BundID's mailbox (ZBP) takes letters; none: no `zbp`."
    )
    zbp_status_url: WebAddress | None = Field(
        default=None, description="Where it takes the status of a case."
    )
    zbp_key_file: Path | None = Field(
        default=None, description="The author's RSA key, PEM without a passphrase."
    )
    zbp_certificate_file: Path | None = Field(
        default=None, description="The author's certificate, PEM."
    )
    zbp_ca_file: Path | None = Field(
        default=None, description="Who certifies the ZBP's server, PEM; the system's, if none."
    )
    zbp_service: str = Field(
        default="Aufenthaltstitel",
        min_length=1,
        description="Name of the online service, as applicants see it in the mailbox.",
    )
    smtp_url: MailServer | None = Field(
        default=None,
        description="Mail server for `notice`: smtp:// with STARTTLS, smtps://; none: no `notice`.",
    )
    smtp_from: str | None = Field(default=None, description="E-mail address that notices are from.")
    smtp_user: str | None = Field(default=None, description="Who logs in there; none: nobody.")
    smtp_password: SecretStr | None = Field(default=None, description="The user's password.")
    smtp_password_file: Path | None = Field(
        default=None, description="A file with what smtp_password would say."
    )
    smtp_ca_file: Path | None = Field(
        default=None, description="Who certifies the mail server, PEM; the system's, if none."
    )

    @model_validator(mode="after")
    def _a_key(self) -> Self:
        if (self.content_key is None) == (self.content_key_file is None):
            raise ValueError(
                "set either HUB_CONTENT_KEY or HUB_CONTENT_KEY_FILE; `hub keys new` makes a new key"
            )
        return self

    @model_validator(mode="after")
    def _whole_doors(self) -> Self:
        _all_or_none(
            HUB_HTTP_CERTIFICATE_FILE=self.http_certificate_file,
            HUB_HTTP_KEY_FILE=self.http_key_file,
        )
        if self.http_certificate_file is None and self.http_client_ca_file is not None:
            raise ValueError("HUB_HTTP_CLIENT_CA_FILE needs HUB_HTTP_CERTIFICATE_FILE beside it")
        if self.http_certificate_file is not None and not self.public_url.startswith("https://"):
            raise ValueError("the doors speak TLS: write HUB_PUBLIC_URL as https://…")
        return self

    @model_validator(mode="after")
    def _whole_providers(self) -> Self:
        _all_or_none(
            HUB_ZBP_URL=self.zbp_url,
            HUB_ZBP_STATUS_URL=self.zbp_status_url,
            HUB_ZBP_KEY_FILE=self.zbp_key_file,
            HUB_ZBP_CERTIFICATE_FILE=self.zbp_certificate_file,
        )
        _all_or_none(HUB_SMTP_URL=self.smtp_url, HUB_SMTP_FROM=self.smtp_from)
        _one_of(self, "store_url")
        _one_of(self, "smtp_password")
        _all_or_none(
            HUB_SMTP_USER=self.smtp_user,
            HUB_SMTP_PASSWORD=self.smtp_password or self.smtp_password_file,
        )
        return self

    @property
    def store_at(self) -> str:
        """The store's address.

        Raises:
            OSError: its file cannot be read.
            PermanentFailure: it would let content travel to a server that proves no name.
        """
        return store_address(_secret(self.store_url, self.store_url_file))

    @property
    def providers(self) -> tuple[str, ...]:
        """The mailbox providers that there are (`hub.providers`): the hub's own, and others."""
        others = {"notice": self.smtp_url, "zbp": self.zbp_url}
        return ("local", *(name for name, url in others.items() if url is not None))

    @property
    def http_tls(self) -> TlsFiles | None:
        """The doors' certificate and who certifies their clients; None: without TLS."""
        if self.http_certificate_file is None:
            return None
        return TlsFiles(
            self.http_client_ca_file,
            self.http_certificate_file,
            self.http_key_file,
            setting="HUB_HTTP_…_FILE",
        )

    def keys(self) -> str:
        """The content keys as text; raises OSError if their file cannot be read."""
        return _secret(self.content_key, self.content_key_file)

    def smtp_secret(self) -> str | None:
        """The mail server's password; raises OSError if its file cannot be read."""
        return _secret(self.smtp_password, self.smtp_password_file) or None


def _secret(given: SecretStr | None, file: Path | None) -> str:
    if file is not None:
        return file.read_text("utf-8").strip()
    return given.get_secret_value() if given is not None else ""


def _one_of(settings: BaseSettings, name: str) -> None:
    """A secret is set by itself or by its file; what both say would be anybody's guess."""
    if {name, f"{name}_file"} <= settings.model_fields_set:
        raise ValueError(f"set HUB_{name.upper()} or HUB_{name.upper()}_FILE, not both")


def _all_or_none(**settings: object | None) -> None:
    missing = [name for name, value in settings.items() if value is None]
    if missing and len(missing) < len(settings):
        raise ValueError(f"{', '.join(settings)} belong together; missing: {', '.join(missing)}")
