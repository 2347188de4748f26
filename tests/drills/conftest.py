"""The stores of tests/store, on both databases, and a place to restore them to."""

import pytest

from tests.postgresql import PostgresqlServer
from tests.store.conftest import Opener as Opener
from tests.store.conftest import opener as opener
from tests.store.conftest import postgresql as postgresql
from tests.store.conftest import sealer as sealer
from tests.store.conftest import store as store
from tests.store.conftest import url as url


@pytest.fixture
def elsewhere(opener: Opener, request: pytest.FixtureRequest) -> Opener:
    """Where nothing is: no database of that name, and no documents."""
    if opener.url.startswith("sqlite"):
        there = opener.url.replace("hub.db", "elsewhere/hub.db")
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        there = server.new_database()
    documents = opener.documents.with_name("documents-elsewhere")
    return Opener(there, documents, opener.sealer)
