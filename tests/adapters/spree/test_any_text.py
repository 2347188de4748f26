from hypothesis import HealthCheck, given, settings

from adapters.spree import adapter
from adapters.spree.elements import NAMESPACE
from hub.adapter import Parcel
from hub.model.downward import Downward
from hub.model.person import BuildingAddress
from hub.xml import parse, serialise
from tests.builders import a_context, a_person, a_submission
from tests.builders.strategy_parts import texts

FORMAT = adapter.formats["1"]
CALM = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def write(message: Downward) -> Parcel:
    return FORMAT.write(message, a_context(message))


@CALM
@given(texts)
def test_any_text_of_din_91379_arrives_as_it_is_also_in_an_attribute(text: str) -> None:
    address = BuildingAddress(street=text, house_number="1", postcode="00000", town="Musterstadt")
    details = a_submission(documents=0).details.model_copy(
        update={"person": a_person(address=address), "remarks": text}
    )
    message = a_submission(documents=0, details=details)
    arrived = parse(serialise(write(message).messages[0].root))
    known = {"s": NAMESPACE}
    assert arrived.xpath("string(//s:Person/s:Hausanschrift/@strasse)", namespaces=known) == (
        address.street
    )
    assert arrived.xpath("string(//s:Anmerkung)", namespaces=known) == address.street
