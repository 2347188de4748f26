"""Sign-in at an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE), by Authlib."""

from collections.abc import Iterable
from typing import Any, Final

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from hub.web.access.person import Person, Role
from hub.web.access.tokens import SignIn
from hub.web.problems import Rejected

__all__ = ["Provider"]

_HIGHEST_FIRST: Final[tuple[Role, ...]] = ("admin", "approver", "operator", "viewer")


class Provider:
    """One provider. Its answers are believed only with a signature of its own keys."""

    def __init__(self, settings: SignIn) -> None:
        """Raises OSError if the client's secret cannot be read."""
        self._settings = settings
        self._client: Any = OAuth().register(
            "provider",
            server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_id=settings.client_id,
            client_secret=settings.client_secret_file.read_text("utf-8").strip(),
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
        )

    async def ask(self, request: Request, back: str) -> Response:
        """Send the browser to the provider; it comes back to `back`.

        Raises:
            Rejected: 502, the provider cannot be reached.
        """
        try:
            answer: Response = await self._client.authorize_redirect(request, back)
        except HTTPError as error:
            raise _away(error) from None
        return answer

    async def person(self, request: Request) -> Person:
        """Who came back.

        Raises:
            Rejected: the provider said no, or nothing that can be believed; or none of the
                person's groups has a role.
        """
        try:
            token = await self._client.authorize_access_token(request)
        except HTTPError as error:
            raise _away(error) from None
        except (OAuthError, JoseError, ValueError) as error:
            raise Rejected(
                403,
                "sign_in.failed",
                f"The sign-in did not succeed ({type(error).__name__}); begin it again.",
            ) from None
        claims = token.get("userinfo") or {}
        role = self._role(claims.get(self._settings.claim))
        if role is None:
            raise Rejected(
                403,
                "sign_in.no_role",
                "You are signed in at the provider, but none of your groups has a role here. "
                "Ask whoever keeps the hub's access file.",
            )
        name = str(claims.get("preferred_username") or claims.get("sub"))[:100]
        return Person(name, role, "oidc")

    def _role(self, groups: object) -> Role | None:
        # A claim may be one group or a list of them.
        listed = (
            groups if isinstance(groups, Iterable) and not isinstance(groups, str) else [groups]
        )
        mine = {str(group) for group in listed}
        roles = self._settings.roles
        return next((role for role in _HIGHEST_FIRST if mine & roles.get(role, frozenset())), None)


def _away(error: HTTPError) -> Rejected:
    return Rejected(
        502,
        "sign_in.provider_away",
        f"The OpenID provider does not answer ({type(error).__name__}); try again later.",
    )
