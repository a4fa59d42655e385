"""A consent covers a disclosure only while it is whole, written, begun, and not over."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from leads.disclosures import consents
from leads.models.disclosure_words import ConsentProof, ConsentScope
from leads.models.disclosures import DisclosureConsent
from tests.conftest import NOW
from tests.support.disclosures import a_whole_consent

DAY = timedelta(days=1)
COVERS_NOTHING: dict[str, dict[str, Any]] = {
    "spoken": {"proof": ConsentProof.SPOKEN},
    "of another version": {"scope": ConsentScope.UNKNOWN},
    "erased": {"recipient": ""},
    "not signed yet": {"signed_on": (NOW + 2 * DAY).date()},
    "expired": {"expires_on": (NOW - DAY).date()},
    "revoked": {"revoked_at": NOW},
}


def a_consent(**more: Any) -> DisclosureConsent:
    row = {"lead_id": 1, "recorded_by": "advisor:1", "recorded_at": NOW, "revoked_by": ""}
    return DisclosureConsent(**row | asdict(a_whole_consent()) | more)


@pytest.mark.parametrize("why", COVERS_NOTHING)
def test_whatever_the_rule_calls_deficient_covers_nothing(why: str) -> None:
    assert not consents.covers_disclosure(a_consent(**COVERS_NOTHING[why]), at=NOW)


def test_a_whole_one_covers_through_its_last_day_and_until_it_is_revoked() -> None:
    last = a_consent(expires_on=NOW.date())
    assert consents.covers_disclosure(last, at=NOW)
    assert not consents.covers_disclosure(last, at=NOW + DAY)
    revoked = a_consent(revoked_at=NOW)
    assert consents.covers_disclosure(revoked, at=NOW - timedelta(seconds=1))
    assert consents.covers_disclosure(a_consent(expires_on=None, expires_with="none"), at=NOW)
