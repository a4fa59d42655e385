"""The text of a CSV file, whatever program saved it, on whatever machine.

Pure.
"""

from __future__ import annotations

import codecs
import re

from leads.errors import BadFile
from leads.i18n.translatable import Phrase

MOST_LOOKED_AT = 4000  # bytes
UTF_16_SHARE = 0.3  # of the bytes at even or odd places are zero in a text that is mostly Latin
ACCENTED = re.compile(r"[a-zA-Z][áéíóúñüÁÉÍÓÚÑÜçãõàèêë]|[áéíóúñüÁÉÍÓÚÑÜçãõàèêë][a-zA-Z]")
APOSTROPHE = re.compile(r"[a-zA-Z]\u2019(?:s|t|d|m|ll|re|ve)\b|\u2019\s|[\u201c\u201d]")


def decode_csv_text(content: bytes) -> str:
    """Return the text of a file: Unicode, or what Excel writes on Windows or on a Macintosh.

    Raises BadFile where it is none.
    """
    for encoding in _possible_encodings(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(Phrase("This is not a text file: save the table as CSV (UTF-8)."))


def _possible_encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    start = content[:MOST_LOOKED_AT]
    half = max(len(start) // 2, 1)
    if start[1::2].count(0) / half > UTF_16_SHARE:
        return ("utf-16-le", "utf-8")
    if start[0::2].count(0) / half > UTF_16_SHARE:
        return ("utf-16-be", "utf-8")
    return ("utf-8", *_possible_eight_bit_encodings(content))


def _possible_eight_bit_encodings(content: bytes) -> tuple[str, str]:
    """Return the encodings of one byte a letter, the likelier first, by the words they make."""
    windows = content.decode("cp1252", "replace")
    macintosh = content.decode("mac_roman")
    is_macintosh = _count_words(macintosh) > max(_count_words(windows), 0)
    # every byte is something in Mac Roman, a picture too: it is believed only where it makes words
    return ("mac_roman", "cp1252") if is_macintosh else ("cp1252", "cp1252")


def _count_words(text: str) -> int:
    return len(ACCENTED.findall(text)) + len(APOSTROPHE.findall(text)) - 2 * text.count("\ufffd")
