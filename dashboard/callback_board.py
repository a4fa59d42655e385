"""The callback board: every open callback, what it waits for, and who is there for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, widgets
from dashboard.danger import board_section, override_form
from dashboard.desk import call_bar, unrecorded_call
from dashboard.http import live_updates
from dashboard.language import _, translate_count
from leads.callbacks import completion, own_dispositions, queue, unplaced_calls
from leads.calls.parties import WITHOUT_WHOM_NO_CALL
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import AttemptState, HoldReason
from leads.read_models import callback_board as board_view
from leads.read_models.callback_board import (
    CALL_ACTIVITY,
    WAITS_FOR_LABELS,
    AdvisorStatus,
    Board,
    BoardFilter,
    BoardRow,
    WaitsFor,
)
from leads.read_models.calls_in_progress import STANDING_LABELS, CallInProgress
from leads.read_models.page_changes import Topic

DANGER = "⚠"
TILE_WIDTH = 150  # pixels: five beside each other on a laptop, two on a phone
FILTERS = ("helpline", "waits_for", "advisor", "late")

me = widgets.require_signed_in_advisor()


def load_callback_board() -> Board:
    """Return everything that the board shows."""
    return widgets.read_or_stop_page(
        lambda s, a: board_view.read_board(s, a, now=widgets.read_utc_clock())
    )


def board_filter_from_url() -> BoardFilter:
    """Return the filter that the page's address asks for.

    What nobody understands in it asks for nothing.
    """
    asked = st.query_params
    waits_for, advisor = asked.get("waits_for", ""), asked.get("advisor", "")
    return BoardFilter(
        helpline=asked.get("helpline", ""),
        waits_for=WaitsFor(waits_for) if waits_for in set(WaitsFor) else None,
        advisor_id=int(advisor) if advisor.isdecimal() else None,
        late=asked.get("late") == "1",
    )


def draw_board_filters(board: Board) -> None:
    """Draw the board's filters, which the page's address remembers."""
    helplines = {name: name for name in sorted({row.brand for row in board.waiting})}
    holders = {row.advisor_id: row.advisor for row in board.waiting if row.advisor_id}
    advisors = {str(one): holders[one] for one in sorted(holders, key=holders.__getitem__)}
    if not st.query_params.get("advisor", "").isdecimal():  # a name, in an older address
        st.query_params.pop("advisor", None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_board_filter("helpline", _("Helpline"), helplines, _("all helplines"))
        draw_board_filter(
            "waits_for",
            _("Waiting for"),
            {str(one): _(WAITS_FOR_LABELS[one]) for one in WaitsFor},
            _("anything"),
        )
        draw_board_filter("advisor", _("With"), advisors, _("anyone or no one"))
        key = "only-late"
        st.toggle(
            _("Overdue only"),
            value=board_filter_from_url().late,
            key=key,
            on_change=store_choice_in_url,
            args=("late", key),
        )


def draw_board_filter(name: str, label: str, options: Mapping[str, str], everything: str) -> None:
    """Draw one filter; the address may name a choice that is not on the board any more."""
    asked, key = st.query_params.get(name, ""), f"only-{name}"
    words = {"": everything, **options} | ({asked: options.get(asked, asked)} if asked else {})
    st.selectbox(
        label,
        list(words),
        index=list(words).index(asked),
        format_func=lambda one: words.get(one, one),
        key=key,
        on_change=store_choice_in_url,
        args=(name, key),
        width=195,
    )


def store_choice_in_url(name: str, key: str) -> None:
    """Write a filter's choice into the page's address, where a reload finds it."""
    value = st.session_state[key]
    if value:
        st.query_params[name] = "1" if value is True else str(value)
    else:
        st.query_params.pop(name, None)


def clear_board_filters() -> None:
    """Remove every filter from the page's address."""
    for name in FILTERS:
        st.query_params.pop(name, None)
        st.session_state.pop(f"only-{name}", None)


def draw_board_tiles(board: Board) -> None:
    """Draw the figures of the board that must not be missed."""
    now, rows = widgets.read_utc_clock(), board.waiting
    unrung = min((row.received_at for row in rows if not row.rung), default=None)
    tiles: dict[str, int | str] = {
        _("Waiting now"): sum(row.waits_for == WaitsFor.ADVISOR for row in rows),
        _("Longest not called"): widgets.duration_text(now - unrung) if unrung else _("no one"),
        _("With an advisor"): sum(bool(row.advisor) for row in rows),
        _("To decide"): sum(row.waits_for == WaitsFor.DECISION for row in rows),
    }
    with st.container(horizontal=True):
        for label, figure in tiles.items():
            st.metric(label, figure, border=True, width=TILE_WIDTH)
        limbo = _("Open leads without an open callback. Always 0.")
        st.metric(_("Not in any queue"), board.limbo, border=True, width=TILE_WIDTH, help=limbo)


def waiting_table_row(row: BoardRow) -> dict[str, object]:
    """Return the table's row of an open callback: what a supervisor decides by.

    The rest is said of the callback that is chosen.
    """
    return {
        _("Until"): _("overdue") if row.late else widgets.instant_text(row.until),
        _("Who"): f"{DANGER} {_(row.who)}" if row.in_danger else _(row.who),
        _("Waiting for"): _(row.hold or row.why),
        _("Open for"): widgets.time_since_text(row.received_at),
        _("Called"): rung_cell_text(row),
        _("No."): row.callback_id,
        _("File"): f"/lead?lead={row.lead_id}",
    }


def waiting_table_columns() -> dict[str, Any]:
    """Return the widths of the table's columns, together no wider than the page on a laptop."""
    danger = _("{sign}: danger signs in what they wrote.", sign=DANGER)
    return {
        _("Until"): st.column_config.TextColumn(width=150),
        _("Who"): st.column_config.TextColumn(width=126, help=danger),
        _("Waiting for"): st.column_config.TextColumn(width=278),
        _("Open for"): st.column_config.TextColumn(width=88),
        _("Called"): st.column_config.TextColumn(width=70),
        _("No."): st.column_config.NumberColumn(width=44),
        _("File"): st.column_config.LinkColumn(width=56, display_text=_("Open")),
    }


def rung_cell_text(row: BoardRow) -> str:
    """Return whether the lead was rung yet, and how often in vain."""
    if row.misses:
        return translate_count(row.misses, "{count} miss", "{count} misses")
    return _("yes") if row.rung else _("not yet")


@widgets.in_stable_container
def draw_waiting_table(board: Board) -> None:
    """Draw the callbacks that pass the filter, overdue ones first.

    An empty table says why it is empty.
    """
    shown = [row for row in board.waiting if board_filter_from_url().shows(row)]
    if not board.waiting:
        nobody = _("No one is waiting. New requests appear here the moment they arrive.")
        st.info(nobody, icon=":material/inbox:")
    elif not shown:
        others = translate_count(
            len(board.waiting), "{count} callback is open.", "{count} callbacks are open."
        )
        st.info(
            _("None match the filter above. {others}", others=others),
            icon=":material/filter_alt_off:",
        )
        st.button(_("Show all"), on_click=clear_board_filters, key="show-all")
    else:
        count = _(
            "{shown} of {all} open callbacks, overdue first.",
            shown=len(shown),
            all=len(board.waiting),
        )
        st.markdown(f":small[{count}]")
        st.dataframe(
            [waiting_table_row(row) for row in shown],
            hide_index=True,
            width="stretch",
            column_config=waiting_table_columns(),
        )


@st.fragment(run_every=in_browser.FALLBACK)
def draw_live_board() -> None:
    """Draw the parts of the board that change by themselves."""
    in_browser.rerun_on_change(Topic.BOARD, live_updates.change_version())
    board = load_callback_board()
    widgets.draw_action_message()
    board_section.draw_board_section()
    draw_board_warnings(board)
    draw_calls_in_progress(board)
    draw_board_tiles(board)
    draw_waiting_table(board)
    draw_given_up(board)
    st.header(_("Advisors"), anchor=False)
    with st.container(gap="xsmall"):
        if not board.colleagues:
            st.info(
                _(
                    "No one is available. Callbacks wait until an advisor opens the desk or is put "
                    "on duty."
                )
            )
        for colleague in board.colleagues:
            draw_advisor_activity(colleague)


@widgets.in_stable_container
def draw_calls_in_progress(board: Board) -> None:
    """Draw the calls that are under way, with the ways into each."""
    if not board.calls:
        return
    st.header(_("Calls in progress"), anchor=False)
    for call in board.calls:
        with st.container(border=True, key=f"call-{call.attempt_id}", gap="small"):
            draw_call_in_progress(call)


def draw_call_in_progress(call: CallInProgress) -> None:
    """Draw who is in a call and since when, and whether its advisor asks for help."""
    others = [
        f"{_(member.name)} ({_(STANDING_LABELS[member.standing])})"
        for member in call.members
        if member.party not in WITHOUT_WHOM_NO_CALL
    ]
    state = CALL_ACTIVITY[call.state]
    sentence = " · ".join([f" · {_(call.who)}", *others, f"{_(state)} {{time}}"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        in_browser.draw_running_clock(
            f"since-{call.attempt_id}", call.since, sentence, strong=call.advisor, written="watch"
        )
        if call.state == AttemptState.BRIDGED:
            call_bar.draw_supervisors_part(call, me.advisor_id)
    if call.help_wanted_at is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(_("Asks for help"), icon=":material/sos:", color="red")
            in_browser.draw_running_clock(
                f"help-{call.attempt_id}", call.help_wanted_at, _("for {time}"), written="watch"
            )
            board_section.draw_settle_button(call.attempt_id)


@widgets.in_stable_container
def draw_board_warnings(board: Board) -> None:
    """Draw what keeps leads from being rung, whoever is free."""
    if board.problem:
        refused = _(
            "The phone network rejected calls in the last hour. {problem}",
            problem=_(board.problem),
        )
        st.error(refused, icon=":material/phone_disabled:")
    if board.unplaced:
        failed = _(
            "People whose call failed on our side: {count}. They continue automatically once "
            "calls get through.",
            count=board.unplaced,
        )
        st.error(failed, icon=":material/phone_disabled:")
        if st.button(_("Fixed: try all of them again"), key="retry-unplaced"):
            widgets.run_as_signed_in(
                lambda s, a: unplaced_calls.retry_unplaced_calls(
                    s, a, now=widgets.read_utc_clock()
                ),
                Phrase("They are in the queue again."),
            )
    if board.to_review:
        undecided = _("Submissions waiting for a decision: {count}.", count=board.to_review)
        st.warning(undecided, icon=":material/rule:")


@widgets.in_stable_container
def draw_given_up(board: Board) -> None:
    """Draw who was not reached and is not tried any more: somebody has to see them."""
    if not board.given_up:
        return
    title = translate_count(
        len(board.given_up),
        "{count} person closed without contact in the last 30 days",
        "{count} people closed without contact in the last 30 days",
    )
    with st.expander(title, key="given-up"):
        rows = [
            {
                _("Closed without contact"): widgets.instant_text(row.at),
                _("Who"): _(row.who),
                _("Helpline"): row.brand,
                _("E-mail"): row.email,
                _("File"): f"/lead?lead={row.lead_id}",
            }
            for row in board.given_up
        ]
        links = {_("File"): st.column_config.LinkColumn(display_text=_("Open"))}
        st.dataframe(rows, hide_index=True, width="stretch", column_config=links)


def draw_advisor_activity(colleague: AdvisorStatus) -> None:
    """Draw what one advisor is doing, and for how long; the time runs in the browser."""
    doing = f" · {_(colleague.doing)}"
    if colleague.since is None:
        st.write(f"**{widgets.escape_markdown(colleague.name)}**{widgets.escape_markdown(doing)}")
    else:
        key = f"colleague-{colleague.advisor_id}"
        in_browser.draw_running_clock(
            key, colleague.since, f"{doing} · {{time}}", strong=colleague.name, written="watch"
        )


def draw_callback_decisions(board: Board) -> None:
    """Draw what a supervisor may do about the chosen callback."""
    rows = {str(row.callback_id): row for row in board.waiting}
    asked = st.query_params.get("callback", "")
    with st.container():
        if asked and asked not in rows:
            st.info(_("Callback {number} is closed or does not exist.", number=asked))
    if not rows:
        return
    st.header(_("Decide about one callback"), anchor=False)
    chosen = st.selectbox(
        _("Callback"),
        list(rows),
        format_func=lambda number: _("No. {number}: {who}", number=number, who=rows[number].who),
        index=list(rows).index(asked) if asked in rows else None,
        key="chosen",
        placeholder=_("Choose one"),
        on_change=store_choice_in_url,
        args=("callback", "chosen"),
    )
    if chosen is None:
        return
    row = rows[chosen]
    draw_callback_details(row)
    st.page_link(
        "lead_file.py",
        label=_("Open their file"),
        icon=":material/person:",
        query_params={"lead": str(row.lead_id)},
    )
    draw_hold_decision(row)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_assignment_controls(row, [one for one in board.colleagues if one.is_free])
    override_form.draw_override_form(row)
    draw_withdrawal_form(row)


def draw_callback_details(row: BoardRow) -> None:
    """Draw the details of a callback for which the table has no room."""
    helpline, urgency = st.columns(2, width=420)
    helpline.write(_("Helpline: {name}", name=widgets.escape_markdown(row.brand)))
    urgency.write(" ".join(_(reason) for reason in row.urgency))
    if row.match:
        st.write(widgets.escape_markdown(_(row.match)))


@widgets.in_stable_container
def draw_hold_decision(row: BoardRow) -> None:
    """Draw what a person has to decide before a held callback is rung."""
    if not row.hold:
        return
    st.write(_("**Held:** {reason}", reason=widgets.escape_markdown(_(row.hold))))
    if row.email:
        st.write(_("E-mail on file: {email}", email=widgets.escape_markdown(row.email)))
    if HoldReason.UNRECORDED_CALL in row.hold_reasons:
        own = widgets.read_or_stop_page(
            lambda s, _a: own_dispositions.list_own_of_callback(s, row.callback_id)
        )
        unrecorded_call.draw_outcome_question(row.callback_id, own)
    if st.button(_("Reviewed: return to queue"), key="unhold"):
        act_on_callback(row, queue.release_hold, Phrase("It is in the queue again."))


def draw_assignment_controls(row: BoardRow, free: list[AdvisorStatus]) -> None:
    """Draw the controls that give a callback to an advisor or move it up."""
    if st.button(_("Take it myself"), key="take", disabled="claim" not in row.events):
        if widgets.run_as_signed_in(
            lambda s, a: queue.claim_callback(
                s, s.get_one(Callback, row.callback_id), a, now=widgets.read_utc_clock()
            )
        ):
            st.switch_page("advisor_desk.py")
        st.rerun()
    if st.button(
        _("Move up"), key="up", icon=":material/arrow_upward:", disabled="claim" not in row.events
    ):
        act_on_callback(row, queue.move_callback_up, Phrase("It is ahead of the others now."))
    names = {one.advisor_id: one.name for one in free}
    nobody = _("No one is free") if not names else _("Choose an advisor")
    advisor = st.selectbox(
        _("Assign to"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=nobody,
        key="to",
        width=220,
    )
    may_be_given = bool(row.events & {"claim", "release"}) and not row.hold and advisor is not None
    if (
        st.button(
            _("Assign"), key="give", icon=":material/assignment_ind:", disabled=not may_be_given
        )
        and advisor
    ):
        act_on_callback(
            row,
            lambda s, c, a, now: queue.reassign_callback(
                s, c, s.get_one(Advisor, advisor), a, now=now
            ),
            Phrase("{name} has it now.", name=names[advisor]),
        )


def draw_withdrawal_form(row: BoardRow) -> None:
    """Draw the form that cancels a callback, which needs a reason."""
    with st.form("cancel", border=False, clear_on_submit=True):
        example = _("For example: reached us by phone")
        reason = st.text_input(_("Reason to cancel the callback"), placeholder=example)
        if st.form_submit_button(_("Cancel the callback"), disabled="cancel" not in row.events):
            act_on_callback(
                row,
                lambda s, c, a, now: completion.cancel_callback(s, c, a, reason=reason, now=now),
                Phrase("Canceled. The reason is on record."),
            )


def act_on_callback(row: BoardRow, verb: Callable[..., object], done: str) -> None:
    """Do one act on a callback and draw the whole page again."""

    def apply_to_callback(session: Session, advisor: Advisor) -> None:
        verb(
            session,
            session.get_one(Callback, row.callback_id),
            advisor,
            now=widgets.read_utc_clock(),
        )

    widgets.run_as_signed_in(apply_to_callback, done)
    st.rerun()


with st.container(horizontal=True, vertical_alignment="center"):
    st.title(_("Callback board"), anchor=False)
    widgets.link_to_new_request()
draw_board_filters(load_callback_board())
draw_live_board()
draw_callback_decisions(load_callback_board())
