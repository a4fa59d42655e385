"""Review: what a person decides about a submission that no rule could settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leads import phone_numbers
from leads.callbacks import opt_out
from leads.contact_rules import confirmed_numbers, number_policy, own_numbers
from leads.contact_rules.number_policy import NumberPolicy
from leads.errors import BadSubmission
from leads.forms.request import FormRequest
from leads.helplines import source_settings
from leads.i18n.messages import own_words
from leads.i18n.translatable import Phrase
from leads.intake import admission, discard_undo, duplicates, hand_entry, processing
from leads.intake.admission_plan import AdmissionCandidate
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.enums import LeadState
from leads.models.helplines import Brand, Source
from leads.models.requests import Lead, Submission
from leads.people.permissions import Permission, actor_of, require_permission


@dataclass(frozen=True)
class Correction:
    """What a person says that a submission means.

    None in a wish or in consent: the sender was not asked.
    """

    phone: str
    name: str = ""
    email: str = ""
    message: str = ""
    for_whom: str = ""
    consent: bool | None = None
    safe_to_call: bool | None = None
    safe_to_voicemail: bool | None = None
    safe_to_text: bool | None = None


def propose_correction(reading: Mapping[str, Any]) -> Correction:
    """Return a reading as a correction to begin with; its number is the best guess there is.

    Nothing is guessed where several fields hold a number, or where a word means another person: who
    reviews has to write down whom to ring.
    """
    suggestions = reading.get("suggestions", [])
    is_open = len(suggestions) > 1 or any(one["is_anothers"] for one in suggestions)
    guesses = ("phone", "phone_as_given", *(() if is_open else ("suggested_phone",)))
    guess = next((reading[name] for name in guesses if reading.get(name)), "")
    others = {
        name: reading[name]
        for name in Correction.__dataclass_fields__
        if name != "phone" and name in reading
    }
    return Correction(phone=guess, **others)


def list_confirmable_fields(reading: Mapping[str, Any]) -> list[str]:
    """Return what the fields are called that may be confirmed as the senders' own phone.

    A field that speaks of another person is none of them, whatever a reviewer calls this time.
    """
    return [one["label"] for one in _confirmable_suggestions(reading)]


def find_confirmable_field(reading: Mapping[str, Any], number: str) -> str:
    """Return the field under which a number stands, if it may be confirmed; else nothing."""
    suggestions = _confirmable_suggestions(reading)
    return next((one["field"] for one in suggestions if one["number"] == number), "")


def _confirmable_suggestions(reading: Mapping[str, Any]) -> list[dict[str, Any]]:
    suggestions = reading.get("suggestions", [])
    return [one for one in suggestions if one["field"] and not one["is_anothers"]]


def admit_corrected_submission(
    session: Session,
    submission: Submission,
    correction: Correction,
    supervisor: Advisor,
    *,
    remembers_field: bool = False,
    now: datetime,
) -> None:
    """Admit a submission as a supervisor corrects it.

    What arrived stays as it was. The reading keeps what was corrected; the audit trail says which
    fields, and by whom. `remembers_field`: the field in which the number stands is the phone of
    this source's forms from now on, if it may be confirmed. Raises BadSubmission for a number that
    cannot be dialed.
    """
    require_permission(supervisor, Permission.DECIDE_SUBMISSION, submission)
    source = session.get_one(Source, submission.source_id)
    number = phone_numbers.normalize_phone_by_hand(correction.phone, source.region)
    if number is None:
        raise BadSubmission(
            Phrase("This number cannot be dialed either. Enter it in full, such as (315) 555-0142.")
        )
    request = _corrected_request(
        FormRequest.from_reading(submission.reading),
        replace(correction, phone=number),
        extension=phone_numbers.split_extension(correction.phone).extension,
    )
    _confirm_suggested_number(session, source, request, supervisor, now=now)
    field = find_confirmable_field(submission.reading, number)
    if remembers_field and field:
        source_settings.map_form_field(session, source, "phone", field, supervisor, now=now)
    _record_correction(session, submission, request, supervisor, now=now)
    _admit_ignoring_earlier(
        session, submission, source, request, actor=actor_of(supervisor), now=now
    )


def admit_withheld_submission(
    session: Session, submission: Submission, supervisor: Advisor, *, now: datetime
) -> None:
    """Admit a withheld submission whose lead, a supervisor found, takes their "stop" back.

    The suppression is lifted.
    """
    require_permission(supervisor, Permission.DECIDE_SUBMISSION, submission)
    lead = session.get_one(Lead, submission.lead_id)
    if lead.state == LeadState.SUPPRESSED:
        opt_out.lift_stop(session, lead.phone, supervisor, now=now)
    source = session.get_one(Source, submission.source_id)
    request = FormRequest.from_reading(submission.reading)
    _admit_ignoring_earlier(
        session, submission, source, request, actor=actor_of(supervisor), now=now
    )


def process_refused_submission(
    session: Session, submission: Submission, supervisor: Advisor, *, now: datetime
) -> None:
    """Process a submission whose signature was wrong, but which a supervisor found genuine."""
    require_permission(supervisor, Permission.DECIDE_SUBMISSION, submission)
    processing.process_submission(session, submission, now=now, actor=actor_of(supervisor))


def discard_submission(
    session: Session, submission: Submission, supervisor: Advisor, *, reason: str, now: datetime
) -> None:
    """Discard a submission with a supervisor's reason: nobody is rung for it.

    Raises BadSubmission without a reason.
    """
    require_permission(supervisor, Permission.DECIDE_SUBMISSION, submission)
    if not reason.strip():
        raise BadSubmission(Phrase("Give a reason: nothing is discarded without one."))
    why = own_words(reason.strip())
    waited = {**submission.reading, **discard_undo.remember_reason(submission)}
    advance(
        session,
        submission,
        "discard",
        actor=actor_of(supervisor),
        now=now,
        reason=why,
        reading=waited,
    )


def _confirm_suggested_number(
    session: Session, source: Source, request: FormRequest, supervisor: Advisor, *, now: datetime
) -> None:
    """Let a number through that the helpline does not call by rule.

    Raises BadSubmission for one that is never called.
    """
    number = request.phone or ""
    brand = session.get_one(Brand, source.brand_id)
    policy = NumberPolicy.of_helpline(
        brand.called_countries, brand.called_kinds, source_region=source.region
    )
    has_place = bool(request.region or request.zip)
    objection = number_policy.find_policy_objection(number, policy, has_place=has_place)
    if own_numbers.is_own_number(session, number):
        objection = number_policy.OWN_NUMBER
    if objection is None:
        return
    if not objection.may_be_confirmed:
        raise BadSubmission(objection.reason)
    confirmed_numbers.confirm_number(session, number, by=actor_of(supervisor), now=now)


def _corrected_request(read: FormRequest, correction: Correction, *, extension: str) -> FormRequest:
    said: dict[str, Any] = asdict(correction)
    is_as_read = correction.phone in (read.phone, read.suggested_phone)
    said["phone_extension"] = extension or (read.phone_extension if is_as_read else "")
    plain = {name: text.strip() if isinstance(text, str) else text for name, text in said.items()}
    return FormRequest(**{**vars(read), **plain})


def _record_correction(
    session: Session,
    submission: Submission,
    request: FormRequest,
    supervisor: Advisor,
    *,
    now: datetime,
) -> None:
    """Store a corrected reading beside what it was before, and record which fields were corrected.

    The lead's words stand in the reading; the audit trail is without them.
    """
    read = FormRequest.from_reading(submission.reading)
    before = {name: getattr(read, name) for name in Correction.__dataclass_fields__}
    changed = {name: was for name, was in before.items() if was != getattr(request, name)}
    corrected = {"by": actor_of(supervisor), "at": now.isoformat(), "was": changed}
    submission.reading = request.as_reading() | ({"corrected": corrected} if changed else {})
    if changed:
        actor, names = actor_of(supervisor), sorted(changed)
        record_event(session, submission, "correct", actor=actor, now=now, corrected=names)


def _admit_ignoring_earlier(
    session: Session,
    submission: Submission,
    source: Source,
    request: FormRequest,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Admit a submission whatever became of an earlier one with its vendor's id.

    A person found that it is a request of its own: its vendor's id is forgotten.
    """
    if duplicates.find_earlier_submission(session, submission):
        submission.vendor_id = None
    brand = session.get_one(Brand, source.brand_id)
    candidate = AdmissionCandidate(
        submission, source, request, brand, is_decided_by_person=True, is_read_by_person=True
    )
    admission.admit_request(session, candidate, actor=actor, now=now)
    hand_entry.keep_named_time(session, submission, now=now)
