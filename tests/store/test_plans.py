"""What is asked again and again is asked of an index, and reads nothing that is finished."""

from typing import Any

import pytest
from sqlalchemy import text

from hub.store import Connection, Store
from hub.store.expiry import _OLD_LETTERS, _SERVED
from hub.store.leases import _END
from hub.store.receipts import _OWE

GIVEN = {"before": 0, "now": 0, "most": 9, "owner": "", "until": 0}


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        pytest.param(_OWE, "messages_unfinished", id="what has no receipt"),
        pytest.param(_END, "messages_unfinished", id="leases of a hub that ended"),
        pytest.param(_SERVED, "messages_to_forget", id="cases whose content may go"),
        pytest.param(_OLD_LETTERS, "letters_by_time", id="cases with old letters"),
    ],
)
async def test_it_reads_an_index(store: Store, statement: Any, index: str) -> None:
    def plan(connection: Connection) -> str:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # it is nearly empty
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        compiled = statement.compile(dialect=connection.dialect)
        named = compiled.params | GIVEN
        values = tuple(named[name] for name in compiled.positiontup or ()) or {
            name: named[name] for name in compiled.params
        }
        return str(connection.exec_driver_sql(f"{explain} {compiled}", values).all())

    assert index in await store.run(plan)
