"""Somebody in danger, at the desk and at the board, in Chromium."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.free_text.danger import DangerKind
from leads.helplines import call_presets
from leads.incidents import course
from leads.incidents.protocol import load_protocol
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.dispositions import Disposition
from leads.models.enums import AdvisorRole, Party
from leads.models.helplines import Brand, BrandDisposition, EmergencyNumber
from leads.models.incident_words import IncidentOutcome, IncidentStepKind
from leads.models.incidents import Incident, IncidentStep
from tests.support.chromium import (
    choose,
    come_in,
    opened_session,
    press_key,
    problems_of,
    settled,
    sign_in,
)
from tests.support.people import HOUR, MINUTE, a_callback
from tests.support.played_calls import clock, lead_in_call
from tests.support.running_desk import Desk, eventually
from tests.support.twilio_double import Call, TwilioDouble

MESSAGE = "It has been hard lately, and we do not know what would help us most. " * 9
LanguagePair = tuple[str, str]  # what is said in Spanish, and in English
NOTHING: LanguagePair = ("", "")
FORM = {"name": "Jordan Reyes-Montgomery", "phone": "(315) 555-0142", "any_hour": "yes"}
TALLEST_BAR_OF_PHONE = 106  # pixels
LOOKS: dict[str, Any] = {"Español": "dark", "English": "light"}
SCROLLING = """() => [...document.querySelectorAll("[data-testid=stMain], .stColumn")]
  .filter((one) => one.querySelector("[class*=st-key-desk-]"))
  .filter((one) => one.scrollHeight > one.clientHeight)
  .map((one) => one.textContent.slice(0, 40))"""

# By these keys, with the ids of what they are about, typed words find their fields again.
OWNERS = r"""(all) => all.length && all.every((one) =>
  /\bst-key-\S+-\d+\b/.test(one.closest("[class*=st-key-]").className))"""


def be_connected(desk: Desk, twilio: TwilioDouble, webhook: str) -> Call:
    """Somebody who asks twice, at length, is on the phone."""
    assert desk.http.post(webhook, json={**FORM, "message": MESSAGE}).status_code == 200
    call = twilio.wait_for_call()
    assert desk.http.post(webhook, json={**FORM, "message": f"Again: {MESSAGE}"}).status_code == 200
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    return lead_in_call(twilio, call)


def add_to_helpline() -> None:
    """Whatever makes a desk long: outcomes of its own, an interpreter, an alert above it."""
    now = clock()
    with transaction() as session:
        brand = session.exec(select(Brand).where(Brand.name == "Harbor Line")).one()
        county = {"county": "Onondaga", "state": "NY", "name": "911 Center"}
        session.add(EmergencyNumber(brand_id=brand.id, phone="+13154357911", **county))
        for english in ("Bed found", "Booked for an assessment", "Sent to a clinic"):
            own = {"english": english, "disposition": Disposition.REFERRED, "created_at": now}
            session.add(BrandDisposition(brand_id=brand.id, **own))
        line = {"name": "Language line", "language": "Spanish", "number": "+13155550155"}
        boss = session.exec(select(Advisor)).one()
        call_presets.add_preset(session, brand.id, boss, Party.INTERPRETER, **line, now=now)
        at = dict.fromkeys(("received_at", "promised_at", "due_at"), now - 9 * MINUTE)
        a_callback(session, **at, hold="Look first.")


def all_is_in_sight(
    page: Page, *words: str, chosen: LanguagePair = NOTHING, kinds: LanguagePair = NOTHING
) -> None:
    """Neither the page nor a column scrolls, in both languages; ends in the first of them."""
    for language, word, choice, kind in zip(LOOKS, words, chosen, kinds, strict=True):
        read_in(page, language, word)
        if choice:
            page.get_by_text(choice, exact=True).click()
        if kind:
            expect(page.get_by_role("combobox", name=re.compile("danger|peligro"))).to_have_value(
                kind
            )
        fits(page)


def read_in(page: Page, language: str, word: str) -> None:
    """One language by day, the other one by night."""
    eventually(lambda: settled(page), "it is never still")
    page.get_by_role("button", name=language, exact=True).click()
    page.emulate_media(color_scheme=LOOKS[language])
    expect(page.get_by_text(word).first).to_be_visible()


def fits(page: Page) -> None:
    for width in (1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        eventually(lambda: page.evaluate(SCROLLING) == [], f"it scrolls at {width}")


def another_danger_fits(page: Page, kind: DangerKind) -> None:
    """Of violence the desk has a warning to say as well."""
    with transaction() as session:
        incident, boss = (session.exec(select(one)).one() for one in (Incident, Advisor))
        course.name_kind(session, incident, kind, boss, now=clock())
    expect(page.get_by_text(load_protocol().first_words[kind]["en"])).to_be_visible()
    fits(page)


def the_danger_is_in_sight(page: Page) -> None:
    """What was chosen is said in each language, and what is being typed outlives both switches."""
    heard = page.get_by_label("What you heard")
    heard.fill("He is breathing")
    assert page.locator("[data-testid=stMain] input[type=text]:not([role])").evaluate_all(OWNERS)
    kinds = ("Vida en peligro ahora", "Life in danger now")
    all_is_in_sight(page, "Diga primero", "Say first", kinds=kinds)
    expect(heard).to_have_value("He is breathing")


def opens_by_a_key(page: Page) -> None:
    """What a column has no room for opens over what stands beside it."""
    earlier = page.get_by_test_id("stText").filter(has_text=re.compile("^It has been hard"))
    page.get_by_role("heading", name="Jordan Reyes-Montgomery").click()  # out of the fields
    press_key(page, "e", "Leer todo")
    expect(earlier).to_be_in_viewport()
    page.keyboard.press("e")
    expect(earlier).not_to_be_in_viewport()


def opens_an_incident_by_a_key(page: Page) -> None:
    press_key(page, "d", "Peligro")
    expect(page.get_by_text("I am staying on the line with you.")).to_be_visible()
    expect(page.get_by_text("Me quedo con usted en la línea.")).to_be_visible()
    another_danger_fits(page, DangerKind.HARM)
    read_in(page, "English", "1-800-799-7233")


def bring_in_an_interpreter(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"\bAdd\b")).click()
    page.get_by_role("button", name="Language line").click()
    expect(page.get_by_text("· interpreter")).to_be_visible()
    page.keyboard.press("Escape")


def fits_after_the_call(page: Page, twilio: TwilioDouble, lead: Call) -> None:
    """What to say makes room for what came of it; on a phone the bar is a strip."""
    twilio.leaves(lead)
    twilio.moves(lead, "completed")
    again = ("Volver a llamar más tarde", "Call again later")
    all_is_in_sight(page, "Cierre", "Wrap-up", chosen=again)
    expect(page.get_by_text("Call again on")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    bar = page.locator(".st-key-desk-bar")
    eventually(lambda: bar.bounding_box()["height"] <= TALLEST_BAR_OF_PHONE, "the bar is tall")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_advisor_opens_an_incident_by_a_key_and_a_supervisor_sees_to_them(
    desk: Desk, twilio: TwilioDouble, page: Page
) -> None:
    webhook = desk.opens(advisors=0)
    page.set_viewport_size({"width": 1440, "height": 900})
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    add_to_helpline()
    page.get_by_role("button", name="I am available").click()
    expect(page.get_by_text("Available: your phone rings")).to_be_visible()
    lead = be_connected(desk, twilio, webhook)
    expect(page.get_by_role("button", name="I need a supervisor now")).to_be_visible()
    bring_in_an_interpreter(page)
    fits(page)
    read_in(page, "Español", "en espera")
    fits(page)

    opens_by_a_key(page)

    # They say it on the phone: one key, and what to say and ask stands there in both languages.
    opens_an_incident_by_a_key(page)
    choose(page, "Type of danger", "Life in danger now")
    expect(page.get_by_text("Are they awake?")).to_be_visible()
    page.get_by_role("button", name="Asked about naloxone").click()
    page.get_by_label("What you heard").fill("412 Elm Street")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Note: 412 Elm Street")).to_be_visible()
    the_danger_is_in_sight(page)
    expect(page.get_by_role("textbox", name="Notes")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("SAMHSA, free and confidential")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="County emergency numbers").press("Enter")
    choose(page, "Emergency services of their county", "Onondaga, NY · 911 Center")
    expect(page.get_by_text("(315) 435-7911")).to_be_visible()
    page.keyboard.press("Escape")
    press_key(page, "s", "I need a supervisor now")
    expect(page.get_by_text("You asked for a supervisor")).to_be_visible()
    assert problems_of(page) == []

    # Supervisors see it at once, above the list, with the advisor's name.
    page.goto(f"{desk.url}/work")
    expect(page.get_by_text("Asks for help")).to_be_visible()
    page.get_by_role("button", name="Mark as handled").click()
    expect(page.get_by_text("Asks for help")).to_have_count(0)
    with reader() as session:
        assert session.exec(select(CallAttempt.help_wanted_at)).one() is None

    # What came of it, and who looks after them again.
    page.get_by_role("button", name="Open incident: record its outcome.").click()
    choose(page, "Outcome of the incident", "Someone with them called 911")
    page.get_by_role("button", name="Close the incident").click()
    expect(page.get_by_text("Follow up by")).to_be_visible()
    assert problems_of(page) == []
    with reader() as session:
        outcome = session.exec(select(Incident.outcome)).one()
        steps = session.exec(select(IncidentStep.step).order_by(col(IncidentStep.id))).all()
    assert outcome == IncidentOutcome.EMERGENCY_BY_COMPANION
    assert list(steps) == [
        IncidentStepKind.ASKED_NALOXONE,
        IncidentStepKind.NOTED,
        IncidentStepKind.ASKED_SUPERVISOR,
        IncidentStepKind.HELP_SETTLED,
    ]
    assert page.foreign == []

    page.goto(desk.url)
    fits_after_the_call(page, twilio, lead)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_words_about_one_person_stand_in_no_field_of_another_in_another_language(
    desk: Desk, page: Page
) -> None:
    desk.opens(advisors=0)
    secret = opened_session("Advisor 1", 1, AdvisorRole.SUPERVISOR)[1]
    earlier, later = late_follow_up(), late_follow_up()
    come_in(page, desk, secret, at="incidents")
    page.locator(f".st-key-incident-{earlier}").get_by_role("textbox").fill("Home with a sister")

    def another_is_followed_up(route: Route) -> None:
        with transaction() as session:
            incident, boss = session.get_one(Incident, later), session.exec(select(Advisor)).one()
            course.record_follow_up(session, incident, boss, note="Sleeping", now=clock())
        route.continue_()

    page.route("**/api/language", another_is_followed_up)
    page.get_by_role("button", name="Español").click()
    words = page.get_by_label("¿Cómo está la persona?")
    expect(words).to_have_count(1)
    expect(words).to_have_value("Home with a sister")


def late_follow_up() -> int:
    """Return the incident of somebody after whom nobody has looked again in time."""
    now = clock()
    with transaction() as session:
        boss, before = session.exec(select(Advisor)).one(), now - HOUR
        callback = a_callback(session, received_at=before, promised_at=before, due_at=before)
        incident = course.open_incident(session, callback, DangerKind.SELF, by="test", now=before)
        outcome = IncidentOutcome.EMERGENCY_BY_COMPANION
        course.close_incident(
            session, incident, outcome, boss, follow_up_due=now - MINUTE, now=before
        )
        return incident.id
