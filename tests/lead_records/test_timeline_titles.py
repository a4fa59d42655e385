"""What the timeline reads back from the trail is what somebody writes into it."""

from __future__ import annotations

import ast
from enum import StrEnum

from leads.lead_records.timeline import CONTACTS
from leads.lead_records.timeline_titles import TRANSITION_TITLES
from leads.lifecycle.state_tables import STATE_TABLES
from tests.support.source_files import FILES, nodes_of


def test_the_timeline_names_no_event_that_nobody_writes() -> None:
    """An event that is misspelled where it is read back would be silence, and no error."""
    written = {
        node.value
        for path in FILES
        if not path.name.startswith("timeline")
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    moves = {
        (record.__tablename__, event)
        for record, table in STATE_TABLES.items()
        for _state, event in table
    }
    for record, event in (*TRANSITION_TITLES, *CONTACTS):
        assert event in written, event
        assert ((record, event) in moves) is isinstance(event, StrEnum), (record, event)
