"""Whatever people are shown has a name: a value without a label would be an error on a page."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest

from leads.lead_records.timeline import RESULT_LABELS
from leads.lifecycle.state_labels import CLOSE_REASON_LABELS, STATE_LABELS
from leads.models.dispositions import DISPOSITION_LABELS, DISPOSITION_TITLES, Disposition
from leads.models.enums import (
    AttemptState,
    CallbackState,
    CloseReason,
    LeadState,
    Result,
    SubmissionState,
)

LABELS = [
    (Disposition, DISPOSITION_LABELS),
    (Disposition, DISPOSITION_TITLES),
    (CloseReason, CLOSE_REASON_LABELS),
    (Result, RESULT_LABELS),
    *((states, STATE_LABELS) for states in (SubmissionState, LeadState, CallbackState)),
    (AttemptState, STATE_LABELS),
]


@pytest.mark.parametrize(("values", "labels"), LABELS)
def test_every_value_that_people_are_shown_has_a_label(
    values: type[StrEnum], labels: Mapping[str, str]
) -> None:
    assert set(values) - set(labels) == set()


def test_every_disposition_that_ends_a_request_is_a_reason_to_close_it() -> None:
    ending = set(Disposition) - {Disposition.CALL_AGAIN}
    assert {str(word) for word in ending} - set(CloseReason) == set()
