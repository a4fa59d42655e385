"""Texts: sent and delivered, received with pictures, and the words that Twilio acts on itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.wire import Pairs, format_rfc2822, make_sid

KEYWORDS = {
    "STOP": ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"),
    "START": ("START", "YES", "UNSTOP"),
    "HELP": ("HELP", "INFO"),
}
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_TWICE = frozenset("^{}\\[~]|€\f")


def count_segments(body: str) -> int:
    """Return how many parts a text has: 160 or 153 letters of GSM 03.38, else 70 or 67 of UCS-2."""
    if set(body) <= GSM_7 | GSM_7_TWICE:
        length = len(body) + sum(letter in GSM_7_TWICE for letter in body)
        whole, part = 160, 153
    else:
        length, whole, part = len(body.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= whole else -(-length // part)


class Texts:
    """All messages of the account, and who does not want any more."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange, self.wire = exchange, exchange.wire
        self.stored: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.base_url = "https://api.twilio.com"  # where MediaUrl0 points
        self.opted_out: set[tuple[str, str]] = set()  # (our number, their number)

    def receive(
        self, from_: str, to: str, body: str, pictures: Sequence[tuple[str, bytes]] = ()
    ) -> str:
        """Let somebody text one of our numbers, with (type, content) of pictures; returns the SID.

        STOP and START act as at Twilio, before we hear of them; `OptOutType` is assumed for each
        keyword, though it comes with Advanced Opt-Out.
        """
        word = body.strip().upper()
        keyword = next((kind for kind, known in KEYWORDS.items() if word in known), "")
        if keyword == "STOP":
            self.opted_out.add((to, from_))
        elif keyword == "START":
            self.opted_out.discard((to, from_))
        message = self.store(to, from_, body, "inbound", status="received", pictures=len(pictures))
        sid = str(message["sid"])
        params = [
            ("MessageSid", sid),
            ("SmsMessageSid", sid),
            ("SmsSid", sid),
            ("AccountSid", self.wire.settings.account_sid),
            ("From", from_),
            ("To", to),
            ("Body", body),
            ("NumMedia", str(len(pictures))),
            ("NumSegments", message["num_segments"]),
            ("SmsStatus", "received"),
            ("ApiVersion", "2010-04-01"),
            *([("OptOutType", keyword)] if keyword else []),
        ]
        for index, (content_type, content) in enumerate(pictures):
            address = self._store_picture(sid, content_type, content)
            params += [(f"MediaUrl{index}", address), (f"MediaContentType{index}", content_type)]
        self.wire.report("received", self.exchange.numbers[to].sms_url, params, kind="sms")
        return sid

    def _store_picture(self, message: str, content_type: str, content: bytes) -> str:
        sid, account = make_sid("ME"), self.wire.settings.account_sid
        path = f"/2010-04-01/Accounts/{account}/Messages/{message}/Media/{sid}"
        self.media[sid] = {
            "sid": sid,
            "parent_sid": message,
            "account_sid": account,
            "content_type": content_type,
            "date_created": format_rfc2822(self.wire.clock.now()),
            "uri": path + ".json",
            "content": content,
        }
        return self.base_url + path

    def store(
        self, to: str, from_: str, body: str, direction: str, *, status: str, pictures: int = 0
    ) -> dict[str, Any]:
        """Keep a message as Twilio's resource."""
        sid, now = make_sid("MM" if pictures else "SM"), format_rfc2822(self.wire.clock.now())
        account = self.wire.settings.account_sid
        uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
        self.wire.note("text", direction, sid=sid, body=body)
        self.stored[sid] = {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": body,
            "date_created": now,
            "date_sent": now if direction == "inbound" else None,
            "date_updated": now,
            "direction": direction,
            "error_code": None,
            "error_message": None,
            "from": from_,
            "messaging_service_sid": None,
            "num_media": str(pictures),
            "num_segments": str(count_segments(body)),
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": to,
            "uri": f"{uri}.json",
        }
        return self.stored[sid]

    async def deliver(self, message: dict[str, Any], callback: str) -> None:
        """Send a queued text, and tell what becomes of it as the phone was scripted."""
        phone = self.exchange.phones[message["to"]]
        steps = {"failed": ["failed"], "sent": ["sent"]}.get(phone.text, ["sent", phone.text])
        self._tell(message, "queued", callback)
        for status in steps:
            await self.wire.clock.sleep(1)
            message["status"] = status
            if status in ("undelivered", "failed"):
                message["error_code"] = phone.text_error or None
            elif status == "sent":
                message["date_sent"] = format_rfc2822(self.wire.clock.now())
            self._tell(message, status, callback)

    def _tell(self, message: dict[str, Any], status: str, callback: str) -> None:
        if not callback:
            return
        params: Pairs = [
            ("AccountSid", self.wire.settings.account_sid),
            ("MessageSid", message["sid"]),
            ("SmsSid", message["sid"]),
            ("MessageStatus", status),
            ("SmsStatus", status),
            ("From", message["from"]),
            ("To", message["to"]),
            ("ApiVersion", "2010-04-01"),
        ]
        if message["error_code"]:
            params.append(("ErrorCode", str(message["error_code"])))
        self.wire.report(status, callback, params, kind="message")
