"""Warm-up: load what forms are read by, so that the first of a process takes no longer."""

from __future__ import annotations

from datetime import datetime

from leads.contact_rules import gate
from leads.contact_rules.contact_history import ContactHistory
from leads.contact_rules.gate_rules import ContactChannel
from leads.contact_rules.lead_wishes import LeadWishes
from leads.contact_rules.zip_zones import US
from leads.free_text import call_risks, danger, wish_rules, wishes
from leads.intake.body_readings import read_form_body

EXAMPLE = b'{"Name": "Ana", "Phone": "+1 315 200 0142", "Message": "Please call in the evening."}'
EXAMPLE_WISHES = LeadWishes(
    phone="+13152000142",
    region="New York",
    zip="13202",
    best_time="evenings",
    any_hour=False,
    safe_to_call=None,
)


def load_words_and_rules(*, now: datetime) -> None:
    """Load every table of words, places and rules by which forms and texts are read.

    It takes half a second of a process's start, which nobody waits for.
    """
    call_risks.compile_all_risks()
    danger.compile_all_signs()
    wish_rules.make_all_expressions()
    wishes.interpret_text("stop")
    read_form_body(EXAMPLE, "application/json", ("generic", US, {}))
    history = ContactHistory(source_region=US)
    gate.decide_by_history(history, ContactChannel.CALL, EXAMPLE_WISHES, now=now)
