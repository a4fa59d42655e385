"""Citations: where each rule of the gate comes from."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from leads.contact_rules.calling_hours import load_calling_hours_rules
from leads.contact_rules.gate_rules import (
    AGREED_SAFE_TIME,
    HOURS_OVERRIDE,
    OWN_NUMBER,
    TIMES_OF_PHONE,
)
from leads.contact_rules.own_hours import OWN_HOURS
from leads.i18n.translatable import Phrase

OWN_RULES: Mapping[str, Phrase] = {
    "suppression": Phrase("47 CFR 64.1200(a)(10) and (d)"),
    "consent": Phrase("47 U.S.C. 227(b)(1)(A)"),
    "safe-to-call": Phrase("What they told us"),
    AGREED_SAFE_TIME: Phrase("The safe time that they agreed on"),
    "safe-to-text": Phrase("What they told us"),
    "safe-to-voicemail": Phrase("What they told us"),
    "wish-any-hour": Phrase("What they told us"),
    "place-known": Phrase("47 CFR 64.1200(c)(1): hours in the called party's local time"),
    "number-in-use": Phrase("The North American Numbering Plan, or the plan of its country"),
    "attempt-cap": Phrase("Ringback's rule: three contacts in any 24 hours"),
    "number-policy": Phrase("The helpline's countries and types of numbers"),
    OWN_HOURS: Phrase("The helpline's own hours"),
    TIMES_OF_PHONE: Phrase("What others who share the phone said"),
    OWN_NUMBER: Phrase("A call goes to the number that was decided about"),
    HOURS_OVERRIDE: Phrase("A supervisor's approval of one call, reviewed by a second supervisor"),
}
"""Where the rules come from that are in no table."""


def rule_citation(rule_id: str) -> Phrase:
    """Return what a rule of the gate rests on; a rule of another version is cited by its id."""
    return OWN_RULES.get(rule_id) or _citations_of_laws().get(rule_id) or Phrase(rule_id)


@functools.cache
def _citations_of_laws() -> dict[str, Phrase]:
    return {law.id: Phrase(law.citation) for law in load_calling_hours_rules()}
