"""What Twilio asks and tells us. Duplicates and disorder are normal; a wrong signature is not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from leads.alerting import escalation
from leads.calls import keypad_wrap_up, progress
from leads.calls.legs import LegReport, LegStatus
from leads.config.settings import Settings
from leads.database.transactions import transaction
from leads.errors import LostRace
from leads.messaging import inbound_texts
from leads.models.words import Party
from notifications import messages
from notifications.twilio import twiml
from notifications.twilio.phone import FOR_STATUS, FOR_TWIML

log = logging.getLogger(__name__)

NO_SEQUENCE = 0
PATIENCE = 3
LARGEST_FORM = 64 * 1024
SORRY = "This call could not be connected. It goes back to the queue."
NOT_REACHED = "They did not answer. They will be called again."
THANKS = "Thank you. It is recorded."
YOURS = "Thank you. Everybody sees that you look into it, and nobody else is sent for."
NOT_YOURS = "It is over, or somebody else is looking into it already. Goodbye."

Form = dict[str, str]
Answer = Callable[["Hook"], str]


@dataclass(frozen=True)
class Hook:
    """One request of Twilio's, once it is known to be Twilio's."""

    session: Session
    attempt_id: str
    form: Form
    now: datetime
    settings: Settings
    notice_id: str = ""

    @property
    def call_id(self) -> str:
        """The call that the request is about."""
        return self.form.get("CallSid", "")

    def address(self, step: str, overrides: str = FOR_TWIML) -> str:
        """Return the address of another step of the same attempt."""
        return f"{self.settings.public_url}/hooks/voice/{self.attempt_id}/{step}{overrides}"


def routes(settings: Settings, *, now: Callable[[], datetime]) -> list[Route]:
    """Return the routes that Twilio is told about."""
    steps: dict[str, Answer] = {
        "offer": offer,
        "accept": accept,
        "status": status,
        "leg": leg,
        "ended": ended,
        "wrap-up": wrap_up,
        "sorry": sorry,
    }

    def route(path: str, answer: Answer) -> Route:
        return Route(path, partial(_answer, answer=answer, settings=settings, now=now), methods=["POST"])

    return [
        *(route(f"/hooks/voice/{{attempt}}/{step}", answer) for step, answer in steps.items()),
        route("/hooks/sms/inbound", text_received),
        route("/hooks/alerts/{notice}/pressed", look_into),
    ]


def offer(hook: Hook) -> str:
    """The advisor picked up: say who waits, unless this call has nothing to offer any more."""
    whisper = progress.advisor_answered(hook.session, hook.attempt_id, hook.call_id, now=hook.now)
    return twiml.offer(whisper, action=hook.address("accept")) if whisper else twiml.hang_up()


def accept(hook: Hook) -> str:
    """A key was pressed: 1 dials the lead, 2 passes, any other is asked again."""
    digit = hook.form.get("Digits", "")
    if digit == "2":
        progress.advisor_declined_offer(hook.session, hook.attempt_id, hook.call_id, now=hook.now)
        return twiml.hang_up()
    if digit != "1":
        return offer(hook)
    lead = progress.advisor_accepted(hook.session, hook.attempt_id, hook.call_id, now=hook.now)
    if lead is None:
        return twiml.say_goodbye(SORRY)
    if not lead.caller_id and hook.settings.twilio:
        lead = replace(lead, caller_id=hook.settings.twilio.caller_id)
    ring_seconds = hook.settings.ring_seconds
    return twiml.dial(lead, leg=hook.address("leg", FOR_STATUS), ended=hook.address("ended"), ring_seconds=ring_seconds)


def status(hook: Hook) -> str:
    """News of the advisor's leg."""
    _record(hook, Party.ADVISOR, "status", hook.call_id, hook.form.get("CallStatus", ""))
    return ""


def leg(hook: Hook) -> str:
    """News of the lead's leg."""
    _record(hook, Party.LEAD, "leg", hook.call_id, hook.form.get("CallStatus", ""))
    return ""


def ended(hook: Hook) -> str:
    """The bridge is over, or never came to be: the same news once more, and what the advisor hears next."""
    outcome = hook.form.get("DialCallStatus", "").replace("answered", "completed")
    _record(hook, Party.LEAD, "ended", hook.form.get("DialCallSid", ""), outcome)
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        return twiml.menu(action=hook.address("wrap-up"))
    return twiml.hang_up() if outcome == LegStatus.COMPLETED else twiml.say_goodbye(NOT_REACHED)


def wrap_up(hook: Hook) -> str:
    """The advisor said by key what came of it."""
    if keypad_wrap_up.apply_keypad_digit(hook.session, hook.attempt_id, hook.form.get("Digits", ""), now=hook.now):
        return twiml.say_goodbye(THANKS)
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        return twiml.menu(action=hook.address("wrap-up"), again=True)
    return twiml.hang_up()


def sorry(_hook: Hook) -> str:
    """Our own TwiML could not be had; the status callback tells what became of the call."""
    return twiml.say_goodbye(SORRY)


def text_received(hook: Hook) -> str:
    """Somebody texted the helpline's number."""
    said = {name: hook.form.get(name, "") for name in ("From", "Body", "MessageSid")}
    inbound_texts.receive_text_message(
        hook.session, said["From"], said["Body"], message_id=said["MessageSid"], now=hook.now
    )
    return twiml.nothing()


def look_into(hook: Hook) -> str:
    """A supervisor who was rung about an alert pressed a key: 1 takes it, any other is asked again."""
    if hook.form.get("Digits", "") != "1":
        return messages.spoken(action=f"{hook.settings.public_url}/hooks/alerts/{hook.notice_id}/pressed{FOR_TWIML}")
    taken = hook.notice_id.isdecimal() and escalation.acknowledge_alert_by_phone(
        hook.session, int(hook.notice_id), now=hook.now
    )
    return twiml.say_goodbye(YOURS if taken else NOT_YOURS)


def _record(hook: Hook, party: Party, kind: str, provider_call_id: str, status_word: str) -> None:
    try:
        told = LegStatus(status_word)
    except ValueError:
        log.warning("Twilio reported the status %r, which is not in its documentation.", status_word[:20])
        return
    sequence = hook.form.get("SequenceNumber", "")
    seconds = hook.form.get("CallDuration") or hook.form.get("DialCallDuration", "")
    report = LegReport(
        attempt_id=hook.attempt_id,
        party=party,
        provider_call_id=provider_call_id,
        status=told,
        kind=kind,
        sequence=int(sequence) if sequence.isdecimal() else NO_SEQUENCE,
        seconds=int(seconds) if seconds.isdecimal() else 0,
    )
    progress.apply_leg_report(hook.session, report, now=hook.now)


async def _answer(request: Request, *, answer: Answer, settings: Settings, now: Callable[[], datetime]) -> Response:
    form = await _signed_form(request, settings)
    if form is None:
        return Response("The signature is not Twilio's.", 403, media_type="text/plain")
    attempt_id, notice_id = (request.path_params.get(name, "") for name in ("attempt", "notice"))
    hook = partial(Hook, attempt_id=attempt_id, notice_id=notice_id, form=form, now=now(), settings=settings)
    text = await run_in_threadpool(_act, answer, hook)
    return Response(text, 200 if text else 204, media_type="text/xml" if text else None)


def _act(answer: Answer, hook: Callable[[Session], Hook]) -> str:
    """Act in one transaction, and again if other news moved the same records meanwhile: not all are sent twice."""
    for _ in range(PATIENCE):
        try:
            with transaction() as session:
                return answer(hook(session))
        except (LostRace, OperationalError):
            log.info("Other news moved the same records; looking again.")
    with transaction() as session:
        return answer(hook(session))


async def _signed_form(request: Request, settings: Settings) -> Form | None:
    """Return the parameters if Twilio signed them for the address it was given, by any token in use."""
    size = request.headers.get("content-length", "")
    if not size.isdecimal() or int(size) > LARGEST_FORM:
        return None
    form = await request.form()
    query = f"?{request.url.query}" if request.url.query else ""
    address = settings.public_url + request.url.path + query
    given = request.headers.get("X-Twilio-Signature", "")
    tokens = settings.twilio.auth_tokens if settings.twilio else ()
    if not any(RequestValidator(token).validate(address, form, given) for token in tokens):
        return None
    return {name: str(value) for name, value in form.multi_items()}
