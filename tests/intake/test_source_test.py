"""A source is tried with its tool's own example and a right proof.

Whatever comes of it, nobody is rung.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from leads.database.transactions import reader, transaction
from leads.errors import BadSignature, NotAllowed
from leads.forms import form_reading, signatures, vendor_examples
from leads.forms.signatures import InboundDelivery, verify_delivery
from leads.helplines import brands_and_sources, source_settings
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import translate
from leads.intake import source_test
from leads.intake.source_test import SourceTestResult
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.helplines import Source
from leads.models.requests import Consent, Lead, Submission
from leads.models.watching import Alert
from tests.conftest import NOW
from tests.support.form_senders import SECRET
from tests.support.people import a_supervisor, an_advisor

IS_FINE = Message(MessageKey.TEST_IS_FINE)
PUBLIC_URL = "https://desk.example/calls"
Kept = tuple[str, str, bool]


@pytest.fixture
def sam(database: str) -> Advisor:
    with transaction() as session:
        return a_supervisor(session)


def add(kind: str, *secrets: str, name: str = "Site") -> int:
    with transaction() as session:
        return brands_and_sources.add_source(
            session, name, kind=kind, signing_secrets=secrets, now=NOW
        ).id


def send(source_id: int, sam: Advisor) -> SourceTestResult:
    return source_test.send_source_test(source_id, sam, public_url=PUBLIC_URL, now=NOW)


def kept() -> list[Kept]:
    with reader() as session:
        return [(one.state, one.reason, one.is_test) for one in session.exec(select(Submission))]


def test_every_tools_example_comes_in_with_its_own_proof_and_rings_nobody(sam: Advisor) -> None:
    for kind in form_reading.KINDS:
        tried = send(add(kind, SECRET, name=kind), sam)
        assert (tried.status, tried.is_fine) == (200, True), (kind, tried)
        assert tried.sentence == f"Received, and the signature was accepted. {IS_FINE}"
    assert set(kept()) == {("discarded", IS_FINE, True)}
    with reader() as session:
        for table in (Lead, Callback, Consent, Alert):
            assert session.exec(select(table)).all() == []
        readings = [one.reading for one in session.exec(select(Submission))]
    assert {reading["phone"] for reading in readings} == {"+13155550142"}
    assert {reading["name"] for reading in readings} == {"Test Ringback"}


@pytest.mark.parametrize("kind", form_reading.KINDS)
def test_a_proof_holds_for_its_own_secret_and_body_alone(kind: str) -> None:
    content_type, body = vendor_examples.example_post(kind)
    url = f"{PUBLIC_URL}/hooks/forms/x"
    plain = InboundDelivery(body, {"content-type": content_type}, "POST", (url,))
    delivery = vendor_examples.add_vendor_proof(kind, SECRET, plain, now=NOW, delivery_id="msg_1")
    verify_delivery(kind, [SECRET], delivery, now=NOW)
    with pytest.raises(BadSignature):
        verify_delivery(kind, [SECRET[:-2] + "Xw"], delivery, now=NOW)
    if (
        signatures.has_vendor_proof(kind) and kind != "google_ads"
    ):  # the key in the body vouches for none of it
        with pytest.raises(BadSignature):
            verify_delivery(kind, [SECRET], replace(delivery, body=body + b" "), now=NOW)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_test_says_what_is_wrong_with_the_set_up(sam: Advisor) -> None:
    unsigned = send(add("generic", name="open"), sam)
    assert (unsigned.is_fine, "anyone with the address can send" in unsigned.sentence) == (
        True,
        True,
    )

    # A mapping that names the wrong field, and a pause.
    source_id = add("jotform")
    with transaction() as session:
        session.get_one(Source, source_id).mapping = {"phone": "q9_howCan"}
    mapped = send(source_id, sam)
    assert (mapped.status, mapped.is_fine) == (200, False)
    assert mapped.sentence.endswith(
        "A real submission would be held for review: The phone number cannot be dialed."
    )
    assert translate("es", mapped.sentence).endswith("No se puede marcar el número de teléfono.")
    with transaction() as session:
        source = session.get_one(Source, source_id)
        source.mapping = {}
        source_settings.pause_source(session, source, sam, now=NOW)
    assert send(source_id, sam).sentence.endswith("Its source is paused.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refused_test_alarms_nobody(sam: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    proven = vendor_examples.add_vendor_proof
    monkeypatch.setattr(
        vendor_examples,
        "add_vendor_proof",
        lambda kind, _, *rest, **more: proven(kind, "another", *rest, **more),
    )
    tried = send(add("typeform", SECRET), sam)
    assert tried.status == 401
    assert tried.is_fine is False
    assert "Rejected (401)" in tried.sentence
    assert kept() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_a_supervisor_sends_a_test(session: Session) -> None:
    advisor = an_advisor(session)
    with pytest.raises(NotAllowed):
        source_test.send_source_test(1, advisor, public_url=PUBLIC_URL, now=NOW)
