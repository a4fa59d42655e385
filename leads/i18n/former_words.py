"""Words that rows have from before their sentence had a key; they are read, never shown."""

from __future__ import annotations

from collections.abc import Mapping

VENDOR_REASONS_BEFORE: Mapping[str, str] = {
    "CallRail told of a phone call, not of a form.": "callrail_sent_call",
    (
        "Meta sent only the id of a lead. Connect it through Zapier or Make, which send "
        "its name and number."
    ): "meta_sent_id",
    (
        "LinkedIn sent only the address of a response. Connect it through Zapier or "
        "Make, which send its name and number."
    ): "linkedin_sent_link",
    (
        "HubSpot sent only the number of a contact. Use the workflow action Send a "
        "webhook, which sends the contact itself."
    ): "hubspot_sent_id",
    "CallRail reported a phone call, not a form.": "callrail_sent_call",
    (
        "HubSpot sent only a contact's ID. Use the workflow action Send a webhook, which "
        "sends the contact itself."
    ): "hubspot_sent_id",
    (
        "LinkedIn sent only a link to a response. Connect it through Zapier or Make, "
        "which send the name and number."
    ): "linkedin_sent_link",
    (
        "Meta sent only a lead's ID. Connect it through Zapier or Make, which send the "
        "name and number."
    ): "meta_sent_id",
}
"""The key of each reason, by what rows have of it that were stored before it had one."""
