"""Settings of a hub: from environment variables that begin with `HUB_`, secrets also from files."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.mailbox.addresses import MailServer, WebAddress

__all__ = ["Settings"]


class Settings(BaseSettings):
    """Every setting, with its meaning. An unset one without a default is an error at start."""

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore", frozen=True)

    amqp_url: SecretStr = Field(
        default=SecretStr("amqp://guest:guest@127.0.0.1:5672/"),
        description="RabbitMQ; several hosts of one cluster separated by commas.",
    )
    store_url: str = Field(
        default="sqlite:///.var/hub.db",
        description="sqlite:///path, or postgresql+psycopg://user@host/database.",
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
    otlp_url: WebAddress | None = Field(
        default=None,
        description="Where traces go, OTLP over HTTP: https://host/v1/traces; none: nowhere.",
    )
    retention_days: int = Field(
        default=30, ge=0, description="Days for which content is kept after it was accepted."
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
                "set either HUB_CONTENT_KEY or HUB_CONTENT_KEY_FILE; `hub key` makes a new key"
            )
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
        if self.smtp_password is not None and self.smtp_password_file is not None:
            raise ValueError("set HUB_SMTP_PASSWORD or HUB_SMTP_PASSWORD_FILE, not both")
        _all_or_none(
            HUB_SMTP_USER=self.smtp_user,
            HUB_SMTP_PASSWORD=self.smtp_password or self.smtp_password_file,
        )
        return self

    @property
    def amqp_urls(self) -> list[str]:
        """The broker's addresses, one for each host."""
        return [url.strip() for url in self.amqp_url.get_secret_value().split(",") if url.strip()]

    def keys(self) -> str:
        """The content keys as text; raises OSError if their file cannot be read."""
        if self.content_key_file is not None:
            return self.content_key_file.read_text("utf-8").strip()
        return self.content_key.get_secret_value() if self.content_key is not None else ""

    def smtp_secret(self) -> str | None:
        """The mail server's password; raises OSError if its file cannot be read."""
        if self.smtp_password_file is not None:
            return self.smtp_password_file.read_text("utf-8").strip()
        return self.smtp_password.get_secret_value() if self.smtp_password is not None else None


def _all_or_none(**settings: object | None) -> None:
    missing = [name for name, value in settings.items() if value is None]
    if missing and len(missing) < len(settings):
        raise ValueError(f"{', '.join(settings)} belong together; missing: {', '.join(missing)}")
