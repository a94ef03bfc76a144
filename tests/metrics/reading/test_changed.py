"""What changed since a revision: old and new, when, by whom and why; within the scope of who asks, personal fields masked."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from metrics import definitions, periods, ruling
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import Principal
from metrics.reading import changed
from metrics.ruling import Decision
from metrics.store import changed as store_of_changes
from metrics.store.engine import connect
from metrics.store.scope import WHOLE as WITHIN
from tests.metrics import small
from tests.metrics import test_definitions as versions

WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
SECRET = small.workspace()
SECRET = replace(SECRET, sources=SECRET.sources | {"cases": replace(SECRET.sources["cases"], personal=("caller",))})


DAY_US = periods.to_us(small.DAY)


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


def test_it_gives_no_figure_the_reason_of_another(store):
    """Of one file: a county's correction, another's reason and a third's blank cell; to a county only its own."""
    small.put(store, small.calls(10), small.calls(20, region="y1"), small.calls(5, day=1), now=at(10))
    blank = small.calls(None, region="m", reason="blank in the source")
    small.put(store, small.calls(12), small.calls(21, region="y1", reason="under investigation"), blank, now=at(9))
    small.put(store, small.calls(6, day=1, reason="counted twice"), now=at(8))
    with store.read() as connection:
        own = changed.figures(ask(connection, CITY), 1, ["calls"]).items
        every = changed.figures(ask(connection), 1, ["calls"]).items
    first, second = small.DAY, small.DAY + timedelta(days=1)
    told = {(one.series.region, one.period_start): one.by.reason for one in own}
    assert told == {
        ("x", first): "", ("x1", first): "", ("x", second): "counted twice", ("x1", second): "counted twice",
    }  # fmt: skip
    told = {(one.series.region, one.period_start): one.by.reason for one in every}
    assert (told["x1", first], told["y1", first], told["y", first]) == ("", "under investigation", "under investigation")
    assert told["_T", second] == "counted twice"


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


def test_what_was_missing_and_came_late_is_no_revision_and_hides_none(store, monkeypatch):
    monkeypatch.setattr(changed, "MOST", 4)
    monkeypatch.setattr(changed, "LOOKED", 6)
    small.put(store, small.calls(10), small.calls(None, day=1, status="M"), now=at(30))
    small.put(store, small.calls(12), now=at(20))
    for day in range(1, 9):
        small.put(store, small.calls(day, day=day), now=at(19 - day))
    with store.read() as connection:
        revised = changed.figures(ask(connection), 1, ["calls"], "a", "x1")
        late = changed.figures(ask(connection), 1, ["calls"], "a", "x1", arrived=True, most=3)
        both = changed.figures(ask(connection), 1, ["calls"], "a", "x1", arrived=None)
    assert told(revised) == [("calls", "x1", 10, 12)]
    assert not revised.items[0].arrived
    assert (len(late.items), late.more, all(one.arrived for one in late.items)) == (3, True, True)
    assert [one.new_value for one in late.items] == [7, 6, 5], "the newest first, of periods that had settled"
    assert {one.arrived for one in both.items} == {True}, "newer than the revision, and no more are looked at"


def test_a_correction_is_found_behind_many_figures_that_moved_and_are_no_others(store, monkeypatch):
    """Where one place more is to report, every sum above it moves in how many are to; a correction before it stays one."""
    monkeypatch.setattr(changed, "PAGE", 3)
    days = range(-9, 0)
    small.put(store, *(small.calls(10, region=region, day=day) for day in days for region in ("x1", "y1")), now=at(10))
    small.put(store, small.calls(12, day=-5), now=at(9))
    small.put(store, small.calls(4, region="m", day=-10), now=at(8))
    with store.read() as connection:
        moved = store_of_changes.figures(connection, {("calls", "day", 1): (-(2**60), 2**60)}, 2, WITHIN, 100, first=False)
        found = changed.figures(ask(connection), 1, ["calls"])
        monkeypatch.setattr(changed, "LOOKED", 4)
        bounded = changed.figures(ask(connection), 1, ["calls"])
    assert len(moved) > 12
    assert ("calls", "x1", 10, 12) in told(found)
    assert ("calls", "_T", 20, 22) in told(found)
    assert {(one.period_start - small.DAY).days for one in found.items} == {-5}
    assert len(found.items) == len({(one.series, one.period_start) for one in found.items})
    assert not found.more
    assert (bounded.items, bounded.more) == ([], True)


def test_a_figure_under_an_older_definition_is_told_by_that_definition(store):
    """What comes late for a period before the new meaning is late for both: told once, as the period is shown."""
    definitions.take_in(store, versions.first(), small.NOW)
    versions.put(store, versions.first(), *(small.case(f"{day}", day=day, due=0, closed=1) for day in (1, 4)))
    versions.put(store, versions.first(), small.calls(10, day=1), small.calls(20, day=4), source="calls")
    with store.read() as connection:
        of_old = connection.exec_driver_sql("select number from head").scalar()
    workspace, _ = versions.moved(store)
    with store.read() as connection:
        since = connection.exec_driver_sql("select number from head").scalar()
        ours = Ask(connection, workspace, WHOLE, small.NOW)
        by_meaning = changed.figures(ours, of_old, ["on_time"], "_T", "_T", grain="day").items
    versions.put(store, workspace, *(small.case(f"late{day}", day=day, due=0, closed=1) for day in (1, 4)))
    versions.put(store, workspace, small.calls(11, day=1), small.calls(22, day=4), source="calls")
    with store.read() as connection:
        ours = Ask(connection, workspace, WHOLE, small.NOW)
        found = changed.figures(ours, since, ["on_time", "calls"], "_T", "_T", grain="day").items
    days = {(one.series.indicator, (one.period_start - small.DAY).days): one for one in found}
    assert len(found) == len(days) == 4
    assert {key: one.version for key, one in days.items()} == {
        ("on_time", 1): 1, ("on_time", 4): 2, ("calls", 1): 1, ("calls", 4): 2,
    }  # fmt: skip
    before, after = days["on_time", 1], days["on_time", 4]
    assert [(one.old.num, one.old.den, one.new.num, one.new.den) for one in (before, after)] == [(0, 1, 0, 2), (1, 1, 2, 2)]
    assert (days["calls", 1].old_value, days["calls", 1].new_value) == (10, 11)
    assert [(one.by.kind, one.version, one.old_value, one.new_value) for one in by_meaning] == [("definition", 2, 0, 100)]


def test_it_asks_no_more_for_many_places_than_for_one(store):
    """What stands where no figure was kept is looked up an indicator, not a place and period: a demo took 40 s."""
    small.put(store, small.case("first", day=1, closed=1), now=at(10))
    small.put(store, small.case("a", day=5, closed=1), now=at(8))
    few = statements(store, 1)
    many = [small.case(f"m{day}{region}", day=day, region=region) for day in range(2, 9) for region in ("x1", "y1")]
    small.put(store, *many, now=at(6))
    assert statements(store, 1) == few


def statements(store, since):
    asked = []
    with store.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = changed.figures(ask(connection), since, ["opened"], arrived=None)
    assert found.items
    return len(asked)


def test_it_reads_what_moved_and_not_all_there_is(sqlite_template, tmp_path, monkeypatch):
    """Steps of the database for one correction, beside a hundred days and beside a thousand."""
    monkeypatch.setattr(store_of_changes, "FEW", 0)  # as where many indicators are asked for

    def steps(days):
        store = connect(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{days}.db')}")
        small.put(store, *(small.calls(10 + n % 7, day=-n) for n in range(days)), now=at(10))
        small.put(store, small.calls(99, day=-5), now=at(8))
        counted = []
        with store.read() as connection:
            connection.connection.driver_connection.set_progress_handler(lambda: counted.append(1) or 0, 50)
            assert ("calls", "x1", 15, 99) in told(changed.figures(ask(connection), 1))
            connection.connection.driver_connection.set_progress_handler(None, 0)
        store.close()
        return len(counted)

    assert steps(1000) <= 1.3 * steps(100)
