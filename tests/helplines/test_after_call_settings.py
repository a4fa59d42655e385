"""A helpline's wrap-up time, its own outcomes, and the words for a machine."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from leads.callbacks import completion, own_dispositions
from leads.errors import BadConfiguration, NotAllowed, NotNow
from leads.helplines import after_call_settings, brands_and_sources
from leads.i18n.translatable import translate
from leads.models.advisors import Advisor
from leads.models.dispositions import Disposition
from leads.models.helplines import Brand, BrandDisposition
from leads.people import presence
from leads.reporting import own_disposition_counts
from leads.reporting.filters import EVERYBODY, ReportFilter
from tests.conftest import NOW
from tests.support import people
from tests.support.people import DAY, MINUTE


def test_the_wrap_up_at_a_desk_is_as_long_as_the_helpline_says(session: Session) -> None:
    set_wrap_up(session, minutes=3)
    attempt = people.a_call(session)
    advisor = people.advisor_of(session, attempt)
    presence.set_advisor_available(session, advisor, now=NOW)
    people.accept_and_dial(session, attempt, now=NOW)
    for status in ("in-progress", "completed"):
        report = people.of_lead(attempt, people.LegStatus(status))
        people.progress.apply_leg_report(session, report, now=NOW)
    callback = people.callback_of(session, attempt)
    assert (callback.state, callback.lease_until) == ("wrap_up", NOW + 3 * MINUTE)


@pytest.mark.parametrize("minutes", [0, 61])
def test_a_wrap_up_takes_a_minute_to_an_hour(session: Session, minutes: int) -> None:
    with pytest.raises(BadConfiguration, match="1 to 60 minutes"):
        set_wrap_up(session, minutes=minutes)


@pytest.mark.parametrize(
    "words",
    [
        "This is Harbor Line.",
        "Call the HELPLINE back.",
        "It is about your treatment.",
        "Le llamo por su tratamiento.",
        "Somos la línea de ayuda.",
        "It is about your relapse.",
        "Hay una CRISIS.",
    ],
)
def test_the_words_for_a_machine_give_nothing_away(session: Session, words: str) -> None:
    with pytest.raises(BadConfiguration, match="others may listen"):
        set_wrap_up(session, words={"en": words})
    brand_id = set_wrap_up(session, words={"en": "Hi,  {name} here: {number}.", "es": " "})
    assert session.get_one(Brand, brand_id).voicemail_words == {"en": "Hi, {name} here: {number}."}


def test_a_helplines_name_is_found_as_a_word_of_its_own(session: Session) -> None:
    brand = session.get_one(Brand, people.a_source(session).brand_id)
    brand.name = "All"
    set_wrap_up(session, words={"en": "Please call {name} at {number}."})
    with pytest.raises(BadConfiguration, match="others may listen"):
        set_wrap_up(session, words={"en": "This is all, {name}."})


def test_own_outcomes_have_an_order_and_are_retired_and_restored(session: Session) -> None:
    brand_id, supervisor = people.a_source(session).brand_id, people.a_supervisor(session)
    first = add_own(session, supervisor, "Bed found", "Cama encontrada")
    second = add_own(session, supervisor, "", "Grupo", Disposition.HELPED)
    after_call_settings.move_own_disposition_up(session, second.id, supervisor, now=NOW)
    after_call_settings.move_own_disposition_up(session, second.id, supervisor, now=NOW)
    assert chosen(session, brand_id, "es") == ["Grupo", "Cama encontrada"]
    assert chosen(session, brand_id, "en") == ["Grupo", "Bed found"]
    after_call_settings.retire_own_disposition(session, second.id, supervisor, now=NOW)
    assert chosen(session, brand_id, "en") == ["Bed found"]
    [listed] = after_call_settings.list_after_call_settings(session, supervisor)
    assert [(row.label, row.is_retired) for row in listed.own_dispositions] == [
        ("Bed found", False),
        ("Grupo", True),
    ]
    after_call_settings.restore_own_disposition(session, second.id, supervisor, now=NOW)
    assert chosen(session, brand_id, "en") == ["Grupo", "Bed found"]
    for english, why in (("BED FOUND", "already"), (" ", "a name")):
        with pytest.raises(BadConfiguration, match=why):
            add_own(session, supervisor, english, "")
    with pytest.raises(NotAllowed):
        add_own(session, people.an_advisor(session), "Other", "")
    assert first.place > second.place


def test_a_renamed_outcome_is_the_same_one_with_another_name(session: Session) -> None:
    supervisor = people.a_supervisor(session)
    bed = add_own(session, supervisor, "Bed fuond", "Cama")
    callback = people.callback_of(session, people.a_conversation(session))
    advisor = people.advisor_of(session, callback)
    completion.dispose_callback(
        session, callback, advisor, Disposition.REFERRED, own_id=bed.id, now=NOW
    )

    def rename(english: str, spanish: str, by: Advisor = supervisor) -> None:
        after_call_settings.rename_own_disposition(
            session, bed.id, by, english=english, spanish=spanish, now=NOW
        )

    rename(" Bed  found ", "cama")
    assert (bed.english, bed.spanish) == ("Bed found", "cama")
    assert callback.own_disposition_id == bed.id
    assert own_dispositions.read_own_labels(session, [bed.id]) == {bed.id: "Bed found"}
    period = {"start": NOW - DAY, "end": NOW + DAY, "now": NOW}
    [one] = own_disposition_counts.count_own_dispositions(session, **period, only=EVERYBODY)
    assert (one.label, one.people) == ("Bed found", 1)
    # A name is one outcome's, of those that can be chosen.
    add_own(session, supervisor, "Group", "")
    for english, why in (("group", "already"), (" ", "a name")):
        with pytest.raises(BadConfiguration, match=why):
            rename(english, "")
    after_call_settings.retire_own_disposition(session, bed.id, supervisor, now=NOW)
    rename("Bed", "")
    add_own(session, supervisor, "Bed", "")
    with pytest.raises(BadConfiguration, match="already"):
        after_call_settings.restore_own_disposition(session, bed.id, supervisor, now=NOW)
    with pytest.raises(NotAllowed):
        rename("Other", "", people.an_advisor(session))


def test_an_own_outcome_counts_as_the_one_it_stands_under(session: Session) -> None:
    supervisor = people.a_supervisor(session)
    bed = add_own(session, supervisor, "Bed found", "")
    callback = people.callback_of(session, people.a_conversation(session))
    advisor = people.advisor_of(session, callback)
    elsewhere = brands_and_sources.add_brand(session, "Other Line", now=NOW)
    foreign = add_own(session, supervisor, "Bed found", "", brand_id=elsewhere.id)
    for disposition, own_id in (
        (Disposition.HELPED, bed.id),
        (Disposition.REFERRED, foreign.id),
        (Disposition.REFERRED, 999),
    ):
        with pytest.raises(NotNow, match="no longer in use"):
            completion.dispose_callback(
                session, callback, advisor, disposition, own_id=own_id, now=NOW
            )
    completion.dispose_callback(
        session, callback, advisor, Disposition.REFERRED, own_id=bed.id, now=NOW
    )
    assert (callback.disposition, callback.own_disposition_id) == ("referred", bed.id)
    after_call_settings.retire_own_disposition(session, bed.id, supervisor, now=NOW)
    period = {"start": NOW - DAY, "end": NOW + DAY, "now": NOW}
    [one] = own_disposition_counts.count_own_dispositions(session, **period, only=EVERYBODY)
    assert (one.helpline, one.disposition) == ("Harbor Line", "referred")
    assert (one.label, one.people) == ("Bed found", 1)
    # Nobody's referrals are counted by advisor.
    theirs = ReportFilter(advisor_id=advisor.id)
    assert own_disposition_counts.count_own_dispositions(session, **period, only=theirs) == []


def set_wrap_up(session: Session, minutes: int = 10, words: dict[str, str] | None = None) -> int:
    brand_id = people.a_source(session).brand_id
    after_call_settings.set_wrap_up(
        session,
        brand_id,
        people.a_supervisor(session),
        minutes=minutes,
        voicemail_words=words or {},
        now=NOW,
    )
    return brand_id


def add_own(
    session: Session,
    person: Advisor,
    english: str,
    spanish: str,
    under: Disposition = Disposition.REFERRED,
    *,
    brand_id: int = 0,
) -> BrandDisposition:
    return after_call_settings.add_own_disposition(
        session,
        brand_id or people.a_source(session).brand_id,
        person,
        disposition=under,
        english=english,
        spanish=spanish,
        now=NOW,
    )


def chosen(session: Session, brand_id: int, language: str) -> list[str]:
    listed = own_dispositions.list_own_dispositions(session, [brand_id])[brand_id]
    return [translate(language, one.label) for one in listed]
