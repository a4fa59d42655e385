"""A form's answers, and what is read of them."""

from __future__ import annotations

import json
from typing import Any

from leads.forms import form_reading
from leads.forms.request import FormRequest

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
NUMBER, THEIRS = "+13155550142", "+13155550177"
GIVEN, GIVEN_FOR_THEM = "(315) 555-0142", "(315) 555-0177"


def read(fields: Any, *, region: str = "US", **how: Any) -> FormRequest:
    return form_reading.read_form_request(json.dumps(fields).encode(), JSON, region=region, **how)


def typed(*rows: tuple[str, str, Any]) -> dict[str, Any]:
    """Return a form as tools send it that tell the label and the type of each field."""
    return {
        "fields": [
            {"key": f"k{n}", "label": a, "type": b, "value": c} for n, (a, b, c) in enumerate(rows)
        ]
    }
