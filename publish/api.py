"""/api/v1: what the pages show, for programs. Read only, within the scope of who asks, personal fields masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

import alerts
from access import current, policy
from metrics import links, reading
from metrics.answers import Ask, CaseQuery
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.store.cases import SORTS
from metrics.store.engine import Store
from publish import _alerts, _answers, _changes, _disputes, _many, _orders, _parameters, _passports, _rules, _units
from publish._parameters import Wrong
from publish.openapi import NAMES, document

V1 = "/api/v1"
MOST_PERIODS = 2_000
MOST_SUMMED_AGAIN = 400
"""Periods of an answer as of an earlier revision: every one is summed again from what was known."""
Given = Mapping[str, str]
Said = dict[str, Any]


def indicators(ask: Ask, given: Given) -> Said:
    """The definitions; as of an earlier revision those in force then, and none that came later."""
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    field = given.get("field")
    if field is not None and field not in ask.workspace.fields:
        raise _parameters.unknown("field", field)
    found = [one for one in reading.defined(ask).workspace.indicators.values() if field in (None, one.field)]
    return {"items": [_answers.indicator(one) for one in found], **_answers.stamp(ask)}


def observations(ask: Ask, given: Given) -> Said:
    """The figures of one series, oldest first; a period without one is there, with the reason. Without `since` the last ones."""
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    indicator = _parameters.indicator(ask, _parameters.needed(given, "indicator"))
    department, region = _parameters.place_asked(ask, given)
    grain: Any = _parameters.one_of(given, "grain", indicator.grains, indicator.grains[0])
    since, until = _parameters.instant(given, "since"), _parameters.instant(given, "until")
    if since is not None and until is not None and until <= since:
        raise _parameters.bad("until", "not later than since")
    series = Series(indicator.key, grain, department, region)
    most = MOST_PERIODS if ask.revision is None else MOST_SUMMED_AGAIN
    shown = reading.trend(ask, series, most if since is None else most + 1, since=since, until=until)
    if since is None:
        shown = reading.since_first(shown)
    elif len(shown) > most:  # cut short it would read as if the rest had never been reported
        raise _parameters.bad("since", f"more than {most} periods", f"at most {most} at once: since and until closer together")
    shown = reading.marked(ask, shown)
    about = {"indicator": indicator.key, "version": indicator.version, "unit": indicator.unit, "grain": grain}
    return {
        **about,
        "department": department,
        "region": region,
        "items": [_answers.cell(cell) for cell in shown],
        **_answers.stamp(ask),
    }


def values(ask: Ask, given: Given) -> Said:
    """What one figure without records is made of: the values that entered, with their sources and runs."""
    indicator = _parameters.indicator(ask, _parameters.needed(given, "indicator"))
    if indicator.measure.from_records:
        raise _parameters.bad("indicator", "is counted from records", f"they are at {V1}/records")
    department, region = _parameters.place_asked(ask, given)
    grain: Any = _parameters.one_of(given, "grain", indicator.grains, indicator.grains[0])
    _parameters.needed(given, "period")
    period = _parameters.instant(given, "period")
    assert period is not None
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    revision = _parameters.revision(ask, given) or ask.revision
    ask = replace(ask, revision=revision)
    found = reading.entered(ask, Series(indicator.key, grain, department, region), period)
    about = {"indicator": indicator.key, "version": indicator.version, "unit": indicator.unit, "grain": grain}
    about |= {"department": department, "region": region, "measure": indicator.measure.kind}
    return {**about, "items": [_answers.value(one) for one in found], **_answers.stamp(ask)}


def records(ask: Ask, given: Given) -> Said:
    """One page of cases; `next` goes on at the same revision and moment, so that nothing is doubled or lost between pages."""
    query = _query(ask, given)
    if given.get("as_of") and (given.get("rev") or given.get("at")):
        raise _parameters.bad("as_of", "not together with rev or at", "as_of is both: what was known, and the moment")
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    if ask.revision is not None:
        query = replace(query, revision=ask.revision, evaluated_at=ask.now)
    _parameters.revision(ask, given)
    limit, offset = _parameters.whole(given, "limit", 100, 1, 1_000), _parameters.whole(given, "offset", 0, 0, 10_000_000)
    head = reading.head(ask.connection).number
    query = replace(query, revision=query.revision or head, evaluated_at=query.evaluated_at or ask.now)
    page = reading.cases(ask, query, offset, limit, facets=False)
    after = offset + len(page.rows)
    more = {**links.of_cases(query), "limit": str(limit), "offset": str(after)}
    return {
        "revision": query.revision, "evaluated_at": _answers.instant(query.evaluated_at), "total": page.total,
        "next": f"{V1}/records?{urlencode(more)}" if page.rows and after < page.total else None,
        "items": [_answers.record(row) for row in page.rows],
    }  # fmt: skip


def sources(ask: Ask, given: Given) -> Said:
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    return {"items": [_answers.source(one) for one in reading.sources(ask)], **_answers.stamp(ask)}


def runs(ask: Ask, given: Given) -> Said:
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    source = _parameters.source(ask, _parameters.needed(given, "source"))
    found = reading.runs(ask, source.key, _parameters.whole(given, "limit", 30, 1, 200))
    return {"items": [_answers.run(one) for one in found], **_answers.stamp(ask)}


def alerts_(ask: Ask, given: Given) -> Said:
    if given.get("indicator"):
        _parameters.indicator(ask, given["indicator"])
    for name, tree in (("department", ask.workspace.departments), ("region", ask.workspace.regions)):
        if given.get(name) and given[name] not in tree:
            raise _parameters.unknown(name, given[name])
    page = alerts.inbox(
        ask, open_only=_parameters.one_of(given, "open", ("true", "false"), "true") == "true",
        severity=_parameters.one_of(given, "severity", ("reminder", "warning", "serious")),
        indicator=given.get("indicator"), department=given.get("department"), region=given.get("region"),
        limit=_parameters.whole(given, "limit", 100, 1, 1_000), offset=_parameters.whole(given, "offset", 0, 0, 10_000_000),
    )  # fmt: skip
    return {"total": page.total, "items": [_alerts.row(one) for one in page.rows]}


READS: Mapping[str, Callable[[Ask, Given], Said]] = {
    "indicators": indicators, "observations": observations, "values": values, "passport": _passports.asked, "records": records,
    "sources": sources, "runs": runs, "alerts": alerts_, "orders": _orders.listed, "rules": _rules.listed,
    "conflicts": _disputes.conflicts,
    "held": _disputes.held, "changes": _changes.listed, "units": _units.listed, "latest": _many.latest, "top": _many.top,
}  # fmt: skip


def install(server: Flask, store: Store, workspace: Workspace) -> None:
    def answered(read: Callable[[Ask, Given], Said], names: tuple[str, ...]) -> tuple[Response, int]:
        try:
            given = _parameters.known(request.args, names)
            with store.read() as connection:
                ask = Ask(connection, workspace, current(), workspace.now(datetime.now(UTC)))
                stamp = {"revision": reading.head(connection).number, "evaluated_at": _answers.instant(ask.now)}
                return jsonify({**stamp, "demo": workspace.demo, **read(ask, given)}), 200
        except Wrong as wrong:
            said = {"id": wrong.id, "code": wrong.status, "message": wrong.message, "hint": wrong.hint}
            return jsonify({"error": said}), wrong.status

    @server.get(f"{V1}/openapi.json")
    @policy("view")
    def api_openapi() -> Response:
        return jsonify(document())

    @server.get(f"{V1}/indicators/<key>")
    @policy("view")
    def api_indicator(key: str) -> tuple[Response, int]:
        def read(ask: Ask, given: Given) -> Said:
            ask = _parameters.as_of(ask, given, datetime.now(UTC))
            return {"item": _answers.indicator(_parameters.indicator(reading.defined(ask), key)), **_answers.stamp(ask)}

        return answered(read, ("as_of",))

    @server.get(f"{V1}/alerts/<int:number>")
    @policy("view")
    def api_alert(number: int) -> tuple[Response, int]:
        return answered(lambda ask, given: _alerts.whole(ask, number), ())

    @server.get("/api/<path:rest>")
    @policy("view")
    def api_nothing(rest: str) -> tuple[Response, int]:
        said = {"id": "unknown_address", "code": 404, "message": "no such address", "hint": f"see {V1}/openapi.json"}
        return jsonify({"error": said}), 404

    def route(name: str) -> None:
        @policy("question" if name == "held" else "view")
        def read() -> tuple[Response, int]:
            return answered(READS[name], NAMES[name])

        server.add_url_rule(f"{V1}/{name}", f"api_{name}", read, methods=["GET"])

    for name in READS:
        route(name)
    _orders.install(server, store, workspace, V1)


def _query(ask: Ask, given: Given) -> CaseQuery:
    indicator = _parameters.indicator(ask, given["indicator"]) if given.get("indicator") else None
    if indicator is not None and not indicator.measure.from_records:
        raise _parameters.bad("indicator", "has no records behind it", "its values are at /api/v1/observations")
    source = _parameters.source(ask, given.get("source") or (indicator.source if indicator else "") or _needs_source(given))
    if source.gives != "records" or (indicator is not None and indicator.source != source.key):
        raise _parameters.bad("source", "does not give these records", "a source of records, of the indicator if one is named")
    _parameters.place(ask.workspace.departments, "department", given, "_T")
    _parameters.place(ask.workspace.regions, "region", given, "_T")
    _parameters.one_of(given, "sort", [sign + name for name in SORTS for sign in ("", "-")])
    for name in ("period", "at"):
        _parameters.instant(given, name)
    if indicator is not None:
        grain = _parameters.one_of(given, "grain", indicator.grains, indicator.grains[0])
        if not given.get("period") and grain != "all" and not indicator.measure.stock:
            raise _parameters.bad("period", "missing", "the start of a period, as an observation names it")
    try:
        return links.cases({key: value for key, value in given.items() if key not in ("limit", "offset", "as_of")}, source.key)
    except links.BadQuery as fault:
        raise Wrong(400, "bad_parameter", str(fault)) from None


def _needs_source(given: Given) -> str:
    return _parameters.needed(given, "source")
