"""The callbacks, and every try to reach somebody."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, false, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlmodel import Field, SQLModel

from leads.free_text.danger import DangerKind
from leads.models.dispositions import Disposition
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AnsweredBy,
    AttemptState,
    Audience,
    CallbackOrigin,
    CallbackState,
    CallDoubt,
    CloseReason,
    HoldReason,
    LegStatus,
    MatchReason,
    Party,
    Result,
)
from leads.models.fields import (
    enum_column,
    instant_column,
    json_column,
    phone_column,
    sealed_column,
    sealed_json_column,
    sealed_message_column,
    unique_while_state_in,
    yes_no_column,
)

EXHAUSTED = text("state = 'exhausted'")
IN_FORCE = text("lifted_at IS NULL")
ONE_REASON_IN_FORCE = text("lifted_at IS NULL AND reason <> 'other'")
ONE_OF_A_KIND = text("party IN ('advisor', 'lead')")
CALL_BY_HAND = "by-hand-"  # how the id of a call begins that no phone network knows
ON_THE_LINE_BESIDE = text("phone <> '' AND left_at IS NULL")


class Callback(SQLModel, table=True):
    """Our promise to ring a lead.

    `is_held`: a person must look before it is rung again; its open holds say why, and only who
    places and lifts them writes it.

    Danger goes first, then whoever asked again or was moved up most often.
    """

    model_config = {"ignored_types": (hybrid_property,)}
    __table_args__ = (
        unique_while_state_in(
            "callback_one_open_per_lead_and_brand", "lead_id", "brand_id", words=OPEN_CALLBACK
        ),
        unique_while_state_in(
            "callback_one_held_per_advisor", "advisor_id", words=CLAIMED_CALLBACK
        ),
        # Whole, not partial: a prepared statement's parameters cannot be matched with a partial
        # index.
        Index("callback_due", "state", "due_at"),
        Index("callback_of_advisor", "advisor_id", "state"),
        Index("callback_received", "received_at", "brand_id", "source_id"),
        Index("callback_said", "said_at"),
        Index(
            "callback_given_up",
            "state",
            "finished_at",
            "brand_id",
            "close_reason",
            sqlite_where=EXHAUSTED,
            postgresql_where=EXHAUSTED,
        ),
    )
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    brand_id: int = Field(foreign_key="brand.id")
    source_id: int = Field(foreign_key="source.id")
    state: CallbackState = enum_column(CallbackState, CallbackState.WAITING)
    origin: CallbackOrigin = enum_column(
        CallbackOrigin, CallbackOrigin.REQUEST, unknown=CallbackOrigin.REQUEST
    )
    received_at: datetime = instant_column()
    promised_at: datetime = instant_column()
    due_at: datetime = instant_column()
    danger: DangerKind | None = enum_column(
        DangerKind, optional=True, unknown=DangerKind.UNSPECIFIED
    )
    danger_at: datetime | None = instant_column(optional=True)  # when they last wrote of it
    is_of_burst: bool = yes_no_column(
        default=False
    )  # came in a burst, or in a flood of danger, and no person has read it: it does not go first
    asked_again: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # times
    priority: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # a supervisor's
    any_hour: bool = Field(
        default=False, sa_column_kwargs={"server_default": false()}
    )  # wished for by the request that it was promised for, and for this callback alone
    hours_overridden_until: datetime | None = instant_column(
        optional=True
    )  # its next call to the lead may go out whatever the hour
    safe_from: datetime | None = instant_column(optional=True)
    safe_until: datetime | None = instant_column(
        optional=True
    )  # it may ring between these two alone, because they agreed that a call is safe then
    is_held: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    misses: int = 0
    advisor_id: int | None = Field(default=None, foreign_key="advisor.id")
    match: MatchReason | None = enum_column(
        MatchReason, optional=True, unknown=MatchReason.UNKNOWN
    )  # why it was given to them, where the lead has wishes
    lease_until: datetime | None = instant_column(optional=True)
    first_rung_at: datetime | None = instant_column(optional=True)
    first_conversation_at: datetime | None = instant_column(optional=True)
    ended_at: datetime | None = instant_column(optional=True)  # the last conversation's hang-up
    finished_at: datetime | None = instant_column(optional=True)
    disposition: Disposition | None = enum_column(
        Disposition, optional=True, unknown=Disposition.UNRECORDED
    )
    own_disposition_id: int | None = Field(
        default=None, foreign_key="brand_disposition.id"
    )  # the helpline's own word for it
    said_at: datetime | None = instant_column(
        optional=True
    )  # when somebody first said what came of the last conversation
    notes: str = sealed_column("callback.notes")
    close_reason: CloseReason | None = enum_column(
        CloseReason, optional=True, unknown=CloseReason.UNKNOWN
    )
    close_note: str = sealed_message_column(
        "callback.close_note"
    )  # in a person's own words, or why the number was suppressed
    withdrawn: bool = False  # the person asked us to stop

    @property
    def in_danger(self) -> bool:
        """Whether they wrote words of danger, of whatever kind."""
        return self.danger is not None

    @hybrid_property
    def is_time_agreed(self) -> bool:
        """Whether it waits for the time that its lead agreed with an advisor; a miss ends that.

        Of the class, it is the condition of a query: `&`, because both have it.
        """
        return (self.disposition == Disposition.CALL_AGAIN) & (self.misses == 0)


class Hold(SQLModel, table=True):
    """One reason why a person must look before a callback is rung again; in force until lifted."""

    __table_args__ = (
        Index(
            "hold_once",
            "callback_id",
            "reason",
            unique=True,
            sqlite_where=ONE_REASON_IN_FORCE,
            postgresql_where=ONE_REASON_IN_FORCE,
        ),
        Index(
            "hold_in_force",
            "reason",
            "callback_id",
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )
    id: int = Field(default=None, primary_key=True)
    callback_id: int = Field(foreign_key="callback.id", index=True)
    reason: HoldReason = enum_column(HoldReason, unknown=HoldReason.UNKNOWN)
    values: dict[str, Any] = sealed_json_column("hold.values", dict)  # of its sentence
    since: datetime = instant_column()
    by: str
    lifted_at: datetime | None = instant_column(optional=True)
    lifted_by: str = ""


class Note(SQLModel, table=True):
    """What one advisor wrote about a callback in their hands.

    The notes of all advisors together are the callback's `notes`.
    """

    __table_args__ = (Index("note_of_advisor", "callback_id", "advisor_id", unique=True),)
    id: int = Field(default=None, primary_key=True)
    callback_id: int = Field(foreign_key="callback.id")
    advisor_id: int = Field(foreign_key="advisor.id")
    text: str = sealed_column("note.text", optional=False)
    written_at: datetime = instant_column()


class IntakeAnswer(SQLModel, table=True):
    """What one advisor heard, about a callback in their hands, as the answer to one question.

    Questions and their choices are in `leads/call_questions.py`; another version of us may have
    had others. No choice is empty.
    """

    __tablename__ = "intake_answer"
    __table_args__ = (
        Index("intake_answer_once", "callback_id", "advisor_id", "question", unique=True),
    )
    id: int = Field(default=None, primary_key=True)
    callback_id: int = Field(foreign_key="callback.id")
    advisor_id: int = Field(foreign_key="advisor.id")
    question: str
    choice: str = ""
    words: str = sealed_column("intake_answer.words")
    at: datetime = instant_column()


class CallAttempt(SQLModel, table=True):
    """One try to bridge. Its id is in every webhook address, so that a lost answer heals."""

    __tablename__ = "call_attempt"
    __table_args__ = (
        unique_while_state_in("attempt_one_live_per_callback", "callback_id", words=LIVE_ATTEMPT),
        unique_while_state_in("attempt_one_live_per_advisor", "advisor_id", words=LIVE_ATTEMPT),
        # One phone is never in two calls. That no phone is a lead's in one and an advisor's in the
        # other follows from the gate, which lets nobody be rung at a colleague's number.
        unique_while_state_in("attempt_one_live_per_phone", "phone", words=LIVE_ATTEMPT),
        unique_while_state_in(
            "attempt_one_live_per_advisor_phone", "advisor_phone", words=LIVE_ATTEMPT
        ),
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
    phone: str = phone_column()  # the lead's number, for the caps
    advisor_phone: str | None = phone_column(
        is_nullable=True
    )  # what is rung first; None where it is not known to us
    state: AttemptState = enum_column(AttemptState, AttemptState.REQUESTED)
    result: Result | None = enum_column(Result, optional=True, unknown=Result.UNKNOWN)
    requested_by: str
    requested_at: datetime = instant_column()
    heard_at: datetime = instant_column()  # the last news of it
    ask_at: datetime | None = instant_column(
        optional=True
    )  # from then on the network is asked about it, for news may be lost; until it was
    rung_at: datetime | None = instant_column(optional=True)  # the lead's phone was dialed
    answered_at: datetime | None = instant_column(optional=True)
    ended_at: datetime | None = instant_column(optional=True)
    doubt: CallDoubt | None = enum_column(
        CallDoubt, optional=True, unknown=CallDoubt.UNKNOWN
    )  # stays when the advisor has said what it was: `result` has their word
    conference_id: str | None = None  # the provider's, once it said so
    help_wanted_at: datetime | None = instant_column(optional=True)  # until a supervisor is there
    inbound_call_id: str | None = Field(
        default=None, foreign_key="inbound_call.id", index=True
    )  # who is on the line already: nobody is dialed


class CallLeg(SQLModel, table=True):
    """One phone leg of an attempt's conference.

    `provider_call_id` is None until the network has made its call. `advisor_id`: which of us it
    rings; `phone`: what is dialed for anybody but the attempt's own advisor and lead. `audience`,
    `is_on_hold` and `is_muted` are what was ordered last. `ends_call`: nobody goes on without it,
    unless one of us talks with the lead beside it (`call_orders.ends_conference`).
    `is_hold_ordered`: the advisor wants the hold until they lift it, whoever leaves.
    `is_hold_heard`: the network has carried the hold out. `is_in_menu`: an advisor has left the
    conference for the menu of their phone.
    """

    __tablename__ = "call_leg"
    __table_args__ = (
        Index("leg_of_attempt", "attempt_id", "party"),
        Index(
            "leg_once",
            "attempt_id",
            "party",
            unique=True,
            sqlite_where=ONE_OF_A_KIND,
            postgresql_where=ONE_OF_A_KIND,
        ),
        Index(
            "leg_one_live_per_phone",
            "phone",
            unique=True,
            sqlite_where=ON_THE_LINE_BESIDE,
            postgresql_where=ON_THE_LINE_BESIDE,
        ),
    )
    id: int = Field(default=None, primary_key=True)
    attempt_id: str = Field(foreign_key="call_attempt.id")
    party: Party = enum_column(Party, unknown=Party.UNKNOWN)
    provider_call_id: str | None = Field(default=None, unique=True)
    status: LegStatus = enum_column(LegStatus, LegStatus.NOT_TOLD)
    sequence: int = -1
    advisor_id: int | None = Field(default=None, foreign_key="advisor.id", index=True)
    phone: str = phone_column(optional=True, has_default=True)
    audience: Audience = enum_column(Audience, Audience.EVERYONE)
    is_on_hold: bool = yes_no_column(default=False)
    is_hold_ordered: bool = yes_no_column(default=False)
    is_hold_heard: bool = yes_no_column(default=False)
    is_in_menu: bool = yes_no_column(default=False)
    is_muted: bool = yes_no_column(default=False)
    ends_call: bool = yes_no_column(default=False)
    requested_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    requested_at: datetime | None = instant_column(optional=True)
    joined_at: datetime | None = instant_column(optional=True)
    left_at: datetime | None = instant_column(optional=True)
    answered_by: AnsweredBy = enum_column(
        AnsweredBy, AnsweredBy.UNHEARD, unknown=AnsweredBy.UNKNOWN
    )  # as it was detected

    @property
    def is_by_hand(self) -> bool:
        """Whether the advisor makes this call from a phone of their own."""
        return (self.provider_call_id or "").startswith(CALL_BY_HAND)


class ProviderEvent(SQLModel, table=True):
    """One piece of news from the phone network; unique, so that it counts once."""

    __tablename__ = "provider_event"
    __table_args__ = (Index("event_once", "provider_call_id", "kind", "sequence", unique=True),)
    id: int = Field(default=None, primary_key=True)
    attempt_id: str = Field(foreign_key="call_attempt.id", index=True)
    provider_call_id: str
    kind: str
    sequence: int
    status: str
    received_at: datetime = instant_column()


class GateDecision(SQLModel, table=True):
    """One decision of the gate: what it answered, when and by which rules."""

    __tablename__ = "gate_decision"
    id: int = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    callback_id: int | None = Field(default=None, foreign_key="callback.id", index=True)
    attempt_id: str | None = Field(default=None, foreign_key="call_attempt.id", index=True)
    moment: str  # scheduling, offer, relay, whisper, dial, click
    channel: str
    allowed: bool
    reasons: list[str] = json_column(list)
    rules: list[str] = json_column(list)
    not_before: datetime | None = instant_column(optional=True)
    asked_at: datetime = instant_column()
