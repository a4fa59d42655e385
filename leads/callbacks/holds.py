"""Holds: why a person must look before a callback is rung again.

The only writer of `hold` and of `callback.is_held`. Whoever places or lifts a hold has the callback
locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlmodel import Session, col, select

from leads.contact_rules import gate
from leads.contact_rules.gate_rules import REFUSAL_SENTENCES, RefusalReason
from leads.errors import LostRace
from leads.i18n.translatable import Phrase, join_sentences
from leads.lifecycle.audit_trail import record_event
from leads.models.calls import Callback, Hold
from leads.models.enums import HoldReason

GATE_HOLDS = frozenset(HoldReason(reason) for reason in RefusalReason) - {HoldReason.OTHER_NUMBER}
"""What the gate lifts by itself once it agrees. Which of two numbers to call, it never knows."""

HOLD_SENTENCES: Mapping[HoldReason, Phrase] = {
    **{HoldReason(reason): sentence for reason, sentence in REFUSAL_SENTENCES.items()},
    HoldReason.STOPPED_ELSEWHERE: Phrase(
        "They opted out at another of their numbers: decide whether to call this one."
    ),
    HoldReason.REFUSED_ELSEWHERE: Phrase(
        "They texted from another of their numbers that they do not want calls there."
    ),
    HoldReason.ENTRY_DELETED: Phrase(
        "The form tool reports that this entry was deleted: do they still want a call?"
    ),
    HoldReason.NUMBER_CHANGED: Phrase(
        "The form tool reports a change of phone number: see the work list."
    ),
    HoldReason.CALL_LOST: Phrase(
        "A call was lost after their phone was dialed: check before calling again."
    ),
    HoldReason.STOPPED_BEFORE: Phrase(
        "They had opted out before this request: a supervisor has to decide."
    ),
    HoldReason.CONTACT_LIMITED: Phrase(
        "Read their words before anyone calls, and decide how to respond: “{answer}”."
    ),
    HoldReason.STALE_IMPORT: Phrase(
        "They asked more than 90 days before the import: decide whether to call."
    ),
    HoldReason.TALKED_BEFORE_IMPORT: Phrase(
        "They were reached before the import: decide whether to call again."
    ),
    HoldReason.TAKEN_BACK: Phrase(
        "Someone else who asked from this phone withdrew their request: decide whether to call."
    ),
    HoldReason.WARNED_AT_PHONE: Phrase(
        "Another request from this phone is a reason not to call: check that one first, "
        "then decide."
    ),
    HoldReason.HARM_DECIDE: Phrase(
        "They wrote about violence or a threat, and someone may overhear the phone or read "
        "it: decide how to reach them. No voicemail and no texts."
    ),
    HoldReason.STOPPED_CALLS: Phrase(
        "They want a written reply instead of a call: someone has to write to them."
    ),
    HoldReason.WRONG_PERSON: Phrase(
        "The person at this number says they are someone else: do not call until this is "
        "cleared up."
    ),
    HoldReason.UNCLEAR_TEXT: Phrase(
        "Their text may mean they want no contact: read it and decide."
    ),
    HoldReason.ASKED_LATER: Phrase(
        "They asked by text to be called at another time: read it and choose when."
    ),
    HoldReason.UNRECORDED_CALL: Phrase(
        "An advisor was on the phone with them and recorded no outcome: find out what happened."
    ),
    HoldReason.COUNTRY_NOT_PERMITTED: Phrase(
        "The call was not placed: our account is not allowed to call this number's country "
        "(Twilio's geographic permissions)."
    ),
    HoldReason.CALLER_ID_REFUSED: Phrase(
        "The call was not placed: Twilio does not accept the helpline's caller ID."
    ),
    HoldReason.ACCOUNT_REFUSED: Phrase(
        "The call was not placed: Twilio rejects our account or its credentials."
    ),
    HoldReason.CALL_NOT_PLACED: Phrase(
        "The call was not placed: the phone network failed before their phone could ring."
    ),
    HoldReason.NOT_IN_SERVICE: Phrase(
        "Their number is not in service, two times in a row: is there another way to reach them?"
    ),
    HoldReason.UNKNOWN: Phrase("Needs review: this version does not know the reason."),
}
"""The words of every reason but `other`, made where they are shown: nothing compares them."""

WARNINGS_OF_PHONE = frozenset(
    {
        HoldReason.CONTACT_LIMITED,
        HoldReason.HARM_DECIDE,
        HoldReason.WRONG_PERSON,
        HoldReason.UNCLEAR_TEXT,
    }
)
"""What speaks against ringing a phone at all: it rings for whoever is near it, in any name."""


@dataclass(frozen=True)
class HoldCause:
    """A reason for a hold, with the values of its sentence: for `other`, the `text` of it.

    `hold_id`: of the hold that was read; 0 for a cause of which there is none yet.
    """

    reason: HoldReason
    values: tuple[tuple[str, Any], ...] = ()
    hold_id: int = field(default=0, compare=False)

    @classmethod
    def from_values(cls, reason: HoldReason, values: Mapping[str, Any], hold_id: int = 0) -> Self:
        """Return the cause of a reason and its values."""
        return cls(reason, tuple(sorted(values.items())), hold_id)

    @property
    def own_words(self) -> str:
        """What a person wrote, where it is none of our reasons."""
        return str(dict(self.values).get("text", "")) if self.reason == HoldReason.OTHER else ""

    @property
    def identity(self) -> tuple[HoldReason, str]:
        """What a callback is held for only once: a reason of ours, or the same own words."""
        return (self.reason, self.own_words)


_IN_FORCE = select(Hold).where(col(Hold.lifted_at).is_(None)).order_by(col(Hold.id))


def was_held_for_harm(session: Session, callback: Callback) -> bool:
    """Whether a callback is or was held because its lead wrote of violence or a threat.

    Lifting the hold decides how to reach them: what somebody else may hear or read stays unsafe.
    """
    ever = select(Hold.id).where(
        Hold.callback_id == callback.id, Hold.reason == HoldReason.HARM_DECIDE
    )
    return session.exec(ever.limit(1)).first() is not None


def place_hold(
    session: Session,
    callback: Callback,
    reason: HoldReason,
    *,
    by: str,
    now: datetime,
    **values: Any,
) -> bool:
    """Hold a callback for a reason; False where it is held for it already."""
    known = {_cause_of(hold).identity for hold in _open_holds_of(session, callback)}
    cause = HoldCause.from_values(reason, values)
    if cause.identity in known:
        return False
    _insert_holds(session, callback, [cause], by=by, now=now)
    callback.is_held = True
    session.add(callback)
    return True


def is_any_warned_of(session: Session, callbacks: Sequence[Callback]) -> bool:
    """Whether one of these callbacks is held because its phone should not ring at all."""
    causes = read_open_holds(session, [one.id for one in callbacks if one.is_held])
    return any(cause.reason in WARNINGS_OF_PHONE for those in causes.values() for cause in those)


def lift_holds(session: Session, callback: Callback, *, by: str, now: datetime) -> None:
    """Hold a callback no longer, whatever it was held for."""
    replace_holds(session, callback, (), by=by, now=now)


def lift_seen_holds(
    session: Session, callback: Callback, seen: Collection[int], *, by: str, now: datetime
) -> None:
    """Hold a callback no longer, because a person has read what it was held for.

    `seen`: the ids of the holds that they read. Raises LostRace, and lifts nothing, where one has
    come since.
    """
    if not set(open_hold_ids_of(session, callback)).issubset(seen):
        msg = Phrase("A new hold was placed since you opened this: read it, then decide again.")
        raise LostRace(msg)
    lift_holds(session, callback, by=by, now=now)


def add_gate_holds(
    session: Session, callback: Callback, decision: gate.Decision, *, by: str, now: datetime
) -> None:
    """Hold a callback for what the gate says now, beside all that it is held for already."""
    for cause in _gate_causes(decision):
        place_hold(session, callback, cause.reason, by=by, now=now, **dict(cause.values))


def lift_holds_for(
    session: Session,
    callback: Callback,
    reasons: Collection[HoldReason],
    *,
    by: str,
    now: datetime,
) -> None:
    """Hold a callback no longer for these reasons; for any other it stays held."""
    causes = open_causes_of(session, callback)
    others = [cause for cause in causes if cause.reason not in reasons]
    replace_holds(session, callback, others, by=by, now=now)


def replace_gate_holds(
    session: Session, callback: Callback, decision: gate.Decision, *, by: str, now: datetime
) -> None:
    """Hold a callback for exactly what the gate says now, and for all that is not the gate's.

    The gate holds nothing that it only puts off.
    """
    open_causes = [_cause_of(hold) for hold in _open_holds_of(session, callback)]
    others = [cause for cause in open_causes if cause.reason not in GATE_HOLDS]
    replace_holds(session, callback, [*others, *_gate_causes(decision)], by=by, now=now)


def replace_holds(
    session: Session,
    callback: Callback,
    causes: Iterable[HoldCause],
    *,
    by: str,
    now: datetime,
) -> None:
    """Hold a callback for these causes and no others; what stays keeps its age."""
    wanted: dict[tuple[str, ...], HoldCause] = {}
    for cause in causes:
        wanted.setdefault(cause.identity, cause)
    in_force = set()
    for hold in _open_holds_of(session, callback):
        identity = _cause_of(hold).identity
        in_force.add(identity)
        if identity not in wanted:
            _lift_hold(session, callback, hold, by=by, now=now)
    missing = [cause for identity, cause in wanted.items() if identity not in in_force]
    _insert_holds(session, callback, missing, by=by, now=now)
    callback.is_held = bool(wanted)
    session.add(callback)
    session.flush()  # lifted before the same reason may be placed anew


def read_open_holds(
    session: Session, callback_ids: Collection[int]
) -> dict[int, tuple[HoldCause, ...]]:
    """Return what each of these callbacks is held for, oldest first; nothing for the others."""
    if not callback_ids:
        return {}
    causes_by_callback: dict[int, tuple[HoldCause, ...]] = {}
    in_force = _IN_FORCE.where(col(Hold.callback_id).in_(callback_ids))
    for hold in session.exec(in_force):
        causes_by_callback[hold.callback_id] = (
            *causes_by_callback.get(hold.callback_id, ()),
            _cause_of(hold),
        )
    return causes_by_callback


def open_causes_of(
    session: Session, callback: Callback, *, after: datetime | None = None
) -> tuple[HoldCause, ...]:
    """Return what one callback is held for, or has been held for only after an instant."""
    in_force = _open_holds_of(session, callback)
    return tuple(_cause_of(hold) for hold in in_force if after is None or hold.since > after)


def open_hold_ids_of(session: Session, callback: Callback) -> list[int]:
    """Return the ids of the holds of one callback that are in force, oldest first."""
    return [hold.id for hold in _open_holds_of(session, callback)]


def read_hold_causes(session: Session, hold_ids: Sequence[int]) -> tuple[HoldCause, ...]:
    """Return the causes of holds in the order of their ids, those that were lifted, too."""
    theirs = select(Hold).where(col(Hold.id).in_(hold_ids)).order_by(col(Hold.id))
    return tuple(_cause_of(hold) for hold in session.exec(theirs))


def hold_sentence(causes: Sequence[HoldCause]) -> str:
    """Say what a callback is held for, empty where nothing holds it."""
    return join_sentences(*map(_sentence_of, causes)) if causes else ""


def _sentence_of(cause: HoldCause) -> str:
    try:
        return cause.own_words or Phrase(
            HOLD_SENTENCES[cause.reason].template, **dict(cause.values)
        )
    except KeyError:  # a value that its sentence needs was not stored
        return HOLD_SENTENCES[HoldReason.UNKNOWN]


def _gate_causes(decision: gate.Decision) -> list[HoldCause]:
    if not decision.needs_person:
        return []
    return [
        HoldCause.from_values(HoldReason(reason), REFUSAL_SENTENCES[reason].values)
        for reason in decision.lasting
    ]


def _open_holds_of(session: Session, callback: Callback) -> Sequence[Hold]:
    if not callback.is_held:
        return ()
    return session.exec(_IN_FORCE.where(Hold.callback_id == callback.id)).all()


def _cause_of(hold: Hold) -> HoldCause:
    return HoldCause.from_values(hold.reason, hold.values, hold.id)


def _insert_holds(
    session: Session, callback: Callback, causes: Iterable[HoldCause], *, by: str, now: datetime
) -> None:
    for cause in causes:
        hold = Hold(
            callback_id=callback.id,
            reason=cause.reason,
            values=dict(cause.values),
            since=now,
            by=by,
        )
        session.add(hold)
        session.flush()  # in this order
        _record_hold_event(session, callback, "hold", hold, by=by, now=now)


def _lift_hold(session: Session, callback: Callback, hold: Hold, *, by: str, now: datetime) -> None:
    hold.lifted_at, hold.lifted_by = now, by
    session.add(hold)
    _record_hold_event(session, callback, "lift_hold", hold, by=by, now=now)


def _record_hold_event(
    session: Session, callback: Callback, event: str, hold: Hold, *, by: str, now: datetime
) -> None:
    """Write in the audit trail which reason came or went: a code, never anybody's words."""
    changes = {"hold": hold.id, "reason": hold.reason}
    record_event(session, callback, event, actor=by, now=now, **changes)
