"""Webhooks: what Twilio asks and tells us.

Duplicates and disorder are normal; a wrong signature is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import parse_qsl

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from leads.alerting import escalation
from leads.calls import (
    call_language,
    conference_news,
    keypad_menu,
    keypad_wrap_up,
    legs,
    offers,
    party_legs,
    progress,
)
from leads.calls.keypad_menu import KeypadMenu, MenuStep
from leads.calls.legs import TERMINAL_LEG_STATUSES, LegReport
from leads.config.settings import Settings
from leads.database.transactions import retry_transaction
from leads.i18n.translatable import Phrase
from leads.messaging import inbound_texts, text_delivery
from leads.models.enums import INSIDERS, HoldReason, LegStatus, Party
from leads.outbox import supervisor_notices
from leads.outbox.call_orders import LegOrder
from leads.record_ids import read_record_id
from notifications import messages
from notifications.twilio import (
    advisor_announcements,
    advisor_menus,
    advisor_whisper,
    text_news,
    twiml,
)
from notifications.twilio.error_codes import fault_of_failed_leg
from notifications.twilio.inbound_webhooks import inbound_answers
from notifications.twilio.sounds import sound_routes
from notifications.twilio.twiml import TWIML_OVERRIDES
from notifications.twilio.who_answered import REFUSED_SIP_CODES, answered_by_of_word

log = logging.getLogger(__name__)

NO_SEQUENCE = 0
PARTICIPANT_JOIN = "participant-join"
BEGINNINGS = ("", "conference-start", PARTICIPANT_JOIN)  # a conference's first news
PATH_IDS = ("leg", "text")  # of an address; an attempt's and a call's are words
LARGEST_FORM, MOST_FIELDS = 32 * 1024, 500  # bytes and fields: Twilio sends a tenth of that
LONGEST_SIZE = 10  # digits
ASKED_AGAIN = (
    MenuStep.NO_COLLEAGUE,
    MenuStep.NO_INTERPRETER,
    MenuStep.NO_THIRD_PARTY,
    MenuStep.UNKNOWN_KEY,
)

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


def twilio_webhook_routes(settings: Settings, *, now: Callable[[], datetime]) -> list[Route]:
    """Return the routes that Twilio's webhooks are sent to."""

    def signed_route(path: str, answer: WebhookAnswer) -> Route:
        return Route(
            path,
            partial(_serve_signed_request, answer=answer, settings=settings, now=now),
            methods=["POST"],
        )

    return [
        # before the others: "inbound" is no attempt
        *(signed_route(path, answer) for path, answer in inbound_answers().items()),
        *(
            signed_route(f"/hooks/voice/{{attempt}}/{step}", answer)
            for step, answer in attempt_answers().items()
        ),
        *sound_routes(),
        signed_route("/hooks/sms/inbound", answer_inbound_text),
        signed_route("/hooks/sms/{text}/status", record_text_status),
        signed_route("/hooks/alerts/{notice}/pressed", answer_alert_key),
    ]


def attempt_answers() -> dict[str, WebhookAnswer]:
    """Return what answers each step of an attempt, by the end of its address."""
    return {
        "offer": answer_advisor_pickup,
        "accept": answer_offer_key,
        "status": record_advisor_status,
        "leg": record_lead_status,
        "party/{leg}": record_party_status,
        "party/{leg}/offer": answer_party_pickup,
        "party/{leg}/accept": answer_party_key,
        "party/{leg}/sorry": answer_party_failure,
        "room": record_conference_news,
        "alone": answer_lonely_lead,
        "back": answer_announcement,
        "machine": record_machine_detection,
        "ended": answer_conference_end,
        "menu": answer_star,
        "menu/key": answer_menu_key,
        "wrap-up": answer_wrap_up_key,
        "ask": answer_outcome_question,
        "sorry": answer_twiml_failure,
    }


def answer_advisor_pickup(hook: TwilioRequest) -> str:
    """Tell the advisor who picked up who waits, or hang up where there is nothing to offer."""
    whisper = offers.advisor_answered(hook.session, hook.attempt_id, hook.call_id, now=hook.now)
    if whisper is None:
        return twiml.hang_up_twiml()
    action = hook.step_url("accept")
    return advisor_whisper.whisper_twiml(whisper, action=action, language=hook.find_language())


def answer_offer_key(hook: TwilioRequest) -> str:
    """Answer the advisor's key: 1 dials the lead, 2 passes, any other is asked again."""
    digit = hook.form.get("Digits", "")
    if digit == "2":
        offers.advisor_declined_offer(hook.session, hook.attempt_id, hook.call_id, now=hook.now)
        return twiml.hang_up_twiml()
    if digit != "1":
        return answer_advisor_pickup(hook)
    if not offers.advisor_accepted(hook.session, hook.attempt_id, hook.call_id, now=hook.now):
        return _goodbye_document(hook, advisor_announcements.CALL_FAILED)
    return _open_conference(hook)


def record_advisor_status(hook: TwilioRequest) -> str:
    """Record news of the advisor's leg."""
    _record_leg_status(hook, Party.ADVISOR, "status", hook.call_id, hook.form.get("CallStatus", ""))
    return ""


def record_lead_status(hook: TwilioRequest) -> str:
    """Record news of the lead's leg."""
    _record_leg_status(hook, Party.LEAD, "leg", hook.call_id, hook.form.get("CallStatus", ""))
    return ""


def record_party_status(hook: TwilioRequest) -> str:
    """Record news of the leg of somebody who was asked into the call."""
    _record_leg_status(hook, Party.UNKNOWN, "party", hook.call_id, hook.form.get("CallStatus", ""))
    return ""


def answer_party_pickup(hook: TwilioRequest) -> str:
    """Join whoever picked up; one of us is asked first, or their voicemail would talk."""
    leg_id = hook.leg_id or 0
    if not party_legs.may_join_call(hook.session, leg_id, hook.call_id, now=hook.now):
        return twiml.hang_up_twiml()
    leg = party_legs.find_leg_order(hook.session, leg_id)
    if leg.party not in INSIDERS:
        return _join_party(hook, leg)
    action = hook.step_url(f"party/{leg_id}/accept")
    return advisor_whisper.invitation_twiml(leg, action=action, language=hook.find_language())


def answer_party_key(hook: TwilioRequest) -> str:
    """Answer the key of whoever was asked into a call: 1 joins them, 2 passes."""
    digit, leg_id = hook.form.get("Digits", ""), hook.leg_id or 0
    if digit == "2":
        return twiml.hang_up_twiml()
    if digit != "1":
        return answer_party_pickup(hook)
    if not party_legs.may_join_call(hook.session, leg_id, hook.call_id, now=hook.now):
        return _goodbye_document(hook, advisor_announcements.CALL_OVER)
    return _join_party(hook, party_legs.find_leg_order(hook.session, leg_id))


def _join_party(hook: TwilioRequest, leg: LegOrder) -> str:
    party_legs.note_party_joined(hook.session, leg.leg_id, now=hook.now)
    return twiml.join_conference_twiml(hook.attempt_id, leg, hook=hook.attempt_url)


def answer_party_failure(hook: TwilioRequest) -> str:
    """Say goodbye to whoever was asked into a call, because our own TwiML did not reach them."""
    return _goodbye_document(hook, advisor_announcements.JOINING_FAILED)


def record_conference_news(hook: TwilioRequest) -> str:
    """Note the conference's own id, by which its legs are changed, who came in, and its end."""
    event, conference_id = (hook.form.get(k, "") for k in ("StatusCallbackEvent", "ConferenceSid"))
    at = _read_timestamp(hook.form.get("Timestamp", ""))
    if event == "conference-end":
        conference_news.end_conference(
            hook.session, hook.attempt_id, conference_id, at=at, now=hook.now
        )
    elif event in BEGINNINGS:
        conference_news.note_conference(hook.session, hook.attempt_id, conference_id, now=hook.now)
    if event == PARTICIPANT_JOIN:
        conference_news.note_participant(
            hook.session, hook.attempt_id, hook.call_id, at=at, now=hook.now
        )
    return ""


def answer_lonely_lead(hook: TwilioRequest) -> str:
    """Look at once where the advisor is whom a lead did not find in the conference."""
    conference_news.look_for_advisor(hook.session, hook.attempt_id, hook.call_id, now=hook.now)
    return twiml.wait_twiml(again=hook.step_url("alone"), public_url=hook.settings.public_url)


def answer_announcement(hook: TwilioRequest) -> str:
    """Tell an advisor, and nobody else, that the lead is back from hold."""
    sentence = advisor_announcements.NOBODY_ELSE
    return advisor_announcements.announcement_twiml(sentence, language=hook.find_language())


def record_machine_detection(hook: TwilioRequest) -> str:
    """Note what Twilio heard on the lead's leg: a person, a machine, or a fax."""
    heard = answered_by_of_word(hook.form.get("AnsweredBy", ""))
    conference_news.note_answered_by(
        hook.session, hook.attempt_id, hook.call_id, heard, now=hook.now
    )
    return ""


def answer_conference_end(hook: TwilioRequest) -> str:
    """Answer an advisor whose part in the conference is over, or who left it by pressing star.

    Which of the two it was nobody knows before news of the lead's leg had time to arrive. Who has
    hung up is gone at once, whoever was asked in as well: the other news of it may be lost, and
    somebody hear nobody.
    """
    if hook.is_call_over:
        record = (Party.ADVISOR, "ended", hook.call_id, hook.form["CallStatus"])
        _record_leg_status(hook, *record)
        return twiml.hang_up_twiml()
    who = (hook.session, hook.attempt_id, hook.call_id)
    has_left = keypad_menu.leave_conference_for_menu(*who, now=hook.now)
    if has_left or party_legs.find_insider_leg(*who, now=hook.now):
        return twiml.look_again_twiml(action=hook.step_url("menu"))
    if keypad_menu.is_waiting_for_lead(*who):
        return _open_conference(hook)
    return _answer_end_of_call(hook)


def answer_star(hook: TwilioRequest) -> str:
    """Offer the menu to an advisor who pressed star, or say what came of a call that is over.

    A colleague whose call it is not comes back into it.
    """
    who = (hook.session, hook.attempt_id, hook.call_id)
    if menu := keypad_menu.read_menu(*who):
        return _menu_document(hook, menu)
    if leg_id := party_legs.find_insider_leg(*who, now=hook.now):
        return _join_party(hook, party_legs.find_leg_order(hook.session, leg_id))
    return _answer_end_of_call(hook)


def answer_menu_key(hook: TwilioRequest) -> str:
    """Do what a key in the menu asks for, and say so."""
    who, digit = (hook.session, hook.attempt_id, hook.call_id), hook.form.get("Digits", "")
    step = keypad_menu.apply_menu_digit(*who, digit, now=hook.now)
    if step == MenuStep.OVER:
        return _answer_end_of_call(hook)
    if step == MenuStep.HELP_ASKED:  # and then as if no key were pressed: back into the call
        return advisor_announcements.announce_and_go_on_twiml(
            advisor_announcements.HELP_ASKED,
            action=hook.step_url("menu/key"),
            language=hook.find_language(),
        )
    if step == MenuStep.HANDED_OVER:
        return _goodbye_document(hook, advisor_announcements.HANDED_OVER)
    menu = keypad_menu.read_menu(*who) if step in ASKED_AGAIN else None
    said = advisor_announcements.SAID_OF_MENU_STEP.get(step)
    return _menu_document(hook, menu, said) if menu else _open_conference(hook)


def _menu_document(hook: TwilioRequest, menu: KeypadMenu, opening: Phrase | None = None) -> str:
    action = hook.step_url("menu/key")
    return advisor_menus.call_menu_twiml(
        menu, action=action, language=hook.find_language(), opening=opening
    )


def _ask_disposition(hook: TwilioRequest, opening: Phrase | None = None) -> str:
    action = hook.step_url("wrap-up")
    return advisor_menus.wrap_up_menu_twiml(
        action=action, language=hook.find_language(), opening=opening
    )


def _goodbye_document(hook: TwilioRequest, sentence: Phrase) -> str:
    return advisor_announcements.goodbye_twiml(sentence, language=hook.find_language())


def _open_conference(hook: TwilioRequest) -> str:
    return twiml.open_conference_twiml(
        hook.attempt_id,
        hook=hook.attempt_url,
        public_url=hook.settings.public_url,
        has_menu=offers.has_keypad_menu(hook.session, hook.attempt_id, hook.call_id),
    )


def _answer_end_of_call(hook: TwilioRequest) -> str:
    """Record that the call is over for its advisor, and say what they hear next."""
    attempt = conference_news.end_conversation_of_advisor(
        hook.session, hook.attempt_id, hook.call_id, now=hook.now
    )
    if attempt is None:
        return twiml.hang_up_twiml()
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        is_machine = keypad_wrap_up.may_machine_have_answered(hook.session, hook.attempt_id)
        return _ask_disposition(hook, advisor_announcements.MACHINE_HEARD if is_machine else None)
    result = attempt.result
    said = advisor_announcements.SAID_OF_RESULT.get(result) if result else None
    return _goodbye_document(hook, said) if said else twiml.hang_up_twiml()


def answer_outcome_question(hook: TwilioRequest) -> str:
    """Ask an advisor who is rung a second time what came of their last call."""
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        return _ask_disposition(hook, advisor_announcements.SECOND_RING)
    return twiml.hang_up_twiml()


def answer_wrap_up_key(hook: TwilioRequest) -> str:
    """Record the disposition that the advisor said by a key; any unknown key is asked again."""
    if keypad_wrap_up.apply_keypad_digit(
        hook.session, hook.attempt_id, hook.form.get("Digits", ""), now=hook.now
    ):
        return _goodbye_document(hook, advisor_announcements.OUTCOME_RECORDED)
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        return _ask_disposition(hook, advisor_announcements.UNKNOWN_KEY)
    return twiml.hang_up_twiml()


def answer_twiml_failure(hook: TwilioRequest) -> str:
    """Say goodbye because our own TwiML could not be fetched or carried out.

    The status callback tells what became of the call.
    """
    return _goodbye_document(hook, advisor_announcements.CALL_FAILED)


def answer_inbound_text(hook: TwilioRequest) -> str:
    """Store a text message that somebody sent to a helpline's number."""
    said = {name: hook.form.get(name, "") for name in ("From", "Body", "MessageSid")}
    message_id = said["MessageSid"] or f"at-{hook.now.isoformat()}"  # or it would be the last one
    inbound_texts.receive_text_message(
        hook.session,
        said["From"],
        said["Body"],
        message_id=message_id,
        now=hook.now,
        beside=text_news.read_what_came_beside(hook.form),
    )
    return twiml.empty_twiml()


def record_text_status(hook: TwilioRequest) -> str:
    """Record news of a text of ours."""
    report = text_news.read_status(hook.form)
    if report:
        text_delivery.apply_text_report(hook.session, hook.text_id, report, now=hook.now)
    return ""


def answer_alert_key(hook: TwilioRequest) -> str:
    """Answer the key of a supervisor who is rung about an alert.

    1 acknowledges the alert, any other is asked again.
    """
    number = read_record_id(hook.notice_id) or 0
    notice = supervisor_notices.find_notice(hook.session, number)
    address = notice.address if notice else ""
    language = supervisor_notices.find_notice_reader(hook.session, address).language
    if hook.form.get("Digits", "") != "1":
        asked = f"{hook.settings.public_url}/hooks/alerts/{hook.notice_id}/pressed"
        return messages.alert_call_twiml(action=asked + TWIML_OVERRIDES, language=language)
    taken = escalation.acknowledge_alert_by_phone(hook.session, number, now=hook.now)
    return messages.alert_goodbye_twiml(is_taken=taken, language=language)


def _fault_of_leg(hook: TwilioRequest, status: str, *, has_leg: bool) -> HoldReason | None:
    """Return why a lead's leg failed on our side, as far as Twilio says so."""
    if status != LegStatus.FAILED:
        return None
    codes = {name: hook.form.get(name, "") for name in ("ErrorCode", "SipResponseCode")}
    return fault_of_failed_leg(
        error_code=codes["ErrorCode"], sip_code=codes["SipResponseCode"], has_leg=has_leg
    )


def _record_leg_status(
    hook: TwilioRequest, party: Party, kind: str, provider_call_id: str, status_word: str
) -> None:
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
        provider_call_id=provider_call_id,
        status=status,
        kind=kind,
        sequence=int(sequence) if sequence.isdecimal() else NO_SEQUENCE,
        seconds=int(seconds) if seconds.isdecimal() else 0,
        happened_at=_read_timestamp(hook.form.get("Timestamp", "")),
        fault=_fault_of_leg(hook, status, has_leg=bool(provider_call_id)),
        is_refused=hook.form.get("SipResponseCode", "") in REFUSED_SIP_CODES,
        leg_id=hook.leg_id,
    )
    progress.apply_leg_report(hook.session, report, now=hook.now)


def _read_timestamp(text: str) -> datetime | None:
    """Return when an event took place, by Twilio's clock; None where that is not said."""
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


async def _serve_signed_request(
    request: Request, *, answer: WebhookAnswer, settings: Settings, now: Callable[[], datetime]
) -> Response:
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
