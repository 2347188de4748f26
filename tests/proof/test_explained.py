"""One invalid document of an adapter: check, rehearsal and dead letter say the same about it."""

from datetime import date

import pytest

from hub.adapter import Adapter
from hub.cli import adapters as command
from hub.cli import main
from hub.model.downward import downward
from hub.proof.messages import complete
from hub.proof.situation import AUTHORITY, context_of
from hub.rehearsal import Way
from hub.rehearsal.outcomes import Failed, translate
from hub.routing import RoutingTable
from hub.stages.decision import dead
from hub.xml import Invalid
from tests.proof.conftest import Package


def a_table(adapter: Adapter) -> RoutingTable:
    return RoutingTable.parse(
        "systems:\n"
        f'  one: {{adapter: {adapter.name}, formats: [{{version: "1", from: 2020-01-01}}],\n'
        "    stage: test, transport: http, endpoint: {url: 'https://one.example'},\n"
        "    limits: {parallel: 1, attempts: 1}}\n"
        "authorities:\n"
        f'  "{AUTHORITY.key}": {{name: {AUTHORITY.name}, regional_keys: [], system: one,\n'
        "    services: [employment], back_channel: false}\n",
        {adapter.name: adapter},
    )


def test_check_rehearsal_and_dead_letter_say_the_same_sentence(
    package: Package, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package.carry_only("employment", "withdrawal")
    package.edit("write.py", '"gender", person.gender', '"gender", "Geheim"')
    adapter = package.load()
    message = downward.validate_python(complete("employment"))
    context = context_of(message, authority=AUTHORITY)

    format_ = adapter.formats["1"]
    with pytest.raises(Invalid) as raised:
        format_.schemas.check(format_.write(message, context).messages[0].root)
    sentence = dead(raised.value).sentence
    assert sentence.startswith("/application/person/gender, line ")
    assert sentence.endswith("; it is xxxxxx (enumeration).")

    way = Way(a_table(adapter), date(2026, 11, 26))
    rehearsed = translate(way, message, context, {})
    assert isinstance(rehearsed, Failed)
    assert rehearsed.sentence == sentence

    monkeypatch.setattr(command, "adapters", lambda: {adapter.name: adapter})
    with pytest.raises(SystemExit):
        main(["adapters", "check", adapter.name])
    shown = capsys.readouterr().out
    assert sentence in shown
