"""Lines of standard input: what the batches of `explain` read."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator


def read_lines() -> Iterator[str]:
    """Yield the lines of standard input, whatever bytes are in them."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace", newline="\n")
    for line in sys.stdin:
        yield line.rstrip("\r\n")
