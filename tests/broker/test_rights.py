"""Who gets which rights, computed from the routing table alone; what they do: tests/identities."""

import base64
import hashlib

import pytest

from hub.broker import password_hash, users
from hub.broker.rights import User
from hub.model.failure import PermanentFailure
from hub.routing import RoutingTable
from tests.adapters.every import EVERY

SYSTEM = """{{adapter: spree, formats: [{{version: "1", from: 2020-01-01}}], stage: production,
    transport: amqp, limits: {{parallel: 4, attempts: 5}},
    endpoint: {{exchange: {exchange}, routing_key: "{{authority}}", user: {user}}}}}"""


def a_table(
    *, user: str = "spree", exchange: str = "spree.in", sender: str = "portal"
) -> RoutingTable:
    return RoutingTable.parse(
        f"""
systems:
  spree: {SYSTEM.format(exchange=exchange, user=user)}
  same: {SYSTEM.format(exchange="spree.second", user="spree")}
authorities:
  "990041": {{name: One, regional_keys: [], system: spree, services: all, back_channel: true}}
  "990042": {{name: Two, regional_keys: [], system: same, services: all, back_channel: true}}
senders:
  "alp:000001": {{users: [{sender}], services: [family]}}
  "alp:000002": {{users: [{sender}], services: [employment]}}
  "alp:000003": {{users: [any]}}
""",
        EVERY,
    )


def of(found: tuple[User, ...], name: str) -> User:
    [user] = [each for each in found if each.name == name]
    return user


def test_the_hub_publishes_for_those_whom_the_table_names_and_for_no_others() -> None:
    hub = of(users(a_table(), "hub"), "hub")
    assert hub.configure == hub.read == r"^(hub\..*)$"
    assert hub.write == (r"^(hub\..*|any\.refusals|portal\.refusals|spree\.in|spree\.second)$")
    assert (hub.topics, hub.tag) == ({}, "")


def test_a_system_speaks_for_its_own_authorities() -> None:
    spree = of(users(a_table(), "hub"), "spree")
    assert spree.configure == r"^(spree\..*)$"
    assert spree.write == r"^(spree\..*|hub\.returns)$"
    assert spree.topics["hub.returns"].write == r"^(spree\.990041|spree\.990042)$"


def test_a_system_whose_exchange_is_named_otherwise_has_that_exchange_and_no_more() -> None:
    other = of(users(a_table(user="vendor", exchange="in.box"), "hub"), "vendor")
    assert other.configure == r"^(vendor\..*|in\.box)$"


def test_a_user_of_two_senders_has_the_services_of_both() -> None:
    found = users(a_table(), "hub")
    following = "reply|withdrawal|agreement_reply|receipt_confirmation"
    portal = of(found, "portal").topics["hub.submissions"]
    assert portal.write == rf"^(employment|family|{following})\.[^.]+$"
    assert of(found, "portal").configure == "^$"
    assert "settlement" in of(found, "any").topics["hub.submissions"].write


@pytest.mark.parametrize(
    ("hub", "given"),
    [
        ("spree", {}),
        ("portal", {}),
        ("monitoring", {}),
        ("hub", {"sender": "spree"}),
        ("hub", {"sender": "spree.portal"}),
        ("hub", {"sender": "hub.portal"}),
    ],
)
def test_no_two_users_have_each_others_rights(hub: str, given: dict[str, str]) -> None:
    with pytest.raises(PermanentFailure, match="a name of its own"):
        users(a_table(**given), hub)


def test_a_hash_is_rabbitmqs_own_and_never_the_same() -> None:
    first, second = (base64.b64decode(password_hash("geheim")) for _ in range(2))
    assert first != second
    assert first[4:] == hashlib.sha256(first[:4] + b"geheim").digest()
