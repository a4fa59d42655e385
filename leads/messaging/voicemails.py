"""Voicemails: what callers left after the tone, where it is kept, who listens, and what is left.

Nothing is ever transcribed: no machine hears what somebody said, so that words of danger in it
raise nothing by themselves. A voicemail waits until somebody has listened to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from leads.errors import LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.lifecycle.transitions import advance
from leads.messaging.recorded_sound import HeardSound
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK, KEPT_VOICEMAIL, VoicemailState
from leads.models.helplines import Brand
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.models.voicemails import Voicemail, VoicemailPlay
from leads.outbox import recording_orders
from leads.people.permissions import (
    Permission,
    actor_of,
    require_permission,
    require_served,
    role_may,
)
from leads.phone_numbers import mask_phone, withheld_phone

LONGEST_MESSAGE = timedelta(minutes=3)
NEWS_WITHIN = timedelta(minutes=1)  # after which we ask for a recording that nobody spoke of
READY_WITHIN = timedelta(seconds=5)  # from its end until a recording can be fetched
ONE_LISTENING = timedelta(minutes=5)  # a seek within it is no new play
MOST_SHOWN = 20
WITHOUT_SOUND = defer(Voicemail.sealed)  # type: ignore[arg-type] # a column, to SQLAlchemy


@dataclass(frozen=True)
class VoicemailCard:
    """One voicemail as somebody sees it who may listen.

    `lead_id` is None where nobody is known by its number, which is masked. `is_withheld`: they
    showed none, and cannot be called. `is_here`: it can be played. `is_given_up`: the
    network did not give it to us. `is_promised`: it led to a promise to call. `plays`: who began to
    listen, and when.
    """

    voicemail_id: int
    received_at: datetime
    seconds: int
    brand: str
    number: str
    is_withheld: bool
    lead_id: int | None
    name: str
    is_here: bool
    is_given_up: bool
    is_empty: bool
    is_promised: bool
    is_settled: bool
    plays: tuple[tuple[str, datetime], ...]


def expect_voicemail(session: Session, call: InboundCall, *, now: datetime) -> Voicemail:
    """Write down that a caller is asked to speak, and order what they will have said.

    The network usually says sooner that it is there: then it is fetched at once.
    """
    voicemail = Voicemail(inbound_call_id=call.id, received_at=call.rang_at, expected_at=now)
    session.add(voicemail)
    session.flush()
    due_at = now + LONGEST_MESSAGE + NEWS_WITHIN
    recording_orders.enqueue_fetch(session, voicemail.id, due_at=due_at, now=now)
    return voicemail


def note_recording(
    session: Session,
    call_id: str,
    recording_id: str,
    *,
    seconds: int,
    is_ready: bool,
    now: datetime,
) -> None:
    """Note that the network has a recording of a call, and fetch it. Idempotent, in any order.

    A second one of the same call is a voicemail of its own: nothing that was said is passed over.
    """
    of_call = select(Voicemail).options(WITHOUT_SOUND).where(Voicemail.inbound_call_id == call_id)
    known = session.exec(of_call.order_by(col(Voicemail.id)).with_for_update()).all()
    same = [one for one in known if one.provider_recording_id in (None, recording_id)]
    same.sort(key=lambda one: one.provider_recording_id is None)
    call = session.get(InboundCall, call_id)
    if call is None:
        return
    voicemail = same[0] if same else expect_voicemail(session, call, now=now)
    voicemail.provider_recording_id = recording_id
    voicemail.seconds = max(voicemail.seconds, seconds)
    voicemail.recorded_at = voicemail.recorded_at or now
    session.add(voicemail)
    session.flush()
    if voicemail.state not in KEPT_VOICEMAIL:
        due_at = now if is_ready else now + READY_WITHIN
        recording_orders.hasten_fetch(session, voicemail.id, due_at=due_at)


def note_nothing_recorded(session: Session, voicemail_id: int, *, now: datetime) -> bool:
    """Note that the network has no recording for a voicemail; False where it has named one."""
    voicemail = lock_voicemail(session, voicemail_id)
    if voicemail is None:
        return True
    if voicemail.provider_recording_id is not None:
        return False
    if voicemail.state == VoicemailState.EXPECTED:
        advance(session, voicemail, "miss", actor=SystemActor.NETWORK, now=now, is_empty=True)
    return True


def find_voicemail(session: Session, voicemail_id: int) -> Voicemail | None:
    """Return a voicemail without its sound; None where it was deleted meanwhile."""
    row = select(Voicemail).options(WITHOUT_SOUND).where(Voicemail.id == voicemail_id)
    return session.exec(row).first()


def call_id_of(session: Session, voicemail_id: int) -> str:
    """Return the call that a voicemail was left in; empty where it was deleted meanwhile."""
    of_voicemail = select(Voicemail.inbound_call_id).where(Voicemail.id == voicemail_id)
    return session.exec(of_voicemail).first() or ""


def content_record(voicemail_id: int) -> str:
    """Return the record as whose content a voicemail's sound is sealed."""
    return f"voicemail:{voicemail_id}"


def lock_voicemail(session: Session, voicemail_id: int) -> Voicemail | None:
    """Return a voicemail without its sound, locked; None where it was deleted meanwhile."""
    row = select(Voicemail).options(WITHOUT_SOUND).where(Voicemail.id == voicemail_id)
    locked = row.with_for_update().execution_options(populate_existing=True)
    return session.exec(locked).first()


def keep_recording(
    session: Session, voicemail: Voicemail, sealed: bytes, sound: HeardSound, *, now: datetime
) -> None:
    """Keep what was said, and order in the same act that the network deletes it. Idempotent.

    The voicemail is locked.
    """
    if voicemail.state not in KEPT_VOICEMAIL:
        voicemail.sealed = sealed
        session.add(voicemail)
        heard = {"seconds": sound.seconds, "is_empty": sound.is_empty, "fetched_at": now}
        advance(session, voicemail, "fetch", actor=SystemActor.NETWORK, now=now, **heard)
    if voicemail.provider_recording_id:
        recording_orders.enqueue_deletion(
            session, voicemail.id, voicemail.provider_recording_id, now=now
        )


def give_up_recording(session: Session, voicemail: Voicemail, *, now: datetime) -> None:
    """Record that the network did not give us a voicemail, which stays there. It is locked."""
    if voicemail.state == VoicemailState.EXPECTED:
        advance(session, voicemail, "fail", actor=SystemActor.NETWORK, now=now)


def note_deleted_at_provider(session: Session, voicemail_id: int, *, now: datetime) -> None:
    """Record that the network has a voicemail no longer. Idempotent."""
    voicemail = lock_voicemail(session, voicemail_id)
    if voicemail and voicemail.state == VoicemailState.FETCHED:
        advance(
            session,
            voicemail,
            "delete_at_provider",
            actor=SystemActor.NETWORK,
            now=now,
            deleted_at=now,
        )


def open_recording(
    session: Session, voicemail_id: int, advisor: Advisor, *, from_start: bool, now: datetime
) -> bytes | None:
    """Return the sealed sound of a voicemail, and record who listens; None where it is not here.

    Supervisors, and the advisor who has the person in hand. `from_start`: they begin, which is a
    play each time; whoever goes on in the middle is recorded unless they have just begun.
    """
    require_served(advisor, (Voicemail, voicemail_id))
    voicemail = session.get(Voicemail, voicemail_id)
    call = session.get_one(InboundCall, voicemail.inbound_call_id) if voicemail else None
    permission = Permission.PLAY_VOICEMAIL
    if call and call.lead_id and _has_in_hand(session, advisor, call.lead_id):
        permission = Permission.TAKE_CALLBACKS
    require_permission(advisor, permission)
    if voicemail is None or voicemail.sealed is None:
        return None
    just_begun = select(VoicemailPlay.id).where(
        VoicemailPlay.voicemail_id == voicemail.id,
        VoicemailPlay.advisor_id == advisor.id,
        col(VoicemailPlay.at) > now - ONE_LISTENING,
    )
    if from_start or session.exec(just_begun.limit(1)).first() is None:
        session.add(VoicemailPlay(voicemail_id=voicemail.id, advisor_id=advisor.id, at=now))
        record_event(session, voicemail, "play", actor=actor_of(advisor), now=now)
    return voicemail.sealed


def settle_voicemail(
    session: Session, voicemail_id: int, advisor: Advisor, *, now: datetime
) -> None:
    """Say that a voicemail was listened to and needs nothing more; a promise to call stays.

    Raises NotNow where nobody has listened to what can be listened to, LostRace where somebody else
    was faster.
    """
    require_permission(advisor, Permission.PLAY_VOICEMAIL, (Voicemail, voicemail_id))
    voicemail = lock_voicemail(session, voicemail_id)
    if voicemail is None or voicemail.settled_at:
        raise LostRace(Phrase("Someone else got there first: this voicemail is already handled."))
    played = select(VoicemailPlay.id).where(VoicemailPlay.voicemail_id == voicemail.id)
    if voicemail.state in KEPT_VOICEMAIL and session.exec(played.limit(1)).first() is None:
        raise NotNow(Phrase("No one has listened to this voicemail yet."))
    voicemail.settled_at, voicemail.settled_by = now, advisor.id
    session.add(voicemail)
    record_event(session, voicemail, "settle", actor=actor_of(advisor), now=now)


def waits_for_listener_clause() -> ColumnElement[bool]:
    """Return the condition that a voicemail waits for somebody to listen, or could not be had."""
    kept = [*KEPT_VOICEMAIL, VoicemailState.FAILED]
    return (
        col(Voicemail.settled_at).is_(None)
        & col(Voicemail.state).in_(kept)
        & col(Voicemail.is_empty).is_(False)
    )


def find_waiting_voicemail(
    session: Session, voicemail_id: int, supervisor: Advisor
) -> VoicemailCard | None:
    """Return a voicemail that waits for a listener; None once it is seen to. Supervisors only."""
    require_permission(supervisor, Permission.PLAY_VOICEMAIL, (Voicemail, voicemail_id))
    waiting = _select_cards().where(waits_for_listener_clause(), Voicemail.id == voicemail_id)
    return next(iter(_read_cards(session, waiting)), None)


def list_voicemails_of_leads(
    session: Session, lead_ids: Collection[int], advisor: Advisor
) -> list[VoicemailCard]:
    """Return the voicemails of a person, newest first, as `open_recording` lets them be heard."""
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    may_all = role_may(advisor.role, Permission.PLAY_VOICEMAIL)
    if not may_all and not all(_has_in_hand(session, advisor, one) for one in lead_ids):
        return []
    theirs = _select_cards().where(col(InboundCall.lead_id).in_(lead_ids))
    spoken = theirs.where(col(Voicemail.recorded_at).is_not(None))
    return _read_cards(session, spoken.order_by(col(Voicemail.id).desc()).limit(MOST_SHOWN))


def _select_cards() -> Any:
    return (
        select(Voicemail, InboundCall, Brand, Lead)
        .options(WITHOUT_SOUND)
        .join(InboundCall, col(InboundCall.id) == col(Voicemail.inbound_call_id))
        .join(Brand, col(Brand.id) == col(InboundCall.brand_id))
        .outerjoin(Lead, col(Lead.id) == col(InboundCall.lead_id))
    )


def _read_cards(session: Session, chosen: Any) -> list[VoicemailCard]:
    rows = session.exec(chosen).all()
    ids = [voicemail.id for voicemail, *_ in rows]
    played: dict[int, list[tuple[str, datetime]]] = {one: [] for one in ids}
    plays = select(VoicemailPlay, Advisor.name).join(
        Advisor, col(Advisor.id) == col(VoicemailPlay.advisor_id)
    )
    of_these = plays.where(col(VoicemailPlay.voicemail_id).in_(ids))
    for play, name in session.exec(of_these.order_by(col(VoicemailPlay.id))):
        played[play.voicemail_id].append((name, play.at))
    return [
        VoicemailCard(
            voicemail_id=voicemail.id,
            received_at=voicemail.received_at,
            seconds=voicemail.seconds,
            brand=brand.name,
            number=mask_phone(call.phone or withheld_phone(call.id)),
            is_withheld=not call.phone,
            lead_id=lead.id if lead else None,
            name=lead.name if lead else "",
            is_here=voicemail.state in KEPT_VOICEMAIL,
            is_given_up=voicemail.state == VoicemailState.FAILED,
            is_empty=voicemail.is_empty,
            is_promised=voicemail.callback_id is not None,
            is_settled=voicemail.settled_at is not None,
            plays=tuple(played[voicemail.id]),
        )
        for voicemail, call, brand, lead in rows
    ]


def _has_in_hand(session: Session, advisor: Advisor, lead_id: int) -> bool:
    """Whether an advisor has somebody in hand, also by the file that theirs was merged into."""
    into = select(func.coalesce(Lead.merged_into_id, Lead.id)).where(Lead.id == lead_id)
    theirs = select(Callback.id).where(
        col(Callback.lead_id).in_(into),
        Callback.advisor_id == advisor.id,
        col(Callback.state).in_(CLAIMED_CALLBACK),
    )
    return session.exec(theirs.limit(1)).first() is not None
