"""Body decoding: from raw bytes to a tree of fields, whatever the content type says or conceals."""

from __future__ import annotations

import codecs
import html
import io
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from leads.errors import BadSubmission
from leads.free_text.normalization import spelled_length
from leads.i18n.messages import Message, MessageKey

Tree = dict[str, Any] | list[Any]
"""A decoded body: maps and lists down to text, numbers, truth values and None."""

GZIP, ZLIB, LARGEST = b"\x1f\x8b", (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"), 1024 * 1024
DAMAGED = Message(MessageKey.DAMAGED)
NO_TEXT = Message(MessageKey.NOT_TEXT)
MOST_FIELDS = 500
TOO_MANY = Message(MessageKey.TOO_MANY_FIELDS, most=MOST_FIELDS)
MOST_NODES = 3 * MOST_FIELDS  # answers, and the maps and lists around them
MOST_NAME_CHARACTERS = 30_000  # of all names together: each is compared with all our words
LONGEST_FIELD_NAME = 5_000  # characters, such as a whole wording of consent
MOST_TEXT_CHARACTERS = 150_000  # of all answers together, of each no more than are ever read
MOST_ESCAPES = 100_000  # percent signs of a form
MOST_BRACKETS = 50_000  # opening ones of a JSON body, those in its texts among them
UNLIKE_A_FORM = Message(MessageKey.UNLIKE_A_FORM)
NAMES_TOO_LONG = Message(MessageKey.NAMES_TOO_LONG)
DEEPEST = 32
TOO_DEEP = Message(MessageKey.TOO_DEEP)
NO_FIELDS = Message(MessageKey.JSON_WITHOUT_FIELDS)
LONGEST_TWICE_ENCODED = 20_000  # characters
LONGEST_START, LONGEST_END = 15_000, 5_000  # characters that are kept of a longer answer
LEFT_OUT = "\n[…]\n"
MOST_TAGS = 3  # around one value
LEAST_LINKED = 5  # digits or letters
LONGEST_NAME = 200  # characters before the first sign of a form
LONGEST_INTEGER = 30  # digits; what is longer is text to us
TEXT_CODEC = re.compile(
    r"utf-(8|16|32)(-[bl]e)?|ascii|iso8859-\d+|cp\d+|koi8-[rut]|mac-.+|gb\w+|big5.*|euc_.+"
    r"|shift_jis.*"
)
UNDECLARED = "cp1252"
"""What old pages and spreadsheets write where nothing says so."""
WESTERN = re.compile(
    r"[\t\n\r\x20-\x7e\xa0¡¿ªº°«»\xb4·€£“”\u2018\u2019„\u2013—…•™®©½¼"
    r"áéíóúüñÁÉÍÓÚÜÑàèìòùâêîôûäëïöçãõåæøœßÀÈÌÒÙÊÎÔÛÄËÏÖÇÕŒ]*"
)
"""Texts that it writes in English, Spanish and their neighbors, without the letters as which
half of a UTF-8 text would show."""
FOREIGN_LETTERS = re.compile(r"[^\W\x00-\x7f]{3}")
"""More of them side by side than a word of these languages has."""
BRACKETED = re.compile(r"(?P<name>[^\[\]]*[^\[\]\s])(?P<ways>(?:\[[^\[\]]*\])+)")
LINK = re.compile(
    r"<a\s[^<>]{0,200}?href\s*=\s*[\"']?(?:tel|sms|callto|mailto):([^\"'<>\s?;]{1,200})[^<>]{0,200}>"
    r"([^<>]{0,200})</a>",
    re.IGNORECASE,
)
"""A number or an address as a link to itself, as editors of pages and mails make one."""
TAGGED = re.compile(
    r"<(p|div|span|b|strong|i|em|td|font|u)(?: [^<>]{0,200})?>(.{0,600})(?:<br ?/?>)?</\1>"
    r"|([^<>]{0,200})<br ?/?>",
    re.IGNORECASE | re.DOTALL,
)
ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10}\d{0,2});")
QUOTED = re.compile(r"(?:[^\s%&=?]|%[0-9a-fA-F]{2})+")
DISPOSITION = re.compile(
    rb"--(?P<boundary>[^\r\n]{1,200})\r?\ncontent-disposition: form-data", re.IGNORECASE
)


def decode_body(body: bytes, content_type: str) -> Tree:
    """Return the fields of a form post as a tree.

    It may be JSON, form-encoded, with PHP's brackets, multipart, or JSON inside a field. Raises
    BadSubmission when nothing can be made of it; the sentence says why.
    """
    plain = decompress_body(body)
    if plain is None:
        raise BadSubmission(DAMAGED)
    parsed = _parse_body(plain, content_type)
    _reject_what_is_unlike_a_form(parsed)
    expanded = _expand_embedded_json(parsed)
    _reject_what_is_unlike_a_form(expanded)
    tree = _make_storable(expanded)
    while isinstance(tree, list) and len(tree) == 1:
        tree = tree[0]
    if not isinstance(tree, (dict, list)):
        raise BadSubmission(NO_FIELDS)
    return tree


def decompress_body(body: bytes) -> bytes | None:
    """Return a body as it was before its sender compressed it (gzip, deflate).

    None if it is damaged or too large.
    """
    if not body.startswith((GZIP, *ZLIB)):
        return _inflate_without_header(body) or body
    stream = zlib.decompressobj(wbits=47)  # either format, as the body says
    try:
        plain = stream.decompress(body, LARGEST)
    except zlib.error:
        return None
    return plain if stream.eof else None


def _inflate_without_header(body: bytes) -> bytes | None:
    """Return what a body says that some senders call deflated; None for what is a text already."""
    try:
        body.decode()
    except UnicodeDecodeError:
        stream = zlib.decompressobj(wbits=-15)
    else:
        return None
    try:
        plain = stream.decompress(body, LARGEST)
        plain.decode()
    except (zlib.error, UnicodeDecodeError):
        return None
    return plain if stream.eof and not stream.unused_data else None


def iterate_leaves(tree: Any) -> Iterator[Any]:
    """Yield the values of a tree that are neither maps nor lists."""
    if isinstance(tree, (dict, list)):
        for child in tree.values() if isinstance(tree, dict) else tree:
            yield from iterate_leaves(child)
    else:
        yield tree


def _parse_body(body: bytes, content_type: str) -> Any:
    declared, options = parse_options_header(content_type.encode("latin-1", "replace"))
    charsets = (
        *_charsets_shown_by_bytes(body),
        *_charsets_to_try(options.get(b"charset", b"").decode("latin-1")),
    )
    kind = declared.decode("latin-1").lower()
    is_json = bool(_charsets_shown_by_bytes(body)) or body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (
        b"{",
        b"[",
        b'"',
    )
    boundary = DISPOSITION.match(body)
    if boundary or (kind == "multipart/form-data" and not is_json):
        name = boundary["boundary"] if boundary else options.get(b"boundary", b"")
        return _expand_bracketed_pairs(_parse_multipart_pairs(body, name, charsets))
    text = _decode_text(body, charsets)
    if not is_json and text.count("%") > MOST_ESCAPES:
        raise BadSubmission(UNLIKE_A_FORM)
    if "=" not in text and "%3D" in text[:LONGEST_NAME].upper() and not text[:1].isspace():
        text = unquote(text)  # a form that was written for an address once more
    is_form = kind == "application/x-www-form-urlencoded" or "=" in text.partition("&")[0]
    if not is_form or text.lstrip()[:1] in ("{", "[", '"', "<"):
        return _expand_bracketed_keys(_parse_json_tree(text))
    pairs = _parse_urlencoded_pairs(text, charsets)
    if (
        len(pairs) == 1
        and not pairs[0][1]
        and (document := _parse_embedded_json(pairs[0][0])) is not None
    ):
        return document  # JSON that was escaped as if it were a form
    return _expand_bracketed_pairs(pairs)


def _charsets_shown_by_bytes(body: bytes) -> tuple[str, ...]:
    """Return the charsets that the first bytes of a text show.

    A mark shows one, and so does a null in every other byte.
    """
    shown = json.detect_encoding(body)
    return () if shown.startswith("utf-8") else (shown,)


def _charsets_to_try(declared: str) -> tuple[str, ...]:
    """Return the charsets to decode a text with, in turn.

    Text that is valid UTF-8 hardly ever is anything else, whatever its sender says. What is not
    may be what Western pages write without saying so.
    """
    try:
        name = codecs.lookup(declared).name if declared else ""
    except (LookupError, ValueError):
        name = ""
    if not TEXT_CODEC.fullmatch(name):
        return ("utf-8-sig", UNDECLARED)
    if name.startswith(("utf-16", "utf-32")):
        return (name, "utf-8-sig")
    return ("utf-8-sig", name, UNDECLARED)


def _decode_text(body: bytes, charsets: Iterable[str]) -> str:
    for charset in charsets:
        try:
            text = body.decode(charset)
        except UnicodeError:
            continue
        if _may_be_in(charset, (text,)):
            return text
    raise BadSubmission(NO_TEXT)


def _may_be_in(charset: str, texts: Iterable[str]) -> bool:
    """Whether texts look as if they had been written in a charset: of most nobody can tell."""
    return charset != UNDECLARED or all(
        WESTERN.fullmatch(text) and not FOREIGN_LETTERS.search(text) for text in texts
    )


def _parse_json_tree(text: str) -> Any:
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise BadSubmission(UNLIKE_A_FORM)
    try:
        value = json.loads(
            text,
            strict=False,  # templates write a message of two lines as it is
            object_pairs_hook=_reject_duplicate_names,
            parse_int=_parse_json_integer,
            parse_constant=str,
        )
    except ValueError:
        raise BadSubmission(Message(MessageKey.NEITHER_JSON_NOR_FORM)) from None
    except RecursionError:
        raise BadSubmission(TOO_DEEP) from None
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return _parse_json_tree(value)  # some tools write their JSON as a text in JSON
    if not isinstance(value, (dict, list)):
        raise BadSubmission(NO_FIELDS)
    return value


def _reject_duplicate_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object's pairs as a map.

    Raises BadSubmission where one name has two values: of two numbers under one name, nobody could
    tell which to ring.
    """
    fields = dict(pairs)
    if len(fields) != len(pairs) and any(fields[name] != value for name, value in pairs):
        raise BadSubmission(Message(MessageKey.FIELD_TWICE))
    return fields


def _parse_json_integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_INTEGER else digits


def _parse_urlencoded_pairs(text: str, charsets: Iterable[str]) -> list[tuple[str, str]]:
    for charset in charsets:
        try:
            pairs = parse_qsl(
                text.strip(),
                keep_blank_values=True,
                encoding=charset.removesuffix("-sig"),
                errors="strict",
                max_num_fields=MOST_FIELDS,
            )
        except UnicodeError:
            continue
        except ValueError:
            raise BadSubmission(TOO_MANY) from None
        if _may_be_in(charset, (said for pair in pairs for said in pair)):
            return pairs
    raise BadSubmission(NO_TEXT)


def _parse_multipart_pairs(
    body: bytes, boundary: bytes, charsets: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Return the names and texts of a multipart body.

    Files are dropped: a form that asks for a callback has no business with them.
    """
    fields: list[tuple[str, str]] = []

    def on_field(field: Any) -> None:
        fields.append(
            (
                _decode_text(field.field_name or b"", charsets),
                _decode_text(field.value or b"", charsets),
            )
        )

    if b"\r\n" not in body:
        body = body.replace(b"\n", b"\r\n")  # what was written by hand has no other line ends
    if body.count(b"\n--" + boundary) > MOST_FIELDS:
        raise BadSubmission(TOO_MANY)
    try:
        headers = {
            "Content-Type": b'multipart/form-data; boundary="' + boundary.replace(b'"', b"") + b'"'
        }
        python_multipart.parse_form(headers, io.BytesIO(body), on_field, lambda _file: None)
    except (FormParserError, ValueError):
        raise BadSubmission(Message(MessageKey.MULTIPART_DAMAGED)) from None
    return fields


def _expand_bracketed_pairs(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the tree that PHP's names, such as `fields[phone][value]`, make of pairs.

    What comes twice becomes a list.
    """
    tree: dict[str, Any] = {}
    for name, value in pairs:
        _insert_at_path(tree, _split_bracketed_name(name), name, value)
    return {name: _numbered_maps_to_lists(value) for name, value in tree.items()}


def _expand_bracketed_keys(value: Any) -> Any:
    """Return a JSON object whose keys are PHP's names as a tree, as some relays post it."""
    if not isinstance(value, dict) or not any(
        "[" in name and BRACKETED.fullmatch(name) for name in value
    ):
        return value
    tree: dict[str, Any] = {}
    for name, child in value.items():
        way = _split_bracketed_name(name)
        if isinstance(child, list) and not way[-1]:
            way = way[:-1]  # "ways[]" already holds the whole list
        _insert_at_path(tree, way, name, child)
    return {name: _numbered_maps_to_lists(child) for name, child in tree.items()}


def _split_bracketed_name(name: str) -> list[str]:
    if name.count("[") > DEEPEST:
        raise BadSubmission(TOO_DEEP)
    bracketed = BRACKETED.fullmatch(name)
    if not bracketed:
        return [name]
    return [bracketed["name"], *re.findall(r"\[([^\[\]]*)\]", bracketed["ways"])]


def _insert_at_path(tree: dict[str, Any], way: list[str], name: str, value: Any) -> None:
    """Put a value at the end of a path in a tree.

    Where another value is in the way, it stands under its whole name.
    """
    node = tree
    for step in way[:-1]:
        below = node.setdefault(step, {}) if step else node.setdefault(str(len(node)), {})
        if not isinstance(below, dict):
            node, way = tree, [name]
            break
        node = below
    last = way[-1] or str(len(node))
    if last not in node:
        node[last] = value
    elif isinstance(node[last], list):
        node[last].append(value)
    else:
        node[last] = [node[last], value]


def _numbered_maps_to_lists(node: Any) -> Any:
    """Return a tree whose maps with the keys 0, 1, 2 and so on are lists."""
    if not isinstance(node, dict):
        return node
    below = {name: _numbered_maps_to_lists(child) for name, child in node.items()}
    return list(below.values()) if list(below) == [str(n) for n in range(len(below))] else below


def _expand_embedded_json(value: Any, depth: int = 0) -> Any:
    """Replace JSON that stands as text in a field by what it says.

    Jotform's `rawRequest` is such a field.
    """
    if depth > DEEPEST:
        raise BadSubmission(TOO_DEEP)
    if isinstance(value, dict):
        return {name: _expand_embedded_json(child, depth + 1) for name, child in value.items()}
    if isinstance(value, list):
        return [_expand_embedded_json(child, depth + 1) for child in value]
    document = _parse_embedded_json(value)
    return value if document is None else _expand_embedded_json(document, depth + 1)


def _parse_embedded_json(value: Any) -> Tree | None:
    """Return the map, or list of maps, that a text spells; None for people's own words."""
    text = value.strip() if isinstance(value, str) else ""
    if (text[:1], text[-1:]) not in (("{", "}"), ("[", "]")):
        return None
    try:
        tree = _parse_json_tree(text)
    except BadSubmission:
        return None
    if isinstance(tree, list) and not any(isinstance(item, dict) for item in tree):
        return None
    return tree or None


def _make_storable(value: Any) -> Any:
    """Return a tree without what JSON can spell and no database stores.

    Such are half characters, the null character, and numbers that are none.
    """
    if isinstance(value, dict):
        return {_make_storable(name): _make_storable(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_make_storable(child) for child in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "").encode("utf-8", "replace").decode()
    if len(text) > LONGEST_START + LONGEST_END:  # the whole of it stays in the body
        return f"{text[:LONGEST_START]}{LEFT_OUT}{text[-LONGEST_END:]}"
    is_short = len(text) <= LONGEST_TWICE_ENCODED
    plain = _decode_twice_encoded(text) if is_short and ("&" in text or "%" in text) else text
    return _without_tags(plain) if plain.rstrip().endswith(">") else plain


def _without_tags(text: str) -> str:
    """Return a short value without the link or the tag that is all around it.

    A link to another number than it shows stays as it is: a person decides which is meant.
    """
    plain = text.strip()
    for _layer in range(MOST_TAGS):
        link, tagged = LINK.fullmatch(plain), TAGGED.fullmatch(plain)
        if link and _ends_alike(link[1], link[2]):
            plain = link[2].strip()
        elif tagged:
            plain = (tagged[2] or tagged[3] or "").strip()
    return text if "<" in plain else plain


def _ends_alike(linked: str, shown: str) -> bool:
    """Whether a link is to the number or the address that it shows, but for a calling code."""
    plain, seen = ("".join(filter(str.isalnum, unquote(text))) for text in (linked, shown))
    return len(seen) >= LEAST_LINKED and plain.casefold().endswith(seen.casefold())


def _decode_twice_encoded(text: str) -> str:
    """Return a text as it was before its sender wrote it for a page, or for an address, once more.

    An address itself stays as it is.
    """
    plain = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    is_quoted = "%" in plain and QUOTED.fullmatch(plain) and "://" not in plain
    return unquote(plain) if is_quoted else plain


def _reject_what_is_unlike_a_form(tree: Any) -> None:
    """Raise BadSubmission for a tree larger than any form: reading it would keep others waiting."""
    leaves = nodes = names = texts = longest = 0
    rest = [tree]
    while rest:
        node = rest.pop()
        nodes += 1
        if isinstance(node, dict):
            lengths = [spelled_length(name) for name in node]
            names += sum(lengths)
            longest = max(lengths, default=longest)
            rest.extend(node.values())
        elif isinstance(node, list):
            rest.extend(node)
        else:
            leaves += 1
            texts += min(len(node), LONGEST_TWICE_ENCODED) if isinstance(node, str) else 0
        if leaves > MOST_FIELDS:
            raise BadSubmission(TOO_MANY)
        if names > MOST_NAME_CHARACTERS or longest > LONGEST_FIELD_NAME:
            raise BadSubmission(NAMES_TOO_LONG)
        if nodes > MOST_NODES or texts > MOST_TEXT_CHARACTERS:
            raise BadSubmission(UNLIKE_A_FORM)
