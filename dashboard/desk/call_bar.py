"""The call bar: what an advisor can do while in a call, and who else is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.desk import keyboard_buttons
from dashboard.desk.keyboard_buttons import Verb
from dashboard.language import _
from leads.calls import danger_calls, parties
from leads.calls.parties import CallVerb
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import Audience, Party
from leads.models.helplines import CallPreset
from leads.models.labels import AUDIENCE_LABELS, PARTY_LABELS
from leads.read_models.calls_in_progress import (
    STANDING_LABELS,
    CallBar,
    CallInProgress,
    CallMember,
    Standing,
)

STANDING_COLORS = {
    Standing.RINGING: "blue",
    Standing.IN_CALL: "green",
    Standing.ON_HOLD: "orange",
    Standing.MUTED: "orange",
    Standing.NOT_REACHED: "red",
}
PARTY_ICONS = {
    Party.ADVISOR: ":material/support_agent:",
    Party.LEAD: ":material/person:",
    Party.COLLEAGUE: ":material/support_agent:",
    Party.INTERPRETER: ":material/translate:",
    Party.SUPERVISOR: ":material/supervisor_account:",
}
AUDIENCE_TITLES = {
    Audience.NOBODY: Phrase("Listen"),
    Audience.ADVISOR: Phrase("Speak to the advisor"),
    Audience.EVERYONE: Phrase("Join"),
}
WHILE_ADDING = Phrase(
    "While their phone rings, the caller hears the hold sound. Click Resume to talk with both; if "
    "no one answers, the caller is back."
)
CANCELED = Phrase(
    "You ended the call before they answered. They stay in the queue, and the next free advisor "
    "calls them. While you are available, that may be you."
)
CALLER_LEFT = Phrase(
    "You ended the call before you were connected. They are still on the line, and the next free "
    "advisor answers. While you are available, that may be you."
)
Act = Callable[[Session, CallAttempt, Advisor], object]
LegAct = Callable[[Session, CallLeg, Advisor], object]


def draw_call_controls(bar: CallBar, draw_more_controls: Callable[[], None] | None = None) -> None:
    """Draw what can be done in a call, but for its end."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if bar.is_mine:
            _draw_controls(bar)
        elif bar.me is not None:
            _draw_part_in_call_of_another(bar.call, bar.me, bar.verbs)
        if draw_more_controls:
            draw_more_controls()


@widgets.in_stable_container
def draw_call_members(bar: CallBar) -> None:
    """Draw who else is in a call, and since when an advisor waits for a supervisor's help.

    In the viewer's own call the bar's state says already how the lead is.
    """
    members = [one for one in bar.call.members if not _is_told_by_state(bar, one)]
    help_wanted_at = bar.call.help_wanted_at if bar.is_mine else None
    if not members and help_wanted_at is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="members"):
        if members:
            with st.container(horizontal=True, gap="small", key="parties", width="content"):
                for member in members:
                    _draw_member(bar, member)
        sentence = _("You asked for a supervisor {time} ago.")
        in_browser.draw_running_clock("help", help_wanted_at, sentence, look="small")


def draw_supervisors_part(call: CallInProgress, advisor_id: int) -> None:
    """Draw the ways into a colleague's call, or what a supervisor who is in it can do there.

    What they can do in a call that is theirs is on their desk.
    """
    if call.advisor_id == advisor_id:
        widgets.draw_small_text(_("You have this call. It is on My desk."))
        return
    me = call.member_of(advisor_id)
    if me is not None:
        verbs = frozenset({CallVerb.LEAVE, CallVerb.CHANGE_AUDIENCE})
        with st.container(horizontal=True, width="content"):
            _draw_part_in_call_of_another(call, me, verbs)
        return
    is_rung = any(member.advisor_id == advisor_id for member in call.members)
    with st.container(horizontal=True, width="content"):
        for audience, title in AUDIENCE_TITLES.items():
            keyboard_buttons.draw_action_button(
                _(title),
                _in_call(
                    call.attempt_id,
                    _join_before(audience),
                ),
                _("Your phone is ringing: press 1 to join the call."),
                key=f"{audience}-{call.attempt_id}",
                disabled=is_rung,
            )


def draw_end_button(bar: CallBar | None, *, is_calling_in: bool) -> None:
    """Draw the button that ends the call, apart from everything else.

    Before they answer it says that nothing has begun, and then where the person is: with nobody.
    """
    if bar is None or not bar.verbs & {CallVerb.END, CallVerb.CANCEL}:
        return
    look: Any = {"key": "end-call", "icon": ":material/call_end:", "type": "primary"}
    if CallVerb.CANCEL in bar.verbs:
        said = CALLER_LEFT if is_calling_in else CANCELED
        act = (bar.call.attempt_id, _(said))
        st.button(_("Cancel the call"), on_click=_cancel_and_say_so, args=act, **look)
        return
    _draw_button(
        bar.call,
        _("End the call"),
        lambda s, t, a: parties.end_call(s, t, a, now=viewer.read_utc_clock()),
        **look,
    )


def _cancel_and_say_so(attempt_id: str, said: str) -> None:
    """Cancel a call, and say what that means until the next action: their phone may ring again."""
    cancel = _in_call(
        attempt_id, lambda s, t, a: parties.cancel_call(s, t, a, now=viewer.read_utc_clock())
    )
    if page_actions.run_as_signed_in(cancel):
        page_actions.set_action_message(said, kind="warning")


def _draw_controls(bar: CallBar) -> None:
    if CallVerb.HOLD in bar.verbs:
        _draw_hold_and_mute(bar)
        _draw_add(bar)
    if CallVerb.ASK_FOR_HELP in bar.verbs:
        _draw_button(
            bar.call,
            _("I need a supervisor now"),
            lambda s, t, a: danger_calls.ask_for_supervisor(s, t, a, now=viewer.read_utc_clock()),
            key="ask-help",
            icon=":material/sos:",
            disabled=bar.call.help_wanted_at is not None,
            one_key=keyboard_buttons.HELP,
        )


def _draw_hold_and_mute(bar: CallBar) -> None:
    _draw_button(
        bar.call,
        _("Resume") if bar.is_lead_on_hold else _("Hold"),
        lambda s, t, a: parties.hold_lead(
            s, t, a, is_on_hold=not bar.is_lead_on_hold, now=viewer.read_utc_clock()
        ),
        key="hold",
        icon=":material/play_arrow:" if bar.is_lead_on_hold else ":material/pause:",
        one_key=keyboard_buttons.HOLD,
    )
    _draw_button(
        bar.call,
        _("Unmute") if bar.is_muted else _("Mute"),
        lambda s, t, a: parties.mute_advisor(
            s, t, a, is_muted=not bar.is_muted, now=viewer.read_utc_clock()
        ),
        key="mute",
        icon=":material/mic:" if bar.is_muted else ":material/mic_off:",
        one_key=keyboard_buttons.MUTE,
    )


def _draw_add(bar: CallBar) -> None:
    # another one for each who is asked in, so that it closes and shows what can be done with them
    key = f"add-to-call-{len(bar.call.members)}"
    with st.popover(_("Add"), icon=":material/person_add:", key=key):
        for advisor_id, name in bar.colleagues.items():
            _draw_button(
                bar.call,
                page_text.escape_markdown(name),
                _call_colleague(advisor_id),
                key=f"add-{advisor_id}",
                icon=PARTY_ICONS[Party.COLLEAGUE],
                width="stretch",
            )
        if not bar.colleagues:
            widgets.draw_small_text(_("No colleague is free now."))
        widgets.draw_small_text(_(WHILE_ADDING))
        for preset in bar.presets:
            _draw_button(
                bar.call,
                page_text.escape_markdown(_preset_title(preset)),
                _call_outsider(preset.party, preset.phone),
                key=f"preset-{preset.id}",
                icon=PARTY_ICONS.get(preset.party, ":material/call:"),
                width="stretch",
            )
        key = f"other-number-{bar.call.attempt_id}"
        with st.form(f"add-number-{bar.call.attempt_id}", border=False):
            st.text_input(_("Another number"), placeholder="(315) 555-0100", key=key)
            st.form_submit_button(
                _("Call and add"), on_click=_add_other_number, args=(bar.call.attempt_id, key)
            )


def _preset_title(preset: CallPreset) -> str:
    return f"{preset.name} · {preset.language}" if preset.language else preset.name


def _join_before(audience: Audience) -> Act:
    return lambda s, t, a: parties.join_as_supervisor(
        s, t, a, audience, now=viewer.read_utc_clock()
    )


def _call_colleague(advisor_id: int) -> Act:
    return lambda s, t, a: parties.ask_in_colleague(
        s, t, a, s.get_one(Advisor, advisor_id), now=viewer.read_utc_clock()
    )


def _speak_to(audience: Audience) -> LegAct:
    return lambda s, leg, a: parties.change_audience(
        s, leg, a, audience, now=viewer.read_utc_clock()
    )


def _call_outsider(party: Party, number: str) -> Act:
    return lambda s, t, a: parties.ask_in_outsider(
        s, t, a, party, number, now=viewer.read_utc_clock()
    )


def _add_other_number(attempt_id: str, key: str) -> None:
    act = _in_call(attempt_id, _call_outsider(Party.THIRD_PARTY, st.session_state[key]))
    if page_actions.run_as_signed_in(act):
        st.session_state[key] = ""


def _draw_part_in_call_of_another(
    call: CallInProgress, me: CallMember, verbs: frozenset[CallVerb]
) -> None:
    if CallVerb.CHANGE_AUDIENCE in verbs:
        for audience, title in AUDIENCE_TITLES.items():
            _draw_leg_button(
                me,
                _(title),
                _speak_to(audience),
                key=f"{audience}-{call.attempt_id}",
                type="primary" if audience == me.audience else "secondary",
            )
    _draw_leg_button(
        me,
        _("Leave the call"),
        lambda s, leg, a: parties.leave_call(s, leg, a, now=viewer.read_utc_clock()),
        key=f"leave-{call.attempt_id}",
        icon=":material/logout:",
    )


def _is_told_by_state(bar: CallBar, member: CallMember) -> bool:
    if not bar.is_mine or member.standing == Standing.NOT_REACHED:
        return False
    is_as_usual = member.standing in (Standing.IN_CALL, Standing.RINGING)
    return member.party == Party.LEAD or (bar.is_viewer(member) and is_as_usual)


def _draw_member(bar: CallBar, member: CallMember) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        st.markdown(_describe_member(bar, member), width="content")
        if not bar.is_mine or member.party in parties.WITHOUT_WHOM_NO_CALL:
            return
        if CallVerb.HAND_OVER in bar.verbs and member in bar.takers:
            _draw_leg_button(
                member,
                _("Transfer"),
                lambda s, leg, a: parties.hand_over(
                    s, s.get_one(CallAttempt, leg.attempt_id), a, leg, now=viewer.read_utc_clock()
                ),
                _("The call is theirs now. Leave it when you are ready."),
                key=f"hand-over-{member.leg_id}",
                icon=":material/swap_horiz:",
            )
        if CallVerb.SEND_AWAY in bar.verbs and member.standing != Standing.NOT_REACHED:
            _draw_leg_button(
                member,
                _("Remove"),
                lambda s, leg, a: parties.send_away(s, leg, a, now=viewer.read_utc_clock()),
                key=f"send-away-{member.leg_id}",
                icon=":material/person_remove:",
                type="tertiary",
            )


def _describe_member(bar: CallBar, member: CallMember) -> str:
    """Return who a member is, in Markdown: a sign, with how they are where that is unusual."""
    is_talking = member.standing == Standing.IN_CALL
    sign = PARTY_ICONS.get(member.party, ":material/call:")
    how = sign if is_talking else f"{sign} {_(STANDING_LABELS[member.standing])}"
    role = _(AUDIENCE_LABELS[member.audience]) if _has_audience(member) else ""
    who = [_("You")] if bar.is_viewer(member) else [_(member.name), _(PARTY_LABELS[member.party])]
    said = " · ".join(page_text.escape_markdown(word) for word in (*who, role) if word)
    return f":{STANDING_COLORS[member.standing]}-badge[{how}] {said}"


def _has_audience(member: CallMember) -> bool:
    return member.party == Party.SUPERVISOR and member.is_there


def _draw_button(
    call: CallInProgress, label: str, act: Act, done: str = "", *, key: str, **look: Any
) -> None:
    verb = _in_call(call.attempt_id, act)
    keyboard_buttons.draw_action_button(label, verb, done, key=key, **look)


def _draw_leg_button(
    member: CallMember,
    label: str,
    act: LegAct,
    done: str = "",
    **look: Any,
) -> None:
    keyboard_buttons.draw_action_button(
        label, lambda s, a: act(s, s.get_one(CallLeg, member.leg_id), a), done, **look
    )


def _in_call(attempt_id: str, act: Act) -> Verb:
    """Return the act on a call as a button does it."""
    return lambda s, a: act(s, s.get_one(CallAttempt, attempt_id), a)
