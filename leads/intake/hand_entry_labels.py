"""The words of a hand entry: what its questions and its answers are called wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping

from leads.i18n.translatable import Phrase
from leads.intake.hand_entry import (
    AGREEMENT_FIELD,
    CHANNEL_FIELD,
    NAMED_TIME_FIELD,
    REFUSAL_FIELD,
    TELLER_FIELD,
    TOLD_BY_FIELD,
    EntryChannel,
    Teller,
)

CHANNEL_LABELS: Mapping[EntryChannel, Phrase] = {
    EntryChannel.WALK_IN: Phrase("Walk-in"),
    EntryChannel.REFERRAL: Phrase("Referral"),
    EntryChannel.PHONE_CALL: Phrase("Phone call"),
    EntryChannel.OTHER: Phrase("Other"),
}
TELLER_LABELS: Mapping[Teller, Phrase] = {
    Teller.THEMSELVES: Phrase("They told me themselves"),
    Teller.SOMEBODY_ELSE: Phrase("Someone else told me"),
}
QUESTION_LABELS: Mapping[str, Phrase] = {
    CHANNEL_FIELD: Phrase("How did they reach us?"),
    TOLD_BY_FIELD: Phrase("Who told you?"),
    TELLER_FIELD: Phrase("If someone else, who?"),
    AGREEMENT_FIELD: Phrase("What did they agree to, in their words?"),
    NAMED_TIME_FIELD: Phrase("When they want to be called, local time"),
    REFUSAL_FIELD: Phrase("Their words against being called"),
}
ANSWER_LABELS: Mapping[str, Mapping[str, Phrase]] = {
    CHANNEL_FIELD: {str(one): label for one, label in CHANNEL_LABELS.items()},
    TOLD_BY_FIELD: {str(one): label for one, label in TELLER_LABELS.items()},
}
