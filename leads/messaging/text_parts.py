"""Text parts: in how many pieces the network carries a text. Pure.

A text of the GSM alphabet (3GPP TS 23.038) takes 160 characters in one part and 153 in each of
several; one letter outside of it makes that 70 and 67. Phones show the parts as one text.
"""

from __future__ import annotations

GSM_LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWO_UNITS = frozenset("^{}\\[~]|€")
GSM_WHOLE, GSM_PART = 160, 153
WIDE_WHOLE, WIDE_PART = 70, 67
WIDE_UNIT = 2  # bytes


def count_parts(body: str) -> int:
    """Return in how many parts a text goes out; an empty one is one."""
    if set(body) <= GSM_LETTERS | TWO_UNITS:
        units = len(body) + sum(letter in TWO_UNITS for letter in body)
        whole, part = GSM_WHOLE, GSM_PART
    else:
        units = len(body.encode("utf-16-be")) // WIDE_UNIT
        whole, part = WIDE_WHOLE, WIDE_PART
    return 1 if units <= whole else -(-units // part)
