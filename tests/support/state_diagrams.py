"""The state tables as mermaid diagrams, for docs/architecture.md.

`python -m tests.support.state_diagrams` prints them.
"""

from __future__ import annotations

from collections import defaultdict

from leads.lifecycle.state_tables import STATE_TABLES, Table


def draw_state_diagram(table: Table) -> str:
    """Return the diagram of a table: one arrow for each pair of states, with its events."""
    events: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (before, event), after in table.items():
        events[before, after].append(event)
    arrows = [
        f"    {before} --> {after}: {', '.join(names)}" for (before, after), names in events.items()
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


if __name__ == "__main__":
    for record, state_table in STATE_TABLES.items():
        print(f"### {record.__name__}\n\n{draw_state_diagram(state_table)}\n")
