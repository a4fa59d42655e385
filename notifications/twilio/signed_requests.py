"""Signed requests: what Twilio sends us, served once its signature is checked.

What is of no size or signature of theirs is refused before it costs much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response
from twilio.request_validator import RequestValidator

from leads.calls import call_language
from leads.calls.legs import TERMINAL_LEG_STATUSES
from leads.config.settings import Settings
from leads.database.transactions import retry_transaction
from leads.record_ids import read_record_id
from notifications.twilio.twiml import TWIML_OVERRIDES

PATH_IDS = ("leg", "text")  # of an address; an attempt's and a call's are words
LARGEST_FORM, MOST_FIELDS = 32 * 1024, 500  # bytes and fields: Twilio sends a tenth of that
LONGEST_SIZE = 10  # digits
Form = dict[str, str]
WebhookAnswer = Callable[["TwilioRequest"], str]


@dataclass(frozen=True)
class TwilioRequest:
    """One request of Twilio's, whose signature was checked."""

    session: Session
    attempt_id: str
    form: Form
    now: datetime
    settings: Settings
    notice_id: str = ""
    leg_id: int | None = None
    inbound_call_id: str = ""
    text_id: int = 0

    @property
    def call_id(self) -> str:
        """The id of the call that the request is about."""
        return self.form.get("CallSid", "")

    @property
    def is_call_over(self) -> bool:
        """Whether the call has ended, so that nobody hears the answer.

        Twilio asks what follows a conference even of somebody who has hung up in it.
        """
        return self.form.get("CallStatus", "") in TERMINAL_LEG_STATUSES

    def step_url(self, step: str, overrides: str = TWIML_OVERRIDES) -> str:
        """Return the address of another step of the same attempt."""
        return f"{self.attempt_url}/{step}{overrides}"

    def find_language(self) -> str:
        """Return the language in which whoever of us is on the call is spoken to."""
        return call_language.find_call_language(
            self.session, self.attempt_id, self.call_id, leg_id=self.leg_id
        )

    @property
    def attempt_url(self) -> str:
        """The address under which Twilio asks and tells us about the attempt."""
        return f"{self.settings.public_url}/hooks/voice/{self.attempt_id}"


async def serve_signed_request(
    request: Request, *, answer: WebhookAnswer, settings: Settings, now: Callable[[], datetime]
) -> Response:
    """Answer a request that Twilio signed; any other is refused."""
    form = await _verify_signed_form(request, settings)
    if form is None:
        return Response("The signature is not Twilio's.", 403, media_type="text/plain")
    ids = {
        name: read_record_id(request.path_params[name])
        for name in PATH_IDS
        if name in request.path_params
    }
    if None in ids.values():
        return Response("There is nothing with this number.", 404, media_type="text/plain")
    attempt_id, notice_id = (request.path_params.get(name, "") for name in ("attempt", "notice"))
    hook = partial(
        TwilioRequest,
        attempt_id=attempt_id,
        notice_id=notice_id,
        leg_id=ids.get("leg"),
        inbound_call_id=request.path_params.get("call", ""),
        text_id=ids.get("text") or 0,
        form=form,
        now=now(),
        settings=settings,
    )
    # Twilio does not send all news twice.
    text = await run_in_threadpool(retry_transaction, lambda session: answer(hook(session)))
    return Response(text, 200 if text else 204, media_type="text/xml" if text else None)


async def _verify_signed_form(request: Request, settings: Settings) -> Form | None:
    """Return the request's parameters, if Twilio signed them with any auth token in use.

    The signature covers the address that Twilio was given.
    """
    form = await _read_signed_form(request)
    if form is None:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    address = settings.public_url + request.url.path + query
    given = request.headers.get("X-Twilio-Signature", "")
    tokens = settings.twilio.auth_tokens if settings.twilio else ()
    if not any(RequestValidator(token).validate(address, form, given) for token in tokens):
        return None
    return dict(form.multi_items())


async def _read_signed_form(request: Request) -> ImmutableMultiDict[str, str] | None:
    """Return the fields of a request; None where it is none of Twilio's, before it costs much."""
    given = (request.headers.get(name, "") for name in ("content-length", "X-Twilio-Signature"))
    size, signature = given
    if not (signature and size.isdecimal() and len(size) < LONGEST_SIZE):
        return None
    if int(size) > LARGEST_FORM:
        return None
    body = await request.body()
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return ImmutableMultiDict(fields)
