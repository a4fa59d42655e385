"""Log lines that name nobody: they say where something went wrong and what kind of thing it was.

They never say what it was about.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

TIME = "%Y-%m-%dT%H:%M:%SZ"


class RedactingFormatter(logging.Formatter):
    """Formats log lines, at times of UTC, without the messages of exceptions.

    A database's complaint quotes the row that it is about.
    """

    def formatTime(  # noqa: N802 - the library's name
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        """Return when something was logged."""
        return datetime.fromtimestamp(record.created, UTC).strftime(datefmt or TIME)

    def formatException(  # noqa: N802 - the library's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Return the places in the code, and the exception's type."""
        kind, _, where = ei
        places = "".join(traceback.format_tb(where))
        return f"{places}{kind.__name__ if kind else ''}"


def silence_multipart_logger() -> None:
    """Keep what a library says about damaged bodies out of the log.

    It quotes the bodies, which go to review anyway.
    """
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


def configure_logging() -> None:
    """Log warnings and worse to the standard error output, and where the audit log's chain ends."""
    silence_multipart_logger()
    handler = logging.StreamHandler()
    line = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(RedactingFormatter(line))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("leads.audit").setLevel(logging.INFO)
