"""Webhooks: what Twilio asks and tells us.

Duplicates and disorder are normal; a wrong signature is not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from starlette.routing import Route

from leads.alerting import escalation
from leads.calls import conference_news, offers, party_legs
from leads.config.settings import Settings
from leads.messaging import inbound_texts, text_delivery
from leads.models.enums import INSIDERS, Party
from leads.outbox import supervisor_notices
from leads.record_ids import read_record_id
from notifications import messages
from notifications.twilio import (
    advisor_announcements,
    advisor_whisper,
    call_documents,
    keypad_webhooks,
    leg_news,
    signed_requests,
    text_news,
    twiml,
)
from notifications.twilio.inbound_webhooks import inbound_answers
from notifications.twilio.signed_requests import TwilioRequest, WebhookAnswer
from notifications.twilio.sounds import sound_routes
from notifications.twilio.twiml import TWIML_OVERRIDES
from notifications.twilio.who_answered import answered_by_of_word

PARTICIPANT_JOIN = "participant-join"
BEGINNINGS = ("", "conference-start", PARTICIPANT_JOIN)  # a conference's first news


def twilio_webhook_routes(settings: Settings, *, now: Callable[[], datetime]) -> list[Route]:
    """Return the routes that Twilio's webhooks are sent to."""

    def signed_route(path: str, answer: WebhookAnswer) -> Route:
        return Route(
            path,
            partial(
                signed_requests.serve_signed_request, answer=answer, settings=settings, now=now
            ),
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
        "ended": keypad_webhooks.answer_conference_end,
        "menu": keypad_webhooks.answer_star,
        "menu/key": keypad_webhooks.answer_menu_key,
        "wrap-up": keypad_webhooks.answer_wrap_up_key,
        "ask": keypad_webhooks.answer_outcome_question,
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
        return call_documents.goodbye_document(hook, advisor_announcements.CALL_FAILED)
    return call_documents.open_conference(hook)


def record_advisor_status(hook: TwilioRequest) -> str:
    """Record news of the advisor's leg."""
    leg_news.record_leg_status(hook, Party.ADVISOR, "status")
    return ""


def record_lead_status(hook: TwilioRequest) -> str:
    """Record news of the lead's leg."""
    leg_news.record_leg_status(hook, Party.LEAD, "leg")
    return ""


def record_party_status(hook: TwilioRequest) -> str:
    """Record news of the leg of somebody who was asked into the call."""
    leg_news.record_leg_status(hook, Party.UNKNOWN, "party")
    return ""


def answer_party_pickup(hook: TwilioRequest) -> str:
    """Join whoever picked up; one of us is asked first, or their voicemail would talk."""
    leg_id = hook.leg_id or 0
    if not party_legs.may_join_call(hook.session, leg_id, hook.call_id, now=hook.now):
        return twiml.hang_up_twiml()
    leg = party_legs.find_leg_order(hook.session, leg_id)
    if leg.party not in INSIDERS:
        return call_documents.join_party(hook, leg)
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
        return call_documents.goodbye_document(hook, advisor_announcements.CALL_OVER)
    return call_documents.join_party(hook, party_legs.find_leg_order(hook.session, leg_id))


def answer_party_failure(hook: TwilioRequest) -> str:
    """Say goodbye to whoever was asked into a call, because our own TwiML did not reach them."""
    return call_documents.goodbye_document(hook, advisor_announcements.JOINING_FAILED)


def record_conference_news(hook: TwilioRequest) -> str:
    """Note the conference's own id, by which its legs are changed, who came in, and its end."""
    event, conference_id = (hook.form.get(k, "") for k in ("StatusCallbackEvent", "ConferenceSid"))
    at = leg_news.read_timestamp(hook.form.get("Timestamp", ""))
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


def answer_twiml_failure(hook: TwilioRequest) -> str:
    """Say goodbye because our own TwiML could not be fetched or carried out.

    The status callback tells what became of the call.
    """
    return call_documents.goodbye_document(hook, advisor_announcements.CALL_FAILED)


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
