"""From raw bytes to fields, whatever the content type says or conceals."""

from __future__ import annotations

import io
import json
import math
from collections import deque
from typing import Any
from urllib.parse import parse_qsl

import python_multipart
from python_multipart.exceptions import FormParserError

from leads.errors import BadSubmission

Pairs = list[tuple[str, Any]]
"""Fields in order, outermost first: (name, text, number, truth value or None)."""

MOST_FIELDS = 1000
TOO_MANY = f"There are more than {MOST_FIELDS} fields."


def decode(body: bytes, content_type: str) -> Pairs:
    """Return the fields of a form post: JSON, form-encoded or multipart.

    Raises BadSubmission when nothing can be made of it; the sentence says why.
    """
    return [(_storable(name), _storable(value)) for name, value in _fields(body, content_type)]


def _fields(body: bytes, content_type: str) -> Pairs:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(body, content_type)
    text = _text(body)
    looks_like_a_form = kind == "application/x-www-form-urlencoded" or "=" in text.partition("&")[0]
    if not looks_like_a_form or text.lstrip()[:1] in ("{", "[", '"'):
        return _flat(_json(text))
    try:
        return list(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadSubmission(TOO_MANY) from None


def _storable(value: Any) -> Any:
    """JSON can spell half characters, the null character and what is no number; no database stores them."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        msg = "The text is not UTF-8."
        raise BadSubmission(msg) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        msg = "This is neither JSON nor a form."
        raise BadSubmission(msg) from None
    except RecursionError:
        msg = "The JSON is nested too deeply."
        raise BadSubmission(msg) from None


def _flat(value: Any) -> Pairs:
    """List the leaves of a JSON document, level by level, each with the way to it, such as `data.fields.phone`."""
    if not isinstance(value, (dict, list)):
        msg = "The JSON holds no fields."
        raise BadSubmission(msg)
    fields: Pairs = []
    levels: deque[tuple[str, Any]] = deque([("", value)])
    while levels:
        name, node = levels.popleft()
        if isinstance(node, dict):
            levels.extend((f"{name}.{key}" if name else key, child) for key, child in node.items())
        elif isinstance(node, list):
            levels.extend((name, item) for item in node)
        else:
            fields.append((name, node))
        if len(levels) + len(fields) > MOST_FIELDS:
            raise BadSubmission(TOO_MANY)
    return fields


def _multipart(body: bytes, content_type: str) -> Pairs:
    """Files are dropped: a form that asks for a callback has no business with them."""
    fields: Pairs = []

    def on_field(field: Any) -> None:
        fields.append((_text(field.field_name or b""), _text(field.value or b"")))
        if len(fields) > MOST_FIELDS:
            raise BadSubmission(TOO_MANY)

    try:
        headers = {"Content-Type": content_type.encode("latin-1", "replace")}
        python_multipart.parse_form(headers, io.BytesIO(body), on_field, lambda _file: None)
    except (FormParserError, ValueError):
        msg = "The multipart body is damaged."
        raise BadSubmission(msg) from None
    return fields
