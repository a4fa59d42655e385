"""Log lines that name nobody: they say where something went wrong and what kind of thing it was.

They never say what it was about.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType

TIME = "%Y-%m-%dT%H:%M:%SZ"


class LogFormat(StrEnum):
    """How log lines are written: for somebody who reads them, or for what collects them."""

    TEXT = "text"
    JSON = "json"


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


class JsonFormatter(RedactingFormatter):
    """Formats each log line as an object of JSON, for what collects logs, and names nobody in it.

    `where`: the places in the code and the exception's type, where there was one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["where"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def silence_multipart_logger() -> None:
    """Keep what a library says about damaged bodies out of the log.

    It quotes the bodies, which go to review anyway.
    """
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


def configure_logging(kind: LogFormat = LogFormat.TEXT) -> None:
    """Log warnings and worse to the standard error output, and where the audit log's chain ends."""
    silence_multipart_logger()
    handler = logging.StreamHandler()
    line = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(JsonFormatter() if kind is LogFormat.JSON else RedactingFormatter(line))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("leads.audit").setLevel(logging.INFO)
