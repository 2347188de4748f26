"""A wrong file says where it is wrong and what to write instead."""

import pytest

from hub.routing import RoutingError, RoutingTable
from tests.routing.given import ADAPTERS, FILE

WRONG = [
    # what stands in the file, what stands there instead, line, words of the sentence
    ("adapter: small", "adaptor: small", 12, "did you mean adapter? Write adapter instead"),
    ("adapter: small", "adaptor: small", 12, "lacks adapter; write a line adapter"),
    ("adapter: small", "adapter: smal", 12, "did you mean small? Write small instead"),
    ('"26.11", from', '"26.12", from', 5, "did you mean 26.11? Write 26.11 instead"),
    ("system: klein", "system: kleim", 28, "did you mean klein? Write klein instead"),
    ("  klein:", "  nord:", 11, "nord stands twice in systems, first in line 2; keep one"),
    ('  "990001":', '  "001900":', 25, "001900 stands twice in authorities, first in line 19"),
    ('"081110000017"', '"08111"', 27, "belongs to authority 001900 already; remove it"),
    ('"081110000017"', '"08"', 27, "belongs to authority 990001 already; remove it"),
    ('"081110000017"', '"0811"', 27, "write its first 2, 3, 5, 9 or all 12 digits"),
    ('["08111"]', "[08111]", 21, 'write "08111" in quotes'),
    ('["08111"]', '"08111"', 21, 'must be a list; write regional_keys: ["08111"]'),
    ('  "001900":', "  001900:", 19, 'write "001900" in quotes'),
    ('  "001900":', '  "azr:001900":', 19, "write its six digits"),
    ('  "001900":', '  "٠٠١٩٠٠":', 19, "write its six digits"),
    ('1", from: 2026-01-01', '1"', 13, "lacks from; write a line from"),
    ("from: 2026-01-01", "from: soon", 13, "must be a day; write it as 2026-11-01"),
    ("from: 2027-05-01", "from: 2026-11-01", 6, "two formats begin on 2026-11-01, 26.11 and"),
    ('[{version: "1", from: 2026-01-01}]', "[]", 13, "formats must be a list; write formats: ["),
    ("services: all", "services: [employment, famly]", 23, "did you mean family?"),
    ("services: all", "services: [family, family]", 23, "family stands twice; keep one"),
    ("services: all", "services: []", 23, "services must be a list; write services: all"),
    (
        "services: [employment, family]",
        "services: [employment, education]",
        29,
        (
            "offers education, which format 1 of adapter small cannot carry;"
            " write services: [employment]"
        ),
    ),
    ("stage: test", "stage: staging", 14, "write one of test, production instead"),
    ("transport: http", "transport: htpp", 8, "did you mean http?"),
    ("https://klein.example", "https://{host}", 16, "may hold no placeholders but {authority}"),
    ("token_env: NORD", 'token_env: "{authority}"', 9, "may hold no placeholders; write the"),
    ("name: Stuttgart", 'name: "${CITY}"', 20, "may hold no placeholders; write the value"),
    ("name: Stuttgart", "name:", 20, "name is empty; write its value after the colon"),
    ("name: Stuttgart", 'name: ""', 20, "must be a text; write it after the colon"),
    ("system: nord", "system: null", 22, "must be a text, null is none; write"),
    ("parallel: 4", "parallel: 0", 10, "write one from 1 to 100"),
    ("attempts: 12", "attempts: many", 10, "write one from 1 to 100"),
    ("back_channel: true", "back_channel: yes", 24, "write true or false"),
    ("back_channel: true", "reminder_dayz: 3", 24, "did you mean reminder_days?"),
    (
        "    back_channel: true",
        "    back_channel: true\n    reminder_days: -1",
        25,
        "write one from 0 to 60",
    ),
    (
        "    back_channel: true",
        "    back_channel: true\n    when_not_competent: ask",
        25,
        "write one of operator, forward instead",
    ),
    (
        "    back_channel: true",
        "    back_channel: true\n    pages: https://www.example.de",
        25,
        'pages must be a list; write pages: ["https://www.example.de"]',
    ),
    *(
        (
            "    back_channel: true",
            f"    back_channel: true\n    pages: [{origin!r}]",
            25,
            f"{origin} is no origin of a page; write https://, the host in small letters",
        )
        for origin in (
            "*",
            "null",
            "https://*.example.de",
            "https://www.example.de/",
            "https://www.Example.de",
            "https://www.example.de:443",
            "https://www.example.de:70000",
            "http://www.example.de",
            "www.example.de",
            "https://user@www.example.de",
        )
    ),
    ("timeout_seconds: 30", "timeout_seconds: [30]", 9, "must be a text"),
    (
        "back_channel: true",
        "back_channel: true\n    late_replies: refused",
        25,
        "did you mean refuse? Write refuse instead",
    ),
    (
        "back_channel: true",
        "back_channel: true\n    late_reply: refuse",
        25,
        "did you mean late_replies? Write late_replies instead",
    ),
    ("authorities:", "senders: {alp: {users: [a]}}\nauthorities:", 18, 'write it as "alp:000001"'),
    (
        "authorities:",
        'senders: {"alp:000001": {users: a}}\nauthorities:',
        18,
        "must be a list; write users: [service]",
    ),
    ("stage: test", "stage: [test", 15, "this is not YAML"),
    ("stage: test", "stage: te\x07st", 14, "this is not YAML"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "sentence"), WRONG)
def test_a_problem_names_its_line_and_what_to_write(
    right: str, wrong: str, line: int, sentence: str
) -> None:
    assert right in FILE
    with pytest.raises(RoutingError) as raised:
        RoutingTable.parse(FILE.replace(right, wrong, 1), ADAPTERS)
    found = {(problem.line, problem.sentence) for problem in raised.value.problems}
    assert any(at == line and sentence in said for at, said in found), found


@pytest.mark.parametrize("right_and_wrong", [case[:2] for case in WRONG])
def test_one_mistake_is_reported_without_echoes(right_and_wrong: tuple[str, str]) -> None:
    with pytest.raises(RoutingError) as raised:
        RoutingTable.parse(FILE.replace(*right_and_wrong, 1), ADAPTERS)
    assert len(raised.value.problems) <= 2, str(raised.value)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = FILE.replace("transport: http", "transport: fax")
    text = text.replace("system: klein", "system: gross").replace('["08111"]', '["8"]')
    with pytest.raises(RoutingError) as raised:
        RoutingTable.parse(text, ADAPTERS, name="my.yaml")
    assert [problem.line for problem in raised.value.problems] == [8, 15, 21, 28]
    assert str(raised.value).splitlines()[0].startswith("my.yaml:8: system nord: transport fax")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file is empty"),
        ("# nothing yet\n", "the file is empty"),
        ("- a\n", "the file must be a list of names with values"),
        ("systems: {}\nauthorities: {}\n---\n", "this is not YAML"),
        ("systems: *there\n", "this is not YAML"),
    ],
)
def test_what_is_no_routing_file_is_said_to_be_none(text: str, sentence: str) -> None:
    with pytest.raises(RoutingError, match=sentence):
        RoutingTable.parse(text, ADAPTERS)
