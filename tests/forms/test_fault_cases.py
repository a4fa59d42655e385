"""What was once read wrongly: the right person is rung, or nobody before somebody has looked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fault_cases import FaultCase, load_fault_cases

CASES = list(load_fault_cases(Path(__file__).parent / "data" / "faults"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}/{case.name}")
def test_a_body_that_was_once_read_wrongly_is_read_as_it_is_meant(case: FaultCase) -> None:
    assert case.find_faults() == []
