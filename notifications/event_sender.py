"""Event sender: posts one signed event over https, to an address that was checked.

Standard Webhooks 1.0. The name of the destination is asked for once; what is connected to is one
of the addresses that were found and checked then, whatever the name leads to a moment later. No
redirect is followed, and of the answer its status alone is read.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from leads.errors import BadConfiguration, FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.outbox.destinations import SECRET_PREFIX
from leads.outbox.event_orders import EventOrder
from leads.public_addresses import (
    Network,
    PrivateAddressError,
    Resolver,
    WebAddress,
    parse_https_url,
    resolve_public_addresses,
)

CONNECTING_LASTS = 5.0  # seconds, for each address
MOST_ADDRESSES = 3
ANSWERING_LASTS = 15.0  # seconds for everything, however slowly the answer drips
LONGEST_WAIT = timedelta(days=1)  # that a destination may ask for
USER_AGENT = "Ringback"


@dataclass(frozen=True)
class SignedEvent:
    """What is posted: the body, byte for byte, and the headers that prove who sent it."""

    body: bytes
    headers: dict[str, str]


class UndeliveredError(Exception):
    """A destination did not take an event.

    `wait`: the time it asked for; `is_gone`: it wants nothing any more.
    """

    def __init__(
        self, cause: TelephonyError, *, wait: timedelta | None = None, is_gone: bool = False
    ) -> None:
        super().__init__(str(cause))
        self.cause, self.wait, self.is_gone = cause, wait, is_gone


class EventSender:
    """Posts events. `allowed`: private networks in which a destination may be."""

    def __init__(
        self,
        *,
        public_url: str,
        allowed: Sequence[Network] = (),
        resolve: Resolver = socket.getaddrinfo,
        answering_lasts: float = ANSWERING_LASTS,
    ) -> None:
        self._public_url, self._allowed, self._resolve = public_url, allowed, resolve
        self._answering_lasts, self._trusted = answering_lasts, ssl.create_default_context()

    def send_event(self, order: EventOrder, *, now: datetime) -> None:
        """Post an event; raises UndeliveredError unless the answer is one of the 200s."""
        signed = sign_event(order, public_url=self._public_url, now=now)
        try:
            address = parse_https_url(order.url)
            found = resolve_public_addresses(
                address.host, address.port, allowed=self._allowed, resolve=self._resolve
            )
        except (PrivateAddressError, BadConfiguration):
            raise _undelivered(MessageKey.HOOK_PRIVATE, is_ours_to_mend=True) from None
        except OSError:
            raise _undelivered(MessageKey.HOOK_UNREACHABLE) from None
        try:
            status, retry_after = self._post(address, found, signed)
        except (OSError, http.client.HTTPException, ValueError):
            raise _undelivered(MessageKey.HOOK_UNREACHABLE) from None
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            cause = TelephonyError(Message(MessageKey.HOOK_REFUSED, code=status))
            wait = parse_retry_after(retry_after, now=now)
            raise UndeliveredError(cause, wait=wait, is_gone=status == HTTPStatus.GONE)

    def _post(
        self, address: WebAddress, found: Sequence[str], signed: SignedEvent
    ) -> tuple[int, str]:
        """Return the status of the answer and its Retry-After; all of it within the time."""
        plain = _connect_to_one(found[:MOST_ADDRESSES], address.port)
        with self._trusted.wrap_socket(
            plain, server_hostname=address.host, do_handshake_on_connect=False
        ) as line:
            is_over = threading.Event()
            watch = threading.Timer(self._answering_lasts, _cut_off, [line, is_over])
            watch.daemon = True
            watch.start()
            try:
                line.settimeout(self._answering_lasts)
                line.do_handshake()
                answer = _exchange(line, address, signed)
            finally:
                watch.cancel()
        if is_over.is_set():  # what was cut off may look like an answer
            raise TimeoutError
        return answer


def sign_event(order: EventOrder, *, public_url: str, now: datetime) -> SignedEvent:
    """Return the body of an event and its headers, signed with each of the destination's secrets.

    The same event has the same id and body whenever it is sent.
    """
    body = _compose_body(order, public_url)
    event_id, timestamp = f"evt_{order.event_id}", str(int(now.timestamp()))
    signatures = [
        f"v1,{sign_content(secret, event_id, timestamp, body)}" for secret in order.secrets
    ]
    headers = {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
    return SignedEvent(body, headers)


def parse_retry_after(said: str, *, now: datetime) -> timedelta | None:
    """Return the wait that a header Retry-After asks for, in seconds or until an instant.

    No longer than a day; None where it says nothing that is understood.
    """
    try:
        wait = (
            timedelta(seconds=int(said[:9]))
            if said.isdecimal()
            else parsedate_to_datetime(said) - now
        )
    except (TypeError, ValueError):
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)


def _compose_body(order: EventOrder, public_url: str) -> bytes:
    content = order.content
    told = {
        "type": content["type"],
        "timestamp": content["at"],
        "data": {
            "lead_id": content["lead_id"],
            "callback_id": content["callback_id"],
            "helpline_id": content["helpline_id"],
            "state": content["state"],
            "url": f"{public_url}/lead?lead={content['lead_id']}",
        },
    }
    return json.dumps(told, separators=(",", ":")).encode()


def sign_content(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body under an id and a time, as Standard Webhooks 1.0 has it."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _connect_to_one(found: Sequence[str], port: int) -> socket.socket:
    """Return a connection to the first of these addresses that takes one."""
    for place, address in enumerate(found):
        try:
            return socket.create_connection((address, port), timeout=CONNECTING_LASTS)
        except OSError:
            if place == len(found) - 1:
                raise
    raise OSError


def _exchange(line: ssl.SSLSocket, address: WebAddress, signed: SignedEvent) -> tuple[int, str]:
    connection = http.client.HTTPSConnection(address.host, address.port)
    connection.sock = line
    connection.putrequest("POST", address.target, skip_host=True, skip_accept_encoding=True)
    headers = {"host": address.authority, "content-length": str(len(signed.body))}
    for name, value in {**headers, **signed.headers, "connection": "close"}.items():
        connection.putheader(name, value)
    connection.endheaders(signed.body)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Retry-After", "") or ""


def _cut_off(line: socket.socket, is_over: threading.Event) -> None:
    """End a connection on which another thread waits, beneath its encryption."""
    is_over.set()
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _undelivered(key: MessageKey, *, is_ours_to_mend: bool = False) -> UndeliveredError:
    failure = FailureKind.CONFIGURATION if is_ours_to_mend else FailureKind.NETWORK
    return UndeliveredError(
        TelephonyError(Message(key), permanent=is_ours_to_mend, failure=failure)
    )
