"""Hand entry: a request that a colleague enters for somebody who walked in, called or was sent.

It is stored as it was entered, and admitted as a form is: nobody gets past a rule by being typed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from leads.callbacks import holds, rescheduling, scheduling
from leads.contact_rules.lead_wishes import lead_location
from leads.errors import BadSubmission, LostRace
from leads.forms.form_reading import read_form_request
from leads.forms.request import FormRequest
from leads.forms.yes_no_answers import is_condition, parse_consent_answer
from leads.free_text.refusals import read_contact_limit
from leads.helplines.brands_and_sources import DEFAULT_REGION, find_or_add_formless_source
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.intake import processing
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CallbackState, SubmissionState
from leads.models.helplines import HAND_ENTRY, Brand, Source
from leads.models.requests import Lead, Submission
from leads.people.permissions import Permission, actor_of, require_permission

JSON = "application/json"
CHANNEL_FIELD, TOLD_BY_FIELD, TELLER_FIELD = "how_they_asked", "told_by", "teller"
AGREEMENT_FIELD, NAMED_TIME_FIELD = "consent_text", "named_time"
WHERE_DAYS_END_LAST = ZoneInfo("Pacific/Pago_Pago")
DAYS_TO_NAME = 16
REFUSAL_FIELD = "may_we_call"
"""Asks for consent as a form does: a no to it counts, whatever was chosen besides."""
ANSWERS = {True: "yes", False: "no", None: ""}


class EntryChannel(StrEnum):
    """How somebody asked whose request a colleague enters; its words stand in what is stored."""

    WALK_IN = "walk-in"
    REFERRAL = "referral"
    PHONE_CALL = "phone call"
    OTHER = "other"


class Teller(StrEnum):
    """Who told us what is entered; its words stand in what is stored."""

    THEMSELVES = "themselves"
    SOMEBODY_ELSE = "somebody else"


@dataclass(frozen=True)
class HelplineToEnterFor:
    """A helpline for which a request may be entered, and the country in which numbers are meant."""

    brand_id: int
    name: str
    region: str


@dataclass(frozen=True)
class HandEntry:
    """What a colleague enters; None is an answer that is still open.

    `entry_id`: the same however often it is sent. `agreement`: the words in which they agreed.
    `named_time`: when they want to be called, by the clock where they are, if they named a time.
    """

    entry_id: str
    channel: EntryChannel | None = None
    told_by: Teller | None = None
    teller: str = ""
    phone: str = ""
    name: str = ""
    for_whom: str = ""
    safe_to_call: bool | None = None
    safe_to_voicemail: bool | None = None
    safe_to_text: bool | None = None
    consent: bool | None = None
    agreement: str = ""
    best_time: str = ""
    names_time: bool = False
    named_time: datetime | None = None
    message: str = ""

    def as_body(self) -> bytes:
        """Return all that was entered as a form post, in the fields that our own form has.

        Words that refuse are an answer of theirs, not the wording of a box: a form's reader reads
        them as one, and they count as a form's would.
        """
        agreement = self.agreement.strip()
        wishes = ("safe_to_call", "safe_to_voicemail", "safe_to_text", "consent")
        said: dict[str, Any] = {
            CHANNEL_FIELD: self.channel,
            TOLD_BY_FIELD: self.told_by,
            TELLER_FIELD: self.teller.strip(),
            "phone": self.phone.strip(),
            "name": self.name.strip(),
            "for_whom": self.for_whom,
            **{wish: ANSWERS[getattr(self, wish)] for wish in wishes},
            AGREEMENT_FIELD: agreement,
            "best_time": self.best_time,
            NAMED_TIME_FIELD: self.named_time.isoformat(" ", "minutes") if self.named_time else "",
            "message": self.message.strip(),
        }
        if _refuses_calls(agreement):
            said[REFUSAL_FIELD] = agreement
        return json.dumps(said, ensure_ascii=False).encode()


@dataclass(frozen=True)
class EntryOutcome:
    """What became of a request that was entered.

    `review_reason`: why a supervisor decides first whether they are called at all, `hold`: why
    before they are; `why`: what speaks against the time that they named. `is_joined`: they were
    waiting for us already.
    """

    lead_id: int | None
    callback_id: int | None
    due_at: datetime | None = None
    zone: str = ""
    is_joined: bool = False
    is_with_advisor: bool = False
    review_reason: str = ""
    hold: str = ""
    why: str = ""


def list_helplines_to_enter_for(session: Session, person: Advisor) -> list[HelplineToEnterFor]:
    """Return the helplines for which a colleague may enter a request, oldest first."""
    require_permission(person, Permission.ENTER_REQUEST)
    brands = session.exec(select(Brand).order_by(col(Brand.id))).all()
    sources = session.exec(select(Source).order_by(col(Source.id).desc())).all()
    regions = {source.brand_id: source.region for source in sources}
    return [
        HelplineToEnterFor(brand.id, brand.name, regions.get(brand.id, DEFAULT_REGION))
        for brand in brands
    ]


def find_entry_problems(entry: HandEntry, *, region: str, now: datetime) -> Mapping[str, Phrase]:
    """Return the fields that are to be corrected, and what is wrong with each. Pure."""
    needed = Phrase("Choose an answer.")
    problems: dict[str, Phrase] = {
        name: needed
        for name in ("channel", "told_by", "safe_to_call", "consent")
        if getattr(entry, name) is None
    }
    if entry.told_by is Teller.SOMEBODY_ELSE and not entry.teller.strip():
        problems["teller"] = Phrase("Enter who told you: a name, or a place such as a clinic.")
    if entry.consent and not entry.agreement.strip():
        problems["agreement"] = Phrase("Write down what they agreed to, in their words.")
    number = _read_entry(entry, region).phone
    if number is None:
        problems["phone"] = Phrase("Enter the full number, such as (315) 555-0142.")
    elif entry.named_time and _named_instant(entry.named_time, Lead(phone=number)) <= now:
        problems["named_time"] = Phrase("Choose a time in the future.")
    if entry.names_time and entry.named_time is None:
        problems["named_time"] = Phrase("Choose the day and the time.")
    return problems


def enter_request(
    session: Session, entry: HandEntry, brand: Brand, person: Advisor, *, now: datetime
) -> EntryOutcome:
    """Store what a colleague enters as a submission, and admit it as a form is. Idempotent.

    The gate, the number policy and what others at the number said count as ever. What somebody else
    says on their behalf, or what they agreed to on a condition, a supervisor decides. Raises
    BadSubmission where something is missing, LostRace where somebody with the number was admitted
    at this moment.
    """
    require_permission(person, Permission.ENTER_REQUEST, brand)
    source = find_or_add_formless_source(session, brand, HAND_ENTRY, now=now)
    same = select(Submission).where(
        Submission.source_id == source.id, Submission.delivery_id == entry.entry_id
    )
    if known := session.exec(same).first():
        return _outcome_of(session, known)
    if problems := find_entry_problems(entry, region=source.region, now=now):
        raise BadSubmission(next(iter(problems.values())))
    actor, body = actor_of(person), entry.as_body()
    submission = Submission(
        source_id=source.id,
        received_at=now,
        content_type=JSON,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        delivery_id=entry.entry_id,
        suspicion=_find_suspicion(entry, source),
        entered_by=actor,
    )
    session.add(submission)
    try:
        session.flush()
        processing.process_submission(session, submission, now=now, actor=actor)
        session.flush()
    except IntegrityError:
        raise LostRace(Phrase("Someone with this number asked just now. Try again.")) from None
    why = keep_named_time(session, submission, now=now)
    return _outcome_of(session, submission, why=why)


def _read_entry(entry: HandEntry, region: str) -> FormRequest:
    """Return what is read of an entry; where nothing can be, there is no number in it."""
    try:
        return read_form_request(entry.as_body(), JSON, kind=HAND_ENTRY, region=region)
    except BadSubmission:
        return FormRequest(phone=None)


def _refuses_calls(words: str) -> bool:
    return parse_consent_answer(words) is False or read_contact_limit(words) is not None


def _find_suspicion(entry: HandEntry, source: Source) -> str:
    """Return why a supervisor decides first; what speaks against a call counts without that."""
    if not entry.consent or _read_entry(entry, source.region).is_refused:
        return ""
    if is_condition(entry.agreement):
        return Message(MessageKey.AGREED_ON_CONDITION)
    is_second_hand = entry.told_by is not Teller.THEMSELVES
    return Message(MessageKey.TOLD_BY_ANOTHER) if is_second_hand else ""


def list_days_to_name(now: datetime) -> list[date]:
    """Return the days that somebody may name for a call, by the clock wherever they are.

    The first is what is still today where the day ends last.
    """
    first = now.astimezone(WHERE_DAYS_END_LAST).date()
    return [first + timedelta(days=ahead) for ahead in range(DAYS_TO_NAME)]


def keep_named_time(session: Session, submission: Submission, *, now: datetime) -> str:
    """Let the callback of an entry wait for the time that was named in it, if one was.

    Returns what speaks against a call at that time. It is a wish, and none that was agreed with the
    phone in their hands: it loosens nothing of what others at the number wish.
    """
    said, *_more = submission.reading.get("unknown", {}).get(NAMED_TIME_FIELD, [""])
    if not said or not submission.entered_by or submission.callback_id is None:
        return ""
    session.flush()
    callback = session.get_one(Callback, submission.callback_id, with_for_update=True)
    if callback.state != CallbackState.WAITING:
        return ""
    lead, actor = session.get_one(Lead, callback.lead_id), submission.entered_by
    named = _named_instant(datetime.fromisoformat(said), lead)
    at = max(named, now + scheduling.SOON)  # their file may know another clock than their number
    again = rescheduling.move_to_permitted_time(session, callback, at, actor=actor, now=now)
    if submission.state == SubmissionState.ADMITTED:
        callback.promised_at = again.due_at
    record_event(session, callback, "name_time", actor=actor, now=now, due_at=again.due_at)
    return "" if again.is_held else again.why


def _named_instant(named: datetime, lead: Lead) -> datetime:
    return named.replace(tzinfo=ZoneInfo(lead_location(lead).zone)).astimezone(UTC)


def _outcome_of(session: Session, submission: Submission, *, why: str = "") -> EntryOutcome:
    if submission.callback_id is None:
        return EntryOutcome(submission.lead_id, None, review_reason=submission.reason, why=why)
    callback = session.get_one(Callback, submission.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    return EntryOutcome(
        lead.id,
        callback.id,
        due_at=callback.due_at,
        zone=lead_location(lead).zone,
        is_joined=submission.state == SubmissionState.DUPLICATE,
        is_with_advisor=callback.state != CallbackState.WAITING,
        hold=holds.hold_sentence(holds.open_causes_of(session, callback)),
        why=why,
    )
