"""Plain tables: they are HTML.

They have their height at once, nothing is loaded to draw them, and screen readers read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from dashboard import in_browser

MOST_OF_WHOLE = 24
"""Letters of what has digits and is read in one piece: hours, a day, a phone number."""


@dataclass(frozen=True)
class PressableCell:
    """A cell that is a button; `value` is what the page is told when it is pressed."""

    content: object
    value: str
    is_chosen: bool = False


def draw_plain_table(
    title: str, rows: Sequence[Mapping[str, object]], *, only_figures: bool = False
) -> None:
    """Draw rows under the names of their columns, if there are any.

    `title`: what a screen reader calls the table. On a phone each row of a wide table becomes a
    list, unless `only_figures` says that its cells are short enough to stay beside each other.
    """
    if rows:
        st.html(plain_table_html(title, rows, only_figures=only_figures))


def draw_pressable_table(key: str, title: str, rows: Sequence[Mapping[str, object]]) -> str | None:
    """Draw rows of which some cells are `PressableCell`; returns the value of one just pressed."""
    return in_browser.draw_pressable_html(key, plain_table_html(title, rows)) if rows else None


def plain_table_html(
    title: str, rows: Sequence[Mapping[str, object]], *, only_figures: bool = False
) -> str:
    """Return a table in which every cell is plain text: nothing in it can be a link.

    The first cell names its row.
    """
    names = rows[0].items()
    head = "".join(
        f'<th scope="col" role="columnheader"{_look(name, one)}>{escape(name)}</th>'
        for name, one in names
    )
    body = "".join(f'<tr role="row">{_cells_html(row)}</tr>' for row in rows)
    # Wider than its screen it scrolls, also by the keyboard. Roles: a list on a phone is a table
    # still.
    look = "plain-table figures" if only_figures else "plain-table"
    frame = f'<div class="{look}" role="region" aria-label="{escape(title)}" tabindex="0">'
    head = f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
    return f'{frame}<table role="table">{head}<tbody role="rowgroup">{body}</tbody></table></div>'


def _cells_html(row: Mapping[str, object]) -> str:
    (_name, first), *others = row.items()
    return f'<th scope="row" role="rowheader"{_look(first)}>{_cell_html(first)}</th>' + "".join(
        f'<td role="cell" data-column="{escape(name)}"{_look(one)}>{_cell_html(one)}</td>'
        for name, one in others
    )


def _cell_html(cell: object) -> str:
    if not isinstance(cell, PressableCell):
        return escape(str(cell))
    chosen = str(cell.is_chosen).lower()
    return (
        f'<button type="button" value="{escape(cell.value)}" aria-pressed="{chosen}">'
        f"{escape(str(cell.content))}</button>"
    )


def _look(cell: object, of_column: object = None) -> str:
    content = cell.content if isinstance(cell, PressableCell) else cell
    if isinstance(content, int | float) or isinstance(of_column, int | float):
        return ' class="number"'
    text = str(content)
    is_whole = len(text) <= MOST_OF_WHOLE and any(map(str.isdigit, text))
    return ' class="whole"' if is_whole else ""
