"""Who is at the terminal, as the audit names them."""

import os
import pwd

__all__ = ["actor"]


def actor() -> str:
    """`cli:<unix user>`: as the system knows them, not as an environment variable says."""
    user = os.getuid()
    try:
        return f"cli:{pwd.getpwuid(user).pw_name}"
    except KeyError:  # a container may run under a number that nobody has named
        return f"cli:{user}"
