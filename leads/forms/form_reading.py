"""Read a form post: decode its body once and make of it what its tool means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leads.errors import BadSubmission
from leads.forms.body_decoding import decode
from leads.forms.compound_fields import with_whole_numbers
from leads.forms.form_field import text_of
from leads.forms.request import FormRequest
from leads.forms.request_extraction import pick
from leads.forms.vendor_recipes import kinds, read_entry
from leads.i18n.translatable import Phrase

KINDS = kinds()

MOST_LABELS = 100_000  # characters: each of them is compared with all our words, while others wait


def read(
    body: bytes, content_type: str, *, kind: str = "generic", region: str, mapping: Mapping[str, str] | None = None
) -> FormRequest:
    """Return what a form post asks for, as its tool means it and with numbers meant as in `region`.

    `mapping` says which of the tool's fields, by key or label, is which of ours. Raises BadSubmission, and nothing
    else, when nothing can be made of it; the sentence says why. A missing or unusable number is `phone=None`.
    """
    entry = read_entry(decode(body, content_type), kind)
    if all(item.is_blank for item in entry.items) and not entry.thin:
        msg = Phrase("There are no fields in it.")
        raise BadSubmission(msg)
    if sum(len(item.path) + len(item.label) + len(item.section) + len(item.type) for item in entry.items) > MOST_LABELS:
        msg = Phrase("The names of its fields are longer than those of any form.")
        raise BadSubmission(msg)
    whole = replace(entry, items=with_whole_numbers(entry.items, region))
    return pick(whole, region=region, mapping=mapping or {})


def given(body: bytes, content_type: str) -> dict[str, str]:
    """Return the outermost fields of a form post as they were given, to show them to their sender again."""
    tree = decode(body, content_type)
    if not isinstance(tree, dict):
        return {}
    texts = {name: next(map(text_of, value), "") if isinstance(value, list) else value for name, value in tree.items()}
    return {name: text_of(value) for name, value in texts.items() if value and not isinstance(value, dict)}
