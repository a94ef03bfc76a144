"""The part of the OpenAPI document that says how a system sends its data."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"anyOf": [{"type": "number"}, {"type": "null"}]}
WHEN: Schema = {"anyOf": [{"type": "string", "description": "ISO 8601; without an offset it is local time"}, {"type": "null"}]}
PERIOD: Schema = {"type": "string", "description": "2026-03, 2026-Q1, 2026, the first day of the period, or any instant in it"}
PLACED: Schema = {"department": {"type": "string", "description": "id, code or name"}, "region": TEXT}

ITEMS: dict[str, Schema] = {
    "SentRecord": {
        "type": "object",
        "description": "One case, under the names the source's `map` declares; these where it declares none.",
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": 200}, "opened": WHEN, "due": WHEN, "closed": WHEN,
            "entered": WHEN, "category": {"type": "string", "maxLength": 100}, "state": {"type": "string", "maxLength": 40},
            "source_rev": {"type": "integer", "minimum": 0, "description": "the higher is the newer"}, **PLACED,
        },
        "required": ["id"],
    },
    "SentObservation": {
        "type": "object",
        "properties": {
            "indicator": {"type": "string", "description": "key of an indicator of this source"}, "period": PERIOD,
            "grain": {"type": "string", "description": "else the source's, else the first of the indicator"},
            "num": NUMBER | {"description": "the figure in its unit, or the numerator of a rate; null: missing, with a reason"},
            "den": NUMBER | {"description": "the denominator of a rate"}, "n": NUMBER | {"description": "how many it rests on"},
            "status": {"type": "string", "enum": ["A", "P", "M", "E", "N", "S"], "description": "SDMX OBS_STATUS; A is normal"},
            "reason": {"type": "string", "maxLength": 200}, "source_rev": {"type": "integer", "minimum": 0}, **PLACED,
        },
        "required": ["indicator", "period"],
    },
    "Sent": {
        "type": "object",
        "properties": {
            "run": WHOLE, "revision": {"anyOf": [WHOLE, {"type": "null"}], "description": "null: nothing was new"},
            "counts": {"type": "object", "additionalProperties": WHOLE},
        },
        "required": ["run", "revision", "counts"], "additionalProperties": False,
    },
    "Faults": {
        "type": "object",
        "properties": {
            "error": {"type": "object", "properties": {"id": TEXT, "code": WHOLE, "message": TEXT, "hint": TEXT}},
            "faults": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"place": {"type": "string", "description": "JSON pointer"}, "reason": TEXT, "value": TEXT},
                },
            },
            "total": WHOLE,
        },
        "required": ["error"],
    },
}  # fmt: skip
REFUSALS = {
    "400": "Not the JSON that is asked for", "401": "No such token", "403": "The token of another source",
    "413": "Too large", "415": "Not application/json", "422": "Faults in the items, all of them with their places",
}  # fmt: skip


def post(gives: str, item: str) -> Schema:
    """The operation that takes records or observations."""
    body = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}, "minItems": 1, "maxItems": 10_000},
            "complete": {"type": "boolean", "description": "everything the source holds: what is missing is withdrawn"},
        },
        "required": ["items"], "additionalProperties": False,
    }  # fmt: skip
    key = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[ -~]+$"}
    return {
        "operationId": f"send_{gives}",
        "summary": f"Send {gives}: all of them are stored, or none",
        "security": [{"source": []}],
        "parameters": [
            {"name": "source", "in": "query", "required": True, "schema": TEXT, "description": "the source the token is of"},
            {"name": "Idempotency-Key", "in": "header", "required": False, "schema": key,
             "description": "the same key and body again within 30 days: the same answer, nothing stored"},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {"description": "Stored, or nothing new", "content": _json("Sent")},
            **{code: {"description": said, "content": _json("Faults")} for code, said in REFUSALS.items()},
        },
    }  # fmt: skip


def _json(name: str) -> Schema:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
