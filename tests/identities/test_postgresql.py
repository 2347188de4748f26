"""The store in a PostgreSQL that proves its name; any other is not spoken to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.store import Sealer, StoreAway, open_store
from hub.tls import store_address
from tests.postgresql import PostgresqlServer, postgresql_server
from tests.transport.certificates import CertificateAuthority


@dataclass(frozen=True)
class Database:
    """One whose certificate says `localhost` and nothing else."""

    server: PostgresqlServer
    ca: CertificateAuthority

    def url(self, host: str = "localhost", ca: CertificateAuthority | None = None) -> str:
        trusted = (ca or self.ca).certificate
        where = f"postgres@{host}:{self.server.port}/postgres"
        return store_address(
            f"postgresql+psycopg://{where}?sslmode=verify-full&sslrootcert={trusted}"
        )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    ca = CertificateAuthority(tmp_path_factory.mktemp("postgresql"))
    with postgresql_server(ca.identity("postgresql", host="localhost")) as server:
        yield Database(server, ca)


async def encrypted(url: str, folder: Path) -> bool:
    sealer = Sealer.from_text(Sealer.generate_text())
    async with open_store(url, folder, sealer) as store:
        asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        return bool(await store.read(lambda c: c.execute(text(asked)).scalar_one()))


async def test_a_store_that_proves_its_name_is_spoken_to_encrypted(
    database: Database, tmp_path: Path
) -> None:
    assert await encrypted(database.url(), tmp_path)


async def test_a_store_with_another_name_or_a_strangers_certificate_is_away(
    database: Database, tmp_path: Path
) -> None:
    stranger = CertificateAuthority(tmp_path, "stranger")
    for url in (database.url(host="127.0.0.1"), database.url(ca=stranger)):
        with pytest.raises(StoreAway):
            await encrypted(url, tmp_path)
