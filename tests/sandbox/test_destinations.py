from datetime import date
from pathlib import Path

from hub.routing import RoutingTable
from hub.sandbox.destinations import destinations
from hub.sandbox.samples import samples
from tests.adapters.every import EVERY

ROUTING = Path(__file__).parents[2] / "routing.yaml"
ON = date(2026, 11, 26)


def test_every_sample_goes_to_an_authority_of_the_routing_table() -> None:
    table = RoutingTable.load(ROUTING, EVERY)
    for sample in samples(destinations(table, ON)):
        submission = sample.submission
        found = table.find(authority=submission.authority, place=submission.place)
        assert found.key == sample.authority
        assert submission.service in found.services
        assert (table.systems[found.system].stage == "test") is submission.test


def test_a_place_is_offered_only_where_it_leads_back_to_the_authority() -> None:
    table = RoutingTable.load(ROUTING, EVERY)
    for offer in destinations(table, ON):
        if offer.place is not None:
            assert table.find(authority=None, place=offer.place).key == offer.authority


def test_no_weight_goes_where_a_queue_has_to_carry_it() -> None:
    table = RoutingTable.load(ROUTING, EVERY)
    offers = destinations(table, ON)
    for sample in samples(offers):
        documents = sum(document.size for document in sample.submission.documents)
        system = table.systems[table.authorities[sample.authority].system]
        assert documents < 8 * 1024 * 1024 or system.transport != "amqp"
    assert any(not offer.heavy for offer in offers)
