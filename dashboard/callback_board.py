"""The callback board: every promise that is still to be kept, what it waits for, and who is there to keep it."""

from __future__ import annotations

import streamlit as st

from dashboard import in_browser, live, widgets
from leads import board as board_view
from leads import closing, db, queue
from leads.board import Board, Colleague, Waiting
from leads.glance import Topic
from leads.models import Callback

me = widgets.me()


def read() -> Board:
    """Read everything that the board shows."""
    with db.reader() as session:
        return board_view.read(session, now=widgets.now())


def draw_tiles(board: Board) -> None:
    """The figures that must not be missed."""
    now = widgets.now()
    due = [row for row in board.waiting if row.why == "a free advisor"]
    unrung = min((row.received_at for row in board.waiting if not row.rung), default=None)
    tiles = st.columns(5)
    tiles[0].metric("Waiting now", len(due), border=True)
    tiles[1].metric("Longest unrung", widgets.spell(now - unrung) if unrung else "nobody", border=True)
    tiles[2].metric("With an advisor", sum(bool(row.advisor) for row in board.waiting), border=True)
    tiles[3].metric("To decide", sum(bool(row.hold) for row in board.waiting), border=True)
    tiles[4].metric("In no queue", board.limbo, border=True, help="Open leads without an open callback. Always 0.")


def row_of(row: Waiting) -> dict[str, object]:
    """Return one line of the table, in the words that a supervisor uses."""
    until = widgets.clock(row.until)
    overdue = row.why == "a free advisor"
    return {
        "No.": row.callback_id,
        "Who": row.who,
        "Waits for": row.hold or row.why,
        "Until": "now" if overdue else until,
        "With": row.advisor or "nobody",
        "Asked": f"{widgets.ago(row.received_at)} ago",
        "Rung": "yes" if row.rung else "not yet",
        "Misses": row.misses,
        "Helpline": row.brand,
    }


@st.fragment(run_every=in_browser.FALLBACK)
def draw_live() -> None:
    """Draw what changes by itself."""
    in_browser.stay_live(Topic.BOARD, live.version())
    board = read()
    if board.problem:
        st.error(
            f"The phone network refused calls within the last hour. {board.problem}", icon=":material/phone_disabled:"
        )
    if board.to_review:
        st.warning(f"Submissions that wait for a person to decide: {board.to_review}.", icon=":material/rule:")
    draw_tiles(board)
    if not board.waiting:
        st.info("Nobody is waiting. New requests appear here the moment they arrive.", icon=":material/inbox:")
    else:
        st.dataframe([row_of(row) for row in board.waiting], hide_index=True, width="stretch")
    st.subheader("Advisors", anchor=False)
    if not board.colleagues:
        st.info("Nobody is available. Callbacks wait until an advisor opens the desk or is put on duty.")
    else:
        st.dataframe([line_of(colleague) for colleague in board.colleagues], hide_index=True, width="content")


def line_of(colleague: Colleague) -> dict[str, str]:
    """Return what one advisor is doing."""
    return {"Advisor": colleague.name, "Is": colleague.doing, "For": widgets.ago(colleague.since)}


def draw_actions(board: Board) -> None:
    """What a supervisor may do about one callback."""
    rows = {row.callback_id: row for row in board.waiting}
    if not rows:
        return
    st.subheader("Act on one", anchor=False)
    chosen = st.selectbox(
        "Callback", list(rows), format_func=lambda number: f"No. {number}: {rows[number].who}", index=None, key="chosen"
    )
    if chosen is None:
        return
    row = rows[chosen]
    if row.hold:
        st.write(f"**Held:** {row.hold}")
        if st.button("I have looked: put it back into the queue", key="unhold"):
            widgets.act(
                lambda s, a: queue.unhold(s, s.get_one(Callback, chosen), a, now=widgets.now()),
                "It is in the queue again.",
            )
            st.rerun()
    if st.button("Take it myself", key="take", disabled="claim" not in row.events):
        if widgets.act(lambda s, a: queue.claim(s, s.get_one(Callback, chosen), a, now=widgets.now())):
            st.switch_page("advisor_desk.py")
        st.rerun()
    with st.form("cancel", border=False, clear_on_submit=True):
        reason = st.text_input("Reason to withdraw the promise", placeholder="For example: reached us by phone")
        if st.form_submit_button("Withdraw", disabled="cancel" not in row.events):
            widgets.act(
                lambda s, a: closing.cancel(s, s.get_one(Callback, chosen), a, reason=reason, now=widgets.now()),
                "Withdrawn. The reason is on record.",
            )
            st.rerun()


st.title("Callback board", anchor=False)
widgets.said()
draw_live()
draw_actions(read())
