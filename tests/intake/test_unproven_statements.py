"""Whoever has not proven who they are makes us more careful, and never less."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from leads.contact_rules import gate
from leads.contact_rules.contact_history import ContactHistory, load_contact_history
from leads.contact_rules.gate_rules import ContactChannel
from leads.contact_rules.lead_wishes import LeadWishes
from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.intake.admission_plan import WISHES
from leads.models.calls import Callback, Hold
from leads.models.dispositions import Disposition
from leads.models.helplines import Source
from leads.models.requests import AlsoSaid, Lead
from tests.conftest import NOW
from tests.support.people import a_lead
from tests.support.sent_forms import NIGHT, NUMBER, send, the

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW_YORK, NOON, FIVE_IN_THE_AFTERNOON = ZoneInfo("America/New_York"), 12, 17
MORNING = NOW.replace(hour=14)  # nine in New York
YES_NO = st.sampled_from([None, True, False])
FORMS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["", "Mary", "Mary Lee", "M. Lee", "John", "mary"]),
        "safe_to_call": YES_NO,
        "safe_to_voicemail": YES_NO,
        "safe_to_text": YES_NO,
        "consent": YES_NO,
        "any_hour": YES_NO,
        "zip": st.sampled_from(["", "13202", "96813", "90012", "60601"]),
        "region": st.sampled_from(["", "HI", "NY", "Florida"]),
        "best_time": st.sampled_from(["", "evening", "morning"]),
        "message": st.sampled_from(["", "Please call.", "I took an overdose"]),
        "call_status": st.sampled_from(["enabled", "OUT", "disabled", "in doubt"]),
        "about": st.sampled_from(["me", "him"]),
        "door": st.sampled_from([0, 1]),
    },
)
_numbers = itertools.count(1)


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(forms=st.lists(FORMS, min_size=2, max_size=6))
def test_no_sequence_of_forms_loosens_what_protects_somebody(
    source: int, forms: list[dict[str, Any]]
) -> None:
    number, doors = f"+1315555{next(_numbers):04d}", (source, _another_helpline())
    before: Mapping[str, Any] = {}
    for minute, form in enumerate(forms):
        door = doors[form.get("door", 0)]
        said = {key: value for key, value in form.items() if value is not None and key != "door"}
        send(door, at=NIGHT + minute * timedelta(minutes=1), **said | {"phone": number})
        with reader() as session:
            after = _protection_of(session, number)
        for name, protection in before.items():
            assert after[name] <= protection, f"{name} was loosened by form {minute}"
        before = after


@pytest.mark.parametrize(
    ("first", "later", "kept"),
    [
        ("", "not before 5pm", "not before 5pm"),
        ("any", "not before 5pm", "not before 5pm"),
        ("after 3:30 pm", "not before 5pm", "not before 5pm"),
        ("not before 5pm", "after 3:30 pm", "not before 5pm"),
        ("evening", "morning", "evening"),
        ("evening", "any", "evening"),
        ("evening", "tomorrow evening", "evening"),
        ("evening", "when he is out", "evening"),
    ],
)
def test_a_later_best_time_counts_where_it_is_stricter(
    source: int, first: str, later: str, kept: str
) -> None:
    send(source, name="Mary", best_time=first)
    send(source, best_time=later, at=NOW + HOUR / 6)
    lead, callback = the(Lead), the(Callback)
    assert lead.best_time == kept
    assert callback.due_at.astimezone(NEW_YORK).hour == FIVE_IN_THE_AFTERNOON


@pytest.mark.parametrize(
    ("said", "is_held"),
    [
        ({"best_time": "after 9pm"}, True),
        ({"best_time": "at 3am"}, True),
        ({"best_time": "after 9pm", "any_hour": True}, False),
        ({"best_time": "after 8pm"}, False),
        ({"best_time": "after 8pm", "region": "FL"}, True),
        ({"best_time": "Sundays", "region": "Alabama"}, True),
        ({"best_time": "Sundays", "region": "Georgia"}, False),
    ],
)
def test_a_wish_for_a_time_at_which_nobody_may_call_is_for_a_person(
    source: int, said: dict[str, Any], *, is_held: bool
) -> None:
    send(source, name="Mary", **said)
    assert the(Callback).is_held is is_held
    if is_held:
        assert f"best_time: {said['best_time']}" in the(Hold).values["answer"]


@pytest.mark.parametrize("name", ["Mary", ""])
def test_an_email_address_is_only_also_said_by_whoever_asks_later(source: int, name: str) -> None:
    send(source, name="Mary", safe_to_call=False)  # and so they are answered in writing
    send(source, name=name, email="him@example.org", at=NOW + HOUR)
    assert the(Lead).email == ""
    assert (the(AlsoSaid).fact, the(AlsoSaid).value) == ("email", "him@example.org")


def test_whoever_only_called_says_in_a_first_form_where_to_write(source: int) -> None:
    with transaction() as session:
        a_lead(session, NUMBER, name="")
    send(source, name="Mary", email="mary@example.org")
    assert the(Lead).email == "mary@example.org"


def test_asking_again_brings_no_call_at_a_time_that_was_not_wished(source: int) -> None:
    send(source, name="Mary", best_time="morning", at=MORNING)
    with transaction() as session:
        the_next_try = session.get_one(Callback, the(Callback).id)
        the_next_try.due_at = MORNING + DAY
    send(source, at=MORNING + 5 * HOUR)
    assert the(Callback).due_at.astimezone(NEW_YORK).hour < NOON
    send(source, at=MORNING + HOUR + DAY)
    assert the(Callback).due_at <= MORNING + HOUR + DAY


def test_asking_again_leaves_the_time_that_was_agreed_with_an_advisor(source: int) -> None:
    send(source, name="Mary")
    with transaction() as session:
        agreed = session.get_one(Callback, the(Callback).id)
        agreed.due_at, agreed.disposition = NOW + DAY, Disposition.CALL_AGAIN
    send(source, at=NOW + HOUR)
    callback = the(Callback)
    assert (callback.due_at, callback.asked_again) == (NOW + DAY, 1)


def _protection_of(session: Session, number: str) -> dict[str, Any]:
    """Return what may be done with a number, in sets and truths that must only shrink."""
    leads = session.exec(select(Lead).where(Lead.phone == number)).all()
    history = load_contact_history(session, number, now=NOW)
    is_allowed: dict[str, Any] = {
        "consent": not history.refused,
        "call": not history.unsafe,
        **{
            f"{lead.id} {wish}": getattr(lead, wish) is not False
            for lead in leads
            for wish in WISHES
        },
        **{
            f"{lead.id} {wish} said": getattr(lead, wish) is True
            for lead in leads
            for wish in WISHES
            if wish != "safe_to_call"
        },
    }
    theirs = select(Callback).where(col(Callback.lead_id).in_([lead.id for lead in leads]))
    callbacks = session.exec(theirs).all()
    for callback in callbacks:
        is_allowed[f"callback {callback.id} is free"] = not callback.is_held
        lead = session.get_one(Lead, callback.lead_id)
        is_allowed[f"callback {callback.id} hours"] = _open_hours(callback, lead, history)
    hours = [is_allowed[f"callback {callback.id} hours"] for callback in callbacks]
    return is_allowed | ({"hours of the phone": set().union(*hours)} if hours else {})


def _open_hours(callback: Callback, lead: Lead, history: ContactHistory) -> set[int]:
    """Return the hours of a day at which the gate lets a callback be rung."""
    wishes = LeadWishes.of_lead(lead, any_hour=callback.any_hour)
    return {
        hour
        for hour in range(24)
        if gate.decide_by_history(
            history, ContactChannel.CALL, wishes, now=NOW + hour * HOUR
        ).allowed
    }


def _another_helpline() -> int:
    with transaction() as session:
        known = session.exec(select(Source).where(Source.name == "Other")).first()
        if known:
            return known.id
        brands_and_sources.add_brand(session, "Other line", operator="Harbor Line", now=NOW)
        return brands_and_sources.add_source(session, "Other", brand_name="Other line", now=NOW).id
