"""News of a call's leg: what became of it, and why it failed."""

from __future__ import annotations

import logging
from datetime import datetime
from email.utils import parsedate_to_datetime

from leads.calls import legs, progress
from leads.calls.legs import LegReport
from leads.models.enums import HoldReason, LegStatus, Party
from notifications.twilio.error_codes import fault_of_failed_leg
from notifications.twilio.signed_requests import TwilioRequest
from notifications.twilio.who_answered import REFUSED_SIP_CODES

NO_SEQUENCE = 0
log = logging.getLogger(__name__)


def record_leg_status(hook: TwilioRequest, party: Party, kind: str) -> None:
    """Record news of a leg; what is in none of Twilio's documents is told in the log alone."""
    status_word = hook.form.get("CallStatus", "")
    status = legs.read_leg_status(status_word)
    if status is None:
        log.warning(
            "Twilio reported the status %r, which is not in its documentation.", status_word[:20]
        )
        return
    sequence = hook.form.get("SequenceNumber", "")
    seconds = hook.form.get("CallDuration", "")
    report = LegReport(
        attempt_id=hook.attempt_id,
        party=party,
        provider_call_id=hook.call_id,
        status=status,
        kind=kind,
        sequence=int(sequence) if sequence.isdecimal() else NO_SEQUENCE,
        seconds=int(seconds) if seconds.isdecimal() else 0,
        happened_at=read_timestamp(hook.form.get("Timestamp", "")),
        fault=_fault_of_leg(hook, status, has_leg=bool(hook.call_id)),
        is_refused=hook.form.get("SipResponseCode", "") in REFUSED_SIP_CODES,
        leg_id=hook.leg_id,
    )
    progress.apply_leg_report(hook.session, report, now=hook.now)


def _fault_of_leg(hook: TwilioRequest, status: str, *, has_leg: bool) -> HoldReason | None:
    """Return why a lead's leg failed on our side, as far as Twilio says so."""
    if status != LegStatus.FAILED:
        return None
    codes = {name: hook.form.get(name, "") for name in ("ErrorCode", "SipResponseCode")}
    return fault_of_failed_leg(
        error_code=codes["ErrorCode"], sip_code=codes["SipResponseCode"], has_leg=has_leg
    )


def read_timestamp(text: str) -> datetime | None:
    """Return when an event took place, by Twilio's clock; None where that is not said."""
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
