"""Twilio's error codes: which of them are about us, and which about the number that was rung."""

from __future__ import annotations

from collections.abc import Mapping

from leads.i18n.messages import Message, MessageKey
from leads.models.enums import HoldReason

OUR_FAULT_BY_CODE: Mapping[int, HoldReason] = {
    **dict.fromkeys((13227, 21215, 32205), HoldReason.COUNTRY_NOT_PERMITTED),
    **dict.fromkeys((13214, 21210, 21212, 21213), HoldReason.CALLER_ID_REFUSED),
    **dict.fromkeys((20003, 20005, 20006, 20008, 21219, 21608), HoldReason.ACCOUNT_REFUSED),
    **dict.fromkeys((10004, 20429, 20500, 20503), HoldReason.CALL_NOT_PLACED),
}
"""What keeps calls from being placed until somebody on our side mends it."""

PROBLEM_KEYS: Mapping[HoldReason, MessageKey] = {
    HoldReason.COUNTRY_NOT_PERMITTED: MessageKey.TWILIO_REFUSED_COUNTRY,
    HoldReason.CALLER_ID_REFUSED: MessageKey.TWILIO_REFUSED_CALLER_ID,
    HoldReason.ACCOUNT_REFUSED: MessageKey.TWILIO_REFUSED_ACCOUNT,
}

OVER_CODES = frozenset({21220})
"""The call is not under way any more: what was to be changed or ended has ended."""

NUMBER_CODES = frozenset({13223, 13224, 13225, 13226})  # of a <Dial>: the number, not us
FIRST_SERVER_FAILURE = 500  # of the codes of SIP


def problem_of_code(code: int) -> Message:
    """Return what Twilio refused, by name where the code has one."""
    fault = OUR_FAULT_BY_CODE.get(code)
    key = PROBLEM_KEYS.get(fault, MessageKey.TWILIO_REFUSED) if fault else MessageKey.TWILIO_REFUSED
    return Message(key, code=code)


def fault_of_failed_leg(*, error_code: str, sip_code: str, has_leg: bool) -> HoldReason | None:
    """Return why a lead's leg failed on our side; None where it failed at the number.

    A leg that never came to be says nothing of the number, unless an error code does.
    """
    code = int(error_code) if error_code.isdecimal() else 0
    if code in OUR_FAULT_BY_CODE:
        return OUR_FAULT_BY_CODE[code]
    if code in NUMBER_CODES:
        return None
    is_server_failure = sip_code.isdecimal() and (
        FIRST_SERVER_FAILURE <= int(sip_code) < FIRST_SERVER_FAILURE + 100
    )
    return HoldReason.CALL_NOT_PLACED if code or is_server_failure or not has_leg else None
