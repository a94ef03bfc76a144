"""What the document says of passports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from metrics.reading.checks import What

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_WHOLE: Schema = {"type": "integer"}
_NUMBER: Schema = {"type": "number"}
_FLAG: Schema = {"type": "boolean"}
_WORDS: Schema = {"type": "object", "additionalProperties": _TEXT, "description": "language -> text"}


def schemas(observation: Schema, value: Schema, alert: Schema, grain: Schema) -> Mapping[str, Schema]:
    return {
        "Passport": _record(
            code=_maybe(_TEXT), indicator=_TEXT, name=_WORDS, version=_WHOLE, measure=_TEXT, unit=_TEXT, grain=grain,
            department=_TEXT, region=_TEXT, exported=observation, now=observation,
            changed=_maybe(_FLAG) | {"description": "null: it is finer than a day and no longer kept, see `now.reason`"},
            reproduced=_maybe(_FLAG)
            | {"description": "summed again from what was known then it comes to the same; null: let go of"},
            course=_many(_record(
                revision=_WHOLE, at=_INSTANT, kind=_TEXT, actor=_TEXT, run=_maybe(_WHOLE), value=_maybe(_NUMBER),
                num=_maybe(_WHOLE), den=_maybe(_WHOLE), status=_TEXT,
                reason=_TEXT | {"description": "why, where somebody said why; else empty"},
            )),
            passed_over=_WHOLE | {"description": "revisions between those of `course` that were not looked at"},
            values=_many(value), cases={"type": "object", "additionalProperties": _WHOLE},
            runs=_many({"type": "object", "description": "a Run with the hash and the beginning of its payload"}),
            doubts=_many(_record(kind=_TEXT, words=_TEXT, held=_FLAG, verdict=_TEXT)),
            checks=_many(_record(
                check={"type": "string", "enum": list(get_args(What))}, passed=_FLAG,
                found={"type": "object", "description": "the other value, how many of how many, the doubt and its verdict"},
            )),
            formula=_record(
                measure=_TEXT, over=_maybe(_PART), of=_maybe(_PART), apart=_maybe(_PART), field=_TEXT, inputs=_many(_TEXT),
                number=_maybe(_NUMBER), basis=_WORDS, decimals=_WHOLE,
            ),
            alerts=_many(alert), orders=_many(_record(id=_WHOLE, number=_TEXT, title=_TEXT, state=_TEXT)),
            boards=_many(_TEXT), rules=_many(_TEXT), indicators=_many(_TEXT),
        ),
        "CaseListPassport": _record(
            code=_TEXT,
            query={"type": "object", "additionalProperties": _TEXT, "description": "`/records` gives the list by it"},
            then=_WHOLE | {"description": "how many cases it held when it was taken away"},
            again=_WHOLE | {"description": "how many of them you may see, as known then"},
            now=_WHOLE | {"description": "how many it would hold as known now"},
        ),
    }  # fmt: skip


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _record(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_PART = _record(
    in_period={**_maybe(_TEXT), "description": "the instant that lies in the period; null: none has to"},
    conditions=_many(_record(field=_TEXT, op=_TEXT, values=_many(_TEXT))),
)
