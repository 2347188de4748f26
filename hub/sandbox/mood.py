"""A simulated system that does not want: for a while it answers everything with one failure.

`PUT /mood` takes `{"status": …, "retry_after": …}`, `DELETE /mood` makes it work again. The status
is what its own protocol calls so: of HTTP, or of SFTP.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

__all__ = ["Mood"]


class Mood:
    """What a system answers instead of doing its work.

    Attributes:
        status: the failure; None as long as it works.
    """

    def __init__(self) -> None:
        self.status: int | None = None
        self._retry_after: str | None = None

    def answer(self) -> Response | None:
        """Its answer to a call over HTTP, if it does not want."""
        if self.status is None:
            return None
        headers = {} if self._retry_after is None else {"Retry-After": self._retry_after}
        return Response(status_code=self.status, headers=headers)

    @property
    def routes(self) -> list[Route]:
        """The door by which it is put into a mood."""
        return [Route("/mood", self._change, methods=["PUT", "DELETE"])]

    async def _change(self, request: Request) -> Response:
        wanted = await request.json() if request.method == "PUT" else {}
        self.status, self._retry_after = wanted.get("status"), wanted.get("retry_after")
        return Response(status_code=204)
