from pathlib import Path

from adapters import isar, xauslaender
from hub.routing import RoutingTable
from hub.sandbox.destinations import destinations
from hub.sandbox.samples import samples

ROUTING = Path(__file__).parents[2] / "routing.yaml"
ADAPTERS = {each.name: each for each in (isar.adapter, xauslaender.adapter)}


def test_every_sample_goes_to_an_authority_of_the_routing_table() -> None:
    table = RoutingTable.load(ROUTING, ADAPTERS)
    for sample in samples(destinations(table)):
        submission = sample.submission
        found = table.find(authority=submission.authority, place=submission.place)
        assert found.key == sample.authority
        assert submission.service in found.services
        assert (table.systems[found.system].stage == "test") is submission.test


def test_a_place_is_offered_only_where_it_leads_back_to_the_authority() -> None:
    table = RoutingTable.load(ROUTING, ADAPTERS)
    for offer in destinations(table):
        if offer.place is not None:
            assert table.find(authority=None, place=offer.place).key == offer.authority
