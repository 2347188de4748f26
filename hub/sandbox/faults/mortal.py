"""The hub as it runs in a campaign: the real `hub run`, which may be told where to die."""

from hub.cli.run import run

__all__ = ["main"]


def main() -> None:
    """Run the hub as the settings in the environment say."""
    run()
