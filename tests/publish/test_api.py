"""The read API says what is documented, to each only what lies in their scope, and names what it cannot read."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask
import jsonschema
import openpyxl
import pytest

from metrics.arrivals import ObservationIn
from metrics.model import Principal
from metrics.store.engine import Store
from publish import _routes, api
from publish.openapi import document
from tests.metrics import small

WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
Get = Callable[..., Any]
WRONG = (
    ("observations", "indicator"), ("observations?indicator=opened&grain=eon", "grain"),
    ("observations?indicator=opened&since=yesterday", "since"), ("observations?indicator=opened&until=2026-01-01", "until"),
    ("observations?indicator=opened&since=0001-01-01T00:00:00Z", "since"), ("observations?indicatr=opened", "indicatr"),
    ("records", "source"), ("records?source=calls", "source"), ("records?indicator=calls", "indicator"),
    ("records?source=cases&limit=0", "limit"), ("records?source=cases&limit=٣", "limit"),
    ("records?source=cases&sort=caller", "sort"), ("records?source=cases&rev=-1", "rev"),
    ("records?source=cases&role=none", "role"), ("records?indicator=on_time", "period"),
    ("records?source=cases&at=9999-12-31T23:59:59-14:00", "at"), ("runs", "source"), ("sources?a=1", "a"),
    ("values?indicator=calls", "period"), ("values?indicator=opened&period=2026-03-02T00:00:00Z", "indicator"),
    ("values?indicator=calls&period=2026-03-02T00:00:00Z&rev=999999", "rev"),
    ("units", "indicator"), ("units?indicator=opened&by=dims", "by"),
    ("units?indicator=opened&grain=week", "grain"),
    ("top", "indicator"), ("top?indicator=median", "indicator"), ("top?indicator=opened&by=ward", "by"),
    ("top?indicator=opened&periods=0", "periods"),
    ("alerts?severity=dire", "severity"), ("alerts?open=maybe", "open"), ("indicators/on_time?x=1", "x"),
)  # fmt: skip
UNKNOWN = (
    "indicators/none", "indicators?field=none", "observations?indicator=none", "observations?indicator=opened&region=none",
    "records?source=none", "records?source=cases&department=none",
    "units?indicator=opened&under=none", "runs?source=none", "alerts?region=none", "nothing",
)  # fmt: skip


@pytest.fixture
def get(store: Store, monkeypatch: pytest.MonkeyPatch) -> Get:
    """GET as a person: (status, JSON), every answer checked against the document."""
    rows = [small.case(f"x-{n}", region="x1", closed=1, extra={"caller": "王小明"}) for n in range(3)]
    small.put(store, *rows, small.case("y-0", region="y1", closed=5, extra={"caller": "李大伟"}))
    small.put(store, small.calls(10), small.calls(7, day=2))
    workspace = small.workspace()
    sources = {**workspace.sources, "cases": replace(workspace.sources["cases"], personal=("caller",))}
    workspace = replace(workspace, sources=sources, clock=small.NOW, demo=True)
    server = flask.Flask("t")
    api.install(server, store, workspace)
    _routes.install(server, store, workspace)
    schemas = document()

    def ask(path: str, who: Principal = WHOLE, raw: bool = False) -> Any:
        with monkeypatch.context() as patch:
            for module in (api, _routes):
                patch.setattr(module, "current", lambda: who)
            answer = server.test_client().get(path)
        if raw:
            return answer
        name = path.partition("?")[0]
        name = "/api/v1/indicators/{key}" if name.startswith("/api/v1/indicators/") else name
        if name in schemas["paths"]:
            said = schemas["paths"][name]["get"]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
            jsonschema.Draft202012Validator({**said, "components": schemas["components"]}).validate(answer.json)
        return answer.status_code, answer.json

    ask.server = server  # type: ignore[attr-defined]
    return ask


def test_it_documents_every_route_and_nothing_else(get: Get) -> None:
    rules = [rule.rule for rule in get.server.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]  # type: ignore[attr-defined]
    assert sorted(rule.replace("<int:", "{").replace("<", "{").replace(">", "}") for rule in rules) == sorted(document()["paths"])
    assert get("/api/v1/openapi.json")[1] == document()


def test_it_answers_every_list_as_documented(get: Get) -> None:
    for path in ("indicators", "indicators/on_time", "sources", "runs?source=cases", "alerts", "records?source=cases",
                 "observations?indicator=on_time", "observations?indicator=median", "observations?indicator=open",
                 "units?indicator=on_time&by=city", "units?indicator=median", "units?indicator=opened&as_of=1",
                 "latest", "latest?field=work&region=x", "latest?as_of=1", "top?indicator=opened",
                 "top?indicator=opened&as_of=1"):  # fmt: skip
        status, said = get(f"/api/v1/{path}")
        assert (status, said["demo"]) == (200, True), said
        assert said["revision"] > 0
        assert said["evaluated_at"]


def test_it_ranks_units_within_their_groups_and_names_those_that_are_not_ranked(get: Get) -> None:
    said = get("/api/v1/units?indicator=on_time&by=city&grain=month")[1]
    assert [(one["id"], one["rank"], one["climbed"], one["state"]) for one in said["items"]] == [
        (one["id"], None, None, one["state"]) for one in said["items"]
    ], "no month has settled yet"
    said = get("/api/v1/units?indicator=on_time&by=city&grain=day")[1]["items"]
    assert {one["id"]: (one["rank"], one["state"]) for one in said} == {"x": (None, "due"), "y": (None, "due")}
    assert [one["id"] for one in get("/api/v1/units?indicator=opened&by=city", CITY)[1]["items"]] == ["x"]


def test_it_gives_every_indicator_of_a_place_and_who_stands_best_over_days(get: Get) -> None:
    said = get("/api/v1/latest?region=x1")[1]
    assert (said["region"], len(said["items"])) == ("x1", len(small.workspace().indicators))
    line = get("/api/v1/observations?indicator=opened&grain=day&region=x1")[1]["items"]
    (figure,) = [one["figure"] for one in said["items"] if one["indicator"] == "opened"]
    assert figure in line
    assert get("/api/v1/latest?region=y", CITY)[0] == 404
    best = get("/api/v1/top?indicator=opened&by=city&grain=day&periods=10")[1]
    assert [(one["rank"], one["region"], one["value"]) for one in best["items"]] == [(1, "x", 3), (2, "y", 1)]
    assert (best["since"], best["until"]) == ("2026-03-01T16:00:00Z", "2026-03-11T16:00:00Z")
    y = replace(CITY, regions=("y",))
    (own,) = get("/api/v1/top?indicator=opened&by=city&grain=day&periods=10", y)[1]["items"]
    assert (own["rank"], own["of"], own["region"]) == (2, 2, "y"), "its rank is among all, not among those it may see"


def test_it_gives_a_city_its_own_figures_and_cases_only(get: Get) -> None:
    assert get("/api/v1/records?source=cases")[1]["total"] == 4
    assert get("/api/v1/records?source=cases", CITY)[1]["total"] == 3
    assert get("/api/v1/records?source=cases&region=y", CITY)[1]["total"] == 0
    whole = get("/api/v1/observations?indicator=opened&grain=day")[1]["items"][0]
    city = get("/api/v1/observations?indicator=opened&grain=day", CITY)[1]
    assert (whole["value"], city["items"][0]["value"], city["region"]) == (4, 3, "x")
    assert get("/api/v1/observations?indicator=opened&region=y", CITY)[0] == 404


def test_it_masks_what_is_personal_in_lists_and_exports(get: Get) -> None:
    assert [row["extra"]["caller"] for row in get("/api/v1/records?source=cases&sort=external_id")[1]["items"]] == [
        "王*", "王*", "王*", "李*",
    ]  # fmt: skip
    for kind in ("csv", "xlsx"):
        answer = get(f"/export/cases.{kind}?source=cases", raw=True)
        assert answer.status_code == 200
        assert "王小明" not in answer.data.decode(errors="ignore")


def test_it_lists_exactly_the_cases_behind_a_figure(get: Get) -> None:
    figure = next(one for one in get("/api/v1/observations?indicator=on_time&grain=day")[1]["items"] if one["den"])
    for role, number in (("of", figure["num"]), ("over", figure["den"]), ("apart", figure["apart"])):
        asked = f"indicator=on_time&grain=day&role={role}&period={figure['period_start']}&at={figure['evaluated_at']}"
        assert get(f"/api/v1/records?{asked}&rev={figure['revision']}")[1]["total"] == (number or 0)


def test_it_says_why_a_figure_is_missing_and_never_zero(get: Get) -> None:
    items = get("/api/v1/observations?indicator=calls")[1]["items"]
    assert [(one["value"], one["reason"]) for one in items[:3]] == [(10, None), (None, "not reported"), (7, None)]


def test_a_count_of_no_case_is_a_zero_where_the_source_answered_and_nowhere_else(get: Get) -> None:
    def said(place: str) -> list[tuple[float | None, str | None]]:
        items = get(f"/api/v1/observations?indicator=opened&grain=day&{place}&since=2026-03-02T00:00:00%2B08:00")[1]["items"]
        return [(one["value"], one["reason"]) for one in items[:2]]

    assert said("region=y") == [(1, None), (0, None)]
    assert said("department=b") == [(0, None), (0, None)]
    assert said("department=b&region=y") == [(None, "not reported")] * 2, "figures of this crossing are made by nobody"


def test_it_gives_every_stored_period_asked_for_however_long_ago__or_says_that_it_does_not(get: Get, store: Store) -> None:
    """24 hours of every five minutes, asked for eight days later, lie behind the last 2,000 periods."""
    starts = [small.DAY + timedelta(minutes=5 * n) for n in range(300)]
    small.put(store, *(ObservationIn("load", "minute5", at, 7, department="a", region="x1") for at in starts))
    asked = "/api/v1/observations?indicator=load&region=x1&department=a&since=2026-03-01T16:00:00Z"
    items = get(f"{asked}&until=2026-03-02T16:00:00Z")[1]["items"]
    assert [one["value"] for one in items] == [7] * 288
    assert items[0]["period_start"] == "2026-03-01T16:00:00Z"
    assert len(get(f"{asked}&until=2026-03-02T16:00:00Z&as_of=3")[1]["items"]) == 288
    status, said = get(asked)
    assert (status, said["error"]["id"]) == (400, "bad_parameter")
    assert "more than 2000 periods" in said["error"]["message"]


def test_it_lists_the_values_behind_a_figure_without_cases(get: Get) -> None:
    figure = get("/api/v1/observations?indicator=share&grain=day")[1]["items"][0]
    made_of = get(f"/api/v1/values?indicator=share&period={figure['period_start']}")[1]["items"]
    assert [(one["indicator"], one["num"]) for one in made_of] == [("opened", figure["num"]), ("calls", figure["den"])]
    reported = get(f"/api/v1/values?indicator=calls&period={figure['period_start']}")[1]
    assert [(one["num"], one["source"], one["region"]) for one in reported["items"]] == [(10, "calls", "x1")]
    runs = {run["id"] for run in get("/api/v1/runs?source=calls")[1]["items"]}
    assert {one["run"] for one in reported["items"]} <= runs
    assert get(f"/api/v1/values?indicator=calls&period={figure['period_start']}&region=y", CITY)[0] == 404


def test_it_pages_at_one_revision_though_new_cases_arrive(get: Get, store: Store) -> None:
    first = get("/api/v1/records?source=cases&limit=3&sort=external_id")[1]
    small.put(store, small.case("a-new"), now=small.NOW + timedelta(minutes=1))
    rest = get(first["next"])[1]
    assert [row["id"] for row in first["items"] + rest["items"]] == ["x-0", "x-1", "x-2", "y-0"]
    assert (rest["next"], rest["revision"]) == (None, first["revision"])


def test_it_names_the_parameter_it_cannot_read(get: Get) -> None:
    for asked, name in WRONG:
        status, said = get(f"/api/v1/{asked}")
        assert (status, said["error"]["id"]) == (400, "bad_parameter"), asked
        assert said["error"]["message"].startswith(f"{name}: ")


def test_it_says_404_of_what_is_not_there(get: Get) -> None:
    for asked in UNKNOWN:
        status, said = get(f"/api/v1/{asked}")
        assert status == 404, asked
        assert said["error"]["id"].startswith("unknown_")


def test_it_exports_a_trend_with_what_it_is_and_gaps_that_say_why(get: Get) -> None:
    answer = get("/export/trend.csv?indicator=calls&grain=day&lang=en", raw=True)
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    about = {row[0]: row[1] for row in rows if len(row) == 2}
    assert {"Definition", "Source", "Period", "Revision", "Evaluated at", "Place"} <= set(about)
    assert about["Note"] == "Demo data: the figures are invented"
    spot = next(spot for spot, row in enumerate(rows) if row[:2] == ["Period", "Value"])
    figures, status = rows[spot + 1 :], rows[spot].index("Status")
    assert [(row[1], row[status]) for row in figures[:3]] == [("10", "normal"), ("", "not reported"), ("7", "normal")]
    assert "filename*=UTF-8''calls_" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(get("/export/trend.xlsx?indicator=calls", raw=True).data)).active
    assert sheet.max_row > 10


def test_it_exports_to_a_city_its_own_cases_only(get: Get) -> None:
    for who, ids in ((WHOLE, {"x-0", "x-1", "x-2", "y-0"}), (CITY, {"x-0", "x-1", "x-2"})):
        rows = csv.reader(io.StringIO(get("/export/cases.csv?source=cases", who, raw=True).data.decode("utf-8-sig")))
        assert {row[0] for row in rows if row and row[0][:2] in ("x-", "y-")} == ids
        assert get("/export/units.xlsx?indicator=opened&by=city&grain=day", who, raw=True).status_code == 200


def test_it_refuses_an_export_it_cannot_read(get: Get) -> None:
    for asked in ("trend.csv", "trend.pdf?indicator=opened", "none.csv", "trend.csv?indicator=opened&grain=eon",
                  "units.csv?indicator=opened&by=planet&region=none", "cases.csv?source=calls", "cases.csv?rev=x",
                  "cases.csv?indicator=on_time&period=9999-12-31T23:59:59-14:00",
                  "cases.csv?indicator=on_time&grain=eon", "cases.csv?indicator=on_time", "cases.xlsx?indicator=opened&grain=day",
                  "cases.csv?rev=99999999", "cases.xlsx?source=cases&rev=3"):  # fmt: skip
        assert get(f"/export/{asked}", raw=True).status_code == 404, asked
    for asked in ("cases.csv?indicator=open", "cases.csv?source=cases&rev=2", "cases.csv?source=cases&rev=0"):
        assert get(f"/export/{asked}", raw=True).status_code == 200, asked
