"""`hub demo`: the hub with everything around it on one machine."""

__all__ = ["demo"]


def demo() -> None:
    """Show the hub at work: simulated systems, applicants, and a broker of its own."""
