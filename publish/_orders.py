"""Orders for programs: read them, take a step of one, take an alert on. A token has the actions it was made with, no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request

import alerts
from access import body, current, policy
from alerts import orders
from alerts.orders.board import OrderDetail, OrderRow
from alerts.orders.model import CAUSES, OPEN
from metrics.answers import Ask
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us
from metrics.store.engine import Store
from publish import _answers, _parameters
from publish._parameters import Wrong

Given = Mapping[str, str]
Said = dict[str, Any]
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
NONE: Said = {"type": "null"}
INSTANT: Said = {"anyOf": [{"type": "string", "format": "date-time"}, NONE]}
STATES = (*OPEN, "CLOSED", "WITHDRAWN")
LIGHTS = ("blue", "yellow", "red")
STEPS = ("signed", "answered", "noted")
"""What a program may do for its department; the rest is for people on screen."""
WHY = {
    "state": "not in the state it is in", "reason": "text is missing", "cause": "cause is missing or not one of its values",
    "measure": "text is missing: what is done about it", "date": "expected is no date", "expected": "expected is missing or past",
}  # fmt: skip
"""Of what `alerts.orders` refuses."""


def listed(ask: Ask, given: Given) -> Said:
    for name, tree in (("department", ask.workspace.departments),):
        if given.get(name) and given[name] not in tree:
            raise _parameters.unknown(name, given[name])
    state = _parameters.one_of(given, "state", STATES)
    light = _parameters.one_of(given, "light", LIGHTS)
    everything = _parameters.one_of(given, "open", ("true", "false"), "true") == "false"
    page = orders.board(
        ask, states_=(state,) if state else None if everything else OPEN, lights=(light,) if light else None,
        department=given.get("department"), limit=_parameters.whole(given, "limit", 100, 1, 1_000),
        offset=_parameters.whole(given, "offset", 0, 0, 10_000_000),
    )  # fmt: skip
    return {"total": page.total, "items": [row(one) for one in page.rows]}


def row(one: OrderRow) -> Said:
    order = one.order

    def at(us: int | None) -> str | None:
        return None if us is None else _answers.instant(from_us(us))

    return {
        "id": one.id, "number": one.number, "title": one.title, "state": order.state, "light": order.light,
        "closed": order.closed,
        "department": one.lead, "region": one.region, "alert": one.episode, "rule": one.rule, "indicator": one.indicator,
        "made_at": _answers.instant(one.made_at), "signed_at": at(order.signed_at), "answered_at": at(order.answered_at),
        "due": at(order.due), "closed_at": at(order.closed_at), "assisting": list(one.assists),
        "sign_due": at(order.sign_due), "answer_due": at(order.answer_due), "recover_due": at(order.recover_due),
        "expected": at(order.expected), "suspended_until": at(order.suspended_until), "extended_to": at(order.extended_to),
        "in_range": one.good, "needed": one.k,
        "returns": order.returns, "relapses": order.relapses, "grounds_corrected": order.basis_corrected, "version": one.version,
    }  # fmt: skip


def whole(detail: OrderDetail) -> Said:
    course = [
        {"at": _answers.instant(from_us(one.at)), "step": one.kind, "by": one.name, "text": one.text, "data": dict(one.data)}
        for one in detail.events
    ]
    papers = [{"id": p.id, "name": p.name, "media": p.media, "size": p.size, "sha256": p.sha256} for p in detail.papers]
    return {**row(detail.row), "course": course, "papers": papers}


ORDER: Said = {
    "type": "object", "properties": {
        "id": WHOLE, "number": TEXT, "title": TEXT, "state": {"type": "string", "enum": list(STATES)},
        "light": {"type": "string", "enum": ["", *LIGHTS]}, "closed": {"type": "string", "enum": ["", "data", "word"]},
        "department": TEXT, "region": TEXT, "alert": {"anyOf": [WHOLE, NONE]}, "rule": TEXT, "indicator": TEXT,
        "made_at": INSTANT,
        "signed_at": INSTANT, "answered_at": INSTANT, "due": INSTANT, "closed_at": INSTANT,
        "assisting": {"type": "array", "items": TEXT, "description": "departments that assist"},
        "sign_due": INSTANT, "answer_due": INSTANT, "recover_due": INSTANT, "expected": INSTANT, "suspended_until": INSTANT,
        "extended_to": INSTANT, "in_range": WHOLE, "needed": WHOLE,
        "returns": WHOLE, "relapses": WHOLE, "grounds_corrected": {"type": "boolean"}, "version": WHOLE,
    },
}  # fmt: skip
_ALL = ORDER["properties"]
COURSE: Said = {
    "type": "object", "required": ["at", "step", "by", "text", "data"], "additionalProperties": False, "properties": {
        "at": INSTANT, "step": TEXT, "by": TEXT, "text": TEXT,
        "data": {"type": "object", "description": "what the step says besides: a cause, a day, the figure that closed it"},
    },
}  # fmt: skip
PAPER: Said = {
    "type": "object", "required": ["id", "name", "media", "size", "sha256"], "additionalProperties": False,
    "properties": {"id": WHOLE, "name": TEXT, "media": TEXT, "size": WHOLE, "sha256": TEXT},
}  # fmt: skip
WHOLE_ORDER: Said = {
    "type": "object", "required": [*_ALL, "course", "papers"], "additionalProperties": False, "properties": {
        **_ALL, "course": {"type": "array", "items": COURSE}, "papers": {"type": "array", "items": PAPER},
    },
}  # fmt: skip
ANSWER: Said = {
    "type": "object", "required": ["demo", "item"], "additionalProperties": False, "properties": {
        "demo": {"type": "boolean", "description": "the figures are invented"},
        "item": {"$ref": "#/components/schemas/WholeOrder"},
    },
}  # fmt: skip
TAKEN: Said = {
    "type": "object", "required": ["first", "by", "at", "comment"], "additionalProperties": False, "properties": {
        "first": {"type": "boolean", "description": "false: somebody had taken it on before"},
        "by": TEXT, "at": INSTANT, "comment": TEXT,
    },
}  # fmt: skip
DISMISSED: Said = {
    "type": "object", "required": ["first", "by", "at", "reason"], "additionalProperties": False, "properties": {
        "first": {"type": "boolean", "description": "false: somebody had dismissed it before"},
        "by": TEXT, "at": INSTANT, "reason": TEXT,
    },
}  # fmt: skip
PARAMETERS = (
    ("open", {"type": "string", "enum": ["true", "false"]}, "false: closed ones too"),
    ("state", {"type": "string", "enum": list(STATES)}, ""), ("light", {"type": "string", "enum": list(LIGHTS)}, ""),
    ("department", TEXT, "the department in the lead, and all below it"),
    ("limit", WHOLE, "how many at most"), ("offset", WHOLE, "how many to leave out before the first"),
)  # fmt: skip


def paths(error: Said) -> Said:
    """What the document says of single orders and of steps."""
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    refusals = {"400": "Cannot be read, or not allowed now", "401": "Nobody is signed in", "403": "Not yours to do",
                "404": "Unknown, or out of your scope", "409": "Somebody was first", "415": "Not JSON"}  # fmt: skip
    said = {"application/json": {"schema": error}}
    answers = {code: {"description": words, "content": said} for code, words in refusals.items()}

    def operation(id: str, summary: str, answer: Said, body: Said | None = None) -> Said:
        found: Said = {"operationId": id, "summary": summary, "parameters": [number], "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": answer}}}, **answers,
        }}  # fmt: skip
        if body is not None:
            found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        return found

    step = {
        "type": "object", "required": ["step"], "properties": {
            "step": {"type": "string", "enum": list(STEPS)}, "text": TEXT, "cause": {"type": "string", "enum": list(CAUSES)},
            "expected": {"type": "string", "format": "date"}, "version": WHOLE,
        },
    }  # fmt: skip
    days = {**WHOLE, "minimum": 1, "maximum": alerts.MOST_DAYS, "description": "reminded after so many days while it is open"}
    taking = {"type": "object", "required": ["comment"], "properties": {"comment": TEXT, "again_days": days}}
    dismissing = {"type": "object", "required": ["reason"], "properties": {"reason": TEXT, "version": WHOLE}}
    return {
        "/api/v1/orders/{number}": {"get": operation("order", "One order with its whole course", ANSWER)},
        "/api/v1/orders/{number}/steps": {"post": operation("order_step", "Sign, answer or note", ANSWER, step)},
        "/api/v1/alerts/{number}/acknowledge": {"post": operation("alert_acknowledge", "Take an alert on", TAKEN, taking)},
        "/api/v1/alerts/{number}/dismiss": {
            "post": operation("alert_dismiss", "Say that nothing is to be done about an alert, and why", DISMISSED, dismissing)
        },
    }


def _body() -> Said:
    """What was sent; Wrong where it is no JSON object, or holds what no text can."""
    try:
        body.readable(request.get_data())
        given = request.get_json(silent=True)
    except (body.Misfit, RecursionError) as fault:
        raise Wrong(400, "bad_body", "the body cannot be read as JSON", "") from fault
    if not isinstance(given, dict):
        raise Wrong(400 if request.is_json else 415, "bad_body", "the body is not a JSON object", "")
    return given


def _text(given: Said, name: str) -> str:
    """Lines of what can be read; a tab is a space."""
    value = given.get(name, "")
    text = value.replace("\r\n", "\n").replace("\t", " ") if isinstance(value, str) else "\x00"
    if len(text) > 4000 or not all(line.isprintable() for line in text.split("\n")):
        raise _parameters.bad(name, "not a text of at most 4000 characters, all of them readable")
    return text


def install(server: Flask, store: Store, workspace: Workspace, v1: str) -> None:
    def refused(wrong: Wrong) -> tuple[Response, int]:
        said = {"id": wrong.id, "code": wrong.status, "message": wrong.message, "hint": wrong.hint}
        return jsonify({"error": said}), wrong.status

    def done(act: Callable[[Said], Said]) -> tuple[Response, int]:
        try:
            return jsonify(act(_body())), 200
        except Wrong as wrong:
            return refused(wrong)
        except orders.Refused as fault:
            return refused(Wrong(400, "not_allowed_now", f"the order does not take this: {WHY.get(str(fault), fault)}"))
        except alerts.Changed as fault:
            return refused(Wrong(409, "changed", str(fault), "read it again"))
        except alerts.NotAllowed as fault:
            return refused(Wrong(403, "not_allowed", str(fault)))
        except alerts.NotFound as fault:
            return refused(Wrong(404, "unknown", str(fault)))

    def now() -> datetime:
        return workspace.now(datetime.now(UTC))

    def found(number: int) -> Said:
        if number >= 2**63:
            raise _parameters.unknown("order", str(number))
        with store.read() as connection:
            detail = orders.one(Ask(connection, workspace, current(), now()), number)
        if detail is None:
            raise _parameters.unknown("order", str(number))
        return whole(detail)

    @server.get(f"{v1}/orders/<int:number>")
    @policy("view")
    def api_order(number: int) -> tuple[Response, int]:
        try:
            return jsonify({"demo": workspace.demo, "item": found(number)}), 200
        except Wrong as wrong:
            return refused(wrong)

    @server.post(f"{v1}/orders/<int:number>/steps")
    @policy("answer")
    def api_order_step(number: int) -> tuple[Response, int]:
        def act(given: Said) -> Said:
            found(number)
            kind, version = given.get("step"), given.get("version")
            if kind not in STEPS:
                raise _parameters.bad("step", "not one of its values", ", ".join(STEPS))
            if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
                raise _parameters.bad("version", "not a whole number")
            more = {"cause": _text(given, "cause"), "expected": _text(given, "expected")}
            with store.write() as connection:
                orders.step(connection, workspace, current(), number, kind, now(), _text(given, "text"), more, version=version)
            return {"demo": workspace.demo, "item": found(number)}

        return done(act)

    @server.post(f"{v1}/alerts/<int:number>/acknowledge")
    @policy("acknowledge")
    def api_acknowledge(number: int) -> tuple[Response, int]:
        def act(given: Said) -> Said:
            comment = _text(given, "comment").strip()
            if not comment:
                raise _parameters.bad("comment", "missing", "say what is done about it")
            if number >= 2**63:
                raise _parameters.unknown("alert", str(number))
            days = given.get("again_days")
            if days is not None and (type(days) is not int or not 1 <= days <= alerts.MOST_DAYS):
                raise _parameters.bad("again_days", f"not a whole number from 1 to {alerts.MOST_DAYS}")
            again = None if days is None else timedelta(days=days)
            with store.write() as connection:
                taken = alerts.acknowledge(connection, workspace, current(), number, comment, now(), again=again)
            return {"first": taken.first, "by": taken.by, "at": _answers.instant(taken.at), "comment": taken.comment}

        return done(act)

    @server.post(f"{v1}/alerts/<int:number>/dismiss")
    @policy("acknowledge")
    def api_dismiss(number: int) -> tuple[Response, int]:
        def act(given: Said) -> Said:
            reason, version = _text(given, "reason").strip(), given.get("version")
            if not reason:
                raise _parameters.bad("reason", "missing", "say why nothing is to be done about it")
            if version is not None and type(version) is not int:
                raise _parameters.bad("version", "not a whole number")
            if number >= 2**63:
                raise _parameters.unknown("alert", str(number))
            with store.write() as connection:
                made = alerts.dismiss(connection, workspace, current(), number, reason, now(), version=version)
            return {"first": made.first, "by": made.by, "at": _answers.instant(made.at), "reason": made.comment}

        return done(act)
