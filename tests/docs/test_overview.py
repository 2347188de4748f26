"""The pictures of docs/overview.md show the states and the rooms that there are, and the runbooks
of docs/operate.md are those to which the alerts lead."""

import re
import tomllib
from typing import get_args

from ruamel.yaml import YAML

from hub.stages.parking import Mode
from hub.store import State
from tests.docs.pages import ROOT, blocks

OVERVIEW = ROOT / "docs" / "overview.md"
OPERATE = ROOT / "docs" / "operate.md"
MESSAGE, PLACE = (
    set(re.findall(r"\w+", re.sub(r":.*", "", block.text, flags=re.M))) - {"stateDiagram", "v2"}
    for block in blocks(OVERVIEW)
    if block.text.startswith("stateDiagram")
)


def anchor(heading: str) -> str:
    """As pages of Markdown make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_states_of_a_message_are_drawn() -> None:
    assert {state.value for state in State} == MESSAGE


def test_the_states_of_a_place_are_drawn() -> None:
    assert set(get_args(Mode)) == PLACE


def test_every_room_is_named() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    page = OVERVIEW.read_text("utf-8")
    for layer in contract["contracts"][0]["layers"]:
        for room in layer.split(" | "):
            short = room.removeprefix("hub.")
            assert re.search(rf"hub[./]{short}\b", page) or short in {
                *("asyncapi", "routes", "settings", "metrics", "tracing", "traceparent")
            }, room


def test_every_alert_leads_to_its_runbook_and_is_in_the_table() -> None:
    page = OPERATE.read_text("utf-8")
    anchors = {anchor(heading) for heading in re.findall(r"^## (.*)$", page, re.M)}
    [group] = YAML(typ="safe").load(ROOT / "monitoring" / "alerts.yaml")["groups"]
    for rule in group["rules"]:
        where, _, at = rule["annotations"]["runbook"].partition("#")
        assert where == "docs/operate.md", rule["alert"]
        assert at in anchors, rule["alert"]
        assert re.search(rf"^\| `{rule['alert']}` \| \[.*\]\(#{at}\) \|$", page, re.M), rule[
            "alert"
        ]


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target, at in re.findall(r"\]\(([^)#:]*)#?([^)]*)\)", page.read_text("utf-8")):
            to = page if not target else page.parent / target
            assert to.exists(), f"{page.name}: {target}"
            if at and to.suffix == ".md":
                headings = re.findall(r"^#+ (.*)$", to.read_text("utf-8"), re.M)
                assert at in map(anchor, headings), f"{page.name}: {target}#{at}"
