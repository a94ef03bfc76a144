"""The OpenAPI 3.1 document of the API, as data; NAMES is also what the routes accept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metrics.links import ROLES
from metrics.store.cases import SORTS
from publish import _alerts, _changes, _disputes, _many, _orders, _passport_schema, _rules, _sending, _units

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
WORDS: Schema = {"type": "object", "additionalProperties": TEXT, "description": "language -> text"}
GRAIN: Schema = {"type": "string", "enum": ["minute5", "hour", "day", "week", "tenday", "month", "quarter", "year", "all"]}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def record(**properties: Schema) -> Schema:
    """Every property is always there; none but these."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


NUMBER: Schema = {"type": "number"}
LIMIT, OFFSET = ("limit", WHOLE, "how many at most"), ("offset", WHOLE, "how many to leave out before the first")
PLACE = (
    ("department", TEXT, "id of a department; without it the whole of your scope"),
    ("region", TEXT, "id of a region; without it the whole of your scope"),
)
AS_OF = (
    "as_of",
    {"anyOf": [INSTANT, WHOLE]},
    "what was known at this instant or revision, evaluated at it: nothing that came later is in it; at most 400 periods",
)
Parameter = tuple[str, Schema, str]

PARAMETERS: Mapping[str, Sequence[Parameter]] = {
    "indicators": (("field", TEXT, "key of a field of work"), AS_OF),
    "observations": (
        ("indicator", TEXT, "key of an indicator"), *PLACE, ("grain", GRAIN, "else the first of the indicator"),
        (
            "since", INSTANT, "periods that start at it or later, at most 2000 of them (400 with `as_of`), more are refused; "
            "left out: the last ones",
        ),
        ("until", INSTANT, "periods that start before it"), AS_OF,
    ),
    "values": (
        ("indicator", TEXT, "key of an indicator without records: reported by sources, or made of other indicators"),
        ("period", INSTANT, "start of the figure's period"), *PLACE, ("grain", GRAIN, "else the first of the indicator"),
        ("rev", WHOLE, "as known at this revision"), AS_OF,
    ),
    "latest": (("field", TEXT, "key of a field of work"), *PLACE, AS_OF), "top": (*_many.OF_TOP, AS_OF),
    "units": (*_units.PARAMETERS, AS_OF),
    "passport": (
        ("code", TEXT, "of an exported number, such as 7K2M9-4QX3B; or else which number:"),
        ("indicator", TEXT, "key of an indicator"), ("period", INSTANT, "start of the figure's period"), *PLACE,
        ("grain", GRAIN, "else the first of the indicator"), ("rev", WHOLE, "as known at this revision"),
    ),
    "records": (
        ("source", TEXT, "key of a source of records; may be left out where an indicator is named"),
        ("indicator", TEXT, "only the records behind a figure of this indicator"),
        ("role", {"type": "string", "enum": list(ROLES)}, "which part of the figure: over = denominator, of = numerator"),
        ("grain", GRAIN, "of the figure"), ("period", INSTANT, "start of the figure's period"), *PLACE,
        ("category", TEXT, "exactly this category"), ("state", TEXT, "exactly this state"),
        ("search", TEXT, "part of the id or the category"),
        ("sort", {"type": "string", "enum": [sign + name for name in SORTS for sign in ("", "-")]}, "- is downwards"),
        ("rev", WHOLE, "as known at this revision"), ("at", INSTANT, "what was open or overdue at this moment"), AS_OF,
        ("version", WHOLE, "of the indicator's definition; else the one in force at the period"), LIMIT, OFFSET,
    ),
    "sources": (AS_OF,),
    "runs": (("source", TEXT, "key of a source"), LIMIT, AS_OF),
    "alerts": (
        ("open", {"type": "string", "enum": ["true", "false"]}, "false: closed ones too"), ("severity", _alerts.SEVERITY, ""),
        ("indicator", TEXT, "key of an indicator"), *PLACE, LIMIT, OFFSET,
    ),
    "orders": _orders.PARAMETERS,
    "rules": _rules.PARAMETERS,
    "conflicts": (*_disputes.PARAMETERS, AS_OF),
    "held": (*_disputes.PARAMETERS, LIMIT, OFFSET, AS_OF),
    "changes": _changes.PARAMETERS,
}  # fmt: skip
NEEDED = {
    "observations": ("indicator",),
    "values": ("indicator", "period"),
    "runs": ("source",),
    "units": ("indicator",),
    "top": ("indicator",),
    "changes": ("since",),
}
NAMES: Mapping[str, tuple[str, ...]] = {path: tuple(one[0] for one in given) for path, given in PARAMETERS.items()}

SUMMARIES = {
    "indicators": "The indicators and their definitions", "observations": "The figures of one series",
    "units": "The units of a level, ranked within their peer groups, with the change of rank",
    "passport": "One number, or list of cases: as taken away, what it was made of, where that came from, what changed since",
    "latest": "The latest settled figure of every indicator of one place",
    "top": "Who stands best over the last periods together, by sums over sums",
    "values": "The values one figure without records is made of",
    "records": "Cases, personal fields masked; page by following `next`", "sources": "The sources and how fresh they are",
    "runs": "The newest runs of a source", "alerts": "Alerts in your scope, open and worst first",
    "orders": "Supervision orders in your scope, open ones first",
    "rules": "The rules, the version of each that is in force, who changed it and why",
    "conflicts": "Where two sources report the same figure and differ by more than is tolerated, open ones first",
    "changes": "What changed since a revision: settled figures that are others now, and records, each with by whom and why",
    "held": "Figures that were doubted: held back until a person decides, or noted; for those who work with them",
}  # fmt: skip

RUN = record(
    id=WHOLE, source=TEXT, kind=TEXT, started=INSTANT, ended=INSTANT, outcome=TEXT,
    counts={"type": "object", "additionalProperties": WHOLE}, error_class=TEXT, error=TEXT, hint=TEXT,
    refusals=many({"type": "object", "additionalProperties": TEXT}),
)  # fmt: skip
OBSERVATION: Mapping[str, Schema] = {
    "period_start": INSTANT, "period_end": INSTANT,
    "value": maybe(NUMBER) | {"description": "null: missing, see `reason`; never 0"},
    "num": maybe(WHOLE), "den": maybe(WHOLE), "n": maybe(WHOLE), "apart": maybe(WHOLE), "status": TEXT, "reason": maybe(TEXT),
    "have": maybe(WHOLE), "want": maybe(WHOLE), "only_rate": FLAG, "settled": FLAG, "version": WHOLE, "revision": maybe(WHOLE),
    "evaluated_at": maybe(INSTANT),
}  # fmt: skip
MARKS: Mapping[str, Schema] = {
    "missing": many(WORDS) | {"description": "names of those that have not reported what it is made of (`have` of `want`)"},
    "stand_ins": many(TEXT) | {"description": "sources whose figures entered in place of the one in authority"},
    "mixed": many(WHOLE) | {"description": "the versions of its definition that the sum holds, where it holds several"},
    "late": maybe(INSTANT) | {"description": "when the last of it came, where that was after its time"},
}
SCHEMAS: Mapping[str, Schema] = {
    "Indicator": record(
        key=TEXT, name=WORDS, field=TEXT, unit=TEXT, better={"type": "string", "enum": ["higher", "lower", "none"]},
        grains=many(GRAIN), cuts={"type": "object", "additionalProperties": many(many(TEXT))}, measure=TEXT, inputs=many(TEXT),
        source=maybe(TEXT), feeds=many(TEXT), owner=TEXT, basis=WORDS, version=WHOLE, target=maybe(NUMBER),
        bands={"type": "object", "additionalProperties": maybe(NUMBER)}, beside=maybe(TEXT), decimals=WHOLE,
        additive=FLAG,
    ),
    "Observation": record(**OBSERVATION, **MARKS),
    "Unit": _units.schema(ref("Observation")),
    "Latest": _many.schema_of_latest(ref("Observation")), "Top": _many.schema_of_top(),
    "Value": record(
        indicator=TEXT, department=TEXT, region=TEXT, **OBSERVATION,
        source=maybe(TEXT), run=maybe(WHOLE), used=FLAG | {"description": "false: stood aside for another source of the same"},
    ),
    **_passport_schema.schemas(ref("Observation"), ref("Value"), ref("Alert"), GRAIN),
    "Record": record(
        source=TEXT, id=TEXT, department=TEXT, region=TEXT, category=TEXT, state=TEXT, opened=maybe(INSTANT),
        due=maybe(INSTANT), closed=maybe(INSTANT), entered=maybe(INSTANT), worked_days=maybe(WHOLE), overdue=FLAG,
        suspect=FLAG | {"description": "closed before it was opened"}, extra={"type": "object"}, run=maybe(WHOLE),
        known_from=WHOLE,
    ),
    "Source": record(
        key=TEXT, name=WORDS, type=TEXT, department=TEXT, health=TEXT, last_success=maybe(INSTANT),
        newest_period=maybe(INSTANT), next_run=maybe(INSTANT), age_seconds=maybe(NUMBER), outcomes=many(TEXT),
        expected=maybe(INSTANT) | {"description": "when the next data should be here"},
        indicators=many(TEXT), rules=many(TEXT), last_run=maybe(ref("Run")),
    ),
    "Run": RUN,
    **_alerts.schemas(GRAIN),
    "Order": {**_orders.ORDER, "required": list(_orders.ORDER["properties"]), "additionalProperties": False},
    "WholeOrder": _orders.WHOLE_ORDER,
    "Rule": _rules.RULE,
    "Conflict": _disputes.CONFLICT,
    "Held": _disputes.HELD,
    "Change": _changes.FIGURE,
    "RecordChange": _changes.RECORD,
    "Error": record(error=record(id=TEXT, code=WHOLE, message=TEXT, hint=TEXT)),
}  # fmt: skip

STAMP: Mapping[str, Schema] = {
    "revision": WHOLE | {"description": "the revision the answer was read at"},
    "evaluated_at": INSTANT, "demo": FLAG | {"description": "the figures are invented"},
}  # fmt: skip
LISTS: Mapping[str, Mapping[str, Schema]] = {
    "indicators": {"items": many(ref("Indicator"))},
    "observations": {
        "indicator": TEXT, "version": WHOLE, "unit": TEXT, "grain": GRAIN, "department": TEXT, "region": TEXT,
        "items": many(ref("Observation")),
    },
    "units": {"indicator": TEXT, "version": WHOLE, "unit": TEXT, "by": TEXT, "items": many(ref("Unit"))},
    "latest": {"department": TEXT, "region": TEXT, "items": many(ref("Latest"))},
    "top": {
        "indicator": TEXT, "version": WHOLE, "unit": TEXT, "grain": GRAIN, "by": TEXT, "since": INSTANT, "until": INSTANT,
        "periods": WHOLE, "items": many(ref("Top")),
    },
    "passport": {"item": {"anyOf": [ref("Passport"), ref("CaseListPassport")]}},
    "values": {
        "indicator": TEXT, "version": WHOLE, "unit": TEXT, "grain": GRAIN, "department": TEXT, "region": TEXT, "measure": TEXT,
        "items": many(ref("Value")),
    },
    "records": {"total": WHOLE, "next": maybe(TEXT), "items": many(ref("Record"))},
    "sources": {"items": many(ref("Source"))},
    "runs": {"items": many(ref("Run"))},
    "alerts": {"total": WHOLE, "items": many(ref("Alert"))},
    "orders": {"total": WHOLE, "items": many(ref("Order"))},
    "rules": {"total": WHOLE, "items": many(ref("Rule"))},
    "conflicts": {"total": WHOLE, "items": many(ref("Conflict"))},
    "held": {"total": WHOLE, "items": many(ref("Held"))},
    "changes": {
        "since": record(revision=WHOLE, at=INSTANT), "figures": many(ref("Change")),
        "more_figures": FLAG | {"description": "only the newest 400 changes were looked at"},
        "records": many(ref("RecordChange")), "next": maybe(TEXT),
    },
}  # fmt: skip


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {
        f"/api/v1/{name}": _get(name, SUMMARIES[name], record(**STAMP, **LISTS[name]), PARAMETERS[name]) for name in PARAMETERS
    }
    key = {"name": "key", "in": "path", "required": True, "schema": TEXT}
    paths["/api/v1/indicators/{key}"] = _get("indicator", "One indicator", record(**STAMP, item=ref("Indicator")), (AS_OF,))
    paths["/api/v1/indicators/{key}"]["get"]["parameters"].insert(0, key)
    number = {"name": "number", "in": "path", "required": True, "schema": {**WHOLE, "minimum": 1}}
    paths["/api/v1/alerts/{number}"] = _get(
        "alert", "One alert with its whole course", record(**STAMP, item=ref("WholeAlert")), ()
    )
    paths["/api/v1/alerts/{number}"]["get"]["parameters"].append(number)
    paths["/api/v1/records"]["post"] = _sending.post("records", "SentRecord")
    paths["/api/v1/observations"]["post"] = _sending.post("observations", "SentObservation")
    paths |= _orders.paths(ref("Error"))
    paths["/api/v1/openapi.json"] = _get("openapi", "This document", {"type": "object"}, ())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Yuncha 云察 API", "version": "1",
            "description": "What the pages show, within your scope, and the way in for systems that send their data themselves. "
            "Sign in, or send a token as `Authorization: Bearer`.",
        },
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, **_sending.ITEMS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}, "source": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }  # fmt: skip


def _get(name: str, summary: str, schema: Schema, parameters: Sequence[Parameter]) -> dict[str, Any]:
    needed = NEEDED.get(name, ())
    refusals = {"400": "A parameter that cannot be read, named", "401": "Nobody is signed in", "403": "Not allowed",
                "404": "Unknown, or out of your scope"}  # fmt: skip
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [
                {"name": key, "in": "query", "required": key in needed, "schema": kind, "description": said}
                for key, kind, said in parameters
            ],
            "responses": {
                "200": {"description": summary, "content": {"application/json": {"schema": schema}}},
                **{
                    code: {"description": said, "content": {"application/json": {"schema": ref("Error")}}}
                    for code, said in refusals.items()
                },
            },
        }
    }
