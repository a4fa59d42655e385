"""The state tables: which event leads from which state to which."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import SQLModel

from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AttemptState,
    CallbackState,
    InboundState,
    LeadState,
    SubmissionState,
    VoicemailState,
)
from leads.models.inbound import InboundCall
from leads.models.requests import Lead, Submission
from leads.models.voicemails import Voicemail

Record = Submission | Lead | Callback | CallAttempt | InboundCall | Voicemail

Table = Mapping[tuple[str, str], str]

S, L, C, A, B = SubmissionState, LeadState, CallbackState, AttemptState, InboundState
V = VoicemailState

SUBMISSION: Table = {
    (S.RECEIVED, "admit"): S.ADMITTED,
    (S.RECEIVED, "match"): S.DUPLICATE,
    (S.RECEIVED, "withhold"): S.WITHHELD,
    (S.RECEIVED, "reject"): S.NEEDS_REVIEW,
    # The form tool itself says that it is a test, unfinished or deleted: the rule is recorded as
    # the reason.
    (S.RECEIVED, "discard"): S.DISCARDED,
    (S.NEEDS_REVIEW, "admit"): S.ADMITTED,
    (S.NEEDS_REVIEW, "match"): S.DUPLICATE,
    (S.NEEDS_REVIEW, "withhold"): S.WITHHELD,
    (S.NEEDS_REVIEW, "discard"): S.DISCARDED,
    # Somebody who once said stop writes again: a person decides what they want now.
    (S.WITHHELD, "admit"): S.ADMITTED,
    (S.WITHHELD, "match"): S.DUPLICATE,
    (S.WITHHELD, "discard"): S.DISCARDED,
    # A secret that was pasted wrongly must not lose anybody.
    (S.REFUSED, "admit"): S.ADMITTED,
    (S.REFUSED, "match"): S.DUPLICATE,
    (S.REFUSED, "withhold"): S.WITHHELD,
    (S.REFUSED, "reject"): S.NEEDS_REVIEW,
    (S.REFUSED, "discard"): S.DISCARDED,
}

LEAD: Table = {
    (L.OPEN, "close"): L.CLOSED,
    (L.CLOSED, "reopen"): L.OPEN,
    (L.CLOSED, "take_back"): L.OPEN,  # what had closed it was said by mistake
    (L.OPEN, "suppress"): L.SUPPRESSED,
    (L.CLOSED, "suppress"): L.SUPPRESSED,
    (L.SUPPRESSED, "reinstate"): L.CLOSED,
}

CALLBACK: Table = {
    (C.WAITING, "claim"): C.CLAIMED,
    (C.CLAIMED, "release"): C.WAITING,
    (C.CLAIMED, "expire"): C.WAITING,
    (C.CLAIMED, "call"): C.CALLING,
    (C.CALLING, "hand_back"): C.WAITING,
    (C.CALLING, "miss"): C.WAITING,
    (C.CALLING, "exhaust"): C.EXHAUSTED,
    (C.CALLING, "converse"): C.WRAP_UP,
    (C.WRAP_UP, "dispose"): C.COMPLETED,
    (C.WRAP_UP, "time_out"): C.WAITING,  # held: nobody is closed by silence
    (C.WRAP_UP, "reschedule"): C.WAITING,
    # The network cannot tell a person from an answering machine; the advisor who listened can.
    (C.WRAP_UP, "miss"): C.WAITING,
    (C.WRAP_UP, "exhaust"): C.EXHAUSTED,
    (C.WAITING, "dispose"): C.COMPLETED,
    (C.WAITING, "reschedule"): C.WAITING,
    (C.WAITING, "miss"): C.WAITING,
    (C.WAITING, "exhaust"): C.EXHAUSTED,
    # Whoever said what came of a call may have been wrong about it.
    (C.COMPLETED, "correct_outcome"): C.COMPLETED,
    (C.COMPLETED, "take_back"): C.WAITING,
    (C.EXHAUSTED, "take_back"): C.WAITING,
    **{(state, "cancel"): C.CANCELLED for state in OPEN_CALLBACK},
}

LATE_EVENTS = frozenset({"dispose", "reschedule", "miss", "exhaust"})
"""What moves a waiting callback of which somebody says later what came of its last call."""

ATTEMPT: Table = {
    (A.REQUESTED, "placed"): A.RINGING_ADVISOR,
    (A.REQUESTED, "accepted"): A.RINGING_LEAD,
    (A.RINGING_ADVISOR, "accepted"): A.RINGING_LEAD,
    **{(state, "answered"): A.BRIDGED for state in LIVE_ATTEMPT[:3]},
    (A.RINGING_LEAD, "hung_up"): A.ENDED,
    (A.BRIDGED, "hung_up"): A.ENDED,
    **{(state, "missed"): A.MISSED for state in LIVE_ATTEMPT[:3]},
    **{(state, "failed"): A.FAILED for state in LIVE_ATTEMPT[:3]},
    **{(state, "lose"): A.LOST for state in LIVE_ATTEMPT},
}

INBOUND: Table = {
    (B.WAITING, "join"): B.TALKING,
    (B.WAITING, "promise"): B.PROMISED,
    (B.WAITING, "record"): B.VOICEMAIL,
    (B.WAITING, "hang_up"): B.ABANDONED,
    (B.TALKING, "hang_up"): B.ENDED,
    (B.OUTSIDE_HOURS, "promise"): B.PROMISED,
    (B.OUTSIDE_HOURS, "record"): B.VOICEMAIL,
    (B.OUTSIDE_HOURS, "hang_up"): B.REFUSED_HOURS,
}

VOICEMAIL: Table = {
    (V.EXPECTED, "fetch"): V.FETCHED,
    (V.EXPECTED, "miss"): V.ABSENT,
    (V.EXPECTED, "fail"): V.FAILED,
    # The network names a recording late, or gives it after all.
    (V.ABSENT, "fetch"): V.FETCHED,
    (V.FAILED, "fetch"): V.FETCHED,
    (V.FETCHED, "delete_at_provider"): V.DELETED_AT_PROVIDER,
}

STATE_TABLES: Mapping[type[SQLModel], Table] = {
    Submission: SUBMISSION,
    Lead: LEAD,
    Callback: CALLBACK,
    CallAttempt: ATTEMPT,
    InboundCall: INBOUND,
    Voicemail: VOICEMAIL,
}


def allowed_events(record: Record) -> frozenset[str]:
    """Return the events that lead somewhere from the record's present state."""
    return frozenset(event for state, event in STATE_TABLES[type(record)] if state == record.state)
