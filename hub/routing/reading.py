"""The rules of `routing.yaml`: from nodes to systems and authorities, or to problems.

The sections are read one after the other and checked against each other at the end, so that
one mistake does not hide the next.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError

from hub.adapter import Adapter, Capability
from hub.model.conversation import Late
from hub.model.details import Service
from hub.model.identifiers import ArsPrefix, AuthorityKey, DirectoryKey
from hub.routing.entries import (
    AuthorityEntry,
    DatedFormat,
    Limits,
    RoutingError,
    SenderEntry,
    Setting,
    Stage,
    System,
    WhenNotCompetent,
)
from hub.routing.following import follows
from hub.routing.origins import is_origin
from hub.routing.page import Node, Page, compose

__all__ = ["read"]

_SERVICES: Final[tuple[Service, ...]] = get_args(Service)
_STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
_TRANSPORTS: Final = ("http", "soap", "sftp", "amqp")
_SYSTEM: Final = ("adapter", "formats", "stage", "transport", "endpoint", "limits")
_AUTHORITY: Final = ("name", "regional_keys", "system", "services", "back_channel")
_OF_CHOICE: Final = ("late_replies", "reminder_days", "when_not_competent", "pages")
_LATE: Final[tuple[Late, ...]] = get_args(Late)
_WHEN_NOT_COMPETENT: Final[tuple[WhenNotCompetent, ...]] = get_args(WhenNotCompetent)
_REMINDER_DAYS: Final = 3
_MOST_REMINDER_DAYS: Final = 60
_MOST_PARALLEL: Final = 100
_MOST_ATTEMPTS: Final = 100
_KEY: Final[TypeAdapter[str]] = TypeAdapter(AuthorityKey)
_SENDER: Final[TypeAdapter[str]] = TypeAdapter(DirectoryKey)
_PREFIX: Final[TypeAdapter[str]] = TypeAdapter(ArsPrefix)


def read(
    text: str, adapters: Mapping[str, Adapter], name: str, since: date | None
) -> tuple[dict[str, System], dict[AuthorityKey, AuthorityEntry], dict[DirectoryKey, SenderEntry]]:
    """The systems, authorities and senders of a file; for `since` see `RoutingTable.parse`.

    Raises:
        RoutingError: with all problems of the file.
    """
    rules = _Rules(adapters, since)
    rules.file(compose(text, name))
    if rules.page.problems:
        raise RoutingError(name, rules.page.problems)
    return rules.systems, rules.authorities, rules.senders


class _Rules:
    def __init__(self, adapters: Mapping[str, Adapter], since: date | None) -> None:
        self.page = Page()
        self.systems: dict[str, System] = {}
        self.authorities: dict[AuthorityKey, AuthorityEntry] = {}
        self._adapters = adapters
        self.senders: dict[DirectoryKey, SenderEntry] = {}
        self._since = since
        self._named: set[str] = set()
        self._owners: dict[str, AuthorityKey] = {}

    def file(self, root: Node) -> None:
        sections = self.page.fields(root, "the file", ("systems", "authorities"), ("senders",))
        if "systems" in sections:
            for _, name, node in self.page.entries(sections["systems"], "systems"):
                self._named.add(name)
                self._system(name, node)
        if "authorities" in sections:
            for key, name, node in self.page.entries(sections["authorities"], "authorities"):
                self._authority(key, name, node)
        if "senders" in sections:
            for key, name, node in self.page.entries(sections["senders"], "senders"):
                self._sender(key, name, node)

    def _system(self, name: str, node: Node) -> None:
        page, what = self.page, f"system {name}"
        before = len(page.problems)
        fields = page.fields(node, what, _SYSTEM)
        adapter = page.one_of(fields.get("adapter"), f"{what}: adapter", self._adapters)
        formats = self._formats(fields.get("formats"), what, adapter)
        stage = page.one_of(fields.get("stage"), f"{what}: stage", _STAGES)
        transport = page.one_of(fields.get("transport"), f"{what}: transport", _TRANSPORTS)
        settings = self._settings(fields.get("endpoint"), f"{what}: endpoint")
        limits = self._limits(fields.get("limits"), f"{what}: limits")
        if len(page.problems) == before and adapter and stage and transport and limits:
            self.systems[name] = System(
                name, adapter, formats, _stage(stage), transport, settings, limits
            )

    def _formats(
        self, node: Node | None, what: str, adapter: str | None
    ) -> tuple[DatedFormat, ...]:
        example = '[{version: "26.11", from: 2026-11-01}]'
        known = self._adapters[adapter].formats if adapter else {}
        dated: dict[date, DatedFormat] = {}
        for each in self.page.items(node, f"{what}: formats", f"formats: {example}"):
            fields = self.page.fields(each, f"{what}: format", ("version", "from"))
            since = self.page.day(fields.get("from"), f"{what}: from")
            written = fields.get("version")
            version = (
                self.page.one_of(written, f"{what}: version of adapter {adapter}", known)
                if adapter
                else self.page.text(written, f"{what}: version")
            )
            if since in dated:
                self.page.wrong(
                    each,
                    f"{what}: two formats begin on {since}, {dated[since].version} and {version};"
                    " write another day for one of them",
                )
            elif since and version and adapter:
                dated[since] = DatedFormat(version, since, known[version])
        return tuple(dated[since] for since in sorted(dated))

    def _settings(self, node: Node | None, what: str) -> dict[str, Setting]:
        settings: dict[str, Setting] = {}
        if node is None:
            return settings
        # Which settings there must be is the transport's own affair: see `Transport.check`.
        for _, name, value in self.page.entries(node, what):
            # Names of secrets are nobody's own; every other text may hold an authority's key.
            placeholders = () if name.endswith(("_env", "_file")) else ("{authority}",)
            setting = self.page.setting(value, f"{what}: {name}", placeholders)
            if setting is not None:
                settings[name] = setting
        return settings

    def _limits(self, node: Node | None, what: str) -> Limits | None:
        if node is None:
            return None
        fields = self.page.fields(node, what, ("parallel", "attempts"))
        parallel = self.page.whole(fields.get("parallel"), f"{what}: parallel", _MOST_PARALLEL)
        attempts = self.page.whole(fields.get("attempts"), f"{what}: attempts", _MOST_ATTEMPTS)
        return Limits(parallel, attempts) if parallel and attempts else None

    def _authority(self, at: Node, key: str, node: Node) -> None:
        page, what = self.page, f"authority {key}"
        if not _matches(_KEY, key):
            page.wrong(at, f'{key} is no authority key; write its six digits, such as "001900"')
        fields = page.fields(node, what, _AUTHORITY, _OF_CHOICE)
        name = page.text(fields.get("name"), f"{what}: name")
        prefixes = self._prefixes(key, fields.get("regional_keys"), what)
        system = page.one_of(fields.get("system"), f"{what}: system", sorted(self._named))
        services = self._services(fields.get("services"), what)
        back_channel = page.flag(fields.get("back_channel"), f"{what}: back_channel")
        late = page.one_of(fields.get("late_replies"), f"{what}: late_replies", _LATE)
        days = self._reminder_days(fields.get("reminder_days"), what)
        policy = self._when_not_competent(fields.get("when_not_competent"), what)
        pages = tuple(self._pages(fields.get("pages"), what))
        if system in self.systems:
            answers = follows(services, self.systems[system], back_channel=back_channel is True)
            given = (*services, *answers)
            self._carried(fields.get("services", at), what, self.systems[system], given)
        if name and system and back_channel is not None:
            self.authorities[key] = AuthorityEntry(
                key,
                name,
                prefixes,
                system,
                services,
                back_channel,
                late_replies="refuse" if late == "refuse" else "pass_on",
                reminder_days=days,
                when_not_competent=policy,
                pages=pages,
            )

    def _reminder_days(self, node: Node | None, what: str) -> int:
        days = self.page.whole(node, f"{what}: reminder_days", _MOST_REMINDER_DAYS, lowest=0)
        return _REMINDER_DAYS if days is None else days

    def _when_not_competent(self, node: Node | None, what: str) -> WhenNotCompetent:
        named = self.page.one_of(node, f"{what}: when_not_competent", _WHEN_NOT_COMPETENT)
        return "forward" if named == "forward" else "operator"

    def _pages(self, node: Node | None, what: str) -> Iterator[str]:
        example = 'pages: ["https://www.example.de"]'
        for each in self.page.items(node, f"{what}: pages", example, may_be_empty=True):
            origin = self.page.text(each, f"{what}: an origin")
            if origin is not None and not is_origin(origin):
                self.page.wrong(
                    each,
                    f"{what}: {origin} is no origin of a page; write https://, the host in small"
                    f" letters and a port other than 443, without a path, as in {example}",
                )
            elif origin is not None:
                yield origin

    def _sender(self, at: Node, key: str, node: Node) -> None:
        what = f"sender {key}"
        if not _matches(_SENDER, key):
            self.page.wrong(at, f'{key} is no directory key; write it as "alp:000001"')
        fields = self.page.fields(node, what, ("users",), ("services",))
        items = self.page.items(fields.get("users"), f"{what}: users", "users: [service]")
        users = [self.page.text(each, f"{what}: a user") for each in items]
        given = fields.get("services")
        services = _SERVICES if given is None else self._services(given, what)
        named = tuple(user for user in users if user is not None)
        self.senders[key] = SenderEntry(key, named, services)

    def _prefixes(self, key: str, node: Node | None, what: str) -> tuple[ArsPrefix, ...]:
        found: list[str] = []
        example = 'regional_keys: ["08111"]'
        # None at all is right for an authority that is only ever named by its key.
        for each in self.page.items(node, f"{what}: regional_keys", example, may_be_empty=True):
            prefix = self.page.text(each, f"{what}: a regional key")
            if prefix is None:
                continue
            owner = self._owners.setdefault(prefix, key)
            if not _matches(_PREFIX, prefix):
                self.page.wrong(
                    each,
                    f"{what}: {prefix} is no beginning of a regional key; write its first"
                    " 2, 3, 5, 9 or all 12 digits",
                )
            elif owner != key or prefix in found:
                self.page.wrong(
                    each,
                    f"{what}: regional key {prefix} belongs to authority {owner} already;"
                    " remove it here or there, or write a longer one",
                )
            else:
                found.append(prefix)
        return tuple(found)

    def _services(self, node: Node | None, what: str) -> tuple[Service, ...]:
        if node is not None and node.value == "all":
            return _SERVICES
        found: set[str] = set()
        example = "services: all, or services: [employment, family]"
        for each in self.page.items(node, f"{what}: services", example):
            service = self.page.one_of(each, f"{what}: service", _SERVICES)
            if service in found:
                self.page.wrong(each, f"{what}: service {service} stands twice; keep one")
            elif service:
                found.add(service)
        return tuple(service for service in _SERVICES if service in found)

    def _carried(self, at: Node, what: str, system: System, given: tuple[Capability, ...]) -> None:
        holding = () if self._since is None else system.holding(self._since)
        for dated in holding:
            missing = [each for each in given if each not in dated.format.carries]
            services = [each for each in missing if each in _SERVICES]
            kinds = [each for each in missing if each not in _SERVICES]
            of = f"which format {dated.version} of adapter {system.adapter} cannot carry"
            if services:
                kept = [each for each in given if each in _SERVICES and each not in services]
                self.page.wrong(
                    at,
                    f"{what} offers {', '.join(services)}, {of}; write services:"
                    f" [{', '.join(kept)}]",
                )
            if kinds:
                self.page.wrong(
                    at,
                    f"{what} would be given {', '.join(kinds)}, {of}; write another version for"
                    f" system {system.name}, or another system here",
                )


def _stage(name: str) -> Stage:
    return "production" if name == "production" else "test"


def _matches(shape: TypeAdapter[Any], text: str) -> bool:
    try:
        shape.validate_python(text)
    except ValidationError:
        return False
    return True
