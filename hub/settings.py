"""Settings of a hub: from environment variables that begin with `HUB_`, secrets also from files."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    retention_days: int = Field(
        default=30, ge=0, description="Days for which content is kept after it was accepted."
    )

    @model_validator(mode="after")
    def _a_key(self) -> Self:
        if (self.content_key is None) == (self.content_key_file is None):
            raise ValueError(
                "set either HUB_CONTENT_KEY or HUB_CONTENT_KEY_FILE; `hub key` makes a new key"
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
