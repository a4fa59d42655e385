"""Form reading: decode a form post's body once, and read the request that its tool means.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from leads import phone_numbers
from leads.errors import BadSubmission
from leads.forms.body_decoding import (
    UNLIKE_A_FORM,
    decode_body,
    decompress_body,
)
from leads.forms.compound_fields import join_named_lines, join_split_phone_numbers
from leads.forms.form_field import FormField, text_of
from leads.forms.request import FormRequest
from leads.forms.request_extraction import extract_request
from leads.forms.vendor_recipes import parse_submission, vendor_kinds
from leads.free_text.normalization import spelled_length
from leads.i18n.messages import Message, MessageKey

MOST_CHARACTERS_READ = 25_000  # of all names and answers: a twentieth of a second of work
CHARACTERS_AN_ANSWER = 150  # that each answer takes as long as, beside its own
CHARACTERS_A_BLANK = 30
KINDS = vendor_kinds()
LONGEST_SEARCH = 3_000  # bytes of a body that cannot be read in which a number is looked for


def read_form_request(
    body: bytes,
    content_type: str,
    *,
    kind: str = "generic",
    region: str,
    mapping: Mapping[str, str] | None = None,
) -> FormRequest:
    """Return the request that a form post makes, with numbers meant as in `region`.

    `mapping` says which of the tool's fields, by key or label, is which of ours. Raises
    BadSubmission, and nothing else, when nothing can be made of it; the sentence says why. A
    missing or unusable number is `phone=None`.
    """
    entry = parse_submission(decode_body(body, content_type), kind)
    if all(item.is_blank for item in entry.items) and not entry.thin:
        raise BadSubmission(Message(MessageKey.NO_FIELDS))
    _reject_what_takes_long_to_read(entry.items)
    whole = replace(entry, items=join_split_phone_numbers(join_named_lines(entry.items), region))
    return extract_request(whole, region=region, mapping=mapping or {})


def _reject_what_takes_long_to_read(items: Iterable[FormField]) -> None:
    """Raise BadSubmission for more answers than any form has: reading them keeps others waiting."""
    left = MOST_CHARACTERS_READ
    for item in items:
        left -= sum(map(spelled_length, (item.path, item.label, item.section, item.type)))
        for value in item.values:
            text = text_of(value)
            left -= CHARACTERS_AN_ANSWER + spelled_length(text) if text else CHARACTERS_A_BLANK
        if left < 0:
            raise BadSubmission(UNLIKE_A_FORM)


def find_number_in_body(body: bytes, *, region: str) -> str | None:
    """Return the first number in a body that cannot be read as a form, to show it to a person."""
    plain = decompress_body(body)
    text = (plain or b"")[:LONGEST_SEARCH].decode("utf-8", "ignore")
    return phone_numbers.find_first_phone(text, region)


def submitted_field_texts(body: bytes, content_type: str) -> dict[str, str]:
    """Return the outermost fields of a form post as given, to show them to their sender again."""
    tree = decode_body(body, content_type)
    if not isinstance(tree, dict):
        return {}
    texts = {
        name: next(map(text_of, value), "") if isinstance(value, list) else value
        for name, value in tree.items()
    }
    return {
        name: text_of(value)
        for name, value in texts.items()
        if value and not isinstance(value, dict)
    }
