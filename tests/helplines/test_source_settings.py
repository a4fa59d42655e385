"""A supervisor pauses, maps and tests a source and replaces its secrets, and leaves a trace."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from leads.database.transactions import reader, transaction, write_deferred_inserts
from leads.errors import BadConfiguration, NotAllowed
from leads.helplines import brands_and_sources, source_deliveries, source_settings
from leads.intake import processing
from leads.models.advisors import Advisor
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support.people import a_supervisor, an_advisor


@pytest.fixture
def source(session: Session) -> Source:
    return brands_and_sources.add_source(session, "Site", now=NOW)


@pytest.fixture
def sam(session: Session) -> Advisor:
    return a_supervisor(session)


def test_a_secret_is_replaced_without_a_gap(session: Session, source: Source, sam: Advisor) -> None:
    source_settings.add_source_secret(session, source, " the old one ", sam, now=NOW)
    source_settings.add_source_secret(session, source, "the new one", sam, now=NOW)
    assert source.secrets == ["the old one", "the new one"]
    source_settings.remove_source_secret(session, source, 0, sam, now=NOW)
    assert source.secrets == ["the new one"]
    [door] = source_settings.list_source_details(session, a_supervisor(session))
    assert door.secrets == ("… one",)


def test_what_cannot_be_a_secret_is_refused(session: Session, source: Source, sam: Advisor) -> None:
    with pytest.raises(BadConfiguration, match="empty"):
        source_settings.add_source_secret(session, source, "  ", sam, now=NOW)
    for number in range(source_settings.MOST_SECRETS):
        source_settings.add_source_secret(session, source, f"secret {number}", sam, now=NOW)
    with pytest.raises(BadConfiguration, match="already 4 secrets"):
        source_settings.add_source_secret(session, source, "one more", sam, now=NOW)


@pytest.mark.parametrize("kind", ["standard_webhooks", "generic"])
def test_a_source_with_a_secret_keeps_the_last_one(
    session: Session, sam: Advisor, kind: str
) -> None:
    signed = brands_and_sources.add_source(
        session, "Partner", kind=kind, signing_secrets=("a",), now=NOW
    )
    with pytest.raises(BadConfiguration, match="its only secret"):
        source_settings.remove_source_secret(session, signed, 0, sam, now=NOW)


def test_a_field_is_one_thing_at_a_time(session: Session, source: Source, sam: Advisor) -> None:
    source_settings.map_form_field(session, source, "name", "q7", sam, now=NOW)
    source_settings.map_form_field(session, source, "phone", "q7", sam, now=NOW)
    assert source.mapping == {"phone": "q7"}
    source_settings.map_form_field(session, source, "phone", "q9", sam, now=NOW)
    assert source.mapping == {"phone": "q9"}
    source_settings.map_form_field(session, source, "phone", "", sam, now=NOW)
    assert source.mapping == {}
    with pytest.raises(BadConfiguration, match="Choose one of"):
        source_settings.map_form_field(session, source, "colour", "q9", sam, now=NOW)


def test_a_new_address_closes_the_old_one(session: Session, source: Source, sam: Advisor) -> None:
    before = source.token
    source_settings.renew_webhook_address(session, source, sam, now=NOW)
    assert source.token != before
    assert len(source.token) == len(before)


def test_only_a_supervisor_changes_a_source(session: Session, source: Source) -> None:
    ana = an_advisor(session)
    verbs = (
        lambda: source_settings.add_source_secret(session, source, "x", ana, now=NOW),
        lambda: source_settings.remove_source_secret(session, source, 0, ana, now=NOW),
        lambda: source_settings.renew_webhook_address(session, source, ana, now=NOW),
        lambda: source_settings.pause_source(session, source, ana, now=NOW),
        lambda: source_settings.resume_source(session, source, ana, now=NOW),
        lambda: source_settings.map_form_field(session, source, "phone", "x", ana, now=NOW),
        lambda: source_settings.change_source_kind(session, source, "jotform", ana, now=NOW),
    )
    for verb in verbs:
        with pytest.raises(NotAllowed, match="Only a supervisor"):
            verb()


def test_every_change_leaves_a_trace_and_no_secret_in_it(
    session: Session, source: Source, sam: Advisor
) -> None:
    source_settings.add_source_secret(session, source, "the new one", sam, now=NOW)
    source_settings.map_form_field(session, source, "phone", "q7", sam, now=NOW)
    source_settings.pause_source(session, source, sam, now=NOW)
    write_deferred_inserts(session)
    traces = session.exec(
        select(Transition).where(Transition.record == "source").order_by(col(Transition.id))
    ).all()
    assert [(trace.event, trace.actor) for trace in traces] == [
        (event, f"advisor:{sam.id}") for event in ("add_secret", "map", "pause")
    ]
    assert [trace.changes for trace in traces] == [{}, {"mapping": {"phone": "q7"}}, {}]


def test_a_source_is_renamed_and_means_another_country_with_a_trace(
    session: Session, source: Source, sam: Advisor
) -> None:
    source_settings.rename_source(session, source, "  Our   website ", sam, now=NOW)
    source_settings.rename_source(
        session, source, "our website", sam, now=NOW
    )  # it may be its own twin
    source_settings.change_source_region(session, source, " mx ", sam, now=NOW)
    assert (source.name, source.region) == ("our website", "MX")
    with pytest.raises(BadConfiguration, match="no country XX"):
        source_settings.change_source_region(session, source, "xx", sam, now=NOW)
    with pytest.raises(BadConfiguration, match="no form tool fax"):
        source_settings.change_source_kind(session, source, "fax", sam, now=NOW)
    write_deferred_inserts(session)
    traces = session.exec(
        select(Transition).where(Transition.record == "source").order_by(col(Transition.id))
    ).all()
    assert [(trace.event, trace.changes) for trace in traces] == [
        ("rename", {"name": "Our website"}),
        ("rename", {"name": "our website"}),
        ("change_region", {"region": "MX"}),
    ]


def test_two_of_a_helpline_cannot_have_one_name(
    session: Session, source: Source, sam: Advisor
) -> None:
    other = brands_and_sources.add_source(session, "Partner", now=NOW)
    with pytest.raises(BadConfiguration, match="already has a source Site"):
        source_settings.add_source_as_supervisor(session, sam, " SITE ", now=NOW)
    with pytest.raises(BadConfiguration, match="already has a source Site"):
        source_settings.rename_source(session, other, "site", sam, now=NOW)
    with pytest.raises(BadConfiguration, match="Enter a name for the source"):
        source_settings.rename_source(session, source, " ", sam, now=NOW)
    with pytest.raises(BadConfiguration, match="There is already a helpline Helpline"):
        brands_and_sources.add_brand(session, "HELPLINE", now=NOW)
    with pytest.raises(BadConfiguration, match="Enter the name of the helpline"):
        brands_and_sources.add_brand(session, "", now=NOW)
    brands_and_sources.add_brand(session, "Harbor Line", now=NOW)
    assert (
        brands_and_sources.add_source(session, "Site", brand_name="Harbor Line", now=NOW).name
        == "Site"
    )


# where it is
def test_a_paused_source_takes_what_comes_and_rings_nobody(database: str) -> None:
    with transaction() as session:
        source = brands_and_sources.add_source(session, "Site", now=NOW)
        sam = a_supervisor(session)
        source_settings.pause_source(session, source, sam, now=NOW)
        source_id = source.id
        session.add(
            Submission(
                source_id=source_id, received_at=NOW, content_type="application/json",
                body_sha256="x",
                body=b'{"phone": "3155550142"}',
            )
        )  # fmt: skip
    processing.process_received_submissions(now=lambda: NOW)
    with reader() as session:
        [delivery] = source_deliveries.read_latest_deliveries(session, source_id, sam)
    assert (delivery.state, delivery.reason) == ("needs_review", "Its source is paused.")
    assert delivery.reading["phone"] == "+13155550142"
