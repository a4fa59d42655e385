"""Record ids: the numbers of rows, as they stand in the addresses of pages and requests."""

from __future__ import annotations

LARGEST_ID = 2**31 - 1
"""That a column of ids has; PostgreSQL refuses to look for a larger one."""


def read_record_id(text: str) -> int | None:
    """Return the id that words of an address are; None where no record can have it.

    Whoever wrote them may have meant anything: other digits than ours, a number without end.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_ID)):
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None
