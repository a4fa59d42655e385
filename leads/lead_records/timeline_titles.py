"""Timeline titles: what each thing that happens to a person is called in their record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leads.i18n.translatable import Phrase
from leads.intake.hand_entry import EntryChannel
from leads.lead_records.visible_people import FOUND
from leads.lifecycle.state_tables import (
    AttemptEvent,
    CallbackEvent,
    InboundEvent,
    LeadEvent,
    VoicemailEvent,
)
from leads.messaging import inbound_texts
from leads.models.dispositions import DISPOSITION_LABELS
from leads.models.enums import InboundState, OutreachWay, SuppressedChannel, TextMeaning
from leads.models.incident_words import INCIDENT_KIND_LABELS, OUTCOME_LABELS, STEP_LABELS
from leads.models.labels import CALL_DOUBT_TITLES, CLOSE_REASON_LABELS, RESULT_LABELS

ENTRY_TITLES: Mapping[EntryChannel, Phrase] = {
    EntryChannel.WALK_IN: Phrase("{name} walked in and asked for a call"),
    EntryChannel.REFERRAL: Phrase("{name} was referred to us"),
    EntryChannel.PHONE_CALL: Phrase("{name} called and asked for a call"),
    EntryChannel.OTHER: Phrase("{name} asked for a call another way"),
}
"""How somebody asked whose request a colleague entered by hand."""

TEXT_TITLES: Mapping[TextMeaning, Phrase] = {
    TextMeaning.STOP_TEXTS: Phrase("Texted: no more texts"),
    TextMeaning.STOP_CALLS: Phrase("Texted: no more calls"),
    TextMeaning.START: Phrase("Texted: can be contacted again"),
    TextMeaning.HELP: Phrase("Texted: who are you, or help"),
    TextMeaning.CALL: Phrase("Texted: wants a call"),
    TextMeaning.LATER: Phrase("Texted: at another time"),
    TextMeaning.WRONG_PERSON: Phrase("Texted: is someone else"),
    TextMeaning.UNCLEAR: Phrase("Texted: may want no contact"),
}
"""What a text asked for, where it is no plain talk; a stop has an entry of its own beside it."""

OUTREACH_TITLES: Mapping[OutreachWay, Phrase] = {
    OutreachWay.EMAIL: Phrase("E-mailed"),
    OutreachWay.TEXT: Phrase("Texted"),
    OutreachWay.IN_PERSON: Phrase("Met in person"),
    OutreachWay.THEY_CALLED: Phrase("They called us"),
    OutreachWay.OTHER: Phrase("Reached another way"),
}
"""How somebody was reached, or reached us, without a call of ours."""

SUPPRESSION_TITLES: Mapping[SuppressedChannel, Phrase] = {
    SuppressedChannel.ALL: Phrase("Asked not to be contacted"),
    SuppressedChannel.CALL: Phrase("Asked not to be called"),
    SuppressedChannel.TEXT: Phrase("Asked not to be texted"),
}

HANG_UP_TITLES: Mapping[InboundState, Phrase] = {
    InboundState.ABANDONED: Phrase("Called and hung up while waiting"),
    InboundState.REFUSED_HOURS: Phrase("Called after hours"),
}
"""How a call that came in ended, where the caller ended it without having talked to anybody."""

TRANSITION_TITLES = {
    ("lead", LeadEvent.CLOSE): Phrase("Request closed"),
    ("lead", LeadEvent.REOPEN): Phrase("Asked again"),
    ("lead", "correct"): Phrase("Corrected"),
    ("lead", "leave_statement"): Phrase("The later statement was not used"),
    ("lead", "reveal"): Phrase("Number shown"),
    ("lead", "show_name"): Phrase("Name shown, on a call"),
    ("lead", "export"): Phrase("Data exported"),
    ("lead", "legal_hold"): Phrase("A legal hold was placed"),
    ("lead", "lift_legal_hold"): Phrase("A legal hold was lifted"),
    ("lead", "agree_to_disclose"): Phrase("A consent to disclose was recorded"),
    ("lead", "revoke_consent"): Phrase("A consent to disclose was revoked"),
    ("lead", "disclosure"): Phrase("Others were told about them"),
    ("lead", "erase"): Phrase("Personal data erased"),
    ("lead", FOUND): Phrase("Found by the last four digits"),
    ("lead", "task"): Phrase("A task was added"),
    ("lead", "task_moved"): Phrase("A task was moved"),
    ("lead", "safe_by_call"): Phrase("Safe to call: they asked for a call by phone"),
    ("lead", "merge"): Phrase("Another file was merged into this one"),
    ("lead", inbound_texts.TEXT_RECEIVED_EVENT): Phrase("Texted"),
    ("lead", "unmerge"): Phrase("A merged file was separated again"),
    ("callback", "asked_call"): Phrase("A callback was promised"),
    ("callback", "asked_later"): Phrase("Rescheduled as they asked"),
    ("callback", CallbackEvent.CLAIM): Phrase("Assigned"),
    ("callback", CallbackEvent.RELEASE): Phrase("Returned to the queue"),
    ("callback", "keep"): Phrase("Kept for longer before the call"),
    ("callback", "move_up"): Phrase("Moved up"),
    ("callback", CallbackEvent.MISS): Phrase("Not reached: will try again"),
    ("callback", CallbackEvent.EXHAUST): Phrase("Not reached: out of attempts"),
    ("callback", CallbackEvent.RESCHEDULE): Phrase("Will be called again"),
    ("callback", "name_time"): Phrase("A time was named for the call"),
    ("callback", "safe_time_over"): Phrase("The safe time no longer applies"),
    ("callback", CallbackEvent.DISPOSE): Phrase("Finished"),
    ("callback", CallbackEvent.CORRECT_OUTCOME): Phrase("Corrected: outcome of the call"),
    ("callback", CallbackEvent.TAKE_BACK): Phrase("Reopened to correct the outcome of the call"),
    ("callback", CallbackEvent.TIME_OUT): Phrase("No outcome recorded for the call"),
    ("callback", CallbackEvent.CANCEL): Phrase("Callback canceled"),
    ("callback", CallbackEvent.UNDO_CANCEL): Phrase("Cancellation undone"),
    ("inbound_call", InboundEvent.JOIN): Phrase("Called, and an advisor answered"),
    ("inbound_call", InboundEvent.WAIT_AGAIN): Phrase(
        "The advisor had just hung up, and they waited again"
    ),
    ("inbound_call", InboundEvent.PROMISE): Phrase("Called, and pressed 1 for a callback"),
    ("inbound_call", InboundEvent.RECORD): Phrase("Called, and chose to leave a message"),
    ("call_attempt", AttemptEvent.ACCEPTED): Phrase("Their phone was dialed"),
    ("voicemail", VoicemailEvent.FETCH): Phrase("Left a voicemail"),
    ("voicemail", "play"): Phrase("Voicemail listened to"),
    ("voicemail", "settle"): Phrase("Voicemail handled"),
    ("call_attempt", AttemptEvent.ANSWERED): Phrase("They answered"),
    ("call_attempt", AttemptEvent.HUNG_UP): Phrase("The call ended"),
    ("call_attempt", AttemptEvent.MISSED): Phrase("The call was not connected"),
    ("call_attempt", AttemptEvent.FAILED): Phrase("The call failed"),
    ("call_attempt", AttemptEvent.LOSE): Phrase("The call was lost"),
    ("callback", "override_hours"): Phrase("An after-hours call was requested"),
    ("callback", "acknowledge_hours"): Phrase("A second supervisor approved an after-hours call"),
    ("callback", "withdraw_hours"): Phrase("The after-hours call was canceled"),
    ("incident", "open"): Phrase("An incident was opened"),
    ("incident", "name_kind"): Phrase("The type of danger was recorded"),
    ("incident", "step"): Phrase("During the incident"),
    ("incident", "close"): Phrase("The incident was closed"),
    ("incident", "follow_up"): Phrase("Followed up after the incident"),
}
"""Titles of the transitions that say something to a reader; the others are in the export alone."""

DETAIL_LABELS: dict[str, Mapping[Any, Phrase]] = {
    "result": RESULT_LABELS,
    "doubt": CALL_DOUBT_TITLES,
    "disposition": DISPOSITION_LABELS,
    "close_reason": CLOSE_REASON_LABELS,
    "kind": INCIDENT_KIND_LABELS,
    "step": STEP_LABELS,
    "outcome": OUTCOME_LABELS,
}
"""What a move says of itself, by the column that it changed."""

UNKNOWN_DETAIL = Phrase("unknown")  # a word of another version's
