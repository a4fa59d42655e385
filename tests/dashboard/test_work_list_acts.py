"""What a supervisor may do to several rows of the work list at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dashboard import widgets
from dashboard.work_list.several_selected import READ_ONE_BY_ONE, SHARED_ACTS
from leads.models.enums import HoldReason

RELEASE = SHARED_ACTS[0]


def a_held_row(*reasons: HoldReason) -> Any:
    return SimpleNamespace(callback=SimpleNamespace(hold="Held.", hold_reasons=frozenset(reasons)))


@pytest.mark.parametrize("reason", sorted(READ_ONE_BY_ONE))
def test_nobody_warned_of_is_released_with_others(reason: HoldReason) -> None:
    assert RELEASE.suits(a_held_row(HoldReason.CALL_LOST))
    assert not RELEASE.suits(a_held_row(HoldReason.CALL_LOST, reason))


def test_a_number_of_an_address_is_one_that_a_record_can_have() -> None:
    assert widgets.is_record_number("207")
    for asked in ("", "-1", "2.0", "9" * 25, "x"):
        assert not widgets.is_record_number(asked)
