"""What this process has lately shown in which session, so that one look is written down once.

A page that is drawn again, or loaded anew, shows the same people.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from leads.people.looks import Look

SAME_LOOK_FOR = timedelta(hours=1)
MOST_KNOWN = 100_000  # looks: what is older than the hour goes, and is written down anew

_known: dict[tuple[int, str, Look], datetime] = {}
_lock = threading.Lock()


def filter_new_looks(
    looks: Collection[Look], *, sign_in_id: int, view: str, now: datetime
) -> set[Look]:
    """Return those that this session has not had on this page within the hour."""
    long_ago = now - SAME_LOOK_FOR
    return {one for one in looks if _known.get((sign_in_id, view, one), long_ago) <= long_ago}


def keep_looks(looks: Collection[Look], *, sign_in_id: int, view: str, now: datetime) -> None:
    """Keep that they were written down as of now."""
    with _lock:
        _known.update({(sign_in_id, view, one): now for one in looks})
        if len(_known) > MOST_KNOWN:
            for key in [key for key, at in _known.items() if at <= now - SAME_LOOK_FOR]:
                del _known[key]
