"""What a person decides about a submission that no rule could."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from sqlmodel import Session

from leads import admission, closing, intake, phone
from leads.errors import BadSubmission
from leads.forms import FormRequest
from leads.lifecycle import advance
from leads.models import Advisor, Lead, LeadState, Source, Submission
from leads.roles import actor_of, must_supervise


def admit_corrected(
    session: Session, submission: Submission, number: str, supervisor: Advisor, *, name: str = "", now: datetime
) -> None:
    """A person found out how to reach the sender: act on the submission with their number, and name where given.

    What arrived stays as it was; only its reading says what was corrected. Raises BadSubmission for a bad number.
    """
    must_supervise(supervisor, "decide about a submission")
    source = session.get_one(Source, submission.source_id)
    corrected = phone.normalise(number, source.region)
    if corrected is None:
        msg = "This number cannot be dialled either. Give it in full, such as (315) 555-0142."
        raise BadSubmission(msg)
    read = _as_read(submission)
    request = replace(read, phone=corrected, name=name.strip() or read.name)
    submission.reading = asdict(request)
    _admit_as_its_own(session, submission, source, request, actor=actor_of(supervisor), now=now)


def admit_withheld(session: Session, submission: Submission, supervisor: Advisor, *, now: datetime) -> None:
    """Somebody who had said stop asked again, and a person found that they mean it."""
    must_supervise(supervisor, "decide about a submission")
    lead = session.get_one(Lead, submission.lead_id)
    if lead.state == LeadState.SUPPRESSED:
        closing.reinstate(session, lead, supervisor, now=now)
    source = session.get_one(Source, submission.source_id)
    request = _as_read(submission)
    _admit_as_its_own(session, submission, source, request, actor=actor_of(supervisor), now=now)


def admit_refused(session: Session, submission: Submission, supervisor: Advisor, *, now: datetime) -> None:
    """Its signature was wrong, and a person found that it is genuine: read it like any other."""
    must_supervise(supervisor, "decide about a submission")
    intake.admit(session, submission, now=now, actor=actor_of(supervisor))


def discard(session: Session, submission: Submission, supervisor: Advisor, *, reason: str, now: datetime) -> None:
    """A person decided that nobody is to be rung for this submission."""
    must_supervise(supervisor, "decide about a submission")
    if not reason.strip():
        msg = "Say why: nothing is discarded without a reason."
        raise BadSubmission(msg)
    advance(session, submission, "discard", actor=actor_of(supervisor), now=now, reason=reason.strip())


def _as_read(submission: Submission) -> FormRequest:
    """Return what was understood, by this version or an earlier one."""
    known = {name: value for name, value in submission.reading.items() if name in FormRequest.__dataclass_fields__}
    return FormRequest(**{"phone": None, **known})


def _admit_as_its_own(
    session: Session, submission: Submission, source: Source, request: FormRequest, *, actor: str, now: datetime
) -> None:
    """A person found that it is a request, whatever an earlier one with its id became: that id is not asked again."""
    if admission.find_earlier(session, submission):
        submission.vendor_id = None
    admission.admit_request(session, submission, source, request, None, now=now, actor=actor)
