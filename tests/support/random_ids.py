"""What was written, without the ids that were drawn: by chance they hold anybody's digits."""

import re

RANDOM_ID = re.compile(r"[0-9a-f]{16,}")
"""Ids of attempts, legs and texts, tokens and digests, as the product draws and shows them."""


def without_random_ids(text: str) -> str:
    """Return the text without ids, for a test that looks for a few digits of somebody's."""
    return RANDOM_ID.sub("…", text)
