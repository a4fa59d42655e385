"""How one entry of a person's history is written."""

from __future__ import annotations

from dashboard import page_text
from dashboard.language import _
from leads.lead_records.timeline import Direction, TimelineEntry

ARROWS = {
    Direction.FROM_THEM: ":material/call_received:",
    Direction.FROM_US: ":material/call_made:",
}


def timeline_text(entry: TimelineEntry) -> str:
    """Return one entry of the timeline, with an arrow where it is a contact."""
    arrow = f"{ARROWS[entry.direction]} " if entry.direction else ""
    said = f": {page_text.escape_markdown(_(entry.said))}" if entry.said else ""
    by = f" · {page_text.escape_markdown(_(entry.by))}" if entry.by else ""
    what, at = page_text.escape_markdown(_(entry.what)), page_text.instant_text(entry.at)
    return f"{arrow}**{what}**{said}  \n:small[{page_text.escape_markdown(at)}{by}]"
