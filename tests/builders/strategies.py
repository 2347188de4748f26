"""Any message that the model allows, for tests of what must hold for all of them."""

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hub.model.details import Service
from hub.model.downward import Reply, Submission
from tests.builders.complete import ids_below
from tests.builders.messages import a_reply, a_submission
from tests.builders.parts import a_document_of
from tests.builders.strategy_details import DETAILS
from tests.builders.strategy_parts import flags, optional, texts


@st.composite
def submissions(draw: st.DrawFn, service: Service) -> Submission:
    """A submission of that service, with exactly the documents that its details name."""
    details = draw(DETAILS[service])
    named = list(ids_below(details))
    assume(len(set(named)) == len(named))
    file_names = draw(st.lists(optional(texts), min_size=len(named), max_size=len(named)))
    documents = tuple(
        a_document_of(id_, str(id_), file_name=file_name)
        for id_, file_name in zip(named, file_names, strict=True)
    )
    return a_submission(
        service=service, documents_given=documents, details=details, test=draw(flags)
    )


def replies() -> SearchStrategy[Reply]:
    return st.builds(
        lambda text, documents: a_reply(text=text, documents=documents),
        texts,
        st.integers(0, 3),
    )
