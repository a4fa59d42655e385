"""The tables and the words in them.

Only `lifecycle.advance` writes the state of a submission, lead, callback or attempt; `outbox` writes its own.
"""

from sqlalchemy.orm import configure_mappers

from leads.models.advisors import Advisor, Lockout, OnCall, RecoveryCode, SignIn
from leads.models.calls import CallAttempt, Callback, CallLeg, GateDecision, Note, Outbox, ProviderEvent
from leads.models.helplines import CALL_AFTER, MESSAGES_AFTER, SCREENS_AFTER, Brand, Source
from leads.models.requests import Consent, Lead, Merge, Submission, Suppression
from leads.models.watching import Alert, Beat, Notice, PackedDay, Transition
from leads.models.words import (
    HELD_CALLBACK,
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    UNDECIDED,
    AdvisorRole,
    AlertKind,
    AttemptState,
    CallbackState,
    Digest,
    Disposition,
    LeadState,
    OutboxKind,
    OutboxState,
    Party,
    Presence,
    Result,
    SignInKind,
    Step,
    SubmissionState,
    Way,
)

__all__ = [
    "CALL_AFTER",
    "HELD_CALLBACK",
    "LIVE_ATTEMPT",
    "MESSAGES_AFTER",
    "OPEN_CALLBACK",
    "SCREENS_AFTER",
    "UNDECIDED",
    "Advisor",
    "AdvisorRole",
    "Alert",
    "AlertKind",
    "AttemptState",
    "Beat",
    "Brand",
    "CallAttempt",
    "CallLeg",
    "Callback",
    "CallbackState",
    "Consent",
    "Digest",
    "Disposition",
    "GateDecision",
    "Lead",
    "LeadState",
    "Lockout",
    "Merge",
    "Note",
    "Notice",
    "OnCall",
    "Outbox",
    "OutboxKind",
    "OutboxState",
    "PackedDay",
    "Party",
    "Presence",
    "ProviderEvent",
    "RecoveryCode",
    "Result",
    "SignIn",
    "SignInKind",
    "Source",
    "Step",
    "Submission",
    "SubmissionState",
    "Suppression",
    "Transition",
    "Way",
]

configure_mappers()  # `rows` makes records without asking SQLAlchemy, which would do it then
