from hypothesis import HealthCheck, given, settings

from adapters.xauslaender import adapter
from hub.adapter import Parcel
from hub.model.downward import Downward
from hub.model.person import Name
from hub.xml import parse, serialise
from tests.builders import a_context, a_person, a_submission
from tests.builders.strategy_parts import texts

FORMAT = adapter.formats["26.11"]

# Large values, and a machine that is busy with other tests: neither says anything of the code.
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
def test_any_text_of_din_91379_arrives_as_it_is(text: str) -> None:
    name = Name(text=text)
    details = a_submission(documents=0).details.model_copy(
        update={"person": a_person(family_name=name)}
    )
    message = a_submission(documents=0, details=details)
    arrived = parse(serialise(write(message).messages[0].root))
    assert arrived.xpath("string(//*[local-name()='familienname']/name)") == name.text
