"""Somebody in danger, at the desk and at the board, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.models.calls import CallAttempt
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand, EmergencyNumber
from leads.models.incident_words import IncidentOutcome, IncidentStepKind
from leads.models.incidents import Incident, IncidentStep
from tests.support.chromium import choose, problems_of, sign_in
from tests.support.running_desk import Desk
from tests.support.twilio_double import TwilioDouble

FORM = {"name": "Jordan", "phone": "(315) 555-0142", "any_hour": "yes", "message": "Please call."}


def be_connected(twilio: TwilioDouble) -> None:
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    for status in ("initiated", "ringing", "in-progress"):
        twilio.moves(lead, status)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_advisor_opens_an_incident_by_a_key_and_a_supervisor_sees_to_them(
    desk: Desk, twilio: TwilioDouble, page: Page
) -> None:
    webhook = desk.opens(advisors=0)
    with transaction() as session:
        brand = session.exec(select(Brand).where(Brand.name == "Harbor Line")).one()
        county = {"county": "Onondaga", "state": "NY", "name": "911 Center"}
        session.add(EmergencyNumber(brand_id=brand.id, phone="+13154357911", **county))
    page.set_viewport_size({"width": 1440, "height": 900})
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    page.get_by_role("button", name="I am available").click()
    expect(page.get_by_text("Available: your phone rings")).to_be_visible()
    assert desk.http.post(webhook, json=FORM).status_code == 200
    be_connected(twilio)

    # They say it on the phone: one key, and what to say and ask stands there in both languages.
    expect(page.get_by_role("button", name="I need a supervisor now")).to_be_visible()
    page.keyboard.press("d")
    expect(page.get_by_text("I am staying on the line with you.")).to_be_visible()
    expect(page.get_by_text("Me quedo con usted en la línea.")).to_be_visible()
    notes = page.get_by_role("textbox", name="Notes")
    expect(notes).to_be_in_viewport(ratio=1)  # beside what to say and ask
    crisis_line = page.get_by_text("SAMHSA, free and confidential")
    for width in (1440, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        expect(crisis_line).to_be_in_viewport(ratio=1)  # the page fits; its columns scroll
    choose(page, "Type of danger", "Life in danger now")
    page.get_by_role("button", name="Asked about naloxone").click()
    page.get_by_label("What you heard").fill("412 Elm Street")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Note: 412 Elm Street")).to_be_visible()
    choose(page, "Emergency services of their county", "Onondaga, NY · 911 Center")
    expect(page.get_by_text("(315) 435-7911")).to_be_visible()
    page.get_by_role("heading", name="My desk").click()  # out of the field, where a key is a letter
    page.keyboard.press("s")
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
