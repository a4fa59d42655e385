"""What the phone network tells of an attempt's conference: who is in it, what is heard, its end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from leads.callbacks import attempt_ends, conversations, voicemail
from leads.calls import attempt_steps, caller_joining, callers, legs, outcomes, party_legs
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    LIVE_ATTEMPT,
    AnsweredBy,
    AttemptState,
    CallbackState,
    Party,
    Result,
)


def note_conference(
    session: Session, attempt_id: str, conference_id: str, *, now: datetime
) -> None:
    """Note the network's id of the conference that an attempt's legs join now."""
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt and conference_id:
        attempt.conference_id, attempt.heard_at = conference_id, now
        session.add(attempt)


def note_participant(
    session: Session,
    attempt_id: str,
    provider_call_id: str,
    *,
    at: datetime | None = None,
    now: datetime,
) -> None:
    """Note that a call has come into an attempt's conference.

    Whoever called in and finds nobody there any more is brought back to wait. `at`: when it came,
    by the network's clock: the news may come late.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    leg = legs.find_leg_of_provider_call(session, provider_call_id)
    if attempt and leg and leg.attempt_id == attempt.id and attempt.state in LIVE_ATTEMPT:
        party_legs.note_participant_leg(session, attempt, leg, now=now)
    caller = attempt and attempt_ends.lock_caller(session, attempt)
    if not attempt or not caller or caller.provider_call_id != provider_call_id:
        return
    if attempt.state in LIVE_ATTEMPT:
        caller_joining.note_caller_joined(session, attempt_id, at=at, now=now)
    else:
        callers.send_caller_back(session, attempt, now=now)


def note_caller_seen(session: Session, attempt_id: str, *, now: datetime) -> None:
    """Note that whoever called in was seen in an attempt's conference, whether or not it is over.

    Who has been there with them is asked at once: the advisor may have hung up already.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt and attempt.state in LIVE_ATTEMPT:
        attempt.ask_at = now
        session.add(attempt)
    elif attempt:
        callers.send_caller_back(session, attempt, now=now)


def look_for_advisor(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> None:
    """Let the network be asked at once about an attempt whose lead is alone in its conference.

    Either the advisor is on their way there, or the news was lost that they have hung up.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    leg = attempt and legs.bind_provider_call(session, attempt, Party.LEAD, provider_call_id)
    if attempt and leg:
        attempt.ask_at = now
        session.add(attempt)
        party_legs.hang_up_unawaited_leg(session, attempt, leg, now=now)


def doubt_conversations(session: Session, *, now: datetime) -> None:
    """Let the network be asked at once about every call with a lead, for nobody was told of news.

    An advisor may have hung up meanwhile, and a lead be on hold who hears of nobody.
    """
    with_leads = (AttemptState.RINGING_LEAD, AttemptState.BRIDGED)
    session.execute(
        update(CallAttempt).where(col(CallAttempt.state).in_(with_leads)).values(ask_at=now)
    )


def note_answered_by(
    session: Session, attempt_id: str, provider_call_id: str, heard: AnsweredBy, *, now: datetime
) -> None:
    """Note who or what was heard on the lead's leg; open desks are told, and the call goes on.

    A machine's call is no contact before the advisor says so. What the advisor has said stays.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    leg = attempt and legs.bind_provider_call(session, attempt, Party.LEAD, provider_call_id)
    if not attempt or not leg or leg.party != Party.LEAD:
        return
    is_news = leg.answered_by != heard
    leg.answered_by, attempt.heard_at = heard, now
    session.add_all([leg, attempt])
    wake_after_commit(session, Wakeup.DESK)
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    is_live = attempt.state in LIVE_ATTEMPT
    is_in_wrap_up = callback.state == CallbackState.WRAP_UP and (
        callback.ended_at == attempt.ended_at
    )
    doubt = conversations.find_doubt(attempt, heard, ended_at=attempt.ended_at)
    if doubt and (is_live or is_in_wrap_up):
        result = None if is_live else Result.UNKNOWN
        conversations.doubt_conversation(session, callback, attempt, why=doubt, result=result)
    if is_live and is_news and heard in conversations.MACHINES:
        voicemail.ask_about_voicemail(session, attempt, callback, now=now)


def end_conference(
    session: Session,
    attempt_id: str,
    conference_id: str,
    *,
    at: datetime | None = None,
    now: datetime,
) -> None:
    """End the conversation with its conference, whose legs may be told of later.

    One that ended before another of the same attempt began changes nothing. `at`: when it ended, by
    the network's clock: the news may come late.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if not attempt or attempt.conference_id != conference_id:
        return
    if attempt.state == AttemptState.BRIDGED:
        _end_conversation(session, attempt, at=min(at or now, now), now=now)
        attempt_steps.bring_back_from_menu(session, attempt, now=now)


def end_conversation_of_advisor(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> CallAttempt | None:
    """Record that the conference is over for an advisor whose phone is still on the line.

    Returns the attempt, whatever became of it; None for a phone that is not its advisor's now.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt is None:
        return None
    leg = legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id)
    if leg is None or leg.party != Party.ADVISOR:
        return None
    _end_conversation(session, attempt, at=now, now=now)
    return attempt


def _end_conversation(
    session: Session, attempt: CallAttempt, *, at: datetime, now: datetime
) -> None:
    if attempt.state == AttemptState.BRIDGED:
        outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, at=at, now=now)
