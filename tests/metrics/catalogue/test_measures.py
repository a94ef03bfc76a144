"""The measures of the grammar: what is read, and the faults of what is not, each with file, line, what and hint."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from metrics.catalogue import check, load
from metrics.model import Condition, Indicator, Measure, Part
from tests.metrics.catalogue.writing import SOUND, line_of, write

SOURCES = SOUND["sources/calls.yaml"].replace("state: state", "state: state\n            entered: {field: entered, format: iso}")
HEAD = dedent(SOUND["workspace.yaml"]) + "population: {file: people.csv, source: {zh: 统计局, en: Statistics office}}\n"
PEOPLE = "# counted at the end of the year\nregion,year,people\neast_1,2025,20000\neast_1,2026,20500\n"
FRAME = """\
        - key: made
          name: {{zh: 新, en: New}}
          field: service
          {source}
          measure: {measure}            # here
          by: {by}
          unit: {unit}
          decimals: {decimals}
          grains: {grains}
          better: none
          no_target: {{zh: 无, en: None}}
          owner: hotline
          basis: {{zh: 办法, en: Rules}}
          version: 1
"""


def written(
    folder: Path, measure: str, *, source="records: calls", by="[]", grains="[day]", unit="item", decimals="0", head=HEAD,
    people=PEOPLE,
) -> Path:  # fmt: skip
    known = dedent(SOUND["indicators/all.yaml"]).replace("by: [department]", "by: [department, city]")
    known = known.replace("unit: item\n  grains: [day]", "unit: item\n  grains: [day, tenday, month]")
    made = dedent(FRAME).format(measure=measure, source=source, by=by, grains=grains, unit=unit, decimals=decimals)
    return write(
        folder,
        {"workspace.yaml": head, "sources/calls.yaml": SOURCES, "indicators/all.yaml": known + made, "people.csv": people},
    )


def read(folder: Path, measure: str, **more: str) -> Indicator:
    workspace, faults = load(written(folder, measure, **more))
    assert workspace is not None, faults
    return workspace.indicators["made"]


def test_it_reads_each_measure(tmp_path):
    closed, known = Part("closed"), (Condition("entered", "present"), Condition("closed", "present"))
    late = Condition("entered", "after", ("closed", str(int(timedelta(days=1).total_seconds()))))
    wanted = {
        "{percentile: {p: 90, field: worked_days, over: {closed: in_period}}}":
            Measure("percentile", closed, field="worked_days", number=Decimal(90)),
        "{distinct: {field: caller, over: {closed: in_period}}}": Measure("distinct", closed, field="caller"),
        "{distinct: {field: department, over: {closed: in_period}}}": Measure("distinct", closed, field="department"),
        "{late_entry: {after: closed, more_than: 1d, over: {closed: in_period}}}":
            Measure("ratio", Part("closed", known), Part("closed", (*known, late))),
        "{count: {closed: in_period, entered_after: {closed: 1d}}}": Measure("count", Part("closed", (late,))),
    }  # fmt: skip
    for number, (measure, made) in enumerate(wanted.items()):
        assert read(tmp_path / str(number), measure).measure == made
    alone = {"source": "", "by": "[city]"}
    heads = read(tmp_path / "heads", "{per_head: {of: received, per: 10000}}", **alone)
    assert heads.measure == Measure("per_head", inputs=("received",), number=Decimal(10000))
    gap = read(
        tmp_path / "gap", "{derived_difference: {of: on_time, minus: load}}", source="", unit="percentage_point", decimals="1"
    )
    assert gap.measure == Measure("derived_difference", inputs=("on_time", "load"))
    assert read(tmp_path / "days", "{per_workday: received}", source="", grains="[tenday, month]").measure.inputs == ("received",)


BAD, CLOSED, ALONE = "bad-measure", "over: {closed: in_period}", {"source": ""}


@pytest.mark.parametrize(
    ("measure", "more", "id", "what", "hint"),
    [
        (f"percentile: {{p: 0, field: worked_days, {CLOSED}}}", {}, BAD, "0 is not a percentile", "such as 90"),
        (f"percentile: {{p: 101, field: worked_days, {CLOSED}}}", {}, BAD, "not a percentile", "such as 90"),
        (f"percentile: {{field: worked_days, {CLOSED}}}", {}, "missing-key", "p is missing", ""),
        ("percentil: {p: 90}", {}, "unknown-key", "percentil is not a kind", "percentile"),
        (f"percentile: {{p: 90, field: weight, {CLOSED}}}", {}, "unmapped-field", "weight is not mapped", ""),
        ("percentile: {p: 90, field: worked_days, over: {state: done}}", {}, BAD, "which period", "in_period"),
        (f"distinct: {{field: weight, {CLOSED}}}", {}, "unmapped-field", "weight is not mapped", ""),
        (f"late_entry: {{after: entered, more_than: 1d, {CLOSED}}}", {}, BAD, "not an instant of the work", "closed"),
        (f"late_entry: {{after: closed, more_than: soon, {CLOSED}}}", {}, BAD, "not a duration", ""),
        ("count: {closed: in_period, entered_after: 1d}", {}, BAD, "takes another instant", "entered_after: {closed: 1d}"),
        ("per_head: {of: received, per: 0}", ALONE, BAD, "0 is not a number of inhabitants", "10000"),
        ("per_head: {of: on_time, per: 10}", ALONE, BAD, "on_time is not an amount", "count or a sum"),
        ("per_head: {of: received, per: 10}", {**ALONE, "by": "[department]"}, BAD, "counted by region", "by: city"),
        ("per_head: {of: received, per: 10}", {**ALONE, "head": SOUND["workspace.yaml"]}, "missing-key", "population is missing",
         "population: {file"),
        ("per_head: {of: received, per: 10}", {**ALONE, "by": "[city]", "people": "region,year,people\n"},
         "unknown-reference", "no population of east", "population:"),
        ("per_workday: received", ALONE, BAD, "grain day is not made of working days", "week, tenday"),
        ("derived_sum: [received, on_time]", ALONE, BAD, "on_time is not an amount", "derived_ratio of counts"),
        ("derived_sum: [load, load]", {**ALONE, "unit": "percent", "decimals": "2"}, BAD,
         "load is not an amount", "two percentages"),
        ("derived_difference: {of: received, minus: on_time}", ALONE, BAD, "on_time is not an amount", ""),
        ("derived_difference: {of: on_time, minus: load}", {**ALONE, "unit": "percent"}, BAD,
         "in percentage points, not in percent", "unit: percentage_point"),
        ("increase: per_load", ALONE, BAD, "per_load is not an amount", ""),
        ("derived_sum: [received, received]", {**ALONE, "unit": "count"}, BAD, "received is in item, not in count", "unit: item"),
        ("increase: received", {**ALONE, "decimals": "2"}, BAD, "received keeps 0 decimals, not 2", "decimals: 0"),
        ("per_workday: [received]", {**ALONE, "grains": "[month]"}, BAD, "takes one indicator", ""),
    ],
)  # fmt: skip
def test_a_fault_names_the_place_what_is_wrong_and_what_to_do(tmp_path, measure, more, id, what, hint):
    folder = written(tmp_path, f"{{{measure}}}", **more)
    found = [one for one in check(folder) if what in one.what]
    assert [(one.id, one.file) for one in found] == [(id, "indicators/all.yaml")], check(folder)
    assert hint in found[0].hint
    assert 0 <= found[0].line - line_of(folder, "indicators/all.yaml", "here") <= 4


def test_a_population_that_cannot_be_read_names_its_line(tmp_path):
    def faults(people: str) -> list:
        return [
            one for one in check(written(tmp_path, "{count: {opened: in_period}}", people=people)) if one.file == "people.csv"
        ]

    found = faults("region,year,people\neast_1,2025,many\nwest,2025,10\neast_1,2026,5\neast_1,2026,6\n")
    assert [(one.id, one.line) for one in found] == [("bad-value", 2), ("unknown-reference", 3), ("duplicate-key", 5)]
    assert [(one.id, one.hint) for one in faults("area,n\n")] == [("bad-csv", "they are to be region, year, people")]


def test_the_population_of_a_year_is_its_own_or_the_last_before_it_and_of_a_whole_that_of_its_parts(tmp_path):
    workspace, faults = load(written(tmp_path, "{count: {opened: in_period}}"))
    assert workspace is not None, faults
    people = workspace.population
    assert people is not None
    assert [people.of("east_1", year) for year in (2024, 2025, 2026, 2030, None)] == [None, 20000, 20500, 20500, 20500]
    assert people.of("east", 2025) == people.of("_T", 2025) == 20000
