"""Dispositions: what an advisor says came of a conversation.

A new one needs both labels here, a test sees to that, and a button or a key to choose it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from leads.i18n.translatable import Phrase


class Disposition(StrEnum):
    """What the advisor says came of a conversation."""

    HELPED = "helped"
    REFERRED = "referred"
    CALL_AGAIN = "call_again"
    DECLINED = "declined"
    WRONG_PERSON = "wrong_person"
    UNRECORDED = "unrecorded"


HELPED_OR_REFERRED = (Disposition.HELPED, Disposition.REFERRED)
"""What counts as help, and as one figure by advisor: nobody's referrals are counted."""

DISPOSITION_LABELS: Mapping[Disposition, Phrase] = {
    Disposition.HELPED: Phrase("helped"),
    Disposition.REFERRED: Phrase("referred"),
    Disposition.CALL_AGAIN: Phrase("call again"),
    Disposition.DECLINED: Phrase("declined"),
    Disposition.WRONG_PERSON: Phrase("wrong person"),
    Disposition.UNRECORDED: Phrase("not recorded"),
}
"""What each is called within a sentence of a person's file."""

DISPOSITION_TITLES: Mapping[Disposition, Phrase] = {
    Disposition.HELPED: Phrase("Helped"),
    Disposition.REFERRED: Phrase("Referred"),
    Disposition.CALL_AGAIN: Phrase("To call again"),
    Disposition.DECLINED: Phrase("Did not want help"),
    Disposition.WRONG_PERSON: Phrase("Wrong person"),
    Disposition.UNRECORDED: Phrase("Not recorded"),
}
"""What each is called by itself, as in the report."""
