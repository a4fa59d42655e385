"""The lead's card: the person whom an advisor has in hand, at one glance."""

from __future__ import annotations

import streamlit as st

from dashboard import (
    in_browser,
    page_text,
    plain_table,
    text_thread,
    viewer,
    voicemail_player,
    widgets,
)
from dashboard.desk import keyboard_buttons, wishes_form
from dashboard.language import _
from dashboard.review import statements
from dashboard.setup import reading_table
from leads.free_text.danger import DangerKind
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.models.calls import Callback
from leads.models.enums import Result
from leads.models.labels import (
    CALL_DOUBT_TITLES,
    DANGER_CHECKLISTS,
    POISON_HELP,
    RESULT_TITLES,
)
from leads.person_facts import PART_OF_DAY_LABELS
from leads.person_names import MASK
from leads.read_models import lead_card
from leads.read_models.lead_card import EarlierAttempt, LeadCard

ALL_TOLD_KEY = "callback of which all is told"
FEW_WORDS = 150  # characters: five lines on a narrow desk


@widgets.in_stable_container
def draw_spoken_messages(card: LeadCard) -> None:
    """Draw what the lead said on the phone, to be heard before they are called back."""
    for voicemail in card.voicemails:
        if voicemail.is_empty:
            continue
        st.write(voicemail_player.voicemail_title(voicemail))
        voicemail_player.draw_voicemail_player(voicemail)


def draw_safety(card: LeadCard, *, has_incident: bool, is_over: bool) -> None:
    """Draw what to be careful of before anything else, and what is asked first.

    `has_incident`: the panel of the incident says what to do, so that it is not said twice.
    `is_over`: nothing is asked any more.
    """
    with st.container(key="safety", gap="small"):
        if lines := danger_lines(card, has_incident=has_incident):
            st.error("\n\n".join(map(_, lines)), icon=":material/emergency_home:")
        for caution in card.cautions:
            st.warning(page_text.escape_markdown(caution), icon=":material/privacy_tip:")
        if not has_incident and not is_over:
            st.markdown(_("**Ask first:** “Are you safe to talk right now?”"))


def draw_lead_card(card: LeadCard) -> None:
    """Draw everything that an advisor should know of the lead, at one glance."""
    draw_name(card)
    whom = (
        _(languages.FOR_WHOM_LABELS[card.for_whom])
        if card.for_whom in languages.FOR_WHOM_LABELS
        else page_text.escape_markdown(card.for_whom)
    )
    there = _(
        "{time} where they are", time=page_text.instant_text(viewer.read_utc_clock(), card.zone)
    )
    number = (
        _("{number}, extension {extension}", number=card.number, extension=card.phone_extension)
        if card.phone_extension
        else _(card.number)
    )
    whole = number.replace(" ", "\N{NO-BREAK SPACE}") if MASK in number else number
    st.write(" · ".join(fact for fact in (whom, whole, there) if fact))
    draw_contact_wishes(card)
    if card.other_names:
        others = page_text.escape_markdown(page_text.join_words(card.other_names))
        st.warning(
            _(
                "Someone else has asked for help from this phone: {others}. Ask who you are "
                "talking to, and never tell one about the other.",
                others=others,
            )
        )
    draw_told(card)


def draw_told(card: LeadCard) -> None:
    """Draw what they told and what is known of earlier: as much as there is room for, or all.

    What they wrote last stands first. On a wide screen all of it opens over the columns beside it.
    """
    is_open = st.session_state.get(ALL_TOLD_KEY) == card.callback_id
    with st.container(key="desk-told-all" if is_open else "desk-told", gap="small"):
        if is_open or is_much_told(card):
            st.button(
                _("Close") if is_open else _("Read everything"),
                key="read-all",
                icon=":material/close:" if is_open else ":material/unfold_more:",
                type="secondary" if is_open else "tertiary",
                shortcut=keyboard_buttons.shortcut_if_wanted(keyboard_buttons.READ_ALL) or None,
                on_click=show_all_told,
                args=(None if is_open else card.callback_id,),
            )
        draw_messages(card)
        text_thread.draw_text_thread(card.texts)
        draw_spoken_messages(card)
        draw_later_statements(card)
        if card.contact:
            st.text(
                " · ".join(_(fact) for fact in card.contact)
            )  # an address that can be copied as it is
        draw_lead_history(card)


def is_much_told(card: LeadCard) -> bool:
    """Whether a desk may lack the room for what is known of somebody."""
    words = [
        *(message for _at, message in card.messages),
        *(text.body for text in card.texts.texts),
        *(note.text for note in card.others_notes),
    ]
    return len(words) > 1 or any(len(one) > FEW_WORDS for one in words)


def show_all_told(callback_id: int | None) -> None:
    """Open all that is known of a callback's person; None closes it."""
    st.session_state[ALL_TOLD_KEY] = callback_id


def draw_messages(card: LeadCard) -> None:
    """Draw what they wrote in forms, the last first."""
    for at, message in card.messages:
        with st.chat_message("user", avatar=":material/edit_note:"):
            st.text(message)
            widgets.draw_small_text(page_text.instant_text(at))


def draw_later_statements(card: LeadCard) -> None:
    """Draw what was said of them since, and not confirmed."""
    for said in card.also_said:
        widgets.draw_small_text(
            _(
                "Later statement, not confirmed: {fact}: {value} ({time})",
                fact=_(said.label),
                value=page_text.escape_markdown(
                    statements.stated_value_text(said.fact, said.later)
                ),
                time=page_text.instant_text(said.at),
            )
        )


def draw_name(card: LeadCard) -> None:
    """Draw the lead's name, with the button that shows all of it and the number."""
    with st.container(horizontal=True, vertical_alignment="center"):
        name = page_text.escape_markdown(card.name) or _("No name given")
        st.header(name, anchor=False, width="content")
        if not card.is_revealed:
            keyboard_buttons.draw_action_button(
                _("Show name and number") if MASK in card.name else _("Show number"),
                lambda s, a: lead_card.reveal_lead_to_advisor(
                    s, s.get_one(Callback, card.callback_id), a, now=viewer.read_utc_clock()
                ),
                icon=":material/visibility:",
                key=f"reveal-{card.callback_id}",
                type="tertiary",
            )


def danger_lines(card: LeadCard, *, has_incident: bool) -> list[Phrase]:
    """Return what the card says of danger; in an incident only what its panel does not say."""
    said_here = {DangerKind.HARM} if has_incident else set(DangerKind)
    lines = [DANGER_CHECKLISTS[kind] for kind in card.dangers if kind in said_here]
    return [*lines, POISON_HELP] if card.dangers and card.is_poison else lines


def draw_contact_wishes(card: LeadCard) -> None:
    """Draw in words how the lead may be contacted, and whom they wish to talk to."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        draw_wish_badge(
            _("Voicemail is safe") if card.safe_to_voicemail else _("No voicemail"),
            is_safe=card.safe_to_voicemail,
        )
        draw_wish_badge(
            _("Texts are safe") if card.safe_to_text else _("No texts"), is_safe=card.safe_to_text
        )
        if card.any_hour:
            st.badge(_("Call at any hour, also at night"), icon=":material/schedule:", color="blue")
        with st.popover(_("Wants to talk with"), icon=":material/record_voice_over:"):
            wishes_form.draw_wishes_form(
                card.callback_id, card.language, card.wished_gender, card.wished_skill
            )
    with st.container():
        if card.match:
            widgets.draw_small_text(page_text.escape_markdown(_(card.match)))
    if card.best_time:
        st.write(best_time_text(card.best_time))


def best_time_text(best_time: str) -> str:
    """Return when somebody would best be called: a part of the day, or in their own words."""
    if best_time in PART_OF_DAY_LABELS:
        return _("Best time: {words}", words=PART_OF_DAY_LABELS[best_time])
    return _("Best time, in their words: {words}", words=page_text.escape_markdown(best_time))


def draw_wish_badge(label: str, *, is_safe: bool) -> None:
    """Draw a yes or a no by word, sign and color."""
    if is_safe:
        st.badge(label, icon=":material/check:", color="green")
    else:
        st.badge(label, icon=":material/block:", color="red")


def try_text(one: EarlierAttempt) -> str:
    """Return what came of an earlier try, with the doubt that nobody has cleared."""
    is_open = one.doubt is not None and one.result in (Result.UNKNOWN, Result.LEAD_NO_ANSWER)
    return _(CALL_DOUBT_TITLES[one.doubt] if one.doubt and is_open else RESULT_TITLES[one.result])


def draw_lead_history(card: LeadCard) -> None:
    """Draw when the lead asked, what they agreed to, earlier calls and colleagues' notes."""
    place = card.brand if card.operator == card.brand else f"{card.brand}: {card.operator}"
    sentence = (
        _("Called us {time} ago, at {place}.", place=place, time="{time}")
        if card.has_called_us
        else _(
            "Asked {time} ago, at {place}. Promised for {promised}.",
            place=place,
            promised=page_text.instant_text(card.promised_at),
            time="{time}",
        )
    )
    in_browser.draw_running_clock(
        f"asked-{card.callback_id}", card.received_at, sentence, look="small"
    )
    tries = "; ".join(f"{page_text.instant_text(one.at)} {try_text(one)}" for one in card.tries)
    widgets.draw_small_text(
        _("Called before: {tries}.", tries=tries) if tries else _("Not called before.")
    )
    draw_words_on_file(card)


def draw_words_on_file(card: LeadCard) -> None:
    """Draw what colleagues noted, what else the form said, and what the lead agreed to."""
    for written in card.others_notes:
        with st.chat_message("assistant", avatar=":material/sticky_note_2:"):
            st.text(written.text)
            widgets.draw_small_text(
                f"{page_text.escape_markdown(written.by)} {page_text.instant_text(written.at)}"
            )
    if card.also:
        with st.expander(_("Also in their form"), icon=":material/assignment:"):
            rows = [
                {
                    _("Field"): reading_table.field_label(field),
                    _("Answer"): reading_table.answer_text(answer, field),
                }
                for field, answer in card.also
            ]
            plain_table.draw_plain_table(_("Also in their form"), rows)
    if card.wording:
        agreed = (
            _("What they agreed to, {time}", time=page_text.instant_text(card.agreed_at))
            if card.agreed_at
            else ""
        )
        with st.expander(agreed or _("What their form said"), icon=":material/assignment:"):
            st.text(card.wording)
