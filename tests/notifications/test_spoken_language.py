"""What one of us hears on the phone is said in their own language, and tells nothing of anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from leads.calls import parties, progress
from leads.calls.call_language import find_call_language
from leads.config.settings import load_settings
from leads.database.transactions import transaction
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import LegStatus, Party
from leads.people.accounts import language_of_advisor
from notifications.twilio import webhooks
from tests.conftest import NOW
from tests.support import people
from tests.support.twilio_double import SID, TOKEN

URL = "https://desk.example.org"
PERSONAL = re.compile(
    r"jordan|reyes|5550142|harbor|drink|treat|recover|bebida|adicci", re.IGNORECASE
)
Ask = Callable[..., str]


def a_call_to_spanish_screens(session: Session) -> CallAttempt:
    """A call to an advisor with only a phone, whose screens are in Spanish."""
    lead = people.a_lead(session, "+13155550142", name="Jordan Reyes", for_whom="self")
    attempt = people.a_call(session, people.a_callback(session, lead))
    people.advisor_of(session, attempt).language = "es"
    return attempt


def asking(attempt_id: str, call_id: str) -> Ask:
    """Ask as Twilio does what an advisor's call is to do next, and return what is said to them."""
    settings = load_settings(
        {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": URL}
    )
    phone = TestClient(Starlette(routes=webhooks.twilio_webhook_routes(settings, now=lambda: NOW)))

    def ask(step: str, digits: str = "") -> str:
        path, told = f"/hooks/voice/{attempt_id}/{step}", {"CallSid": call_id, "Digits": digits}
        signature = RequestValidator(TOKEN).compute_signature(URL + path, told)
        document = phone.post(path, data=told, headers={"X-Twilio-Signature": signature}).text
        said = list(ET.fromstring(document).iter("Say"))
        assert {(one.get("voice"), one.get("language")) for one in said} <= {
            ("Polly.Lupe", "es-US")
        }
        words = " ".join(one.text or "" for one in said)
        assert not PERSONAL.search(words)
        return words

    return ask


@pytest.mark.usefixtures("database")
def test_whisper_menu_and_announcements_are_spoken_in_the_advisors_language() -> None:
    with transaction() as session:
        attempt = a_call_to_spanish_screens(session)
        ask = asking(attempt.id, people.advisor_call(attempt))
        news = (LegStatus.IN_PROGRESS, LegStatus.COMPLETED)
        lead_answers, lead_leaves = (people.of_lead(attempt, status) for status in news)
    assert ask("offer") == (
        "Llamada pendiente. Es para la propia persona. Si contesta una máquina, no deje mensaje. "
        "Marque 1 para conectarse o 2 para pasar."
    )
    assert ask("accept", "1") == ""
    with transaction() as session:
        progress.apply_leg_report(session, lead_answers, now=NOW)
    ask("ended")  # star
    assert ask("menu") == (
        "La persona está en espera. Para conectar a todos, marque 1. "
        "Para agregar a un colega, marque 2. Para pedir ayuda a un supervisor, marque 3. "
        "Para terminar la llamada, marque 9."
    )
    assert ask("menu/key", "7").startswith("Esa tecla no es una opción. La persona")
    assert ask("menu/key", "3") == "Los supervisores ven que usted necesita ayuda."
    assert ask("back") == "Nadie más se unió. La persona está otra vez con usted."
    assert ask("sorry") == "No se pudo conectar esta llamada. Volvió a la fila."
    with transaction() as session:
        progress.apply_leg_report(session, lead_leaves, now=NOW)
    assert ask("menu/key").startswith("Marque 1 si recibió ayuda, 2 si la refirió")
    assert ask("wrap-up", "1") == "Gracias. El resultado quedó registrado."


def test_each_of_us_on_a_call_hears_their_own_language(session: Session) -> None:
    attempt = a_call_to_spanish_screens(session)
    people.placed(session, attempt)
    colleague, supervisor = people.an_advisor(session), people.a_supervisor(session)
    colleague.language, supervisor.languages = "en", ["es"]
    legs = [
        CallLeg(attempt_id=attempt.id, party=party, advisor_id=who, phone=f"+1315556{nth:04}")
        for nth, (party, who) in enumerate(
            (
                (Party.COLLEAGUE, colleague.id),
                (Party.SUPERVISOR, supervisor.id),
                (Party.INTERPRETER, None),
            )
        )
    ]
    session.add_all(legs)
    session.flush()
    heard = [find_call_language(session, attempt.id, "", leg_id=leg.id) for leg in legs]
    assert heard == ["en", "es", "es"]
    advisors_own = people.advisor_call(attempt)
    for call_id in (advisors_own, "CA-second-ring", ""):
        assert find_call_language(session, attempt.id, call_id) == "es"
    assert find_call_language(session, "no-attempt", advisors_own) == "en"


def test_who_gave_the_call_away_still_hears_their_own_language(session: Session) -> None:
    attempt = people.a_live_call(session, "bridged")
    mine = people.advisor_call(attempt)
    giver, taker = people.advisor_of(session, attempt), people.an_advisor(session)
    giver.language = "es"
    leg = CallLeg(attempt_id=attempt.id, party=Party.COLLEAGUE, advisor_id=taker.id, phone="+1")
    leg.joined_at, leg.status, leg.provider_call_id = NOW, LegStatus.IN_PROGRESS, "CA-taker"
    session.add(leg)
    session.flush()
    parties.hand_over(session, attempt, giver, leg, now=NOW)
    assert find_call_language(session, attempt.id, mine) == "es"
    assert find_call_language(session, attempt.id, "CA-taker") == "en"


@pytest.mark.parametrize(
    ("chosen", "speaks", "language"),
    [
        ("", [], "en"),
        ("es", [], "es"),
        ("en", ["es"], "en"),
        ("", ["es"], "es"),
        ("", ["es", "en"], "en"),
        ("", ["vi"], "en"),
    ],
)
def test_who_chose_no_language_is_spoken_to_in_one_that_they_speak(
    chosen: str, speaks: list[str], language: str
) -> None:
    advisor = Advisor(name="A", email="a@example.org", language=chosen, languages=speaks)
    assert language_of_advisor(advisor) == language
