"""Text news: what Twilio says of texts, in our words. Pure."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from leads.messaging.inbound_texts import TextDelivery
from leads.messaging.text_delivery import TextReport
from leads.models.enums import TextMeaning, TextStatus
from notifications.twilio.error_codes import TEXT_FAULT_BY_CODE, TEXT_RETRY_CODES

log = logging.getLogger(__name__)

STATUS_BY_WORD: Mapping[str, TextStatus] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), TextStatus.QUEUED),
    "sent": TextStatus.SENT,
    **dict.fromkeys(("delivered", "read"), TextStatus.DELIVERED),
    "undelivered": TextStatus.UNDELIVERED,
    **dict.fromkeys(("failed", "canceled"), TextStatus.FAILED),
}
MEANING_BY_OPT_OUT_TYPE: Mapping[str, TextMeaning] = {
    "STOP": TextMeaning.STOP,
    "START": TextMeaning.START,
    "HELP": TextMeaning.HELP,
}
ANSWERED_KEYWORDS = frozenset(
    [
        *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
        *("START", "YES", "UNSTOP", "HELP", "INFO"),
    ]
)
"""What Twilio answers by itself where nothing else is set up, if it is all that was written."""


def read_what_came_beside(form: Mapping[str, str]) -> TextDelivery:
    """Return what Twilio says of a text that somebody sent, beside its words."""
    meaning = MEANING_BY_OPT_OUT_TYPE.get(form.get("OptOutType", "").upper())
    keyword = form.get("Body", "").strip().upper()
    pictures = form.get("NumMedia", "")
    return TextDelivery(
        to=form.get("To", ""),
        pictures=int(pictures) if pictures.isdecimal() else 0,
        meaning=meaning,
        is_answered=meaning is not None or keyword in ANSWERED_KEYWORDS,
    )


def read_status(form: Mapping[str, str]) -> TextReport | None:
    """Return what a status webhook says of a text of ours; None for a word that we do not know."""
    word = form.get("MessageStatus", "") or form.get("SmsStatus", "")
    message_id = form.get("MessageSid", "")
    if word not in STATUS_BY_WORD or not message_id:
        log.warning("Twilio reported the text status %r, which is not known here.", word[:20])
        return None
    code = form.get("ErrorCode", "")
    return report_of(message_id, word, error_code=int(code) if code.isdecimal() else None)


def report_of(
    message_id: str, word: str, *, error_code: int | None = None, parts: str | None = None
) -> TextReport:
    """Return news of a text in our words."""
    return TextReport(
        message_id,
        STATUS_BY_WORD.get(word, TextStatus.QUEUED),
        parts=int(parts) if parts and parts.isdecimal() and int(parts) else None,
        error_code=error_code,
        fault=TEXT_FAULT_BY_CODE.get(error_code or 0),
        may_retry=error_code in TEXT_RETRY_CODES,
    )
