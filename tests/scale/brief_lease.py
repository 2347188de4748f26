"""`hub run` with a lease for collecting that is short enough to be waited for."""

from datetime import timedelta

from hub.cli.run import run
from hub.stages import collect

if __name__ == "__main__":
    setattr(collect, "_HELD", timedelta(seconds=5))  # noqa: B010 - a seam, which has no type
    run()
