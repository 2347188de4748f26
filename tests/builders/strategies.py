"""Any message that the model allows, for tests of what must hold for all of them."""

from hypothesis.strategies import SearchStrategy

from hub.model.details import Service
from hub.model.downward import Reply, Submission, downward
from hub.proof.strategies import messages, texts

__all__ = ["replies", "submissions", "texts"]


def submissions(service: Service) -> SearchStrategy[Submission]:
    """A submission of that service, with exactly the documents that its details name."""
    return messages(service).map(downward.validate_python)


def replies() -> SearchStrategy[Reply]:
    return messages("reply").map(downward.validate_python)
