"""Twilio's error codes: which of them are about us, and which about the number that was rung."""

from __future__ import annotations

from collections.abc import Mapping

from leads.i18n.messages import Message, MessageKey
from leads.models.enums import HoldReason, TextFault

OUR_FAULT_BY_CODE: Mapping[int, HoldReason] = {
    **dict.fromkeys((13227, 21215, 32205), HoldReason.COUNTRY_NOT_PERMITTED),
    **dict.fromkeys((13214, 21210, 21212, 21213), HoldReason.CALLER_ID_REFUSED),
    **dict.fromkeys((10001, 20003, 20005, 20006, 20008), HoldReason.ACCOUNT_REFUSED),
    **dict.fromkeys((13225, 21216, 21219, 21608), HoldReason.ACCOUNT_REFUSED),
    **dict.fromkeys((10004, 20429, 20500, 20503), HoldReason.CALL_NOT_PLACED),
}
"""What keeps calls from being placed until somebody on our side mends it.

21216 is Twilio's own list of blocked numbers, and every number where the account has no customer
profile that it approved: whoever is called can mend neither.
"""

PROBLEM_KEYS: Mapping[HoldReason, MessageKey] = {
    HoldReason.COUNTRY_NOT_PERMITTED: MessageKey.TWILIO_REFUSED_COUNTRY,
    HoldReason.CALLER_ID_REFUSED: MessageKey.TWILIO_REFUSED_CALLER_ID,
    HoldReason.ACCOUNT_REFUSED: MessageKey.TWILIO_REFUSED_ACCOUNT,
}

TEXT_FAULT_BY_CODE: Mapping[int, TextFault] = {
    21610: TextFault.STOPPED,
    **dict.fromkeys((21614, 30006), TextFault.LANDLINE),
    **dict.fromkeys((21211, 21217, 30005), TextFault.NO_SUCH_NUMBER),
    30003: TextFault.PHONE_OFF,
    **dict.fromkeys((21612, 30004), TextFault.BLOCKED),
    30007: TextFault.FILTERED,
    **dict.fromkeys((30032, 30034), TextFault.NOT_REGISTERED),
    **dict.fromkeys((20003, 20005, 20006, 20008, 21408, 30002), TextFault.ACCOUNT),
    **dict.fromkeys((21212, 21601, 21606, 21608, 21659), TextFault.ACCOUNT),
    **dict.fromkeys((21611, 30001, 30008, 30410), TextFault.LOST),
}
"""Why a text did not arrive, by Twilio's code of a refused request or of a failed delivery."""

TEXT_RETRY_CODES = frozenset({30001, 30003, 30008})
"""After these a text may arrive when it is sent once more, and after no others."""

OUR_TEXT_FAULTS = (TextFault.NOT_REGISTERED, TextFault.ACCOUNT)
PASSING_TEXT_CODES = frozenset({20003, 21611})  # a refused request may be taken a little later

OVER_CODES = frozenset({21220})
"""The call is not under way any more: what was to be changed or ended has ended."""

NUMBER_CODES = frozenset({13223, 13224, 13226})  # of a <Dial>: the number, not us
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
