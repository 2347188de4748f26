"""The JSON API: what the console shows, for programs; documented as OpenAPI 3.1 by itself.

Every call needs a token of a person, with the role that the same page of the console would need.
Whatever is refused is a problem document (RFC 9457), as at the doors.
"""

from hub.web.api.application import api, openapi

__all__ = ["api", "openapi"]
