"""Consents to disclose on a person's record: what they say, a new one, and revoking one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from dashboard import downloads, page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _, viewer_language
from leads.i18n.languages import LANGUAGES, native_language_name
from leads.i18n.readable_times import format_date
from leads.i18n.translatable import Phrase, translate
from leads.lead_records import disclosure_consents
from leads.lead_records.disclosure_consents import ConsentElements, ConsentOnRecord
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.disclosure_words import (
    CHOOSABLE_PROOFS,
    CHOOSABLE_SCOPES,
    PROOF_LABELS,
    SCOPE_LABELS,
    ConsentProof,
    ConsentScope,
)
from leads.models.disclosures import DisclosureConsent
from leads.models.requests import Lead
from leads.people.permissions import Permission
from leads.privacy import disclosure_documents

HOW_TO_REVOKE = Phrase("In writing, or by telling anyone who works here")
LONGEST = timedelta(days=365 * 30)  # ahead, that somebody may choose as a last day


@widgets.in_stable_container
def draw_disclosure_consents(lead_id: int, *, place: str) -> None:
    """Draw a person's consents to disclose, and the form that records one.

    `place`: where on the page, because a page may show somebody more than once.
    """
    with st.expander(
        _("Consent to disclose"), icon=":material/handshake:", key=f"consents-{place}-{lead_id}"
    ):
        st.write(
            _(
                "What we may tell others about this person. A consent to be called is not one of "
                "these. Your counsel decides which disclosures need one."
            )
        )
        for consent in page_reading.read_or_stop_page(
            lambda s, a: disclosure_consents.list_disclosure_consents(
                s, s.get_one(Lead, lead_id), a, now=viewer.read_utc_clock()
            )
        ):
            draw_consent(consent, lead_id, place=place)
        draw_consent_form(lead_id, place=place)


def draw_consent(consent: ConsentOnRecord, lead_id: int, *, place: str) -> None:
    """Draw one consent: whom it is about, whether it is in force, and what can be done with it."""
    said, key = consent.elements, f"{place}-{consent.consent_id}"
    state = _("**In force**") if consent.covers_now else _("**Covers nothing**")
    if consent.revoked_at:
        state = _("**Revoked**")
    with st.container(border=True):
        st.markdown(f"{state} · {page_text.escape_markdown(said.recipient)}")
        st.markdown(
            _(
                "{information}, for: {purpose}",
                information=page_text.escape_markdown(said.information),
                purpose=page_text.escape_markdown(said.purpose),
            )
        )
        last_day = said.expires_on and format_date(said.expires_on, language=viewer_language())
        words = (
            _(SCOPE_LABELS[said.scope]),
            _(PROOF_LABELS[said.proof]),
            _("until {day}", day=last_day) if last_day else "",
            _("ends with: {words}", words=said.expires_with) if said.expires_with else "",
        )
        widgets.draw_small_text(page_text.escape_markdown(" · ".join(filter(None, words))))
        draw_revocation(consent, key=key)
        draw_consent_download(consent, lead_id, key=key)


def draw_consent_download(consent: ConsentOnRecord, lead_id: int, *, key: str) -> None:
    """Draw the button that makes a consent's document, to print."""
    zone, language = viewer.viewer_zone(), viewer_language()
    downloads.draw_download_button(
        _("Consent, to print"),
        lambda s, a: disclosure_documents.render_consent_document(
            s,
            s.get_one(Lead, lead_id),
            consent.consent_id,
            a,
            language=language,
            zone=zone,
            now=viewer.read_utc_clock(),
        ),
        f"consent-{consent.consent_id}.html",
        TrailSubject.of_kind(Lead, consent.lead_id),
        Permission.RECORD_DISCLOSURE,
        key=f"print-consent-{key}",
        icon=":material/print:",
    )


def draw_revocation(consent: ConsentOnRecord, *, key: str) -> None:
    """Draw by whom and how a consent was revoked, or the form that revokes it."""
    if consent.revoked_at:
        by = consent.revoked_by or _("someone who no longer works here")
        at = page_text.instant_text(consent.revoked_at)
        said = _("{how} · recorded by {name}, {time}", how=consent.revoked_how, name=by, time=at)
        widgets.draw_small_text(page_text.escape_markdown(said))
        return
    with widgets.form_kept_if_refused(f"revoke-{key}"):
        how = st.text_input(
            _("How they revoked it, and who said so"), placeholder=_("For example: on the phone")
        )
        if st.form_submit_button(_("Revoke"), icon=":material/block:"):
            page_actions.act_and_redraw(
                lambda s, a: disclosure_consents.revoke_disclosure_consent(
                    s,
                    s.get_one(DisclosureConsent, consent.consent_id),
                    a,
                    how=how,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("Revoked. Nothing is disclosed because of it from now on."),
            )


def draw_consent_form(lead_id: int, *, place: str) -> None:
    """Draw the form that records a consent with all the elements of 42 CFR 2.31."""
    name, discloser = page_reading.read_or_stop_page(
        lambda s, a: disclosure_consents.suggest_parties(
            s, s.get_one(Lead, lead_id), a, now=viewer.read_utc_clock()
        )
    )
    st.markdown(_("**Record a signed consent**"))
    with widgets.form_kept_if_refused(f"consent-{place}-{lead_id}"):
        elements = ask_elements(name, discloser)
        st.form_submit_button(_("Put this on the paper to sign"), icon=":material/edit_document:")
        if st.form_submit_button(_("Record the consent"), icon=":material/handshake:"):
            page_actions.act_and_redraw(
                lambda s, a: disclosure_consents.record_disclosure_consent(
                    s, s.get_one(Lead, lead_id), a, elements, now=viewer.read_utc_clock()
                ),
                Phrase("The consent is on record."),
            )
    draw_papers_to_sign(lead_id, elements, place=place)


def draw_papers_to_sign(lead_id: int, elements: ConsentElements, *, place: str) -> None:
    """Draw the buttons that make a consent to be signed by hand, one for each language.

    How it is revoked is said in the paper's language, unless somebody has put it otherwise.
    """
    said = (elements.patient, elements.discloser, elements.recipient, elements.information)
    filled_in = " · ".join(filter(None, (*said, elements.purpose, elements.expires_with)))
    on_paper = _("On the paper to sign: {words}", words=filled_in)
    widgets.draw_small_text(page_text.escape_markdown(on_paper))
    is_as_proposed = elements.how_to_revoke == _(HOW_TO_REVOKE)
    for language, column in zip(LANGUAGES, st.columns(len(LANGUAGES)), strict=True):
        how = translate(language, HOW_TO_REVOKE) if is_as_proposed else elements.how_to_revoke
        with column:
            draw_paper_to_sign(lead_id, replace(elements, how_to_revoke=how), language, place=place)


def draw_paper_to_sign(
    lead_id: int, elements: ConsentElements, language: str, *, place: str
) -> None:
    """Draw the button that makes a consent to be signed by hand in one language."""
    downloads.draw_download_button(
        _("To sign, {language}", language=native_language_name(language)),
        lambda s, a: disclosure_documents.render_consent_to_sign(
            s,
            s.get_one(Lead, lead_id),
            elements,
            a,
            language=language,
            now=viewer.read_utc_clock(),
        ),
        f"consent-to-sign-{language}.html",
        TrailSubject.of_kind(Lead, lead_id),
        Permission.RECORD_DISCLOSURE,
        key=f"to-sign-{language}-{place}-{lead_id}",
        icon=":material/print:",
    )


def ask_elements(name: str, discloser: str) -> ConsentElements:
    """Ask for each element of a consent."""
    today = viewer.read_utc_clock().date()
    scope: ConsentScope = st.selectbox(
        _("What it is about"), CHOOSABLE_SCOPES, format_func=lambda one: _(SCOPE_LABELS[one])
    )
    patient = st.text_input(_("Patient"), name)
    disclosing = st.text_input(_("Who may disclose"), discloser)
    recipient = st.text_area(
        _("Recipients"),
        placeholder=_(
            "Names. For treatment, payment, and operations: my treating providers, health plans, "
            "third-party payers, and people helping to operate this program"
        ),
    )
    information = st.text_area(_("How much and what kind of information"))
    purpose = st.text_input(_("What for"), placeholder=_("For example: at the patient's request"))
    how_to_revoke = st.text_input(_("How it can be revoked"), _(HOW_TO_REVOKE))
    expires_on, expires_with = ask_expiration(today)
    proof, signed_on = ask_proof(today)
    signed_by = st.text_input(_("Signed by, if not the patient, and by what right"))
    return ConsentElements(
        scope=scope,
        patient=patient,
        discloser=disclosing,
        recipient=recipient,
        information=information,
        purpose=purpose,
        how_to_revoke=how_to_revoke,
        expires_on=expires_on,
        expires_with=expires_with,
        proof=proof,
        signed_by=signed_by,
        signed_on=signed_on,
    )


def ask_expiration(today: date) -> tuple[date | None, str]:
    """Ask for the last day of a consent, or what ends it."""
    until, ending = st.columns(2, vertical_alignment="bottom")
    expires_on: date | None = until.date_input(
        _("Last day"),
        value=None,
        min_value=today,
        max_value=today + LONGEST,
        format=_("MM/DD/YYYY"),
    )
    expires_with = ending.text_input(
        _("Or what ends it"), placeholder=_("For example: the end of treatment")
    )
    return expires_on, expires_with


def ask_proof(today: date) -> tuple[ConsentProof, date]:
    """Ask how a consent was given, and when it was signed."""
    how, on = st.columns(2, vertical_alignment="bottom")
    proof: ConsentProof = how.selectbox(
        _("How it was given"), CHOOSABLE_PROOFS, format_func=lambda one: _(PROOF_LABELS[one])
    )
    signed_on: date = on.date_input(
        _("Signed on"), value=today, max_value=today, format=_("MM/DD/YYYY")
    )
    return proof, signed_on
