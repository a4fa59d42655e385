"""Body readings: what was read of a body, by which settings, kept with its submission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from leads.database.bulk_rows import update_rows_if_unchanged
from leads.errors import BadSubmission
from leads.forms import form_reading
from leads.forms.request import FormRequest, content_hash
from leads.free_text.danger import DangerKind, read_danger
from leads.i18n.messages import MessageKey, message_key_of
from leads.intake.address_answers import arrival_hash, combine_requests, holds_answers
from leads.models.helplines import Source
from leads.models.requests import Submission

URLENCODED_FORM = "application/x-www-form-urlencoded"
BLANK_BODIES = (MessageKey.NO_FIELDS, MessageKey.JSON_WITHOUT_FIELDS)
SourceSettings = tuple[str, str, dict[str, str]]
"""The kind of form tool, the region, and which of the tool's fields is which of ours."""


@dataclass(frozen=True)
class BodyReading:
    """What was read of a body, and the settings of its source by which it was read.

    `problem` says why nothing can be read; `suggested_phone` is a number that is in it anyway.
    """

    settings: SourceSettings
    request: FormRequest | None = None
    problem: str = ""
    suggested_phone: str | None = None

    @property
    def problem_as_reading(self) -> dict[str, Any]:
        """What a reviewer is shown of a body that cannot be read."""
        return (
            {"phone": None, "suggested_phone": self.suggested_phone} if self.suggested_phone else {}
        )


def read_danger_in_body(body: bytes) -> DangerKind | None:
    """Return the danger that a body speaks of which cannot be read as a form."""
    return read_danger(body.decode("utf-8", "replace"))


def store_reading(submission: Submission, request: FormRequest) -> None:
    """Keep what was read of a submission with it."""
    for name, value in _reading_columns(submission, request).items():
        setattr(submission, name, value)


def store_readings_in_bulk(
    session: Session, read: Sequence[tuple[Submission, FormRequest | None]]
) -> None:
    """Store what was read of many submissions with one statement."""
    readings = [
        (submission, _reading_columns(submission, request))
        for submission, request in read
        if request
    ]
    if readings:
        update_rows_if_unchanged(
            session, Submission, [({"id": submission.id}, known) for submission, known in readings]
        )
    for submission, known in readings:
        for name, value in known.items():
            set_committed_value(submission, name, value)


def _reading_columns(submission: Submission, request: FormRequest) -> dict[str, Any]:
    """Return what is stored of a reading.

    What stands in an address that was not read tells two submissions apart, all the same.
    """
    content = content_hash(request)
    unread = "" if submission.is_query_read else submission.query
    return {
        "reading": request.as_reading(),
        "vendor_id": request.vendor_id,
        "content_sha256": arrival_hash(content.encode(), unread)
        if holds_answers(unread)
        else content,
        "danger": read_danger(request.own_words),
    }


def read_form_body(
    body: bytes, content_type: str, settings: SourceSettings, *, query: str = ""
) -> BodyReading:
    """Read a body by a source's settings; what cannot be read is a problem, never an error.

    `query`: the answers in the address, where they count. They and the body are one submission.
    """
    in_body = _read_one_part(body, content_type, settings)
    if not query:
        return in_body
    in_query = _read_one_part(query.encode(), URLENCODED_FORM, settings)
    if in_query.request is None:
        return in_query if in_body.request is None and holds_answers(query) else in_body
    if in_body.request is None:
        is_blank = not body.strip() or message_key_of(in_body.problem) in BLANK_BODIES
        return in_query if is_blank else in_body
    return BodyReading(settings, combine_requests(in_body.request, in_query.request))


def _read_one_part(body: bytes, content_type: str, settings: SourceSettings) -> BodyReading:
    kind, region, mapping = settings
    try:
        request = form_reading.read_form_request(
            body, content_type, kind=kind, region=region, mapping=mapping
        )
    except BadSubmission as problem:
        return BodyReading(
            settings,
            problem=problem.args[0],
            suggested_phone=_number_to_show(problem, body, region),
        )
    return BodyReading(settings, request)


def _number_to_show(problem: BadSubmission, body: bytes, region: str) -> str | None:
    """Return the number in a body that cannot be read; of several people's, none is the one."""
    if message_key_of(problem.args[0]) is MessageKey.SEVERAL_PEOPLE:
        return None
    return form_reading.find_number_in_body(body, region=region)


def reading_for_current_settings(
    reading: BodyReading | None, submission: Submission, source: Source
) -> BodyReading:
    """Return what was read of a body before, if its source's settings are still the same.

    Otherwise the body is read again.
    """
    settings = (source.kind, source.region, source.mapping)
    if reading and reading.settings == settings:
        return reading
    query = submission.query if submission.is_query_read else ""
    return read_form_body(submission.body, submission.content_type, settings, query=query)
