"""The lead's card as read: all that an advisor should know before and while they talk to a lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import (
    completion,
    conversations,
    holds,
    own_dispositions,
    shared_numbers,
    wish_matching,
)
from leads.callbacks.own_dispositions import OwnDisposition
from leads.callbacks.wish_matching import AdvisorWishes
from leads.contact_rules import text_safety
from leads.contact_rules.lead_wishes import lead_location
from leads.forms.request import FormRequest
from leads.free_text.danger import DangerKind, all_dangers, speaks_of_poison
from leads.i18n.languages import find_spoken_language
from leads.i18n.translatable import Phrase
from leads.lead_records import call_notes, intake_answers, later_statements, lead_file
from leads.lead_records.call_notes import AttributedNote
from leads.lead_records.intake_answers import AskedQuestion
from leads.lead_records.later_statements import StatementToDecide
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.state_tables import CallbackEvent, allowed_events
from leads.messaging import inbound_texts, text_threads, voicemails
from leads.messaging.text_threads import TextThread
from leads.messaging.voicemails import VoicemailCard
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import (
    LIVE_ATTEMPT,
    AttemptState,
    CallbackOrigin,
    CallbackState,
    CallDoubt,
    Result,
)
from leads.models.helplines import Brand
from leads.models.requests import Consent, FactChange, Lead, Submission
from leads.models.watching import Transition
from leads.people.competence import competence_of
from leads.people.permissions import (
    Permission,
    actor_of,
    require_claimed_by,
    require_permission,
)
from leads.person_facts import PERSON_FACTS
from leads.person_names import MASK, is_same_person, masked_name
from leads.phone_numbers import format_phone, mask_phone

MOST_TRIES, TEXTS_ON_CARD = 10, 6
SHOW_NAME = "show_name"  # as the audit trail calls it


@dataclass(frozen=True)
class EarlierAttempt:
    """One earlier attempt on a lead's callbacks, for the lead's card."""

    at: datetime
    result: Result
    doubt: CallDoubt | None


@dataclass(frozen=True)
class LeadCard:
    """All an advisor should know before and while they talk to a lead.

    Surnames, the number and the e-mail address are masked until the advisor asks for them;
    `is_revealed` says so. On a call the name is shown without that: `is_name_due`, once that has
    to be recorded.
    """

    is_whole_file: ClassVar[bool] = True
    callback_id: int
    lead_ids: tuple[int, ...]  # of the files that it shows: theirs, and of whoever shares the phone
    state: CallbackState
    events: frozenset[str]
    lease_until: datetime | None
    brand: str
    operator: str
    is_revealed: bool
    is_name_due: bool
    name: str
    other_names: tuple[str, ...]  # of whoever else has asked from this phone
    also_said: tuple[StatementToDecide, ...]  # without proof, and undecided
    contact: tuple[str, ...]  # e-mail, place and language, as far as they were given
    number: str
    zone: str
    for_whom: str
    phone_extension: str  # as the number, only where the advisor asked for it
    best_time: str
    wished_gender: str
    wished_skill: str
    language: str  # as a code of ours, where it is one
    match: Phrase | None  # why they were given to this advisor, where they have wishes
    any_hour: bool
    safe_to_voicemail: bool
    safe_to_text: bool
    messages: tuple[tuple[datetime, str], ...]
    voicemails: tuple[VoicemailCard, ...]  # that they left, newest first
    also: tuple[tuple[str, str], ...]  # fields of their forms that we have no place for
    agreed_at: datetime | None
    wording: str
    cautions: tuple[str, ...]  # what to know before the call
    dangers: tuple[DangerKind, ...]  # that they wrote of, the first to be told first
    is_poison: bool  # they wrote that something was swallowed
    received_at: datetime
    has_called_us: bool  # and was promised no time: nothing was written
    promised_at: datetime
    misses: int
    tries: tuple[EarlierAttempt, ...]  # of all their callbacks, oldest first
    notes: str  # this advisor's own
    written_at: datetime | None
    texts: TextThread
    said: Disposition | None  # in the wrap-up: what came of it, unless that is taken back
    doubt: CallDoubt | None  # in the wrap-up: why it may have been no conversation
    own: tuple[OwnDisposition, ...]  # the helpline's own words for what came of it
    others_notes: tuple[AttributedNote, ...]
    intake: tuple[AskedQuestion, ...]  # what the helpline asks


def masked_email(address: str) -> str:
    """Show where somebody has their e-mail address, and nothing before the @."""
    return MASK + address[address.find("@") :] if "@" in address else ""


FACT_MASKS: Mapping[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "name": masked_name,
    "email": masked_email,
}
"""How each fact that is masked on the desk is shown before the advisor asks."""


def reveal_lead_to_advisor(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> str:
    """Show the advisor the full name and number of the lead in hand, and record that they asked."""
    require_claimed_by(callback, advisor)
    return lead_file.reveal_lead_number(
        session, session.get_one(Lead, callback.lead_id), advisor, now=now
    )


def show_name_on_call(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> None:
    """Show the advisor who is on a call with somebody their full name, and record that."""
    require_claimed_by(callback, advisor)
    lead = session.get_one(Lead, callback.lead_id)
    record_event(session, lead, SHOW_NAME, actor=actor_of(advisor), now=now)


def build_lead_card(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> LeadCard:
    """Return the card of a callback's lead, for the advisor who has it in hand."""
    require_permission(advisor, Permission.TAKE_CALLBACKS, callback)
    lead = session.get_one(Lead, callback.lead_id)
    brand = session.get_one(Brand, callback.brand_id)
    files = [lead.id, *session.exec(select(Lead.id).where(Lead.merged_into_id == lead.id))]
    submissions = _latest_submissions(session, lead.id)
    neighbors = shared_numbers.list_leads_at_number(session, lead.phone)
    name = _name_of_asker(session, callback, lead)
    words = _all_words_of(session, lead, submissions)
    consent = _last_consent(session, lead.id)
    is_revealed = _was_shown(session, callback, advisor, "reveal")
    is_named = is_revealed or _was_shown(session, callback, advisor, SHOW_NAME)
    named = (lambda name: name) if is_named else FACT_MASKS["name"]
    note = call_notes.find_own_note(session, callback.id, advisor.id)
    is_harm = holds.was_held_for_harm(session, callback)
    return LeadCard(
        callback_id=callback.id,
        lead_ids=(*files, *(neighbor.id for neighbor in neighbors)),
        state=callback.state,
        events=allowed_events(callback),
        lease_until=callback.lease_until,
        brand=brand.name,
        operator=brand.operator,
        is_revealed=is_revealed,
        is_name_due=not is_named and _is_on_call(session, callback),
        name=named(name),
        other_names=tuple(map(named, _other_names(submissions, neighbors, name))),
        also_said=_also_said(session, lead, is_revealed=is_revealed),
        contact=_contact_details(lead, is_revealed=is_revealed),
        number=format_phone(lead.phone) if is_revealed else FACT_MASKS["phone"](lead.phone),
        zone=lead_location(lead).zone,
        for_whom=lead.for_whom,
        phone_extension=lead.phone_extension if is_revealed else "",
        best_time=lead.best_time,
        wished_gender=lead.wished_gender,
        wished_skill=lead.wished_skill,
        language=find_spoken_language(lead.language) or lead.language,
        match=wish_matching.match_sentence(
            callback.match,
            AdvisorWishes.of_lead(lead),
            competence_of(advisor),
            timedelta(minutes=brand.wish_patience),
        ),
        any_hour=callback.any_hour,
        safe_to_voicemail=_is_voicemail_safe(lead, neighbors) and not is_harm,
        safe_to_text=text_safety.is_text_safe(session, lead, now=now) is True and not is_harm,
        messages=_form_messages(submissions),
        voicemails=tuple(voicemails.list_voicemails_of_leads(session, files, advisor)),
        also=_unknown_form_fields(submissions),
        agreed_at=consent.given_at if consent and consent.granted else None,
        wording=consent.wording if consent else "",
        cautions=_cautions_of(submissions),
        dangers=_dangers_of(callback, words),
        is_poison=speaks_of_poison(words),
        received_at=callback.received_at,
        has_called_us=callback.origin == CallbackOrigin.CALL,
        promised_at=callback.promised_at,
        misses=callback.misses,
        tries=_earlier_attempts(session, callback),
        notes=note.text if note else "",
        written_at=note.written_at if note else None,
        texts=text_threads.read_thread(session, callback, most=TEXTS_ON_CARD, now=now),
        said=callback.disposition if callback.state == CallbackState.WRAP_UP else None,
        doubt=_doubt_in_wrap_up(session, callback),
        own=own_dispositions.list_own_of_callback(session, callback.id),
        others_notes=tuple(call_notes.read_other_notes(session, callback, advisor.id)),
        intake=intake_answers.read_asked_questions(session, callback, advisor.id, files),
    )


def _all_words_of(session: Session, lead: Lead, submissions: Sequence[Submission]) -> str:
    """Return all that a person wrote in forms and texts, to look for danger in it."""
    written = (
        *(said for _at, said in _form_messages(submissions)),
        *(said for _at, said in inbound_texts.texts_from_person(session, lead)),
        *(FormRequest.from_reading(one.reading).own_words for one in submissions),
    )
    return "\n".join(written)


def _last_consent(session: Session, lead_id: int) -> Consent | None:
    given = select(Consent).where(Consent.lead_id == lead_id)
    return session.exec(given.order_by(col(Consent.id).desc()).limit(1)).first()


def _doubt_in_wrap_up(session: Session, callback: Callback) -> CallDoubt | None:
    if callback.state != CallbackState.WRAP_UP:
        return None
    attempt = conversations.find_last_answered_attempt(session, callback)
    return attempt.doubt if attempt and attempt.result != Result.CONVERSATION else None


def _cautions_of(submissions: Sequence[Submission]) -> tuple[str, ...]:
    said = (one for form in submissions for one in form.reading.get("cautions", ()))
    return tuple(dict.fromkeys(said))


def _dangers_of(callback: Callback, words: str) -> tuple[DangerKind, ...]:
    kinds = {*all_dangers(words), callback.danger}
    return tuple(kind for kind in DangerKind if kind in kinds)


def _latest_submissions(session: Session, lead_id: int) -> Sequence[Submission]:
    """Return a person's latest submissions, newest first, from all their numbers."""
    others = select(Lead.id).where(Lead.merged_into_id == lead_id)
    theirs = or_(col(Submission.lead_id) == lead_id, col(Submission.lead_id).in_(others))
    return session.exec(
        select(Submission).where(theirs).order_by(col(Submission.id).desc()).limit(10)
    ).all()


def _form_messages(submissions: Sequence[Submission]) -> tuple[tuple[datetime, str], ...]:
    """Return what a person wrote in forms, newest first."""
    written = [
        (submission.received_at, str(submission.reading["message"]))
        for submission in submissions
        if submission.reading.get("message")
    ]
    return tuple(sorted(written, reverse=True))


def _is_on_call(session: Session, callback: Callback) -> bool:
    """Whether a callback's advisor talks to the lead, is about to, or has just done so."""
    if callback.state == CallbackState.WRAP_UP:
        return True
    attempt = completion.find_live_attempt(session, callback)
    return attempt is not None and attempt.state in (
        AttemptState.RINGING_LEAD,
        AttemptState.BRIDGED,
    )


def _was_shown(session: Session, callback: Callback, advisor: Advisor, event: str) -> bool:
    """Whether this advisor was shown what an event is about since the callback was last claimed."""
    moves = select(Transition.id).where(
        Transition.record_id == str(callback.id), Transition.record == "callback"
    )
    taken = session.exec(
        moves.where(Transition.event == CallbackEvent.CLAIM)
        .order_by(col(Transition.id).desc())
        .limit(1)
    ).first()
    asked = select(Transition.id).where(
        Transition.record == "lead", Transition.record_id == str(callback.lead_id)
    )
    asked = asked.where(Transition.event == event, Transition.actor == actor_of(advisor))
    return session.exec(asked.where(col(Transition.id) > (taken or 0)).limit(1)).first() is not None


def _also_said(session: Session, lead: Lead, *, is_revealed: bool) -> tuple[StatementToDecide, ...]:
    said = later_statements.read_undecided_statements(session, lead_ids=[lead.id])
    if is_revealed:
        return tuple(said)
    return tuple(
        replace(
            one,
            name=masked_name(one.name),
            said_by=masked_name(one.said_by),
            first=FACT_MASKS.get(one.fact, str)(one.first),
            later=FACT_MASKS.get(one.fact, str)(one.later),
        )
        for one in said
    )


def _contact_details(lead: Lead, *, is_revealed: bool) -> tuple[str, ...]:
    email = lead.email if is_revealed else FACT_MASKS["email"](lead.email)
    said = [(fact, str(getattr(lead, fact.name))) for fact in PERSON_FACTS if fact.is_short]
    others = (fact.answer_label(value) for fact, value in said)
    return tuple(detail for detail in (email, *others) if detail)


def _name_of_asker(session: Session, callback: Callback, lead: Lead) -> str:
    """Return the name of whoever asked this time: of the callback's latest form that has one.

    The lead's own name stands where it is the same person's, or a supervisor corrected it since.
    """
    asked = select(Submission).where(Submission.callback_id == callback.id)
    forms = session.exec(asked.order_by(col(Submission.id).desc())).all()
    if not forms:
        return lead.name
    named = next((form for form in forms if form.reading.get("name")), None)
    if named is None:
        return ""
    name = str(named.reading["name"])
    corrected = select(FactChange.id).where(
        FactChange.lead_id == lead.id,
        FactChange.fact == "name",
        col(FactChange.at) >= named.received_at,
    )
    is_leads = is_same_person(lead.name, name) or session.exec(corrected.limit(1)).first()
    return lead.name if is_leads else name


def _other_names(
    submissions: Sequence[Submission], neighbors: Sequence[Lead], name: str
) -> tuple[str, ...]:
    """Return the names of other people who have asked from this phone."""
    given = {str(submission.reading.get("name") or "") for submission in submissions}
    others = {*given, *(neighbor.name for neighbor in neighbors)} - {""}
    return tuple(sorted(other for other in others if not name or not is_same_person(other, name)))


def _is_voicemail_safe(lead: Lead, neighbors: Sequence[Lead]) -> bool:
    """Whether a lead said that a message is safe, and nobody else at their phone denied it."""
    is_denied = any(neighbor.safe_to_voicemail is False for neighbor in neighbors)
    return lead.safe_to_voicemail is True and not is_denied


def _unknown_form_fields(submissions: Sequence[Submission]) -> tuple[tuple[str, str], ...]:
    unknown_fields = {
        (label, ", ".join(str(value) for value in values))
        for submission in submissions
        for label, values in submission.reading.get("unknown", {}).items()
    }
    return tuple(sorted(unknown_fields))


def _earlier_attempts(session: Session, callback: Callback) -> tuple[EarlierAttempt, ...]:
    theirs = select(Callback.id).where(Callback.lead_id == callback.lead_id)
    attempts = select(CallAttempt).where(
        col(CallAttempt.callback_id).in_(theirs), col(CallAttempt.rung_at).is_not(None)
    )
    attempts = attempts.where(col(CallAttempt.state).not_in(LIVE_ATTEMPT)).order_by(
        col(CallAttempt.requested_at).desc()
    )
    last = [
        EarlierAttempt(a.rung_at, a.result, a.doubt)
        for a in session.exec(attempts.limit(MOST_TRIES))
        if a.rung_at and a.result
    ]
    return tuple(reversed(last[1:] if callback.state == CallbackState.WRAP_UP else last))
