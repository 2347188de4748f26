"""What commands log: `hub run` everything, as JSON lines on stderr; the others nothing."""

import logging
import sys

import structlog

__all__ = ["log_as_json", "log_nothing"]


def log_as_json() -> None:
    """One JSON object per line: event, level, UTC time, ids."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


def log_nothing() -> None:
    """A command says what it has to say itself."""
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(
        wrapper_class=silent, logger_factory=structlog.WriteLoggerFactory(sys.stderr)
    )
