"""Which numbers a helpline calls by rule, which a person decides about, and which nobody calls."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from leads.contact_rules import confirmed_numbers, gate
from leads.contact_rules.gate_rules import ContactChannel, RefusalReason
from leads.contact_rules.number_policy import (
    NumberKind,
    NumberPolicy,
    find_policy_objection,
    traits_of_number,
)
from leads.i18n.messages import MessageKey, message_key_of
from leads.i18n.translatable import translate
from leads.models.calls import Callback
from leads.models.helplines import Brand
from leads.models.requests import Lead
from tests.conftest import NOW
from tests.support.people import a_callback, a_lead, an_advisor
from tests.support.twilio_double import CALLER_ID

AT_HOME = NumberPolicy(("US",))
JAMAICA = "+18762345678"
CALLED, DECIDED, NEVER = None, True, False


@pytest.mark.parametrize(
    ("number", "kind", "country", "may_be_confirmed"),
    [
        ("+13155550142", NumberKind.FIXED_OR_MOBILE, "US", CALLED),
        ("+17872345678", NumberKind.FIXED_OR_MOBILE, "PR", CALLED),
        ("+13406421234", NumberKind.FIXED_OR_MOBILE, "VI", CALLED),
        ("+16712345678", NumberKind.FIXED_OR_MOBILE, "GU", CALLED),
        ("+16846331234", NumberKind.FIXED, "AS", CALLED),
        ("+16702345678", NumberKind.FIXED_OR_MOBILE, "MP", CALLED),
        ("+18092345678", NumberKind.FIXED_OR_MOBILE, "DO", DECIDED),
        ("+18292345678", NumberKind.FIXED_OR_MOBILE, "DO", DECIDED),
        (JAMAICA, NumberKind.MOBILE, "JM", DECIDED),
        ("+14416123456", NumberKind.FIXED, "BM", DECIDED),
        ("+14165550123", NumberKind.FIXED_OR_MOBILE, "CA", DECIDED),
        ("+252615123456", NumberKind.MOBILE, "SO", DECIDED),
        ("+37121234567", NumberKind.MOBILE, "LV", DECIDED),
        ("+24740123", NumberKind.MOBILE, "AC", DECIDED),
        ("+14365550123", NumberKind.FIXED_OR_MOBILE, "US", CALLED),  # newly in service, and listed
        ("+12115550123", NumberKind.UNKNOWN, "US", DECIDED),
        ("+881612345678", NumberKind.SATELLITE, "", NEVER),
        ("+870773123456", NumberKind.SATELLITE, "", NEVER),
        ("+883120000000", NumberKind.SATELLITE, "", NEVER),
        ("+447012345678", NumberKind.PERSONAL, "GB", NEVER),
        ("+15002345678", NumberKind.PERSONAL, "US", NEVER),
        ("+19002345678", NumberKind.PREMIUM, "US", NEVER),
        ("+12129761234", NumberKind.PREMIUM, "US", NEVER),  # pay-per-call, by its exchange
        ("+13155551212", NumberKind.PREMIUM, "US", NEVER),  # directory assistance
        ("+13159765551", NumberKind.PREMIUM, "US", NEVER),
        ("+19765550123", NumberKind.UNKNOWN, "US", DECIDED),
        ("+80812345678", NumberKind.SHARED_COST, "", NEVER),
        ("+438101234567", NumberKind.SHARED_COST, "AT", NEVER),
        ("+18005551234", NumberKind.TOLL_FREE, "US", NEVER),
    ],
)
def test_countries_and_kinds_decide_who_is_called_by_rule(
    number: str,
    kind: NumberKind,
    country: str,
    may_be_confirmed: bool | None,
) -> None:
    traits = traits_of_number(number)
    assert (traits.kind, traits.country) == (kind, country)
    objection = find_policy_objection(number, AT_HOME)
    assert (objection.may_be_confirmed if objection else None) == may_be_confirmed


def test_a_helpline_calls_the_countries_it_names_and_the_source_s_own_by_default() -> None:
    mexican, british = "+525512345678", "+442079460958"
    for countries, region, number, is_called in (
        ((), "US", mexican, False),
        ((), "MX", mexican, True),
        (("US", "MX"), "US", mexican, True),
        (("US",), "MX", mexican, False),
        ((), "GB", british, True),
        ((), "PR", "+13155550142", True),
    ):
        policy = NumberPolicy.of_helpline(countries, (), source_region=region)
        assert (find_policy_objection(number, policy) is None) is is_called


def test_kinds_that_a_helpline_does_not_call_wait_for_a_person() -> None:
    only_mobile = NumberPolicy(("GB",), (NumberKind.MOBILE,))
    assert find_policy_objection("+447400123456", only_mobile) is None
    objection = find_policy_objection("+442079460958", only_mobile)
    assert objection
    assert objection.may_be_confirmed
    assert objection.reason.startswith("It is a landline (United Kingdom)")


def test_a_toll_free_number_tells_no_place() -> None:
    assert find_policy_objection("+18005551234", AT_HOME, has_place=False)
    decided = find_policy_objection("+18005551234", AT_HOME, has_place=True)
    assert decided
    assert decided.may_be_confirmed


def test_the_reason_names_country_and_kind_in_the_readers_language() -> None:
    objection = find_policy_objection("+447400123456", AT_HOME)
    assert objection
    assert "(United Kingdom, a cell phone)" in objection.reason
    assert "(Reino Unido, un teléfono celular)" in translate("es", objection.reason)
    assert message_key_of(objection.reason) is MessageKey.NUMBER_ABROAD


def test_the_gate_lets_through_what_a_person_confirmed_and_nothing_that_nobody_calls(
    session: Session,
) -> None:
    abroad, satellite = a_lead(session, JAMAICA), a_lead(session, "+881612345678")
    for lead in (abroad, satellite):
        callback = a_callback(session, lead)
        assert RefusalReason.NUMBER_POLICY in _ask(session, lead, callback).reasons
        confirmed_numbers.confirm_number(session, lead.phone, by="advisor:1", now=NOW)
        confirmed_numbers.confirm_number(session, lead.phone, by="advisor:1", now=NOW)
    assert RefusalReason.NUMBER_POLICY not in _ask(session, abroad, callback).reasons
    decision = _ask(session, satellite, callback)
    assert RefusalReason.NUMBER_POLICY in decision.reasons
    assert decision.needs_person


def test_the_gate_goes_by_the_helpline_that_promised_the_call(session: Session) -> None:
    lead = a_lead(session, JAMAICA)
    callback = a_callback(session, lead)
    session.get_one(Brand, callback.brand_id).called_countries = ["US", "JM"]
    session.flush()
    assert RefusalReason.NUMBER_POLICY not in _ask(session, lead, callback).reasons


def test_our_own_numbers_are_never_called(session: Session, process_caller_id: str) -> None:
    for phone in (CALLER_ID, an_advisor(session).phone, process_caller_id):
        lead = a_lead(session, phone)
        callback = a_callback(session, lead)
        confirmed_numbers.confirm_number(session, phone, by="advisor:1", now=NOW)
        assert _ask(session, lead, callback).reasons == (RefusalReason.NUMBER_POLICY,)


def _ask(session: Session, lead: Lead, callback: Callback) -> gate.Decision:
    return gate.may_contact(
        session, lead.phone, ContactChannel.CALL, lead=lead, callback=callback, now=NOW
    )
