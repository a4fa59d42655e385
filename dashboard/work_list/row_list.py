"""The list itself, in the browser: parts with their counts, rows, and what is pressed there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import in_browser, page_actions, viewer
from dashboard.desk import taking_calls
from dashboard.desk.keyboard_buttons import SHORTCUTS_WANTED_KEY
from dashboard.language import _, translate_count
from dashboard.work_list import address
from dashboard.work_list.row_html import row_html
from leads.i18n.translatable import Phrase
from leads.read_models.work_filter import (
    EVERYTHING,
    HARM_LABELS,
    OWN_PARTS,
    WORK_PART_LABELS,
    Harm,
    WorkPart,
)
from leads.read_models.work_list import WorkList
from leads.read_models.work_rows import WorkRow

LIST_KEY, SELECTED_KEY, CLEARS_KEY = "work-rows", "selected work", "how often work was unselected"
LISTED_KEY = "whether work is listed"
LIST, PANEL = "work-list", "work-panel"  # the two fragments of the page
ABOVE_ROWS = 450  # pixels of the page above the rows and below them
WORDS = {
    "parts": Phrase("Sections of the work list"),
    "all": Phrase("Select all"),
    "select": Phrase("Select {who}"),
    "find": Phrase("Find in this list"),
    "found": Phrase("{count} found"),
    "nothing": Phrase("Nothing here matches what you typed."),
    "keys": Phrase(
        "Keys: J and K or arrows to move, Enter to open, Enter again for its actions, X to "
        "select, / to find, Esc to go back."
    ),
}
EMPTY_PARTS = {
    WorkPart.DECIDE: Phrase("Nothing needs a decision."),
    WorkPart.CALL: Phrase("No one is waiting. New requests appear here the moment they arrive."),
    WorkPart.IN_HAND: Phrase("No advisor is working on a callback right now."),
    WorkPart.NOT_REACHED: Phrase("No one was closed without contact in the last 30 days."),
    WorkPart.ALL: Phrase("Nothing is open."),
}
NOBODY_ELSE = Phrase("No one else is waiting.")
_draw_rows = in_browser.load_browser_component("work_list")


def draw_row_list(work: WorkList) -> None:
    """Draw the first rows of one part of the list; all of it, and the others, are counted."""
    st.session_state[LISTED_KEY] = any(map(work.counts.of_part, OWN_PARTS))
    count = work.counts.of_part(work.part)
    is_cut = count > len(work.rows)
    _draw_rows(
        key=LIST_KEY,
        data={
            "part": work.part,
            "parts": [_part_tab(work, one) for one in WorkPart if one in (*OWN_PARTS, work.part)],
            "sentence": part_sentence(work),
            "rows": [
                [row.key, row_html(row, names_brand=work.names_brand), group]
                for group, row in _in_groups(work.rows)
            ],
            "cut": _words_of_cut(len(work.rows), count) if is_cut else None,
            "totals": _group_counts(work),
            "empty": _nothing_to_show(work),
            "opened": address.open_row_key(),
            "clears": st.session_state.get(CLEARS_KEY, 0),
            "keys": st.session_state.get(SHORTCUTS_WANTED_KEY, True),
            "now": viewer.read_utc_clock().timestamp() * 1000,
            "above": ABOVE_ROWS,
            "words": {name: _(phrase) for name, phrase in WORDS.items()},
            "lengths": in_browser.translate_labels(in_browser.LENGTH_FORMATS),
        },
        on_opened_change=_open_row,
        on_selected_change=_select_rows,
        on_part_change=_open_part,
        on_more_change=_show_more,
        on_news_change=_redraw_panel,
    )


def part_sentence(work: WorkList) -> str:
    """Say what a part is, with the count that counts."""
    by_harm = work.counts.by_harm(work.part)
    if work.part == WorkPart.CALL:
        later = by_harm.get(Harm.PLANNED, 0)
        free = sum(one.is_free for one in work.board.colleagues)
        said = _(
            "{due} due now, {later} later. Advisors free: {free}.",
            due=sum(by_harm.values()) - later,
            later=later,
            free=free,
        )
        return " · ".join(filter(None, (said, taking_calls.name_taken(work.board.taken))))
    return _(PART_SENTENCES[work.part]) if by_harm else ""


PART_SENTENCES = {
    WorkPart.DECIDE: Phrase("Each of these needs a decision."),
    WorkPart.IN_HAND: Phrase("An advisor is reviewing, calling, or wrapping up."),
    WorkPart.NOT_REACHED: Phrase(
        "Closed without contact in the last 30 days: no one will call them again."
    ),
    WorkPart.ALL: Phrase("From every part of the list."),
}


def forget_selection() -> None:
    """Select nothing any more, here and in the browser."""
    st.session_state.pop(SELECTED_KEY, None)
    st.session_state[CLEARS_KEY] = st.session_state.get(CLEARS_KEY, 0) + 1


def selected_keys() -> list[str]:
    """Return the keys of the rows that are selected."""
    keys: list[str] = st.session_state.get(SELECTED_KEY, [])
    return keys


def is_anything_listed() -> bool:
    """Whether the list, as it was last drawn, has any row."""
    return bool(st.session_state.get(LISTED_KEY))


def _part_tab(work: WorkList, part: WorkPart) -> dict[str, Any]:
    return {
        "name": part,
        "label": _(WORK_PART_LABELS[part]),
        "count": str(work.counts.of_part(part)),
        "urgent": work.counts.is_urgent(part),
    }


def _words_of_cut(shown: int, count: int) -> dict[str, str]:
    """Return what is said of a list of which only the first rows are shown."""
    counts = {"shown": shown, "count": count}
    return {
        "sentence": _("Showing the first {shown} of {count}.", **counts),
        "more": _("Show more"),
        "all": _("Select the {shown} shown", **counts),
        "nothing": _(
            "None of the {shown} rows shown matches what you typed. Show more, or use the filters "
            "above: they find rows among all {count}.",
            **counts,
        ),
    }


def _is_grouped_by_reason() -> bool:
    return st.query_params.get("group") == address.GROUP_BY_REASON


def _group_counts(work: WorkList) -> dict[str, int]:
    """Return how many rows each group has, shown or not; reasons are known of shown rows alone."""
    if _is_grouped_by_reason():
        return {}
    by_harm = work.counts.by_harm(work.part)
    return {_(HARM_LABELS[harm]): count for harm, count in by_harm.items()}


def _in_groups(rows: Sequence[WorkRow]) -> list[tuple[str, WorkRow]]:
    """Return each row with the name of its group: how much it harms, or why it is there."""
    if not _is_grouped_by_reason():
        return [(_(HARM_LABELS[row.harm]), row) for row in rows]
    groups: dict[str, list[WorkRow]] = {}
    for row in rows:
        groups.setdefault(_(row.why), []).append(row)
    return [(reason, row) for reason, those in groups.items() for row in those]


def _nothing_to_show(work: WorkList) -> str:
    """Say why a part that is empty is empty."""
    if address.filter_from_address() == EVERYTHING:
        is_taken = work.part == WorkPart.CALL and work.board.taken
        return _(NOBODY_ELSE if is_taken else EMPTY_PARTS[work.part])
    others = translate_count(
        work.everything, "This section has {count} row.", "This section has {count} rows."
    )
    return _("Nothing matches the filters. {others}", others=others)


def _open_row() -> None:
    st.session_state.pop(SELECTED_KEY, None)  # the browser has let go of it
    address.store_in_address("row", st.session_state[LIST_KEY].opened or "")
    if page_actions.action_message():
        page_actions.clear_action_message()
        st.rerun([LIST, PANEL])
    _redraw_panel()


def _select_rows() -> None:
    st.session_state[SELECTED_KEY] = list(st.session_state[LIST_KEY].selected or [])
    _redraw_panel()


def _open_part() -> None:
    address.store_in_address("part", st.session_state[LIST_KEY].part or "")
    address.store_in_address("row", "")
    address.store_in_address(address.ROWS, "")
    forget_selection()
    st.rerun([LIST, PANEL])


def _show_more() -> None:
    address.show_more_rows()
    st.rerun(LIST)


def _redraw_panel() -> None:
    st.rerun(PANEL)
