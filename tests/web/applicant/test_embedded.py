"""What an authority's page may ask by a link, and what it is told; and its script."""

import asyncio
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog

from hub.language import catalogue
from hub.model.identifiers import CaseId
from hub.web.applicant.pages import LANGUAGES, TEXTS
from tests.web.applicant.conftest import Door
from tests.web.applicant.embedding import NAMED, NEIGHBOURS, NOBODYS, SCRIPT, door, told

__all__ = ["door"]


async def test_a_case_is_told_as_its_page_shows_it(door: Door) -> None:
    case = await door.case(language="en")
    status, question = await case.letter("status", status="01"), await case.letter("question")
    answer, headers = await told(door, case.path, origin=NAMED)
    assert (answer["phase"], answer["authority"]) == ("in_progress", "One")
    assert answer["application_id"] == case.submission.application_id
    assert [each["id"] for each in answer["letters"]] == [str(question.id), str(status.id)]
    assert not any(each["read"] for each in answer["letters"])
    [waits] = answer["open"]
    [row] = [r for r in await door.world.messages(case.id) if r.kind == "question"]
    assert (waits["letter"], waits["deadline"]) == (str(question.id), str(row.deadline))
    assert f"{row.deadline:%B %Y}" in waits["deadline_says"]
    assert [each["progress"] for each in answer["sent"]] == ["accepted"]
    page = unescape(await door.get(case.path))
    for said in (answer["says"], waits["says"], waits["go_says"], answer["labels"]["sent.list"]):
        assert said in page
    await door.get(answer["page"])
    await door.get(waits["page"])
    assert headers["access-control-allow-origin"] == NAMED
    assert headers["vary"] == "Origin"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-credentials" not in headers
    assert "set-cookie" not in headers


async def test_a_letter_counts_as_read_once_it_was_asked_for_and_not_before(door: Door) -> None:
    case = await door.case(language="en")
    letter = await case.letter("intended_refusal")
    await told(door, case.path, origin=NAMED)
    assert "read" not in await door.world.names(case.id)
    for _ in range(2):
        answer, _ = await told(door, case.to(letter), origin=NAMED)
    assert (await door.world.names(case.id)).count("read") == 1
    [row] = (await told(door, case.path))[0]["letters"]
    assert row["read"]
    text = letter.parts[0].text
    assert "\n\n".join("\n".join(lines) for lines in answer["parts"][0]["paragraphs"]) == text
    assert [each["name"] for each in answer["documents"]] == [
        each.file_name for each in letter.documents
    ]
    async with door.client.get(answer["documents"][0]["page"]) as response:
        content = await response.read()
    assert hashlib.sha256(content).hexdigest() == letter.documents[0].sha256


async def test_what_was_answered_is_no_longer_open(door: Door) -> None:
    case = await door.case(language="en")
    letter = await case.letter("question")
    assert (await told(door, case.to(letter)))[0]["open"]["page"] == case.to(letter)
    await door.post(case.to(letter), await door.form(case.to(letter)), text="Ja")
    answer, _ = await told(door, case.to(letter))
    assert (answer["open"], answer["answered"]["kind"]) == (None, "reply")
    assert (await told(door, case.path))[0]["open"] == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_hub_speaks_the_language_chosen(door: Door, language: str) -> None:
    case = door.cases[-1]
    answer, _ = await told(door, case.path, language=language)
    assert answer["language"] == language
    assert answer["direction"] == ("rtl" if language in {"ar", "fa"} else "ltr")
    assert answer["page"].endswith(f"?language={language}")
    said = catalogue(TEXTS, language)
    assert said is not None
    assert answer["labels"]["letters.title"] == said.say("letters.title")


async def test_wrong_expired_and_unknown_links_get_the_same_answer(door: Door) -> None:
    case = await door.case()
    letter = await case.letter("status", status="01")
    old = door.link(case.id, datetime.now(UTC) - timedelta(days=31))
    nobodys = door.link(CaseId(uuid4()))
    wrong = case.path[:-1]  # another last letter might stand for the same bits
    answers = set()
    for link in (old, nobodys, wrong, "/cases/x", f"/cases/{'x' * 600}"):
        for path in (link, f"{link}/letters/{letter.id}"):
            for origin in (NAMED, NEIGHBOURS):
                answer, headers = await told(door, path, 404, origin)
                assert headers.pop("access-control-allow-origin") == origin
                headers.pop("date")
                answers.add((json.dumps(answer), json.dumps(headers)))
    # A page of another authority learns of a link that opens no more than of one that does not.
    for path in (case.path, case.to(letter)):
        answer, headers = await told(door, path, 404, NEIGHBOURS)
        headers.pop("access-control-allow-origin")
        headers.pop("date")
        answers.add((json.dumps(answer), json.dumps(headers)))
    assert len(answers) == 1
    assert "read" not in await door.world.names(case.id)


async def test_pages_that_nobody_named_are_told_nothing_of_any_link(door: Door) -> None:
    case = await door.case()
    letter = await case.letter("status", status="01")
    answers = set()
    for origin in (NOBODYS, "null", "https://amt.example.evil.example", NAMED.upper(), ""):
        for path in (case.path, case.to(letter), "/cases/x"):
            answer, headers = await told(door, path, 403, origin)
            assert not [name for name in headers if name.startswith("access-control")]
            assert headers["vary"] == "Origin"
            answers.add(json.dumps(answer))
    assert len(answers) == 1
    assert "read" not in await door.world.names(case.id)


async def test_no_preflight_is_granted(door: Door) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x"}
    for origin in (NAMED, NOBODYS):
        path = f"/applicant/v1{door.cases[-1].path}"
        async with door.client.options(path, headers={"Origin": origin, **asked}) as response:
            assert response.status in {403, 405}
            assert "Access-Control-Allow-Headers" not in response.headers


async def test_letters_of_other_cases_are_unknown(door: Door) -> None:
    mine, theirs = await door.case(), await door.case()
    letter = await theirs.letter("status", status="01")
    for name in (letter.id, uuid4()):
        answer, _ = await told(door, f"{mine.path}/letters/{name}", 404, NAMED)
        assert answer["cause"] == "letter.unknown"
    assert "read" not in await door.world.names(theirs.id)


async def test_requests_about_one_case_are_limited_together_with_its_page(door: Door) -> None:
    mine, theirs = await door.case(), await door.case()
    for _ in range(60):
        await door.get(mine.path)
    statuses = []
    for _ in range(70):
        async with door.client.get(
            f"/applicant/v1{mine.path}", headers={"Origin": NAMED}
        ) as response:
            statuses.append(response.status)
            last = response.headers
    assert set(statuses) == {200, 429}
    assert int(last["Retry-After"]) > 0
    assert last["Access-Control-Expose-Headers"] == "Retry-After"
    await told(door, theirs.path)


async def test_no_link_reaches_a_log(door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    case = await door.case()
    with structlog.testing.capture_logs() as logged:
        await told(door, case.path, origin=NAMED)
        await told(door, case.path, 403, NOBODYS)
        await told(door, case.path[:-3], 404)
        await told(door, f"{case.path}/letters/x", 422)
        await told(door, f"{case.path}/nowhere", 404)
    written = str(logged) + "".join(capfd.readouterr())
    token = case.path.rpartition("/")[2]
    assert token[:20] not in written
    assert token[-20:] not in written


async def test_no_call_fails_or_answers_what_is_not_documented(door: Door, tmp_path: Path) -> None:
    """Schemathesis makes calls out of the document, with a link that opens and with others."""
    case = await door.case(language="en")
    letter = await case.letter("question")
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        f'[parameters]\n"path.token" = "{case.path.rpartition("/")[2]}"\n'
        f'"path.letter" = "{letter.id}"\n'
    )
    for given in (["--config-file", str(config)], []):
        command = [
            *(sys.executable, "-m", "schemathesis.cli", *given),
            *("run", f"{door.url}/applicant/v1/openapi.json", "--max-examples", "5"),
            *("--seed", "1", "--checks", "all", "--phases", "coverage,fuzzing"),
        ]
        run = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]


async def test_the_script_can_be_loaded_from_everywhere_kept_and_pinned(door: Door) -> None:
    async with door.client.get(SCRIPT) as response:
        assert response.content_type == "text/javascript"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response.headers["Cache-Control"].startswith("public, max-age=")
        tag, script = response.headers["ETag"], await response.read()
    async with door.client.get(SCRIPT, headers={"If-None-Match": f'"x", W/{tag}'}) as response:
        assert (response.status, await response.read()) == (304, b"")
        assert response.headers["ETag"] == tag
    async with door.client.get(SCRIPT, headers={"If-None-Match": '"other"'}) as response:
        assert await response.read() == script


async def test_the_script_is_small_asks_for_no_code_and_speaks_every_language(door: Door) -> None:
    async with door.client.get(SCRIPT) as response:
        script = await response.text()
    assert len(script.splitlines()) < 300
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "Function(", "import("):
        assert word not in script
    [line] = [each for each in script.splitlines() if each.startswith("const WORDS = ")]
    words: dict[str, Any] = json.loads(
        line.removeprefix("const WORDS = ").partition("}};")[0] + "}}"
    )
    assert words.keys() == set(LANGUAGES)
    assert all(all(said.values()) for said in words.values())
