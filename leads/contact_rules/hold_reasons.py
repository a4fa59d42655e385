"""Hold reasons: sentences that say why a person must look at a callback before it is rung.

None is lost when another one comes.
"""

from __future__ import annotations

from collections.abc import Iterable

from leads.i18n.translatable import split_sentences


def join_hold_reasons(*holds: str) -> str:
    """Return the reasons of all these holds as one hold, each reason once."""
    return " ".join(dict.fromkeys(reason for hold in holds for reason in split_sentences(hold)))


def remove_hold_reasons(hold: str, others: Iterable[str]) -> str:
    """Return a hold without the reasons that are among the others."""
    left = {reason for other in others for reason in split_sentences(other)}
    return " ".join(reason for reason in split_sentences(hold) if reason not in left)


def common_hold_reasons(hold: str, other: str) -> str:
    """Return the hold of the reasons that are in both holds."""
    return remove_hold_reasons(hold, [remove_hold_reasons(hold, [other])])
