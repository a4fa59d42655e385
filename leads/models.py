"""The tables. Every state says who moves the record out of it.

Only `lifecycle.advance` writes the state of a submission, lead, callback or attempt; `outbox` writes its own.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, Column, Dialect, Index, LargeBinary, String, false, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from leads.db import UtcDateTime

Word = TypeVar("Word", bound=StrEnum)

SCREENS_AFTER, MESSAGES_AFTER, CALL_AFTER = 3, 5, 15  # minutes, where a brand says nothing else


class SubmissionState(StrEnum):
    """Where a form post stands."""

    RECEIVED = "received"  # intake.admit moves it, at once and again by the clock
    ADMITTED = "admitted"  # final: it became a callback
    DUPLICATE = "duplicate"  # final: attached to a callback that was open
    WITHHELD = "withheld"  # the number is suppressed: a person lifts that and admits, or discards
    NEEDS_REVIEW = "needs_review"  # a person admits or discards it
    DISCARDED = "discarded"  # final: a person gave a reason, or the form tool says that it is no request
    REFUSED = "refused"  # its signature was wrong: a person admits it if it is genuine, or discards it


UNDECIDED = (SubmissionState.NEEDS_REVIEW, SubmissionState.WITHHELD, SubmissionState.REFUSED)


class LeadState(StrEnum):
    """Open means: exactly one open callback."""

    OPEN = "open"
    CLOSED = "closed"  # a new submission reopens it
    SUPPRESSED = "suppressed"  # a supervisor reinstates it


class CallbackState(StrEnum):
    """Where our promise stands."""

    WAITING = "waiting"  # the scheduler offers it, or an advisor claims it
    CLAIMED = "claimed"  # its advisor calls or releases; the clock when the lease ends
    CALLING = "calling"  # the phone network, through the attempt
    WRAP_UP = "wrap_up"  # its advisor; the clock when wrap-up lasts too long
    COMPLETED = "completed"  # final
    EXHAUSTED = "exhausted"  # final
    CANCELLED = "cancelled"  # final


OPEN_CALLBACK = (CallbackState.WAITING, CallbackState.CLAIMED, CallbackState.CALLING, CallbackState.WRAP_UP)
HELD_CALLBACK = (CallbackState.CLAIMED, CallbackState.CALLING, CallbackState.WRAP_UP)


class AttemptState(StrEnum):
    """Where one try to bridge stands."""

    REQUESTED = "requested"  # the relay, or the first webhook if it is faster
    RINGING_ADVISOR = "ringing_advisor"  # the advisor's keypad, or the network
    RINGING_LEAD = "ringing_lead"  # the network
    BRIDGED = "bridged"  # whoever hangs up
    ENDED = "ended"  # final
    MISSED = "missed"  # final
    FAILED = "failed"  # final
    LOST = "lost"  # final: nobody could tell what became of it


LIVE_ATTEMPT = (
    AttemptState.REQUESTED,
    AttemptState.RINGING_ADVISOR,
    AttemptState.RINGING_LEAD,
    AttemptState.BRIDGED,
)


class Result(StrEnum):
    """What the phone network says came of an attempt."""

    CONVERSATION = "conversation"
    ADVISOR_NO_ANSWER = "advisor_no_answer"
    ADVISOR_DECLINED = "advisor_declined"
    LEAD_NO_ANSWER = "lead_no_answer"
    LEAD_BUSY = "lead_busy"
    LEAD_VOICEMAIL = "lead_voicemail"
    LEAD_UNREACHABLE = "lead_unreachable"
    CARRIER_ERROR = "carrier_error"
    UNKNOWN = "unknown"


class Disposition(StrEnum):
    """What the advisor says came of a conversation."""

    HELPED = "helped"
    REFERRED = "referred"
    CALL_AGAIN = "call_again"
    DECLINED = "declined"
    WRONG_PERSON = "wrong_person"
    UNRECORDED = "unrecorded"


class AdvisorRole(StrEnum):
    """What a person may do."""

    ADVISOR = "advisor"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Presence(StrEnum):
    """What an advisor says of themselves; busy and wrap-up follow from their work."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class Party(StrEnum):
    """Whose phone a leg rings."""

    ADVISOR = "advisor"
    LEAD = "lead"


class OutboxKind(StrEnum):
    """What the relay is asked to do."""

    PLACE_CALL = "place_call"
    HANG_UP = "hang_up"


class OutboxState(StrEnum):
    """Where an order to the relay stands."""

    PENDING = "pending"  # the relay takes it when due
    SENDING = "sending"  # the relay settles it; the clock, if the relay died
    SENT = "sent"  # final
    UNKNOWN = "unknown"  # a webhook or the reconciler tells
    FAILED = "failed"  # final: refused, or never to be sent


class AlertKind(StrEnum):
    """What a supervisor is told of."""

    OVERDUE = "overdue"  # people past their promise whom nobody has rung
    HELD = "held"  # callbacks that are not rung before a person decides
    UNPROCESSED = "unprocessed"
    REVIEW = "review"
    WITHHELD = "withheld"
    REFUSED = "refused"
    QUIET = "quiet"
    NUMBERLESS = "numberless"
    SCHEDULER = "scheduler"
    NETWORK = "network"
    UNTOLD = "untold"  # what was to tell a supervisor did not go out


class Step(StrEnum):
    """How far up the ladder an alert has come."""

    SCREENS = "screens"
    MESSAGES = "messages"
    CALL = "call"


class Way(StrEnum):
    """How somebody is told who does not sit before a screen."""

    EMAIL = "email"
    TEXT = "text"
    CALL = "call"
    CHANNEL = "channel"  # what ALERT_URLS names


class Digest(StrEnum):
    """How often figures are sent."""

    DAILY = "daily"
    WEEKLY = "weekly"


class SignInKind(StrEnum):
    """What a secret link or cookie is good for."""

    SESSION = "session"
    INVITATION = "invitation"
    HALF = "half"  # the password was right, the second factor is still to come
    WALL_CODE = "wall_code"  # lets one television in
    WALL = "wall"  # a television: the wallboard, and nothing else


class WordType(TypeDecorator[StrEnum]):
    """An enumeration stored as its own words in a text column."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse words that are not in the list."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the member."""
        return None if value is None else self.words(value)


def _word(words: type[Word], default: Word | None = None, *, optional: bool = False) -> Any:
    column: Column[Any] = Column(WordType(words), nullable=optional)
    return Field(default=default, sa_column=column) if default or optional else Field(sa_column=column)


def _instant(*, optional: bool = False, index: bool = False) -> Any:
    column = Column(UtcDateTime, nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def _minutes(default: int) -> Any:
    return Field(default=default, sa_column_kwargs={"server_default": str(default)})


def _json(default: type[dict[str, Any] | list[Any]]) -> Any:
    return Field(default_factory=default, sa_column=Column(JSON, nullable=False))


def _one_of(column: str, words: tuple[StrEnum, ...]) -> Any:
    listed = ", ".join(f"'{word}'" for word in words)
    return text(f"{column} IN ({listed})")


def _unique_where(name: str, column: str, words: tuple[StrEnum, ...]) -> Index:
    condition = _one_of("state", words)
    return Index(name, column, unique=True, sqlite_where=condition, postgresql_where=condition)


class Brand(SQLModel, table=True):
    """A helpline as the public knows it. `operator` answers the question "who answers?"."""

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    operator: str
    caller_id: str = ""
    locale: str = "en-US"
    consent_text: str
    screens_after: int = _minutes(SCREENS_AFTER)  # past a promise, until an alert opens
    messages_after: int = _minutes(MESSAGES_AFTER)  # until the supervisor on call gets a text and an e-mail; 0: never
    call_after: int = _minutes(CALL_AFTER)  # until they are rung; 0: never
    created_at: datetime = _instant()


class Source(SQLModel, table=True):
    """One door for submissions. `token` is the credential in its webhook address, `slug` names its hosted form."""

    id: int = Field(default=None, primary_key=True)
    brand_id: int = Field(foreign_key="brand.id", index=True)
    name: str
    slug: str = Field(unique=True)
    kind: str = "generic"
    region: str = "US"
    token: str = Field(unique=True)
    secrets: list[str] = _json(list)
    mapping: dict[str, str] = _json(
        dict
    )  # which field of this tool's form is our `phone`, where a person had to say so
    paused_at: datetime | None = _instant(optional=True)  # taken, and kept for a person, but not rung
    created_at: datetime = _instant()


class Submission(SQLModel, table=True):
    """One form post, verbatim. `reading` is what was understood of it, as JSON."""

    __table_args__ = (
        Index("submission_delivered_once", "source_id", "delivery_id", "body_sha256", unique=True),
        Index(
            "submission_admitted_once",
            "source_id",
            "vendor_id",
            unique=True,
            sqlite_where=text("state = 'admitted'"),
            postgresql_where=text("state = 'admitted'"),
        ),
        Index("submission_state", "state", "received_at"),
        Index("submission_of_source", "source_id", "received_at"),
        Index("submission_content", "source_id", "content_sha256"),
        Index("submission_vendor_id", "source_id", "vendor_id"),
    )
    id: int = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    received_at: datetime = _instant()
    content_type: str = ""
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    body_sha256: str
    content_sha256: str | None = None  # of what was read, whatever the order and spelling of the fields
    delivery_id: str | None = None  # the sender's own id for this delivery (webhook-id), the same when repeated
    ip: str = ""
    user_agent: str = ""
    suspicion: str = ""  # why a person should look before anybody is rung
    is_test: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # sent from the set-up page
    vendor_id: str | None = None
    reading: dict[str, Any] = _json(dict)
    state: SubmissionState = _word(SubmissionState, SubmissionState.RECEIVED)
    reason: str = ""
    lead_id: int | None = Field(default=None, foreign_key="lead.id", index=True)
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)


class Lead(SQLModel, table=True):
    """A person reachable at one E.164 number who asked for help. None in a wish means: never said."""

    __table_args__ = (Index("lead_state", "state"),)
    id: int = Field(default=None, primary_key=True)
    phone: str = Field(unique=True)
    name: str = ""
    email: str = ""
    for_whom: str = ""
    best_time: str = ""
    any_hour: bool = False
    safe_to_call: bool | None = None
    safe_to_voicemail: bool | None = None
    safe_to_text: bool | None = None
    city: str = ""
    region: str = ""
    zip: str = ""
    language: str = ""
    state: LeadState = _word(LeadState, LeadState.OPEN)
    created_at: datetime = _instant()
    closed_at: datetime | None = _instant(optional=True)
    close_reason: str = ""
    merged_into_id: int | None = Field(default=None, foreign_key="lead.id", index=True)  # closed, and never open


class Merge(SQLModel, table=True):
    """Two files that were found to be one person's, and what it takes to take them apart again."""

    __table_args__ = (
        Index(
            "merge_once",
            "lead_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    survivor_id: int = Field(foreign_key="lead.id", index=True)
    moved_id: int | None = Field(default=None, foreign_key="callback.id")  # was the lead's, and is the survivor's
    dropped_id: int | None = Field(default=None, foreign_key="callback.id")  # the later promise: counts in no figure
    at: datetime = _instant()
    actor: str
    undone_at: datetime | None = _instant(optional=True)
    undone_by: str = ""


class Consent(SQLModel, table=True):
    """What was agreed to with one submission; never changed. `granted` None: the form did not ask."""

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", unique=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    phone: str
    granted: bool | None = None
    wording: str = ""
    wording_sha256: str = ""
    channels: list[str] = _json(list)
    page_url: str = ""
    ip: str = ""
    user_agent: str = ""
    given_at: datetime = _instant()


class Callback(SQLModel, table=True):
    """Our promise to ring a lead. `hold` says why a person must look before it is rung again."""

    __table_args__ = (
        _unique_where("callback_one_open_per_lead", "lead_id", OPEN_CALLBACK),
        _unique_where("callback_one_held_per_advisor", "advisor_id", HELD_CALLBACK),
        # Whole, not partial: a prepared statement's parameters cannot be matched with a partial index.
        Index("callback_due", "state", "due_at"),
        Index("callback_of_advisor", "advisor_id", "state"),
        Index("callback_received", "received_at"),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    brand_id: int = Field(foreign_key="brand.id")
    source_id: int = Field(foreign_key="source.id")
    state: CallbackState = _word(CallbackState, CallbackState.WAITING)
    received_at: datetime = _instant()
    promised_at: datetime = _instant()
    due_at: datetime = _instant()
    urgency: int = 0  # repeated requests and words of danger raise it; higher goes first
    hold: str = ""
    misses: int = 0
    advisor_id: int | None = Field(default=None, foreign_key="advisor.id")
    lease_until: datetime | None = _instant(optional=True)
    first_rung_at: datetime | None = _instant(optional=True)
    first_conversation_at: datetime | None = _instant(optional=True)
    ended_at: datetime | None = _instant(optional=True)  # the last conversation's hang-up
    finished_at: datetime | None = _instant(optional=True)
    disposition: Disposition | None = _word(Disposition, optional=True)
    notes: str = ""
    close_reason: str = ""
    withdrawn: bool = False  # the person asked us to stop


class Note(SQLModel, table=True):
    """What one advisor wrote about a callback while it was in their hands; all of them together are its `notes`."""

    __table_args__ = (Index("note_of_advisor", "callback_id", "advisor_id", unique=True),)
    id: int = Field(default=None, primary_key=True)
    callback_id: int = Field(foreign_key="callback.id")
    advisor_id: int = Field(foreign_key="advisor.id")
    text: str
    written_at: datetime = _instant()


class CallAttempt(SQLModel, table=True):
    """One try to bridge. Its id is in every webhook address, so that a lost answer heals."""

    __tablename__ = "call_attempt"
    __table_args__ = (
        _unique_where("attempt_one_live_per_callback", "callback_id", LIVE_ATTEMPT),
        _unique_where("attempt_one_live_per_advisor", "advisor_id", LIVE_ATTEMPT),
        Index("attempt_of_advisor", "advisor_id", "state"),
        Index("attempt_of_callback", "callback_id", "state"),
        Index("attempt_heard", "state", "heard_at"),
        Index("attempt_ended", "ended_at"),
        Index("attempt_requested", "requested_at"),
        Index("attempt_rung", "phone", "rung_at"),
    )
    id: str = Field(default_factory=lambda: uuid.uuid4().hex, primary_key=True)
    callback_id: int = Field(foreign_key="callback.id")
    advisor_id: int = Field(foreign_key="advisor.id")
    phone: str  # the lead's number, for the caps
    state: AttemptState = _word(AttemptState, AttemptState.REQUESTED)
    result: Result | None = _word(Result, optional=True)
    requested_by: str
    requested_at: datetime = _instant()
    heard_at: datetime = _instant()  # the last news of it
    rung_at: datetime | None = _instant(optional=True)  # the lead's phone was dialled
    answered_at: datetime | None = _instant(optional=True)
    ended_at: datetime | None = _instant(optional=True)


class CallLeg(SQLModel, table=True):
    """One of an attempt's two phone legs, as the provider knows it."""

    __tablename__ = "call_leg"
    __table_args__ = (Index("leg_of_attempt", "attempt_id", "party", unique=True),)
    id: int = Field(default=None, primary_key=True)
    attempt_id: str = Field(foreign_key="call_attempt.id")
    party: Party = _word(Party)
    provider_call_id: str = Field(unique=True)
    status: str = ""
    sequence: int = -1


class ProviderEvent(SQLModel, table=True):
    """Something the phone network told us, once."""

    __tablename__ = "provider_event"
    __table_args__ = (Index("event_once", "provider_call_id", "kind", "sequence", unique=True),)
    id: int = Field(default=None, primary_key=True)
    attempt_id: str = Field(foreign_key="call_attempt.id", index=True)
    provider_call_id: str
    kind: str
    sequence: int
    status: str
    received_at: datetime = _instant()


class Advisor(SQLModel, table=True):
    """Who rings. `present_until` is kept alive by an open desk, `on_duty_until` needs only a phone."""

    id: int = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    phone: str = ""
    role: AdvisorRole = _word(AdvisorRole, AdvisorRole.ADVISOR)
    password_hash: str = ""
    totp_secret: str = ""  # empty: no second factor
    totp_step: int = 0  # the last 30 seconds whose code was used: no code counts twice
    deactivated_at: datetime | None = _instant(optional=True)
    presence: Presence = _word(Presence, Presence.OFFLINE)
    away_reason: str = ""
    away_at: datetime | None = _instant(optional=True)
    present_until: datetime | None = _instant(optional=True)
    on_duty_until: datetime | None = _instant(optional=True)
    idle_since: datetime = _instant()
    missed_in_a_row: int = 0
    language: str = ""  # of the screen; empty: their browser's
    digests: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))
    created_at: datetime = _instant()


class SignIn(SQLModel, table=True):
    """A session, half of one, or an invitation; only the hash of its secret is stored."""

    __tablename__ = "sign_in"
    id: int = Field(default=None, primary_key=True)
    kind: SignInKind = _word(SignInKind)
    token_hash: str = Field(unique=True)
    advisor_id: int | None = Field(default=None, foreign_key="advisor.id", index=True)
    created_at: datetime = _instant()
    seen_at: datetime = _instant()
    ends_at: datetime = _instant()
    revoked_at: datetime | None = _instant(optional=True)
    shows: str = Field(default="", sa_column_kwargs={"server_default": ""})  # the wallboard's target and zone
    totp_offered: str = ""  # shown on a screen, and nobody's second factor before a code proves that it was read


class RecoveryCode(SQLModel, table=True):
    """Opens the desk once when the phone with the second factor is lost; only its hash is stored."""

    __tablename__ = "recovery_code"
    id: int = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="advisor.id", index=True)
    code_hash: str
    used_at: datetime | None = _instant(optional=True)


class Lockout(SQLModel, table=True):
    """How often somebody failed to sign in, by the hash of what they called themselves: known or not is alike."""

    id: int = Field(default=None, primary_key=True)
    whom: str = Field(unique=True)
    failures: int = 0
    failed_at: datetime = _instant(index=True)
    locked_until: datetime | None = _instant(optional=True)


class Suppression(SQLModel, table=True):
    """A number that must not be contacted, since when, why, and who said so."""

    __table_args__ = (
        Index(
            "suppression_in_force",
            "phone",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    phone: str
    reason: str
    actor: str
    since: datetime = _instant()
    lifted_at: datetime | None = _instant(optional=True)
    lifted_by: str = ""


class Transition(SQLModel, table=True):
    """One move of one record: audit trail and raw material of the figures."""

    __table_args__ = (Index("transition_of", "record", "record_id"),)
    id: int = Field(default=None, primary_key=True)
    record: str
    record_id: str
    event: str
    before: str
    after: str
    actor: str
    at: datetime = _instant()
    changes: dict[str, Any] = _json(dict)


class Outbox(SQLModel, table=True):
    """What the relay has to do about an attempt, written in the transaction that decided it."""

    __table_args__ = (Index("outbox_due", "state", "due_at"),)
    id: int = Field(default=None, primary_key=True)
    kind: OutboxKind = _word(OutboxKind)
    attempt_id: str = Field(foreign_key="call_attempt.id", index=True)
    state: OutboxState = _word(OutboxState, OutboxState.PENDING)
    tries: int = 0
    due_at: datetime = _instant()
    taken_until: datetime | None = _instant(optional=True)
    settled_at: datetime | None = _instant(optional=True)
    problem: str = ""


class GateDecision(SQLModel, table=True):
    """What the gate answered, when and by which rules."""

    __tablename__ = "gate_decision"
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)
    attempt_id: str | None = Field(default=None, foreign_key="call_attempt.id", index=True)
    moment: str  # scheduling, offer, relay, whisper, dial, click
    channel: str
    allowed: bool
    reasons: list[str] = _json(list)
    rules: list[str] = _json(list)
    not_before: datetime | None = _instant(optional=True)
    asked_at: datetime = _instant()


class Alert(SQLModel, table=True):
    """Something that a supervisor must hear of, from when it was noticed until its cause was gone."""

    __table_args__ = (
        Index(
            "alert_open_once",
            "kind",
            "about",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    kind: AlertKind = _word(AlertKind)
    about: str = ""  # which one of its kind, such as brand:1
    brand_id: int | None = Field(default=None, foreign_key="brand.id")
    sentence: str
    since: datetime = _instant()
    opened_at: datetime = _instant()
    step: Step = _word(Step, Step.SCREENS)
    acknowledged_at: datetime | None = _instant(optional=True)
    acknowledged_by: int | None = Field(default=None, foreign_key="advisor.id")
    closed_at: datetime | None = _instant(optional=True)


class Notice(SQLModel, table=True):
    """One thing to tell one supervisor. `key` says what and to whom: the same is never told twice."""

    __table_args__ = (Index("notice_due", "state", "due_at"),)
    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    way: Way = _word(Way)
    address: str = ""
    alert_id: int | None = Field(default=None, foreign_key="alert.id")
    digest: Digest | None = _word(Digest, optional=True)
    last_day: str = ""  # of a digest, with its zone
    zone: str = ""
    state: OutboxState = _word(OutboxState, OutboxState.PENDING)
    tries: int = 0
    created_at: datetime = _instant()
    due_at: datetime = _instant()
    taken_until: datetime | None = _instant(optional=True)
    settled_at: datetime | None = _instant(optional=True)
    problem: str = ""


class OnCall(SQLModel, table=True):
    """Hours of every week in which a supervisor is on call, in a zone. A shift may end on the next day."""

    __tablename__ = "on_call"
    id: int = Field(default=None, primary_key=True)
    advisor_id: int = Field(foreign_key="advisor.id", index=True)
    days: list[int] = _json(list)  # on which it begins; 0 is Monday
    begins: str  # as 18:00
    ends: str
    zone: str


class Beat(SQLModel, table=True):
    """When a scheduler last ticked; one row."""

    id: int = Field(default=None, primary_key=True)
    at: datetime = _instant()


class PackedDay(SQLModel, table=True):
    """The callbacks received on one UTC day, as the figures read them. A copy: triggers mark a day that has changed."""

    __tablename__ = "packed_day"
    id: int = Field(default=None, primary_key=True)
    day: int = Field(index=True)  # since 1970
    layout: str  # whoever reads it otherwise passes it over; a mark has none
    content: bytes
