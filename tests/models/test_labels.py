"""Whatever people are shown has a name: a value without a label would be an error on a page.

Pages are no modules that a test could import; what they show of an enum stands in modules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest

from dashboard.setup import deliveries
from leads.callbacks.holds import HOLD_SENTENCES
from leads.contact_rules.gate_rules import REFUSAL_SENTENCES, RefusalReason
from leads.i18n import messages
from leads.i18n.messages import MessageKey
from leads.lifecycle.state_labels import STATE_LABELS
from leads.models import enums, labels
from leads.models.dispositions import DISPOSITION_LABELS, DISPOSITION_TITLES, Disposition
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    AlertKind,
    AttemptState,
    CallbackState,
    CloseReason,
    DigestFrequency,
    HoldReason,
    LeadState,
    NoticeMethod,
    OutboxState,
    Result,
    SubmissionState,
)
from leads.read_models import advisor_statuses, callback_board, work_filter, work_kinds
from leads.reporting import drill_down
from tests.support.source_files import ROOT, nodes_of

LABELS: list[tuple[Iterable[StrEnum], Mapping[str, object]]] = [
    (Disposition, DISPOSITION_LABELS),
    (Disposition, DISPOSITION_TITLES),
    (Disposition, drill_down.OUTCOMES),
    (CloseReason, labels.CLOSE_REASON_LABELS),
    (Result, labels.RESULT_LABELS),
    (Result, labels.RESULT_TITLES),
    (SubmissionState, STATE_LABELS),
    (SubmissionState, deliveries.DELIVERY_STATE_LABELS),
    (LeadState, STATE_LABELS),
    (LeadState, labels.LEAD_STATE_TITLES),
    (CallbackState, STATE_LABELS),
    (CallbackState, drill_down.CALLBACK_STATE_TITLES),
    (CLAIMED_CALLBACK, callback_board.HOLDER_ACTIVITY),
    (AttemptState, STATE_LABELS),
    (LIVE_ATTEMPT, labels.LIVE_CALL_TITLES),
    (LIVE_ATTEMPT, advisor_statuses.CALL_ACTIVITY),
    (AlertKind, labels.ALERT_TITLES),
    (NoticeMethod, labels.NOTICE_METHOD_TITLES),
    (NoticeMethod, labels.NOTICE_METHOD_SETUP_HINTS),
    (OutboxState, labels.NOTICE_STATE_LABELS),
    (DigestFrequency, labels.DIGEST_TITLES),
    (set(HoldReason) - {HoldReason.OTHER}, HOLD_SENTENCES),
    (RefusalReason, REFUSAL_SENTENCES),
    (callback_board.WaitsFor, callback_board.WAITS_FOR_LABELS),
    (work_kinds.WorkKind, work_kinds.WORK_KIND_LABELS),
    (work_filter.WorkPart, work_filter.WORK_PART_LABELS),
    (work_filter.WorkState, work_filter.WORK_STATE_LABELS),
    (MessageKey, messages.WORDS),
]


@pytest.mark.parametrize(("values", "named"), LABELS)
def test_every_value_that_people_are_shown_has_a_label(
    values: Iterable[StrEnum], named: Mapping[str, object]
) -> None:
    assert set(values) - set(named) == set()


def test_every_disposition_that_ends_a_request_is_a_reason_to_close_it() -> None:
    ending = set(Disposition) - {Disposition.CALL_AGAIN}
    assert {str(word) for word in ending} - set(CloseReason) == set()


def test_no_page_has_a_table_of_labels_that_a_test_could_not_see() -> None:
    enums_by_name = {
        name: {member.name for member in found}
        for name, found in {**vars(enums), "WaitsFor": callback_board.WaitsFor}.items()
        if isinstance(found, type) and issubclass(found, StrEnum)
    }
    hidden = [
        f"{page.name}:{table.lineno}"
        for page in sorted((ROOT / "dashboard").glob("*.py"))
        for table in nodes_of(page)
        if isinstance(table, ast.Dict)
        for enum, members in enums_by_name.items()
        if members and members == _member_keys(table, enum)
    ]
    assert hidden == []


def _member_keys(table: ast.Dict, enum: str) -> set[str]:
    """Return which members of an enum are keys of a table in the source."""
    return {
        key.attr
        for key in table.keys
        if isinstance(key, ast.Attribute)
        and isinstance(key.value, ast.Name)
        and key.value.id == enum
    }
