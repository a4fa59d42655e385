"""The OpenAPI 3.1 document of the read API, made of its operations and of what they answer."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from leads.api.operations import OPERATIONS, Operation
from leads.api.problems import PROBLEM_TYPE, Problem

VERSION = "1.0.0"
JSON = "application/json"
PROBLEMS = (Problem.BAD_PARAMETER, Problem.NO_TOKEN, Problem.NO_SCOPE, Problem.TOO_MANY)
KINDS: Mapping[type, Mapping[str, str]] = {
    int: {"type": "integer"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
}
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
REPORT_SCHEMA = {
    "type": "object",
    "description": "Counts, shares and waits in seconds; null is what was not reached.",
    "required": ["service_level", "excluded", "bands"],
    "properties": {
        "excluded": {"type": "integer"},
        "bands": {"type": "object", "additionalProperties": {"type": "integer"}},
        "service_level": {
            "type": "object",
            "required": ["target_s", "hits", "misses", "pending", "share"],
            "properties": {
                "target_s": {"type": "number"},
                "hits": {"type": "integer"},
                "misses": {"type": "integer"},
                "pending": {"type": "integer"},
                "share": {"type": ["number", "null"]},
            },
        },
    },
}


def build_openapi_document() -> dict[str, Any]:
    """Return the document that describes the API."""
    records = {one.record for one in OPERATIONS if one.record}
    schemas: dict[str, Any] = {kind.__name__: _record_schema(kind) for kind in records}
    schemas |= {f"{kind.__name__}Page": _page_schema(kind) for kind in records}
    schemas |= {"Problem": PROBLEM_SCHEMA, "Report": REPORT_SCHEMA}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ringback read API", "version": VERSION},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {one.address: {"get": _describe_operation(one)} for one in OPERATIONS},
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def answer_schema_name(operation: Operation) -> str:
    """Return what the schema of an operation's answer is called."""
    if operation.record is None:
        return "Report"
    return operation.record.__name__ + ("Page" if operation.is_page else "")


def _describe_operation(one: Operation) -> dict[str, Any]:
    name = one.path.strip("/").replace("/", "_").replace("{id}", "one")
    found = {"200": _describe_answer("What was asked for.", JSON, answer_schema_name(one))}
    problems = (*PROBLEMS, Problem.NOT_FOUND) if "{id}" in one.path else PROBLEMS
    refused = {
        str(int(problem.value[0])): _describe_answer(problem.value[1], PROBLEM_TYPE, "Problem")
        for problem in problems
    }
    return {
        "operationId": f"read_{name}",
        "summary": one.summary,
        "description": f"Scope: {one.scope}." if one.scope else "Any token may read this.",
        "parameters": [
            {
                "name": parameter.name,
                "in": "path" if f"{{{parameter.name}}}" in one.path else "query",
                "required": parameter.is_required,
                "description": parameter.description,
                "schema": dict(parameter.schema),
            }
            for parameter in one.parameters
        ],
        "responses": {**found, **dict(sorted(refused.items()))},
    }


def _describe_answer(description: str, media_type: str, schema: str) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": description, "content": {media_type: content}}


def _record_schema(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        "type": "object",
        "description": " ".join((kind.__doc__ or "").split()),
        "required": [one.name for one in fields(kind)],
        "additionalProperties": False,
        "properties": {one.name: _value_schema(hints[one.name]) for one in fields(kind)},
    }


def _page_schema(kind: type[Any]) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{kind.__name__}"}}
    return {
        "type": "object",
        "required": ["items", "next_cursor"],
        "additionalProperties": False,
        "properties": {"items": items, "next_cursor": {"type": ["string", "null"]}},
    }


def _value_schema(hint: Any) -> dict[str, Any]:
    if get_origin(hint) in (Union, types.UnionType):
        [inner] = [one for one in get_args(hint) if one is not type(None)]
        return {"anyOf": [_value_schema(inner), {"type": "null"}]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _value_schema(get_args(hint)[0])}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"type": "string", "enum": [*map(str, hint)]}
    return dict(KINDS[hint])
