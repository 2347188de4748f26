from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from hub.model.identifiers import CaseId, MessageUuid
from hub.store import Store, StoredLetter, letters, put_letter
from tests.store.building import NOW


async def test_the_first_time_of_provision_stays(store: Store) -> None:
    id, case = MessageUuid(uuid4()), CaseId(uuid4())  # noqa: A001 - an id is called id
    later = NOW + timedelta(hours=1)

    async def provide(at: datetime, sealed: bytes) -> datetime:
        return await store.run(lambda c: put_letter(c, id, case, "account", at, sealed))

    assert await provide(NOW, b"one") == NOW
    assert await provide(later, b"two") == NOW
    assert await store.read(lambda c: letters(c, case)) == [StoredLetter(id, case, NOW, b"one")]


async def test_letters_are_read_by_case_or_by_account(store: Store) -> None:
    case, other = CaseId(uuid4()), CaseId(uuid4())
    for of_case, account in ((case, "a"), (case, "b"), (other, "a")):
        await store.run(
            lambda c, of_case=of_case, account=account: put_letter(
                c, MessageUuid(uuid4()), of_case, account, NOW, b"sealed"
            )
        )

    assert len(await store.read(lambda c: letters(c, case))) == 2
    assert len(await store.read(lambda c: letters(c, account_hash="a"))) == 2
    assert len(await store.read(lambda c: letters(c, case, "a"))) == 1
    with pytest.raises(ValueError, match="by case or by account"):
        await store.read(letters)
