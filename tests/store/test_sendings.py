from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from hub.model.identifiers import CaseId, MessageUuid
from hub.store import (
    Sending,
    Store,
    begin_sending,
    bury,
    dead_letter_of_correlation,
    letters,
    put_letter,
    sending_by_id,
    sending_confirmed,
    sendings_of,
    set_letter_read,
)
from tests.store.building import NOW, a_dead_letter

CASE = CaseId(uuid4())
LATER = NOW + timedelta(hours=1)


def a_sending(**values: object) -> Sending:
    plain = Sending(MessageUuid(uuid4()), CASE, "reply", MessageUuid(uuid4()), NOW)
    return replace(plain, **values)  # type: ignore[arg-type]


async def test_what_is_sent_is_known_before_and_after_it_is_confirmed(store: Store) -> None:
    first, second = a_sending(), a_sending(kind="withdrawal", answers=None, at=LATER)
    other = a_sending(case=CaseId(uuid4()))
    for each in (second, first, other):
        await store.run(lambda c, each=each: begin_sending(c, each))
    assert await store.read(lambda c: sending_by_id(c, first.id)) == first
    await store.run(lambda c: sending_confirmed(c, first.id, LATER))
    confirmed = replace(first, confirmed_at=LATER)
    assert await store.read(lambda c: sendings_of(c, CASE)) == [confirmed, second]
    assert await store.read(lambda c: sending_by_id(c, MessageUuid(uuid4()))) is None


async def test_one_id_is_sent_once(store: Store) -> None:
    sending = a_sending()
    await store.run(lambda c: begin_sending(c, sending))
    with pytest.raises(IntegrityError):
        await store.run(lambda c: begin_sending(c, replace(sending, at=LATER)))
    assert await store.read(lambda c: sendings_of(c, CASE)) == [sending]


async def test_the_newest_dead_letter_is_found_by_what_it_was_sent_under(store: Store) -> None:
    old = a_dead_letter(correlation="mine")
    new = a_dead_letter(correlation="mine", at=LATER, cause="answer.late")
    for dead in (new, old, a_dead_letter(correlation="other"), a_dead_letter()):
        await store.run(lambda c, dead=dead: bury(c, dead))
    found = await store.read(lambda c: dead_letter_of_correlation(c, "mine"))
    assert found is not None
    assert found.id == new.id
    assert await store.read(lambda c: dead_letter_of_correlation(c, "nobody's")) is None


async def test_only_the_first_time_a_letter_was_read_is_kept(store: Store) -> None:
    letter = MessageUuid(uuid4())
    await store.run(lambda c: put_letter(c, letter, CASE, "account", NOW, b"sealed"))
    assert await store.run(lambda c: set_letter_read(c, letter, NOW))
    assert not await store.run(lambda c: set_letter_read(c, letter, LATER))
    assert not await store.run(lambda c: set_letter_read(c, MessageUuid(uuid4()), LATER))
    [found] = await store.read(lambda c: letters(c, CASE))
    assert found.read_at == NOW
