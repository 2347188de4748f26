"""The applicant's page: the letters of one case, and the forms to answer them.

Whoever has the link (`hub.mailbox.links`) reads the letters of that case, fetches documents,
answers what is open, and may take the application back. There are no accounts and no cookies; the
pages need no JavaScript. What is sent from here goes to `hub.submissions` like the message of any
online service, and INTAKE checks it as it checks theirs. An authority's own page shows the state
and the letters by a script (`<application-status>`, docs/embed.md). The link reaches no log.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.routing import BaseRoute, Mount, Route

from hub.mailbox.links import Links
from hub.mailbox.local import LocalMailbox
from hub.web.applicant.answering import Answering
from hub.web.applicant.embedded import embedded, embedded_document
from hub.web.applicant.entrance import Entrance
from hub.web.applicant.forms import Forms
from hub.web.applicant.outbox import Outbox
from hub.web.applicant.pages import Pages, stylesheet
from hub.web.applicant.reading import Reading
from hub.web.applicant.script import script
from hub.web.doors import Doors

__all__ = ["applicant_routes", "embedded_document"]


def applicant_routes(hub: Doors, now: Callable[[], datetime]) -> list[BaseRoute]:
    """Every page below a link, and what any other address there gets."""
    settings, sealer = hub.settings, hub.store.sealer
    links = Links(sealer, settings.public_url, timedelta(days=settings.link_days))
    pages, mailbox, forms = Pages(), LocalMailbox(hub.store), Forms(sealer)
    entrance = Entrance(hub, links, pages, now)
    enter = entrance.visit
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
        Route("/applicant/application-status.js", script, methods=["GET"]),
        Mount("/applicant/v1", embedded(hub, entrance, reading, mailbox, now)),
    ]
