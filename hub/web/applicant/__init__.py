"""The applicant's page: the letters of one case, and the forms to answer them.

Whoever has the link (`hub.mailbox.links`) reads the letters of that case, fetches documents,
answers what is open, and may take the application back. There are no accounts and no cookies; the
pages need no JavaScript. What is sent from here goes to `hub.submissions` like the message of any
online service, and INTAKE checks it as it checks theirs. The link itself reaches no log.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.routing import BaseRoute, Route

from hub.mailbox.links import Links
from hub.mailbox.local import LocalMailbox
from hub.web.applicant.answering import Answering
from hub.web.applicant.entrance import Entrance
from hub.web.applicant.forms import Forms
from hub.web.applicant.outbox import Outbox
from hub.web.applicant.pages import Pages, stylesheet
from hub.web.applicant.reading import Reading
from hub.web.doors import Doors

__all__ = ["applicant_routes"]


def applicant_routes(hub: Doors, now: Callable[[], datetime]) -> list[BaseRoute]:
    """Every page below a link, and what any other address there gets."""
    settings, sealer = hub.settings, hub.store.sealer
    links = Links(sealer, settings.public_url, timedelta(days=settings.link_days))
    pages, mailbox, forms = Pages(), LocalMailbox(hub.store), Forms(sealer)
    enter = Entrance(hub, links, pages, now).visit
    reading = Reading(hub, mailbox, forms, pages, now)
    answering = Answering(reading, forms, Outbox(hub, now))
    case = "/cases/{token}"
    letter = f"{case}/letters/{{letter:uuid}}"
    withdrawal = f"{case}/withdrawal"
    return [
        Route(case, enter(reading.overview), methods=["GET"]),
        Route(letter, enter(reading.letter), methods=["GET"]),
        Route(letter, enter(answering.answer), methods=["POST"]),
        Route(f"{letter}/documents/{{document:uuid}}", enter(reading.document), methods=["GET"]),
        Route(withdrawal, enter(reading.withdrawal), methods=["GET"]),
        Route(withdrawal, enter(answering.withdraw), methods=["POST"]),
        Route(f"{case}/messages/{{message:uuid}}", enter(reading.message), methods=["GET"]),
        Route(f"{case}/{{rest:path}}", enter(reading.nothing), methods=["GET"]),
        Route("/applicant/{digest}/page.css", stylesheet, methods=["GET"]),
    ]
