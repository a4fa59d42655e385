"""The state tables: which event leads from which state to which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

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


class SubmissionEvent(StrEnum):
    """What moves a submission."""

    ADMIT = "admit"
    MATCH = "match"
    WITHHOLD = "withhold"
    REJECT = "reject"
    DISCARD = "discard"
    TAKE_BACK = "take_back"
    TAKE_BACK_WITHHELD = "take_back_withheld"
    TAKE_BACK_REFUSED = "take_back_refused"


class LeadEvent(StrEnum):
    """What moves a lead."""

    CLOSE = "close"
    REOPEN = "reopen"
    TAKE_BACK = "take_back"
    SUPPRESS = "suppress"
    REINSTATE = "reinstate"


class CallbackEvent(StrEnum):
    """What moves a callback."""

    CLAIM = "claim"
    RELEASE = "release"
    EXPIRE = "expire"
    CALL = "call"
    HAND_BACK = "hand_back"
    MISS = "miss"
    EXHAUST = "exhaust"
    CONVERSE = "converse"
    DISPOSE = "dispose"
    TIME_OUT = "time_out"
    RESCHEDULE = "reschedule"
    CORRECT_OUTCOME = "correct_outcome"
    TAKE_BACK = "take_back"
    CANCEL = "cancel"
    UNDO_CANCEL = "undo_cancel"


class AttemptEvent(StrEnum):
    """What moves an attempt."""

    PLACED = "placed"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    HUNG_UP = "hung_up"
    MISSED = "missed"
    FAILED = "failed"
    LOSE = "lose"


class InboundEvent(StrEnum):
    """What moves a call that came in."""

    JOIN = "join"
    WAIT_AGAIN = "wait_again"  # nobody was there whom they were brought to
    PROMISE = "promise"
    RECORD = "record"
    HANG_UP = "hang_up"


class VoicemailEvent(StrEnum):
    """What moves a voicemail."""

    FETCH = "fetch"
    MISS = "miss"
    FAIL = "fail"
    DELETE_AT_PROVIDER = "delete_at_provider"


Record = Submission | Lead | Callback | CallAttempt | InboundCall | Voicemail

Table = Mapping[tuple[str, str], str]

S, L, C, A, B = SubmissionState, LeadState, CallbackState, AttemptState, InboundState
V = VoicemailState

SUBMISSION: Table = {
    (S.RECEIVED, SubmissionEvent.ADMIT): S.ADMITTED,
    (S.RECEIVED, SubmissionEvent.MATCH): S.DUPLICATE,
    (S.RECEIVED, SubmissionEvent.WITHHOLD): S.WITHHELD,
    (S.RECEIVED, SubmissionEvent.REJECT): S.NEEDS_REVIEW,
    # The form tool itself says that it is a test, unfinished or deleted: the rule is recorded as
    # the reason.
    (S.RECEIVED, SubmissionEvent.DISCARD): S.DISCARDED,
    (S.NEEDS_REVIEW, SubmissionEvent.ADMIT): S.ADMITTED,
    (S.NEEDS_REVIEW, SubmissionEvent.MATCH): S.DUPLICATE,
    (S.NEEDS_REVIEW, SubmissionEvent.WITHHOLD): S.WITHHELD,
    (S.NEEDS_REVIEW, SubmissionEvent.DISCARD): S.DISCARDED,
    # Somebody who once said stop writes again: a person decides what they want now.
    (S.WITHHELD, SubmissionEvent.ADMIT): S.ADMITTED,
    (S.WITHHELD, SubmissionEvent.MATCH): S.DUPLICATE,
    (S.WITHHELD, SubmissionEvent.DISCARD): S.DISCARDED,
    # A secret that was pasted wrongly must not lose anybody.
    (S.REFUSED, SubmissionEvent.ADMIT): S.ADMITTED,
    (S.REFUSED, SubmissionEvent.MATCH): S.DUPLICATE,
    (S.REFUSED, SubmissionEvent.WITHHOLD): S.WITHHELD,
    (S.REFUSED, SubmissionEvent.REJECT): S.NEEDS_REVIEW,
    (S.REFUSED, SubmissionEvent.DISCARD): S.DISCARDED,
    # Whoever discarded it took the wrong one: it is where it was.
    (S.DISCARDED, SubmissionEvent.TAKE_BACK): S.NEEDS_REVIEW,
    (S.DISCARDED, SubmissionEvent.TAKE_BACK_WITHHELD): S.WITHHELD,
    (S.DISCARDED, SubmissionEvent.TAKE_BACK_REFUSED): S.REFUSED,
}

LEAD: Table = {
    (L.OPEN, LeadEvent.CLOSE): L.CLOSED,
    (L.CLOSED, LeadEvent.REOPEN): L.OPEN,
    (L.CLOSED, LeadEvent.TAKE_BACK): L.OPEN,  # what had closed it was said by mistake
    (L.OPEN, LeadEvent.SUPPRESS): L.SUPPRESSED,
    (L.CLOSED, LeadEvent.SUPPRESS): L.SUPPRESSED,
    (L.SUPPRESSED, LeadEvent.REINSTATE): L.CLOSED,
}

CALLBACK: Table = {
    (C.WAITING, CallbackEvent.CLAIM): C.CLAIMED,
    (C.CLAIMED, CallbackEvent.RELEASE): C.WAITING,
    (C.CLAIMED, CallbackEvent.EXPIRE): C.WAITING,
    (C.CLAIMED, CallbackEvent.CALL): C.CALLING,
    (C.CALLING, CallbackEvent.HAND_BACK): C.WAITING,
    (C.CALLING, CallbackEvent.MISS): C.WAITING,
    (C.CALLING, CallbackEvent.EXHAUST): C.EXHAUSTED,
    (C.CALLING, CallbackEvent.CONVERSE): C.WRAP_UP,
    (C.WRAP_UP, CallbackEvent.DISPOSE): C.COMPLETED,
    (C.WRAP_UP, CallbackEvent.TIME_OUT): C.WAITING,  # held: nobody is closed by silence
    (C.WRAP_UP, CallbackEvent.RESCHEDULE): C.WAITING,
    # The network cannot tell a person from an answering machine; the advisor who listened can.
    (C.WRAP_UP, CallbackEvent.MISS): C.WAITING,
    (C.WRAP_UP, CallbackEvent.EXHAUST): C.EXHAUSTED,
    (C.WAITING, CallbackEvent.DISPOSE): C.COMPLETED,
    (C.WAITING, CallbackEvent.RESCHEDULE): C.WAITING,
    (C.WAITING, CallbackEvent.MISS): C.WAITING,
    (C.WAITING, CallbackEvent.EXHAUST): C.EXHAUSTED,
    # Whoever said what came of a call may have been wrong about it.
    (C.COMPLETED, CallbackEvent.CORRECT_OUTCOME): C.COMPLETED,
    (C.COMPLETED, CallbackEvent.TAKE_BACK): C.WAITING,
    (C.EXHAUSTED, CallbackEvent.TAKE_BACK): C.WAITING,
    **{(state, CallbackEvent.CANCEL): C.CANCELLED for state in OPEN_CALLBACK},
    (C.CANCELLED, CallbackEvent.UNDO_CANCEL): C.WAITING,
}

LATE_EVENTS = frozenset(
    {CallbackEvent.DISPOSE, CallbackEvent.RESCHEDULE, CallbackEvent.MISS, CallbackEvent.EXHAUST}
)
"""What moves a waiting callback of which somebody says later what came of its last call."""

ATTEMPT: Table = {
    (A.REQUESTED, AttemptEvent.PLACED): A.RINGING_ADVISOR,
    (A.REQUESTED, AttemptEvent.ACCEPTED): A.RINGING_LEAD,
    (A.RINGING_ADVISOR, AttemptEvent.ACCEPTED): A.RINGING_LEAD,
    **{(state, AttemptEvent.ANSWERED): A.BRIDGED for state in LIVE_ATTEMPT[:3]},
    (A.RINGING_LEAD, AttemptEvent.HUNG_UP): A.ENDED,
    (A.BRIDGED, AttemptEvent.HUNG_UP): A.ENDED,
    **{(state, AttemptEvent.MISSED): A.MISSED for state in LIVE_ATTEMPT},
    **{(state, AttemptEvent.FAILED): A.FAILED for state in LIVE_ATTEMPT[:3]},
    **{(state, AttemptEvent.LOSE): A.LOST for state in LIVE_ATTEMPT},
}

INBOUND: Table = {
    (B.WAITING, InboundEvent.JOIN): B.TALKING,
    (B.WAITING, InboundEvent.PROMISE): B.PROMISED,
    (B.WAITING, InboundEvent.RECORD): B.VOICEMAIL,
    (B.WAITING, InboundEvent.HANG_UP): B.ABANDONED,
    (B.TALKING, InboundEvent.WAIT_AGAIN): B.WAITING,
    (B.TALKING, InboundEvent.HANG_UP): B.ENDED,
    (B.OUTSIDE_HOURS, InboundEvent.PROMISE): B.PROMISED,
    (B.OUTSIDE_HOURS, InboundEvent.RECORD): B.VOICEMAIL,
    (B.OUTSIDE_HOURS, InboundEvent.HANG_UP): B.REFUSED_HOURS,
}

VOICEMAIL: Table = {
    (V.EXPECTED, VoicemailEvent.FETCH): V.FETCHED,
    (V.EXPECTED, VoicemailEvent.MISS): V.ABSENT,
    (V.EXPECTED, VoicemailEvent.FAIL): V.FAILED,
    # The network names a recording late, or gives it after all.
    (V.ABSENT, VoicemailEvent.FETCH): V.FETCHED,
    (V.FAILED, VoicemailEvent.FETCH): V.FETCHED,
    (V.FETCHED, VoicemailEvent.DELETE_AT_PROVIDER): V.DELETED_AT_PROVIDER,
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
