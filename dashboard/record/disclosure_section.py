"""What others were told of a person: on their record, on the desk during a call, and an export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import downloads, page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _, viewer_language
from leads.disclosures.ledger import DisclosureFacts
from leads.i18n.translatable import Phrase
from leads.lead_records import disclosure_account
from leads.lead_records.disclosure_account import (
    ConsentChoice,
    DisclosureLine,
    UnstatedDisclosure,
)
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.disclosure_words import (
    BASIS_LABELS,
    CHOOSABLE_BASES,
    NOTICE_LABELS,
    WAY_LABELS,
    WAYS_BY_HAND,
    DisclosureBasis,
    NoticeWay,
)
from leads.models.disclosures import Disclosure
from leads.models.requests import Lead
from leads.people.permissions import Permission
from leads.privacy import disclosure_documents
from leads.privacy.disclosure_notice import SHORT_NOTICE

MOST_LINES = 10  # in sight: the printed account has all
NOTICES = (NoticeWay.SAID, NoticeWay.SENT, NoticeWay.NONE)


@widgets.in_stable_container
def draw_disclosure_account(lead_id: int, *, place: str) -> None:
    """Draw who was told what of a person, and the form that adds to it."""
    with st.expander(
        _("What others were told"), icon=":material/outbound:", key=f"account-{place}-{lead_id}"
    ):
        account = page_reading.read_or_stop_page(
            lambda s, a: disclosure_account.read_disclosure_account(
                s, s.get_one(Lead, lead_id), a, now=viewer.read_utc_clock()
            )
        )
        if not account:
            widgets.draw_small_text(_("No disclosure is on record."))
        for line in account[:MOST_LINES]:
            draw_disclosure_line(line, place=place)
        zone, language = viewer.viewer_zone(), viewer_language()
        downloads.draw_download_button(
            _("Account, to print"),
            lambda s, a: disclosure_documents.render_accounting(
                s,
                s.get_one(Lead, lead_id),
                a,
                language=language,
                zone=zone,
                now=viewer.read_utc_clock(),
            ),
            f"disclosures-{lead_id}.html",
            TrailSubject.of_kind(Lead, lead_id),
            Permission.RECORD_DISCLOSURE,
            key=f"print-account-{place}-{lead_id}",
            icon=":material/print:",
        )
        draw_hand_form(lead_id, place=place)


def draw_disclosure_line(line: DisclosureLine, *, place: str) -> None:
    """Draw one line; what a call left open is asked there."""
    facts = line.facts
    words = filter(None, (facts.information, facts.purpose, _(BASIS_LABELS[facts.basis]), line.by))
    about = page_text.escape_markdown(" · ".join((_(WAY_LABELS[line.way]), *words)))
    at = page_text.escape_markdown(page_text.instant_text(line.at))
    st.markdown(f"**{page_text.escape_markdown(facts.recipient)}** · {at}  \n:small[{about}]")
    if line.is_unstated:
        draw_statement_form(
            line.disclosure_id, line.lead_id, facts.recipient, DisclosureBasis.CONSENT, place=place
        )


@widgets.in_stable_container
def draw_unstated_disclosures(told: Sequence[UnstatedDisclosure], *, place: str) -> None:
    """Draw the sentence to say to whoever is in the call, and what has to be said of it here."""
    for one in told:
        with st.container(border=True):
            st.markdown(
                _(
                    "**{recipient} does not work here.** Tell them about {who} only what a consent "
                    "or a rule allows. Say or send: “{notice}”",
                    recipient=page_text.escape_markdown(one.recipient),
                    who=page_text.escape_markdown(_(one.who)),
                    notice=SHORT_NOTICE,
                )
            )
            with st.popover(
                _("Record what they were told"),
                icon=":material/outbound:",
                key=f"tell-{place}-{one.disclosure_id}",
            ):
                draw_statement_form(
                    one.disclosure_id, one.lead_id, one.recipient, one.usual_basis, place=place
                )


def draw_statement_form(
    disclosure_id: int, lead_id: int, recipient: str, usual: DisclosureBasis, *, place: str
) -> None:
    """Draw the form that says what somebody in a call was told, and by what right."""
    with widgets.form_kept_if_refused(f"state-{place}-{disclosure_id}"):
        facts = ask_facts(lead_id, recipient, usual)
        if st.form_submit_button(_("Record"), icon=":material/check:"):
            page_actions.act_and_redraw(
                lambda s, a: disclosure_account.state_disclosure(
                    s, s.get_one(Disclosure, disclosure_id), a, facts, now=viewer.read_utc_clock()
                ),
                Phrase("It is in their account."),
            )


def draw_hand_form(lead_id: int, *, place: str) -> None:
    """Draw the form that records what a colleague told somebody elsewhere."""
    now, zone = viewer.read_utc_clock(), ZoneInfo(viewer.viewer_zone())
    today = now.astimezone(zone).date()
    st.markdown(_("**Record what you told someone**"))
    with widgets.form_kept_if_refused(f"told-{place}-{lead_id}"):
        facts = ask_facts(lead_id, "", DisclosureBasis.CONSENT)
        how, on = st.columns(2, vertical_alignment="bottom")
        way = how.selectbox(
            _("How they were told"), WAYS_BY_HAND, format_func=lambda one: _(WAY_LABELS[one])
        )
        day: date = on.date_input(
            _("Told on"), value=today, max_value=today, format=_("MM/DD/YYYY")
        )
        if st.form_submit_button(_("Record"), icon=":material/check:"):
            at = min(datetime.combine(day, time(12), tzinfo=zone), now)
            page_actions.act_and_redraw(
                lambda s, a: disclosure_account.record_told_by_hand(
                    s,
                    s.get_one(Lead, lead_id),
                    a,
                    facts,
                    way=way,
                    at=at,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("It is in their account."),
            )


def ask_recipient_of_export(lead_id: int, name: str) -> DisclosureFacts:
    """Ask who gets an export, and by what right; it begins with the notice by itself."""
    return ask_facts(lead_id, name, DisclosureBasis.THEMSELVES, is_export=True)


def ask_facts(
    lead_id: int, recipient: str, usual: DisclosureBasis, *, is_export: bool = False
) -> DisclosureFacts:
    """Ask who is told, what, what for, and by what right: a consent in force, or a rule."""
    right = ask_right(lead_id, usual)
    title = _("Who gets it, with their address") if is_export else _("Who was told")
    who = st.text_input(title, recipient, placeholder=_("A name, and an address if you know one"))
    what = "" if is_export else st.text_input(_("What they were told"))
    purpose = st.text_input(_("What for"), placeholder=_("For example: admission to a shelter"))
    notice = NoticeWay.IN_IT
    if not is_export:
        notice = st.selectbox(
            _("Notice of 42 CFR 2.32"), NOTICES, format_func=lambda one: _(NOTICE_LABELS[one])
        )
    if isinstance(right, ConsentChoice):
        consent = DisclosureBasis.CONSENT
        return DisclosureFacts(who, consent, what, purpose, right.consent_id, notice)
    basis = right or DisclosureBasis.NOT_STATED
    return DisclosureFacts(who, basis, what, purpose, notice=notice)


def ask_right(lead_id: int, usual: DisclosureBasis) -> ConsentChoice | DisclosureBasis | None:
    """Ask by what right somebody is told: first because of a consent in force, else by a rule."""
    now = viewer.read_utc_clock()
    covering = page_reading.read_or_stop_page(
        lambda s, a: disclosure_account.list_covering_consents(
            s, s.get_one(Lead, lead_id), a, at=now, now=now
        )
    )
    rules = [one for one in CHOOSABLE_BASES if one is not DisclosureBasis.CONSENT]
    rights: list[ConsentChoice | DisclosureBasis] = [*covering, *rules]
    first = 0 if covering else None
    chosen: ConsentChoice | DisclosureBasis | None = st.selectbox(
        _("By what right"),
        rights,
        index=rights.index(usual) if usual in rights else first,
        format_func=right_label,
        placeholder=_("No consent is in force: choose a rule"),
    )
    return chosen


def right_label(right: ConsentChoice | DisclosureBasis) -> str:
    """Return by what right somebody is told, as a list offers it."""
    if isinstance(right, ConsentChoice):
        return _("Consent: {recipient}", recipient=right.recipient)
    return _(BASIS_LABELS[right])
