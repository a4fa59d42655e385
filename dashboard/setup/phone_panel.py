"""The phone panel: a helpline's numbers, when it answers, and what callers hear."""

from __future__ import annotations

from datetime import time
from zoneinfo import available_timezones

import streamlit as st
from babel import dates

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _, viewer_locale
from dashboard.setup import topics
from dashboard.setup.own_hours import hours_text
from leads.config import key_file, settings
from leads.config.settings import PhoneKind
from leads.contact_rules.own_hours import DAYS, OwnHours
from leads.helplines import phone_settings
from leads.helplines.phone_settings import LONGEST_WORDS, LineNumber, PhoneSettings
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.models.enums import OutsideHoursChoice
from leads.models.labels import OUTSIDE_HOURS_TITLES
from leads.phone_numbers import format_phone

OPENS, CLOSES = time(8), time(20)
ALWAYS = Phrase("whenever an advisor is on duty")


def draw_phone(brand_id: int) -> None:
    """Draw how a helpline answers its phone."""
    helpline = topics.read_settings_of(brand_id, phone_settings.list_phone_settings)
    draw_numbers(helpline)
    draw_settings_form(helpline)


def draw_numbers(helpline: PhoneSettings) -> None:
    """Draw a helpline's numbers, each with whether its calls come to us, and a new one's field."""
    known = settings.load_settings()
    has_account = known.phone is PhoneKind.TWILIO
    if not has_account:
        st.caption(
            _(
                "Inbound calls need a Twilio account. With one, calls to your numbers go "
                "to {address}.",
                address=f"{known.public_url}/hooks/voice/inbound",
            )
        )
    if not helpline.numbers:
        st.caption(_("This helpline has no phone number yet."))
    for line in helpline.numbers:
        draw_number(helpline, line, has_account=has_account)
    with widgets.form_kept_if_refused(f"number-{helpline.brand_id}"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            number = st.text_input(_("Another number from your Twilio account"), width=320)
            is_wanted = st.form_submit_button(_("Add the number"))
        if is_wanted:
            page_actions.act_and_redraw(
                lambda s, a: phone_settings.add_number(
                    s, helpline.brand_id, number, a, now=viewer.read_utc_clock()
                ),
                _("Added. We will check it within a minute."),
            )


@widgets.in_stable_container
def draw_number(helpline: PhoneSettings, line: LineNumber, *, has_account: bool) -> None:
    """Draw one number, what is known of it, and what can be done about it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{format_phone(line.number)}** · {number_state(line)}", width="stretch")
        may_be_pointed = has_account and not line.points_to_us and not line.is_pointing_asked
        if may_be_pointed and st.button(_("Route it here"), key=f"point-{line.number}"):
            page_actions.act_and_redraw(
                lambda s, a: phone_settings.ask_to_point(
                    s, helpline.brand_id, line.number, a, now=viewer.read_utc_clock()
                ),
                _("Updating it at Twilio."),
            )
        if not line.is_caller_id and st.button(
            _("Remove"), key=f"remove-{line.number}", icon=":material/close:"
        ):
            page_actions.act_and_redraw(
                lambda s, a: phone_settings.remove_number(
                    s, helpline.brand_id, line.number, a, now=viewer.read_utc_clock()
                ),
                _("Removed here. Its settings at Twilio did not change."),
            )
    if line.problem:
        st.caption(page_text.escape_markdown(_(line.problem)))


def number_state(line: LineNumber) -> str:
    """Return what is known of where a number's calls go."""
    if line.is_pointing_asked:
        return _("updating at Twilio …")
    if line.points_to_us is None:
        return _("not checked yet") if line.checked_at is None else _("unknown")
    if line.points_to_us:
        return _("calls and texts come here")
    return _("calls or texts go elsewhere")


def draw_settings_form(helpline: PhoneSettings) -> None:
    """Draw the form of what callers hear, and when."""
    st.caption(
        _(
            "Callers hear the greeting, then a quiet sound while an advisor's phone rings. "
            "They can press 1 for a callback. Open: {hours}.",
            hours=hours_text(helpline.hours) if helpline.hours else _(ALWAYS),
        )
    )
    with st.form(f"phone-{helpline.brand_id}", border=False):
        greetings = ask_words(helpline.greetings, Phrase("Greeting"), f"g-{helpline.brand_id}")
        closed = ask_words(
            helpline.closed_messages, Phrase("When no one answers"), f"c-{helpline.brand_id}"
        )
        takes_voicemail, speak = ask_voicemail(helpline)
        outside = ask_outside_hours(helpline)
        longest = st.number_input(
            _("Minutes a caller waits before they get options"),
            min_value=min(phone_settings.LONGEST_WAITS),
            max_value=max(phone_settings.LONGEST_WAITS),
            value=helpline.longest_wait,
        )
        hours, zone = ask_answering_hours(helpline)
        if st.form_submit_button(_("Save"), type="primary"):
            page_actions.act_and_redraw(
                lambda s, a: phone_settings.change_phone_settings(
                    s,
                    helpline.brand_id,
                    a,
                    greetings=greetings,
                    closed_messages=closed,
                    hours=hours,
                    zone=zone,
                    outside_hours=outside,
                    longest_wait=int(longest),
                    takes_voicemail=takes_voicemail,
                    voicemail_messages=speak,
                    now=viewer.read_utc_clock(),
                ),
                _("Saved. It applies from the next call."),
            )


def ask_outside_hours(helpline: PhoneSettings) -> OutsideHoursChoice:
    """Ask what callers are offered when nobody answers."""
    choices = [
        one
        for one in OutsideHoursChoice
        if one != OutsideHoursChoice.VOICEMAIL or helpline.takes_voicemail
    ]
    chosen = st.selectbox(
        _("After hours, or with no one on duty"),
        choices,
        index=choices.index(helpline.outside_hours) if helpline.outside_hours in choices else 0,
        format_func=lambda one: _(OUTSIDE_HOURS_TITLES[one]),
    )
    return OutsideHoursChoice(chosen)


def ask_answering_hours(helpline: PhoneSettings) -> tuple[OwnHours | None, str]:
    """Ask during which hours the phone is answered, None for all, and in which time zone."""
    has_hours = st.checkbox(
        _("Answer only during these hours"),
        value=helpline.hours is not None,
        help=_("Hours that end when they start, or before, end the next day."),
    )
    zones = sorted(zone for zone in available_timezones() if "/" in zone)
    zone = st.selectbox(
        _("Time zone of these hours"),
        zones,
        index=zones.index(helpline.zone) if helpline.zone in zones else 0,
    )
    windows = tuple(ask_answering_window(helpline, day) for day in range(DAYS))
    return OwnHours(windows) if has_hours else None, zone


def ask_voicemail(helpline: PhoneSettings) -> tuple[bool, dict[str, str]]:
    """Ask whether callers may leave a message, and in which words they are asked to speak."""
    can_keep = bool(key_file.with_content_keys(settings.load_settings()).content_keys)
    takes = st.checkbox(
        _("Let callers press 2 to leave a message"),
        value=helpline.takes_voicemail and can_keep,
        disabled=not can_keep,
        help=_(
            "Callers are told that it is recorded. Everyone who leaves a message gets a callback."
        ),
    )
    if not can_keep:
        st.caption(_("Messages are stored encrypted: set SECRET_KEY first."))
    words = ask_words(
        helpline.voicemail_messages, Phrase("Before the tone"), f"v-{helpline.brand_id}"
    )
    return takes, words


def ask_words(words: object, what: Phrase, key: str) -> dict[str, str]:
    """Ask for the helpline's own words in each language; empty is what we say."""
    said = dict(words) if isinstance(words, dict) else {}
    return {
        language: st.text_area(
            _("{what} ({language})", what=_(what), language=_(name)),
            value=said.get(language, ""),
            max_chars=LONGEST_WORDS,
            height=70,
            key=f"{key}-{language}",
            placeholder=_("Our neutral wording"),
            help=_("Anyone may hear it: do not say what the helpline is for."),
        )
        for language, name in languages.LANGUAGES.items()
    }


def ask_answering_window(helpline: PhoneSettings, day: int) -> tuple[time, time] | None:
    """Ask from when until when the phone is answered on a day; None where it is not."""
    name = dates.get_day_names("wide", locale=viewer_locale())[day]
    window = helpline.hours.windows[day] if helpline.hours else (OPENS, CLOSES)
    opens, closes = window or (OPENS, CLOSES)
    key = f"phone-{helpline.brand_id}-{day}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        answers = st.checkbox(name, value=window is not None, key=f"on-{key}", width=160)
        begins = widgets.ask_time_of_day(_("From"), opens, width=140, key=f"from-{key}")
        ends = widgets.ask_time_of_day(_("To"), closes, width=140, key=f"to-{key}")
    return (begins, ends) if answers else None
