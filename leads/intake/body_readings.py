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
from leads.free_text.danger import read_danger
from leads.models.helplines import Source
from leads.models.requests import Submission

SourceSettings = tuple[str, str, dict[str, str]]
"""The kind of form tool, the region, and which of the tool's fields is which of ours."""


@dataclass(frozen=True)
class BodyReading:
    """What was read of a body, and the settings of its source by which it was read.

    `problem` says why nothing can be read.
    """

    settings: SourceSettings
    request: FormRequest | None = None
    problem: str = ""


def store_reading(submission: Submission, request: FormRequest) -> None:
    """Keep what was read of a submission with it."""
    for name, value in _reading_columns(request).items():
        setattr(submission, name, value)


def store_readings_in_bulk(
    session: Session, read: Sequence[tuple[Submission, FormRequest | None]]
) -> None:
    """Store what was read of many submissions with one statement."""
    readings = [(submission, _reading_columns(request)) for submission, request in read if request]
    if readings:
        update_rows_if_unchanged(
            session, Submission, [({"id": submission.id}, known) for submission, known in readings]
        )
    for submission, known in readings:
        for name, value in known.items():
            set_committed_value(submission, name, value)


def _reading_columns(request: FormRequest) -> dict[str, Any]:
    return {
        "reading": request.as_reading(),
        "vendor_id": request.vendor_id,
        "content_sha256": content_hash(request),
        "danger": read_danger(request.own_words),
    }


def read_form_body(body: bytes, content_type: str, settings: SourceSettings) -> BodyReading:
    """Read a body by a source's settings; what cannot be read is a problem, never an error."""
    kind, region, mapping = settings
    try:
        request = form_reading.read_form_request(
            body, content_type, kind=kind, region=region, mapping=mapping
        )
    except BadSubmission as problem:
        return BodyReading(settings, problem=problem.args[0])
    return BodyReading(settings, request)


def reading_for_current_settings(
    reading: BodyReading | None, submission: Submission, source: Source
) -> BodyReading:
    """Return what was read of a body before, if its source's settings are still the same.

    Otherwise the body is read again.
    """
    settings = (source.kind, source.region, source.mapping)
    if reading and reading.settings == settings:
        return reading
    return read_form_body(submission.body, submission.content_type, settings)
