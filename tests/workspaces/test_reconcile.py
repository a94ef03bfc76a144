"""Every figure opens the very cases, or the very values, it was made of: fifty cells drawn at random over the workspaces."""

import csv
import math
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import chinese_calendar
import flask
import pytest

from demo.life import LOCAL
from metrics import links, periods, reading
from metrics.answers import Ask, CaseQuery, CaseRow
from metrics.arrivals import Series
from metrics.model import SYSTEM, Principal
from metrics.reading.cases import count
from metrics.store.runs import GOOD
from metrics.values import Values, display
from publish import api
from tests.workspaces.cells import Drawn, quotas, standing
from tests.workspaces.conftest import Loaded
from tests.workspaces.province import live_through, sichuan, systems

BEGIN = datetime(2026, 10, 12, 0, tzinfo=UTC)
VIEWER = Principal("v", "v", frozenset({"viewer"}))
RATIOS, AGGREGATES, ZEROS, OTHERS, VALUES = 15, 10, 5, 5, 15
"""Thirty-five figures from records, fifteen reported or derived."""


@pytest.fixture(scope="module")
def province(module_store, tmp_path_factory, workspaces) -> Iterator[Loaded]:
    with pytest.MonkeyPatch.context() as patch, systems(tmp_path_factory.mktemp("province"), patch) as world:
        workspace = sichuan(workspaces)
        now = live_through(module_store, workspace, world, BEGIN, 16, timedelta(hours=4))
        yield Loaded(workspace, module_store, now)


class Api:
    """GET from the read API of each workspace: its JSON. The server's clock stands where the workspace was left."""

    def __init__(self, many: list[Loaded], patch: pytest.MonkeyPatch) -> None:
        self.many, self.patch, self.clients = many, patch, []
        patch.setattr(api, "current", lambda: VIEWER)
        for one in many:
            server = flask.Flask("t")
            api.install(server, one.store, one.workspace)
            self.clients.append(server.test_client())

    def __call__(self, number: int, path: str, **query: Any) -> dict[str, Any]:
        left = self.many[number].at

        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return left

        self.patch.setattr(api, "datetime", Clock)
        answer = self.clients[number].get(f"/api/v1/{path}", query_string=query)
        assert answer.status_code == 200, answer.json
        return answer.json


def test_fifty_figures_of_the_province_are_exactly_what_they_are_made_of(
    province: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifty([province], monkeypatch)


@pytest.mark.realdata
def test_fifty_figures_over_the_workspaces_are_exactly_what_they_are_made_of(
    province: Loaded, boston: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifty([province, boston], monkeypatch)


def test_fifty_figures_with_the_flights_are_exactly_what_they_are_made_of(
    province: Loaded, flights: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifty([province, flights], monkeypatch)


def fifty(many: list[Loaded], patch: pytest.MonkeyPatch) -> None:
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    print(f"seed {seed}: repeat with YUNCHA_SEED={seed}")
    get = Api(many, patch)
    with ExitStack() as stack:
        asks = [Ask(stack.enter_context(one.store.read()), one.workspace, SYSTEM, one.workspace.now(one.at)) for one in many]
        everything = [one for number, ask in enumerate(asks) for one in standing(number, ask)]
        drawn = quotas(
            random.Random(seed), everything, asks,
            [
                (RATIOS, lambda one, ask: one.indicator.measure.kind == "ratio"),
                (AGGREGATES, lambda one, ask: one.from_records and one.indicator.measure.kind != "ratio" and one.aggregate(ask)),
                (ZEROS, lambda one, ask: one.from_records and one.zero),
                (OTHERS, lambda one, ask: one.from_records),
                (VALUES, lambda one, ask: not one.from_records),
            ],
        )  # fmt: skip
        assert len(drawn) == 50
        assert sum(one.from_records for one in drawn) == 35
        assert len({one.workspace for one in drawn}) == len(many)
        for one in drawn:
            said = (seed, asks[one.workspace].workspace.key, one.indicator.key, one.grain, one.row)
            the_api_says_the_figure(one, get, said)
            (by_cases if one.from_records else by_values)(asks[one.workspace], one, get, said)


def the_api_says_the_figure(one: Drawn, get: Api, said: object) -> None:
    start = periods.from_us(one.row.period_start)
    place = {"department": one.row.key[0], "region": one.row.key[1]}
    asked = {"since": links.text(start), "until": links.text(start + timedelta(microseconds=1))}
    (item,) = get(one.workspace, "observations", indicator=one.indicator.key, grain=one.grain, **place, **asked)["items"]
    values = one.row.values
    assert [item[key] for key in ("num", "den", "n", "apart", "status", "revision")] == [
        values.num, values.den, values.n, values.apart, values.status, one.row.revision,
    ], said  # fmt: skip
    assert item["evaluated_at"] == links.text(periods.from_us(one.row.evaluated_at)), said
    shown = display(one.indicator, values)
    assert item["value"] == (pytest.approx(float(shown), abs=1e-6) if shown is not None else None), said


def by_cases(ask: Ask, one: Drawn, get: Api, said: object) -> None:
    """Numerator, denominator and those apart each open a list of that length, in the product and in the API."""
    measure, values = one.indicator.measure, one.row.values
    lengths = {"over": values.den if measure.kind == "ratio" else values.n}
    if measure.kind == "ratio":
        lengths |= {"of": values.num, "apart": values.apart}
    for role, length in lengths.items():
        if length is None:
            continue
        query = one.behind(role)
        assert count(ask, query) == length, (role, said)
        assert get(one.workspace, "records", limit="1", **links.of_cases(query))["total"] == length, (role, said)
    if measure.kind == "distinct":
        cases = reading.cases(ask, one.behind("over"), 0, 100_000, facets=False).rows
        said_by = [getattr(case, measure.field, None) or case.extra.get(measure.field) for case in cases]
        assert values.num == len({one for one in said_by if one}), said
    if measure.kind in ("mean", "median", "sum", "percentile"):
        cases = reading.cases(ask, one.behind("over"), 0, 100_000, facets=False).rows
        amounts = [case.worked_days if measure.field == "worked_days" else case.extra[measure.field] for case in cases]
        whole = round(median(amounts)) if measure.kind == "median" and amounts else sum(amounts)
        if measure.kind == "percentile" and amounts:
            share = measure.number or 0
            whole = next(a for a in sorted(amounts) if sum(b <= a for b in amounts) * 100 >= share * len(amounts))
        assert (values.num or 0) == whole, said


def by_values(ask: Ask, one: Drawn, get: Api, said: object) -> None:
    """The values that entered, with their feeds and runs, come to the figure; the API lists the same values."""
    start, indicator = periods.from_us(one.row.period_start), one.indicator
    entered = [value for value in reading.entered(ask, Series(indicator.key, one.grain, *one.row.key), start) if value.used]  # type: ignore[arg-type]
    place = {"department": one.row.key[0], "region": one.row.key[1], "period": links.text(start)}
    listed = get(one.workspace, "values", indicator=indicator.key, grain=one.grain, **place)["items"]
    assert [(value.cell.num, value.cell.den, value.source, value.run_id) for value in entered] == [
        (item["num"], item["den"], item["source"], item["run"]) for item in listed if item["used"]
    ], said
    values, numbers = one.row.values, [value.cell.num for value in entered]
    if indicator.measure.kind == "observed":
        for value in entered:
            if value.cell.num is not None:
                runs = {run.id: run.outcome for run in reading.runs(ask, value.source or "", 10_000)}
                assert runs[value.run_id] in GOOD, said
        assert values.num == added(numbers), said
        assert values.den == added([value.cell.den for value in entered]), said
    else:
        assert values.num == of_others(indicator.measure.kind, numbers, values), said


def added(numbers: list[int | None]) -> int | None:
    """Nothing reported is missing; of several what is there counts."""
    there = [number for number in numbers if number is not None]
    return sum(there) if there else None


def of_others(kind: str, numbers: list[int | None], values: Values) -> int | None:
    """The figure by its formula, written again."""
    if None in numbers:
        return None
    first, *rest = [number for number in numbers if number is not None]
    if kind == "derived_ratio":
        assert rest == [values.den]
        return first
    if kind in ("per_head", "per_workday"):
        return first * 10  # one decimal more than the count
    if kind == "increase":
        return rest[0] - first if rest[0] >= first else rest[0]
    return first + sum(rest) if kind == "derived_sum" else first - sum(rest)


def test_the_newer_measures_of_the_province_are_what_plain_python_counts(province: Loaded, workspaces) -> None:
    """Percentile, distinct, late entry, per head and per working day, at every level and period, from the lists of cases."""
    with province.store.read() as connection:
        ask = Ask(connection, province.workspace, SYSTEM, province.workspace.now(province.at))
        cases = {one: cases_of(ask, one) for one in ("hotline", "approvals", "documents")}
        city = {one.id: one.parent for one in province.workspace.regions.at_level("county")}
        with (workspaces / "sichuan" / "population.csv").open(encoding="utf-8") as file:
            people = {row["region"]: int(row["people"]) for row in csv.DictReader(line for line in file if line[0] != "#")}
        people["_T"] = sum(people.values())

        def places(case: Any) -> set[tuple[str, str]]:
            return {("_T", "_T"), (case.department, "_T"), ("_T", city.get(case.region, case.region))}

        seen = Counter()
        for one in standing(0, ask):
            department, region, _ = one.row.key
            values, key = one.row.values, one.indicator.key
            if key not in NEWER or values.status == "M":
                continue
            first, last = (at.astimezone(LOCAL) for at in periods.bounds(one.grain, periods.from_us(one.row.period_start), LOCAL))  # type: ignore[arg-type]
            source, anchor = NEWER[key]
            at = periods.from_us(one.row.evaluated_at)
            mine = [
                case for case in cases[source]
                if getattr(case, anchor) is not None and first <= getattr(case, anchor) < last and getattr(case, anchor) <= at
                and (department, region) in places(case)
            ]  # fmt: skip
            said = (key, one.grain, one.row)
            seen[key] += bool(mine)
            if key == "hotline_p90":
                days = sorted(case.worked_days for case in mine)
                assert values.num == (days[math.ceil(len(days) * 0.9) - 1] if days else None), said
            elif key == "permit_departments":
                assert values.num == len({case.department for case in mine}), said
            elif key == "documents_entered_late":
                late = [case for case in mine if case.entered - case.opened > timedelta(days=1)]
                assert (values.num, values.den) == (len(late), len(mine)), said
            elif key == "hotline_per_million":
                assert (values.n, values.den) == (len(mine), people[region]), said
                assert display(one.indicator, values) == pytest.approx(Decimal(len(mine)) * 10**6 / people[region]), said
            else:
                days = [first.date() + timedelta(days=n) for n in range((last - first).days)]
                worked = sum(chinese_calendar.is_workday(day) for day in days)
                assert display(one.indicator, values) == pytest.approx(Decimal(len(mine)) / worked), said
        assert seen.keys() == NEWER.keys()
        assert all(seen.values()), seen


NEWER = {
    "hotline_p90": ("hotline", "closed"), "permit_departments": ("approvals", "closed"),
    "hotline_per_million": ("hotline", "opened"),
    "documents_entered_late": ("documents", "entered"), "documents_per_workday": ("documents", "opened"),
}  # fmt: skip
"""Indicator -> the source and the instant it counts by."""


def cases_of(ask: Ask, source: str) -> list[CaseRow]:
    return reading.cases(ask, CaseQuery(source), 0, 1_000_000, facets=False).rows
