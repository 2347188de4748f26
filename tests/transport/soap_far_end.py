"""A system that takes cases by SOAP 1.2, on a port of this machine, and does what it is told."""

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from lxml import etree

from hub.routing import Endpoint, Limits
from hub.transport.soap.calls import ENVELOPE, SERVICE
from tests.transport.contract import SECRET, Outcome

E, S = f"{{{ENVELOPE}}}", f"{{{SERVICE}}}"


Answer = Callable[[web.Request], web.Response]


@dataclass(frozen=True)
class Made:
    """One call as it arrived."""

    operation: str
    id: str | None
    content_type: str
    body: etree._Element


class SoapFarEnd:
    """Answers every call well, but those that it is told to answer otherwise."""

    def __init__(self) -> None:
        self.calls: list[Made] = []
        self.headers: list[dict[str, str]] = []
        self.updates: dict[int, bytes] = {}
        self.collecting = False
        self.port = 0
        self.received: list[bytes] = []
        self._outcomes: deque[Outcome] = deque()
        self._answers: deque[Answer | None] = deque()
        self._runner: web.AppRunner | None = None

    @property
    def endpoint(self) -> Endpoint:
        url = f"http://127.0.0.1:{self.port}/here"
        settings = {"url": url, "timeout_seconds": 5}
        return Endpoint("isar", "soap", "production", settings, Limits(4, 12))

    @property
    def knows(self) -> frozenset[Outcome]:
        return frozenset({"accept", "refuse", "be busy", "vanish"})

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    def next(self, *outcomes: Outcome) -> None:
        self._outcomes.extend(outcomes)

    def answer(self, *answers: Answer | None) -> None:
        """How the next calls are answered; None is well."""
        self._answers = deque(answers)

    async def start(self) -> None:
        app = web.Application(client_max_size=100_000_000)
        app.router.add_post("/here", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def go_away(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        envelope = etree.fromstring(await request.read(), etree.XMLParser(huge_tree=True))
        [body] = envelope.findall(f"{E}Body/*")
        operation = str(etree.QName(body).localname)
        call_id = envelope.findtext(f"{E}Header/{S}CallId")
        self.calls.append(Made(operation, call_id, request.headers["Content-Type"], body))
        self.headers.append(dict(request.headers))
        outcome: Outcome = "accept"
        if operation == "SubmitCase":
            self.received.append(etree.tostring(body[0], method="c14n", exclusive=True))
            outcome = self._outcomes.popleft() if self._outcomes else outcome
        if self._told(operation) and (answer := self._answers.popleft()) is not None:
            return answer(request)
        match outcome:
            case "refuse":
                return a_fault("Sender", "X001")
            case "be busy":
                return a_fault("Receiver")
            case "vanish":
                return cut(request)
            case _:
                return self._respond(operation, body)

    def _told(self, operation: str) -> bool:
        """Collecting goes on beside a delivery: what is told is for whichever the test is about."""
        return bool(self._answers) and (operation == "ListUpdates") is self.collecting

    def _respond(self, operation: str, body: etree._Element) -> web.Response:
        if operation == "ListUpdates":
            after, most = int(body.get("after", "")), int(body.get("max", ""))
            numbers = sorted(number for number in self.updates if number > after)[:most]
            return listed(*((number, self.updates[number]) for number in numbers))
        case = body.get("case") or f"I-{len(self.received)}"
        return a_response(operation, f' case="{case}"')


def a_response(operation: str, attributes: str = "", content: str = "") -> web.Response:
    name = f"isar:{operation}Response"
    return enveloped(f'<{name} xmlns:isar="{SERVICE}"{attributes}>{content}</{name}>')


def listed(*updates: tuple[int | str, bytes]) -> web.Response:
    each = (
        f'<isar:Update number="{number}">{base64.b64encode(body).decode()}</isar:Update>'
        for number, body in updates
    )
    return a_response("ListUpdates", content="".join(each))


def a_fault(
    who: str, *codes: str, status: int | None = None, detail: str = "", **headers: str
) -> web.Response:
    subcode = "".join(
        f"<env:Subcode><env:Value>isar:{code}</env:Value></env:Subcode>" for code in codes[:1]
    )
    problems = "".join(f'<isar:Problem code="{code}"/>' for code in codes[1:]) + detail
    fault = (
        f'<env:Fault xmlns:isar="{SERVICE}"><env:Code><env:Value>env:{who}</env:Value>{subcode}'
        f'</env:Code><env:Reason><env:Text xml:lang="en">{SECRET}</env:Text></env:Reason>'
        f"<env:Detail>{problems}</env:Detail></env:Fault>"
    )
    return enveloped(fault, status or (400 if who == "Sender" else 500), headers)


def enveloped(
    content: str, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    text = f'<env:Envelope xmlns:env="{ENVELOPE}"><env:Body>{content}</env:Body></env:Envelope>'
    return web.Response(
        body=text.encode(), status=status, headers=headers, content_type="application/soap+xml"
    )


def cut(request: web.Request) -> web.Response:
    """No answer at all."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
