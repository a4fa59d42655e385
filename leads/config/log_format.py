"""Log lines that name nobody: they say where something went wrong and what kind of thing it was.

They never say what it was about.
"""

from __future__ import annotations

import logging
import time
import traceback
from types import TracebackType


class RedactingFormatter(logging.Formatter):
    """Formats log lines without the messages of exceptions.

    A database's complaint quotes the row that it is about.
    """

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
    """Log warnings and worse to the standard error output, and where the audit log's chain ends.

    Times are of UTC.
    """
    silence_multipart_logger()
    handler = logging.StreamHandler()
    line = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    formatter = RedactingFormatter(line, datefmt="%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("leads.audit").setLevel(logging.INFO)
