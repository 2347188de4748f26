"""Behind a proxy that ends TLS the hub is asked by http: no redirect leads back there."""

import aiohttp
import pytest


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/console",
        "/console/",
        "/console/dead/",
        "/sign-in",
        "/sign-in?back=%2Fconsole",
        "/sign-in/link/x/",
        "/sign-in/provider/",
        "/cases/x/",
        "/applicant/v1",
        "/applicant/v1/cases/x/",
        "/api/v1",
        "/api/v1/status/",
        "/health/live/",
    ],
)
async def test_no_redirect_names_scheme_or_host(doors: aiohttp.ClientSession, path: str) -> None:
    async with doors.get(path, allow_redirects=False) as response:
        assert response.headers.get("Location", "/").startswith("/")


async def test_a_token_is_not_sent_on_to_a_door_without_slash(doors: aiohttp.ClientSession) -> None:
    async with doors.post("/submissions/", data=b"x", allow_redirects=False) as response:
        assert response.status == 404


async def test_the_sign_in_opens_with_and_without_slash(doors: aiohttp.ClientSession) -> None:
    for path in ("/sign-in", "/sign-in/"):
        async with doors.get(f"{path}?back=%2Fconsole%2Fdead", allow_redirects=False) as response:
            assert response.status == 200
            assert 'value="/console/dead"' in await response.text()
