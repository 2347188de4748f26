"""What holds for every version of every adapter, whatever its XML looks like."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from hub.adapter import Parcel
from hub.model.details import Service
from hub.model.downward import Downward
from hub.model.upward import upward
from hub.proof.golden import TO_APPLICANT, TO_AUTHORITY, examples, package_of, write_examples
from hub.xml import Element, parse, serialise
from tests.adapters.every import FORMATS, check
from tests.adapters.xauslaender.samples import MESSAGES
from tests.builders import a_context, a_submission
from tests.builders.messages import SERVICES
from tests.builders.strategies import replies, submissions

every = pytest.mark.parametrize("name", FORMATS)

# Large values, and a machine that is busy with other tests: neither says anything of the code.
CALM = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def written(name: str, message: Downward) -> Parcel:
    return FORMATS[name].write(message, a_context(message))


def bytes_of(parcel: Parcel) -> bytes:
    """The one message of a parcel, as it would be sent."""
    (only,) = parcel.messages
    return serialise(only.root, only.encoding)


def arrived(name: str, parcel: Parcel) -> Element:
    """As the system sees it: valid before it is sent, and from its bytes."""
    check(name, parcel.messages[0].root)
    root = parse(bytes_of(parcel), encodings=FORMATS[name].encodings)
    check(name, root)
    return root


@contextmanager
def told_by(name: str) -> Iterator[None]:
    """A message is drawn once and tried with all: which it was has to be said."""
    try:
        yield
    except Exception as error:
        error.add_note(f"by {name}")
        raise


@every
@pytest.mark.parametrize("sample", MESSAGES)
def test_every_service_and_kind_with_every_field_filled_is_valid(name: str, sample: str) -> None:
    arrived(name, written(name, MESSAGES[sample]))


@every
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_with_few_fields_is_valid(name: str, service: Service) -> None:
    arrived(name, written(name, a_submission(service=service)))


@pytest.mark.parametrize("service", SERVICES)
def test_any_submission_is_written_valid_with_its_documents_and_always_the_same(
    service: Service,
) -> None:
    @CALM
    @given(submissions(service))
    def holds(message: Downward) -> None:
        for name in FORMATS:
            with told_by(name):
                parcel = written(name, message)
                arrived(name, parcel)
                data = bytes_of(parcel)
                if parcel.messages[0].encoding != "UTF-8":
                    # What it has no letter for was transliterated, not written as a reference.
                    assert b"&#" not in data.replace(b"&#13;", b"")
                assert data == bytes_of(written(name, message))
                beside = [each.load() for each in parcel.attachments]
                for document in message.documents:
                    assert document.content is not None
                    inside = base64.b64encode(document.content) in data
                    assert inside or document.content in beside

    holds()


@CALM
@given(replies())
def test_any_reply_is_written_valid(message: Downward) -> None:
    for name in FORMATS:
        with told_by(name):
            arrived(name, written(name, message))


@every
def test_what_is_sent_is_what_the_format_says_it_carries(name: str) -> None:
    assert set(SERVICES) <= FORMATS[name].carries
    assert {message.type for message in MESSAGES.values()} <= FORMATS[name].carries


@every
def test_the_examples_are_as_the_format_writes_and_reads_them(name: str, tmp_path: Path) -> None:
    package = package_of(FORMATS[name])
    shutil.copytree(package / "examples", tmp_path / "examples")
    assert list(write_examples(FORMATS[name], tmp_path)) == []
    for example in examples(package, TO_AUTHORITY):
        check(name, parse(example.xml.read_bytes()))
    for example in examples(package, TO_APPLICANT):
        upward.validate_json(example.json.read_bytes())


@every
def test_there_is_an_example_of_everything_that_is_carried(name: str) -> None:
    package = package_of(FORMATS[name])
    folders = (TO_AUTHORITY, TO_APPLICANT)
    shown = {each.name for folder in folders for each in examples(package, folder)}
    assert shown | {"submission"} >= FORMATS[name].carries
