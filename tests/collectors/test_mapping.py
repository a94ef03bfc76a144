from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from collectors._errors import Failure
from collectors._mapping import to_batch
from metrics.arrivals import EventIn, Refusal
from metrics.model import LARGEST, MAX, Measure, Part
from tests.collectors.conftest import CASES, FIGURES, NOW, a_case, a_source


def records(workspace, rows, mapping=None, **more):
    return to_batch(a_source("http_json", {}, mapping, **more), workspace, rows, NOW)


def figures(workspace, rows, **mapping):
    return to_batch(a_source("http_json", {}, {**FIGURES, **mapping}, gives="observations"), workspace, rows, NOW)


def test_it_makes_a_case_of_a_row(workspace):
    batch, refusals = records(workspace, [a_case(7, due="2026-03-05", caller="张三")])
    (case,) = batch.records
    assert (case.external_id, case.department, case.region, case.category) == ("7", "tax", "_T", "a")
    assert case.opened == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert case.due == datetime(2026, 3, 4, 16, tzinfo=UTC)
    assert case.closed is None
    assert case.extra == {"caller": "张三"}
    assert refusals == []


@pytest.mark.parametrize("written", ["tax", "D2", "税务局", " D2 "])
def test_it_knows_a_department_by_id_code_or_name(workspace, written):
    assert records(workspace, [a_case(1, dept=written)])[0].records[0].department == "tax"


def test_it_knows_what_the_source_calls_things(workspace):
    mapping = {
        **CASES, "department": {"value": "tax"}, "region": {"field": "area", "codes": {"cz": "chongzhou"}, "default": "chengdu"},
        "state": {"field": "st", "codes": {"9": "closed"}}, "extra": {"who": "a.b", "n": {"field": "n", "number": True}},
        "missing": ["", "暂无"],
    }  # fmt: skip
    row = a_case(1, area="cz", st=9, a={"b": "x"}, n="1,200", kind="暂无")
    (first, second) = records(workspace, [row, a_case(2, area="暂无")], mapping)[0].records
    assert (first.region, first.state, first.category, first.extra) == ("chongzhou", "closed", "", {"who": "x", "n": 1200})
    assert second.region == "chengdu"


def test_it_reads_events_of_columns_and_of_lists(workspace):
    mapping = {**CASES, "events": [{"kind": "signed", "field": "signed"}, {"list": "steps", "kind": "what", "at": "at"}]}
    steps = [{"what": "assigned", "at": "2026-03-01T10:00:00"}, {"what": "x", "at": None}]
    row = a_case(1, signed="2026-03-01T11:00:00", steps=steps)
    (case,) = records(workspace, [row], mapping)[0].records
    assert case.events == (
        EventIn("assigned", datetime(2026, 3, 1, 2, tzinfo=UTC)), EventIn("signed", datetime(2026, 3, 1, 3, tzinfo=UTC))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (a_case(""), "id", "no id"),
        (a_case(None), "id", ""),
        (a_case(1, opened=None), "opened, due, closed", "no date"),
        (a_case(1, opened="2026-02-30"), "opened", "ISO"),
        (a_case(1, opened="2026-03-03T09:00:00"), "opened", "future"),
        (a_case(1, dept="nobody"), "dept", "department"),
        (a_case(1, dept=None), "dept", "no department"),
        (a_case(1, kind="x" * 101), "kind", "longer than 100"),
        (a_case(1, caller=Decimal("NaN")), "caller", "NaN"),
        (a_case(1, caller="a\x00"), "caller", "NUL"),
        (a_case(1, kind=["a"]), "kind", "list"),
    ],
)
def test_it_refuses_a_row_and_takes_the_others(workspace, row, field, reason):
    if row["id"] == "None":
        row["id"] = None
    batch, refusals = records(workspace, [a_case(10), row, a_case(11)])
    assert [case.external_id for case in batch.records] == ["10", "11"]
    ((place, name, why),) = [(one.place, one.field, one.reason) for one in refusals]
    assert (place, name) == ("row 2", field)
    assert reason in why


def test_it_takes_figures_of_which_a_hundred_have_a_sum_and_refuses_larger_ones(workspace):
    tenths = ((1, LARGEST), (2, -LARGEST), (3, LARGEST + 1))
    rows = [{"day": f"2026-02-0{day}", "dept": "tax", "visits": Decimal(n) / 10} for day, n in tenths]
    batch, refusals = figures(workspace, rows)
    assert [one.num for one in batch.observations] == [LARGEST, -LARGEST]
    assert [(one.place, one.field, one.reason) for one in refusals] == [("row 3", "visits", "is larger than any figure can be")]
    assert LARGEST * 10**2 <= MAX + 1


def test_it_refuses_an_amount_of_which_some_have_no_sum(workspace):
    fee = replace(workspace.indicators["visits"], key="fee", source="s", measure=Measure("sum", Part("opened"), field="fee"))
    measured = replace(workspace, indicators={"fee": fee})
    mapping = {**CASES, "extra": {"fee": "paid"}}
    source = replace(a_source("http_json", {}, mapping), key="s")
    rows = [a_case(1, paid=LARGEST // 10), a_case(2, paid=Decimal(LARGEST + 1) / 10), a_case(3, paid=None)]
    batch, refusals = to_batch(source, measured, rows, NOW)
    assert [case.external_id for case in batch.records] == ["1", "3"]
    assert [(one.field, one.reason) for one in refusals] == [("paid", "is larger than any figure can be")]
    assert len(to_batch(source, workspace, rows, NOW)[0].records) == 3, "what no sum is of may be as large as it is"


def test_it_never_tells_a_personal_value(workspace):
    _, (refusal,) = records(workspace, [a_case(1), a_case(2, caller="张三\x00"), a_case(3)], personal=("caller",))
    assert refusal == Refusal("row 2", "caller", "holds a NUL character", "")


def test_it_takes_nothing_where_most_is_refused(workspace):
    with pytest.raises(Failure, match="2 of 3 rows were refused; the first: row 1: dept"):
        records(workspace, [a_case(1, dept="x"), a_case(2, dept="y"), a_case(3)])


def test_it_takes_the_same_row_twice_for_one_and_refuses_two_that_differ__F38(workspace):
    assert len(records(workspace, [a_case(1), a_case(1)])[0].records) == 1
    with pytest.raises(Failure, match="1 stands twice with different values: row 1 and row 3"):
        records(workspace, [a_case(1), a_case(2), a_case(1, kind="b")])


def test_it_takes_the_newer_of_two_where_the_source_says_which(workspace):
    mapping = {**CASES, "source_rev": "rev"}
    batch, _ = records(workspace, [a_case(1, rev=2, kind="new"), a_case(1, rev=1, kind="old")], mapping)
    assert [case.category for case in batch.records] == ["new"]


def test_it_says_which_columns_are_gone_and_ignores_new_ones__F35(workspace):
    source = a_source("files", {})
    have = ["id", "dept", "opened", "due", "closed", "kind", "caller"]
    to_batch(source, workspace, [], NOW, columns=[*have, "new"])
    with pytest.raises(Failure) as caught:
        to_batch(source, workspace, [], NOW, columns=["id", "dept", "opened", "due", "finished", "kind", "caller"])
    assert caught.value.kind == "schema_changed"
    assert caught.value.what == "missing: closed; not mapped: finished"


def test_it_says_so_when_no_row_has_an_id_any_more(workspace):
    with pytest.raises(Failure, match="missing: id"):
        records(workspace, [{"number": 1, "opened": "2026-03-01"}])


def test_it_keeps_a_figure_in_the_smallest_unit(workspace):
    batch, _ = figures(workspace, [{"day": "2026-03-01", "dept": "tax", "visits": "1.25"}])
    (one,) = batch.observations
    assert (one.indicator, one.grain, one.department, one.num, one.status) == ("visits", "day", "tax", 12, "A")
    assert one.period_start == datetime(2026, 2, 28, 16, tzinfo=UTC)


def test_it_applies_the_declared_factor_and_chooses_rows(workspace):
    values = [{"indicator": "visits", "num": "v", "unit_factor": 10000, "where": {"metric": ["a", "b"]}}]
    rows = [{"day": "2026-03-01", "dept": "tax", "metric": m, "v": 2} for m in "ac"]
    (one,) = figures(workspace, rows, values=values)[0].observations
    assert one.num == 200_000


@pytest.mark.parametrize("blank", [None, "", "—", "N/A"])
def test_it_keeps_a_missing_figure_as_missing__F23(workspace, blank):
    (one,) = figures(workspace, [{"day": "2026-03-01", "dept": "tax", "visits": blank}])[0].observations
    assert (one.num, one.status) == (None, "M")
    assert one.reason


@pytest.mark.parametrize("bad", ["NaN", Decimal("Infinity"), Decimal("1E+400"), "12%", "x"])
def test_it_refuses_a_figure_that_is_none__F30_F33(workspace, bad):
    good = {"day": "2026-03-01", "dept": "tax", "visits": 1}
    batch, refusals = figures(workspace, [good, {**good, "dept": "hotline", "visits": bad}])
    assert [one.num for one in batch.observations] == [10]
    assert [one.field for one in refusals] == ["visits"]


def test_it_refuses_a_unit_that_gives_one_figure_twice__F38(workspace):
    row = {"day": "2026-03-01", "dept": "tax", "visits": 1}
    with pytest.raises(Failure, match="stands twice"):
        figures(workspace, [row, {**row, "visits": 2}])


def test_it_keeps_dimensions_as_canonical_text(workspace):
    row = {"day": "2026-03-01", "dept": "tax", "visits": 1, "z": "网", "a": "1"}
    (one,) = figures(workspace, [row], dims={"zone": "z", "app": "a"})[0].observations
    assert one.dims == '{"app":"1","zone":"网"}'


def test_it_names_an_indicator_that_does_not_exist(workspace):
    with pytest.raises(Failure, match="absent"):
        figures(workspace, [], values=[{"indicator": "absent", "num": "v"}])
