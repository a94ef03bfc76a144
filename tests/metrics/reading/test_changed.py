"""What changed since a revision: old and new, when, by whom and why; within the scope of who asks, personal fields masked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from metrics import ruling
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import Principal
from metrics.reading import changed
from metrics.ruling import Decision
from tests.metrics import small

WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
SECRET = small.workspace()
SECRET = replace(SECRET, sources=SECRET.sources | {"cases": replace(SECRET.sources["cases"], personal=("caller",))})


def ask(connection, who=WHOLE):
    return Ask(connection, SECRET, who, small.NOW)


def at(hours):
    return small.NOW - timedelta(hours=hours)


def told(found):
    return [(one.series.indicator, one.series.region, one.old_value, one.new_value) for one in found.items]


@pytest.fixture
def corrected(store):
    """Revision 1: figures and cases; 2: a correction, with its reason; 3: a case that moves; 4: a ruling between two sources."""
    said = [small.calls(10), small.calls(3, region="y1"), small.calls(5, day=9)]
    small.put(store, *said, now=at(10))
    cases = [small.case("1", closed=1, extra={"caller": "张三丰", "way": "phone"}), small.case("2", closed=1)]
    small.put(store, *cases, now=at(9))
    small.put(store, small.calls(12, reason="counted twice"), now=at(8))
    small.put(store, small.case("1", region="y1", closed=1, extra={"caller": "李四", "way": "web"}), now=at(7))
    small.put(store, small.calls(11), source="calls2", now=at(6))
    series = Series("calls", "day", "a", "x1")
    ruling.decide(store, SECRET, Decision(series, "calls2", small.DAY, small.DAY, "the meter was broken"), (), at(5), "zhou")
    return store


def test_it_names_old_and_new_when_by_whom_and_why(corrected):
    with corrected.read() as connection:
        since_first = changed.figures(ask(connection), 2, ["calls"])
        since_second = changed.figures(ask(connection), 3, ["calls"])
        nothing = changed.figures(ask(connection), 6, ["calls"])
    assert ("calls", "x1", 10, 11) in told(since_first)
    assert ("calls", "_T", 13, 14) in told(since_first)
    assert ("calls", "y1", 3, 3) not in told(since_first)
    assert ("calls", "x1", 12, 11) in told(since_second)
    by = next(one.by for one in since_second.items if one.series.region == "x1")
    assert (by.revision, by.kind, by.actor, by.reason, by.at) == (6, "ruling", "zhou", "the meter was broken", at(5))
    assert nothing.items == []


def test_a_run_and_its_reason_are_named_and_derived_figures_follow(corrected):
    with corrected.write() as connection:
        number = connection.exec_driver_sql("select max(id) from ruling").scalar()
    ruling.withdraw(corrected, SECRET, number, (), at(4), "zhou", "mended")
    with corrected.read() as connection:
        found = changed.figures(ask(connection), 2)
    own = next(one for one in found.items if (one.series.indicator, one.series.region) == ("calls", "x1"))
    assert (own.old_value, own.new_value, own.by.reason) == (10, 12, "mended")
    share = next(one for one in found.items if one.series.indicator == "share" and one.series.region == "x1")
    assert share.by.reason == "mended"


def test_a_figure_counted_from_cases_changes_with_them(corrected):
    with corrected.read() as connection:
        found = changed.figures(ask(connection), 2, ["opened"])
    days = {(one.series.region, one.old_value, one.new_value) for one in found.items if one.series.grain == "day"}
    assert ("x1", 2, 1) in days
    assert ("y1", 0, 1) in days
    assert not any(region == "_T" for region, *_ in days)


def test_who_sees_one_city_is_told_of_one_city(corrected):
    with corrected.read() as connection:
        found = changed.figures(ask(connection, CITY), 2)
        left = changed.records(ask(connection, CITY), 2)
        whole = changed.records(ask(connection), 2)
    assert {one.series.region for one in found.items} <= {"x", "x1"}
    assert [(one.external_id, one.left, one.came, one.changes) for one in left] == [
        ("1", True, False, {"department": ("a", None), "region": ("x1", None)})
    ]
    assert whole[0].changes["region"] == ("x1", "y1")
    assert whole[0].changes["way"] == ("phone", "web")
    assert "张三丰" not in str(whole)
    assert whole[0].changes["caller"] != ("张三丰", "李四")
    assert (whole[0].by.source, whole[0].by.kind, whole[0].by.revision) == ("cases", "collect", 4)


def test_new_records_and_running_periods_are_no_changes(corrected):
    small.put(corrected, small.case("3", day=3), small.calls(8, day=10), now=at(3))
    with corrected.read() as connection:
        assert [one.external_id for one in changed.records(ask(connection), 4)] == []
        found = changed.figures(ask(connection), 4, ["calls"])
    assert {one.period_start for one in found.items} == {small.DAY}
