"""The walk-throughs of the store's design, each on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from metrics import ingest as door
from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Batch, Series
from metrics.asof import figures_as_of
from metrics.catalogue import Tree
from metrics.model import MAX, SYSTEM, TOTAL
from metrics.periods import to_us
from metrics.ruling import Decision, decide
from metrics.store import cells, runs
from metrics.tables import chosen, feed, observation, record_version, revision, run, series, touched
from metrics.tick import tick
from tests.metrics import small
from tests.metrics.small import DAY, NOW, calls, case, put, workspace


def figure(store, key, department=TOTAL, region=TOTAL, day=0, grain="day"):
    with store.read() as connection:
        found = cells.known(connection, key, grain, 1, [to_us(DAY + timedelta(days=day))])
    return found.get(((department, region, "{}"), to_us(DAY + timedelta(days=day))))


def rows(store, table):
    """In the order in which they became known, where that is told."""
    order = [table.c[name] for name in ("known_from", "feed_id", "period_start") if name in table.c]
    with store.read() as connection:
        return connection.execute(select(table).order_by(*order)).all()


def test_it_stores_a_first_arrival_in_one_transaction_and_sums_every_level(store):
    seen = []
    done = put(store, calls(7), calls(5, "y1"), judges=(lambda connection, changed, now: seen.extend(changed),))
    assert done.revision == 1
    assert [row.num for row in rows(store, observation)] == [7, 5]
    assert figure(store, "calls").num == 12
    assert figure(store, "calls", region="x").num == 7
    assert (figure(store, "calls").have, figure(store, "calls").want) == (2, 2)
    assert {change.series.region for change in seen} == {"_T", "x", "y", "x1", "y1"}
    assert {row.topic for row in rows(store, touched)} >= {"calls", "sources"}
    assert [row.outcome for row in rows(store, run)] == ["ok"]


def test_the_same_payload_again_is_no_revision_and_no_event(store):
    put(store, calls(7), case("1"), source="cases")
    before = len(rows(store, observation)), len(rows(store, record_version))
    seen = []
    again = put(store, calls(7), case("1"), source="cases", judges=(lambda *given: seen.append(given),))
    assert again.revision is None
    assert seen == []
    assert (len(rows(store, observation)), len(rows(store, record_version))) == before
    assert len(rows(store, revision)) == 1
    assert [row.outcome for row in rows(store, run)] == ["ok", "unchanged"]


def test_a_correction_closes_a_row_and_adds_one(store):
    seen = []
    put(store, calls(7))
    done = put(store, calls(9), judges=(lambda connection, changed, now: seen.extend(changed),))
    old, new = sorted(rows(store, observation), key=lambda row: row.known_from)
    assert (old.num, old.known_to, new.num, new.known_from) == (7, done.revision, 9, done.revision)
    assert figure(store, "calls").num == 9
    assert {(change.old.num, change.new.num) for change in seen if change.series.indicator == "calls"} == {(7, 9)}


def test_a_late_row_for_an_older_period_leaves_the_newest_alone(store):
    put(store, calls(7, day=5))
    put(store, calls(3, day=1))
    assert figure(store, "calls", day=5).num == 7
    assert figure(store, "calls", day=1).num == 3


def test_an_older_source_revision_that_arrives_late_is_superseded(store):
    put(store, calls(9, source_rev=5), case("1", source_rev=5, state="closed"), source="cases")
    done = put(store, calls(7, source_rev=4), case("1", source_rev=4, state="open"), source="cases")
    assert done.revision is None
    assert done.counts["superseded"] == 2
    assert figure(store, "calls").num == 9


def test_of_two_feeds_the_authoritative_one_is_chosen_and_the_other_stands_in(store):
    put(store, calls(8), source="calls2")
    assert figure(store, "calls").num == 8
    put(store, calls(7), source="calls")
    assert figure(store, "calls").num == 7
    assert len(rows(store, feed)) == 2
    put(store, calls(None, status="M"), source="calls")
    assert figure(store, "calls").num == 8


def test_a_region_that_moves_counts_where_it_belonged_at_the_period(store):
    put(store, calls(4, "m", day=1), calls(6, "m", day=8))
    assert figure(store, "calls", region="x", day=1).num == 4
    assert figure(store, "calls", region="y", day=1) is None
    assert figure(store, "calls", region="y", day=8).num == 6


def test_a_case_that_moves_between_departments_changes_both_and_not_the_province(store):
    put(store, case("1", "a"), case("2", "a"))
    seen = []
    put(store, case("1", "b"), judges=(lambda connection, changed, now: seen.extend(changed),))
    assert figure(store, "opened", "a").num == 1
    assert figure(store, "opened", "b").num == 1
    moved = {change.series.department for change in seen if change.series.indicator == "opened" and change.series.grain == "day"}
    assert moved == {"a", "b"}
    put(store, case("2", "b"))
    assert figure(store, "opened", "a").num == 0


def test_what_is_gone_from_a_complete_source_is_withdrawn_and_kept(store):
    put(store, case("1"), case("2"))
    done = put(store, case("1"), complete=True)
    assert done.counts["records_withdrawn"] == 1
    assert figure(store, "opened").num == 1
    assert len(rows(store, record_version)) == 3
    put(store, case("1"), case("2"), complete=True)
    assert figure(store, "opened").num == 2


def test_a_due_date_that_passes_needs_no_data(store):
    now = DAY + timedelta(days=1)
    put(store, case("1", day=0, due=2), now=now)
    assert figure(store, "overdue", day=1).num == 0
    later = DAY + timedelta(days=2, hours=10)
    assert tick(store, workspace(), (), later) is not None
    assert figure(store, "overdue", day=2).num == 1
    assert figure(store, "on_time", day=2).den == 1
    assert tick(store, workspace(), (), later) is None


def test_what_passed_while_nobody_ticked_counts_though_its_period_has_ended_and_not_settled(store):
    """Day 2 ended half an hour ago and settles in half an hour; its cases were known before."""
    put(store, case("1", day=2, due=None), now=DAY + timedelta(hours=8))
    tick(store, workspace(), (), DAY + timedelta(days=3, minutes=30))
    assert figure(store, "on_time", day=2).apart == 1


def test_a_period_that_settles_is_judged_though_nothing_changed(store):
    put(store, case("1", day=0, due=1, closed=0.5), now=DAY + timedelta(days=1, hours=10))
    tick(store, workspace(), (), DAY + timedelta(days=1, hours=11))
    seen = []
    after = DAY + timedelta(days=2, hours=2)
    tick(store, workspace(), (lambda connection, changed, now: seen.extend(changed),), after)
    settled = [change for change in seen if change.series.indicator == "on_time" and change.series.grain == "day"]
    assert {(change.series.department, change.settled, change.new.num) for change in settled} >= {("_T", True, 1), ("a", True, 1)}


def test_open_at_the_end_of_a_period_is_exact(store):
    put(store, case("1", day=0, closed=1.2), case("2", day=0), now=DAY + timedelta(days=0, hours=12))
    tick(store, workspace(), (), DAY + timedelta(hours=13))
    put(store, case("3", day=1), now=DAY + timedelta(days=1, hours=13))
    tick(store, workspace(), (), DAY + timedelta(days=1, hours=14))
    assert figure(store, "open", day=0).num == 2
    assert figure(store, "open", day=1).num == 2


def test_a_rate_without_parts_is_shown_where_it_was_reported_and_in_no_total(store):
    first = put(store, calls(90, key="answered"), calls(60, "y1", key="answered")).revision
    total = figure(store, "answered")
    assert (total.num, total.status, total.have, total.want) == (None, "M", 0, 2), "90 % and 60 % are not 150 %"
    put(store, calls(60, "y1", key="answered", den=80, n=80))
    assert figure(store, "answered", "a", "x1").num == 90
    total = figure(store, "answered")
    assert (total.num, total.den, total.have, total.want) == (60, 80, 1, 2)
    with store.read() as connection:
        then = figures_as_of(connection, workspace(), "answered", "day", [to_us(DAY)], first)[(TOTAL, TOTAL, "{}"), to_us(DAY)]
        ask = Ask(connection, workspace(), SYSTEM, DAY + timedelta(days=1, hours=2))
        card, own = reading.card(ask, "answered"), reading.trend(ask, Series("answered", "day", "a", "x1"))[-2]
        entered = reading.entered(ask, card.series, DAY)
    assert (then.num, then.have, then.want) == (None, 0, 2)
    assert (card.cell.value, [one["en"] for one in card.cell.missing]) == (Decimal(75), ["x1"])
    assert (own.value, own.only_rate) == (Decimal(90), True)
    assert (card.cell.only_rate, [one.cell.only_rate for one in entered]) == (False, [True, False])


def test_what_is_declared_not_to_add_up_is_in_no_total_either(store):
    """An average or an index is no percentage, and is no amount."""
    plain = workspace()
    here = replace(plain, indicators={**plain.indicators, "calls": replace(plain.indicators["calls"], additive=False)})
    batch = Batch("calls", observations=[calls(40), calls(50, "y1")])
    door.ingest(store, here, batch, (), NOW, run=runs.RunIn("calls", "collect", NOW, NOW, "ok"))
    assert (figure(store, "calls").num, figure(store, "calls").want) == (None, 2)
    assert (figure(store, "calls", region="x").num, figure(store, "calls", "a", "x1").num) == (None, 40)


def test_as_of_an_earlier_revision_every_level_reads_as_it_was_known(store):
    first = put(store, calls(7), calls(5, "y1")).revision
    put(store, case("1", "a", closed=1), source="cases")
    put(store, calls(9))
    third = put(store, case("1", "b", closed=1), source="cases").revision
    put(store, calls(11))
    start = to_us(DAY)
    with store.read() as connection:
        before = figures_as_of(connection, workspace(), "calls", "day", [start], first)
        moved = figures_as_of(connection, workspace(), "opened", "day", [start], third)
        earlier = figures_as_of(connection, workspace(), "opened", "day", [start], third - 1)
        shared = figures_as_of(connection, workspace(), "share", "day", [start], third)
    whole = (TOTAL, TOTAL, "{}")
    assert before[whole, start].num == 12
    assert earlier[("a", TOTAL, "{}"), start].num == 1
    assert moved[("b", TOTAL, "{}"), start].num == 1
    assert ("a", TOTAL, "{}") not in {key for (key, _), value in moved.items() if value.num}
    assert (shared[whole, start].num, shared[whole, start].den) == (1, 14)


def test_missing_is_never_zero(store):
    put(store, calls(None, status="M", reason="—"))
    assert figure(store, "calls").status == "M"
    assert figure(store, "calls").num is None


def test_nothing_due_is_its_own_state(store):
    put(store, case("1", due=None))
    found = figure(store, "on_time")
    assert (found.status, found.den, found.apart) == ("N", 0, 1)


def test_a_judge_that_fails_leaves_nothing_behind(store):
    def broken(connection, changed, now):
        raise RuntimeError("judge")

    with pytest.raises(RuntimeError):
        put(store, calls(7), case("1"), source="cases", judges=(broken,))
    with store.read() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(one)).scalar()
            for one in (observation, record_version, revision, run, series, chosen, touched)
        ]
    assert counts == [0] * 7


def test_a_clock_that_goes_back_does_not_take_knowledge_back(store):
    put(store, calls(7), now=NOW)
    put(store, calls(8), now=NOW - timedelta(hours=5))
    assert [row.at for row in rows(store, revision)] == [to_us(NOW)] * 2


def test_a_unit_beyond_the_limit_is_refused_whole(store):
    many = [calls(1, day=number) for number in range(door.MAX_ROWS + 1)]
    with pytest.raises(door.TooLarge, match="50000"):
        put(store, *many)
    assert rows(store, run) == []


def test_a_run_that_turns_tells_the_screens(store):
    now = datetime(2026, 3, 12, tzinfo=UTC)
    for outcome in ("ok", "error", "error", "ok"):
        door.note(store, runs.RunIn("cases", "collect", now, now, outcome), now)
    assert [row.topic for row in rows(store, touched)] == ["sources"] * 3


def test_the_figures_equal_a_recomputation_from_scratch(store):
    for number in range(40):
        put(store, case(str(number % 15), "ab"[number % 2], ("x1", "y1", "m")[number % 3], day=number % 6, closed=number % 4))
    with store.read() as connection:
        for key, grain in (("on_time", "day"), ("on_time", "month"), ("opened", "day"), ("opened", "month")):
            starts = _periods(connection, key, grain)
            again = figures_as_of(connection, workspace(), key, grain, starts, 10**6, at=NOW)
            assert _filled(cells.known(connection, key, grain, 1, starts)) == _filled(again)


def test_a_late_row_is_judged_again_from_its_own_period_on(store):
    put(store, calls(7, day=5))
    seen = []
    put(store, calls(3, day=1), judges=(lambda connection, changed, now: seen.extend(changed),))
    assert {(change.period_start, change.settled) for change in seen if change.series.indicator == "calls"} == {
        (to_us(DAY + timedelta(days=1)), True)
    }


def test_a_late_row_is_marked_late_where_it_is_and_in_what_it_entered(store):
    """Day 1 settles as it ends; one county tells it four days later, another told it in time."""
    for day in (0, 1, 5):
        put(store, calls(7, "y1", day=day), now=DAY + timedelta(days=day + 1))
    put(store, calls(7), now=DAY + timedelta(days=1))
    put(store, calls(8, day=5), now=DAY + timedelta(days=6))
    came = DAY + timedelta(days=6, hours=4)
    put(store, calls(3, day=1), now=came)
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, NOW)
        late = {
            region: {
                (cell.period_start - DAY).days: cell.late
                for cell in reading.marked(ask, reading.trend(ask, Series("calls", "day", TOTAL, region)))
                if cell.late
            }
            for region in ("x1", "y1", TOTAL)
        }
        shown = reading.printed(ask, Series("calls", "day", TOTAL, "x1"), DAY + timedelta(days=1))
        passport = reading.passport(ask, shown, None)
        card = reading.card(ask, "calls", region="x1", ended_by=DAY + timedelta(days=2))
    assert late == {"x1": {1: came}, "y1": {}, TOTAL: {1: came}}
    assert passport.cell.late == card.cell.late == came


def test_a_ruling_chooses_its_periods_again_and_has_them_judged(store):
    put(store, calls(7), calls(7, day=1), source="calls")
    put(store, calls(90), calls(90, day=1), source="calls2")
    seen = []
    decision = Decision(Series("calls", "day", "a", "x1"), "calls2", DAY, DAY, "the other office counted all")
    judges = (lambda connection, changed, now: seen.extend(changed),)
    _, number = decide(store, workspace(), decision, judges, NOW + timedelta(hours=1), "boss")
    assert (figure(store, "calls").num, figure(store, "calls", day=1).num) == (90, 7)
    assert {(change.old.num, change.new.num) for change in seen if change.series.indicator == "calls"} == {(7, 90)}
    kept = rows(store, revision)[-1]
    assert (kept.number, kept.kind, kept.actor) == (number, "ruling", "boss")
    assert [(row.num, row.known_to) for row in rows(store, observation)] == [(num, MAX) for num in (7, 7, 90, 90)]


def test_a_county_that_is_recoded_is_one_region_with_two_codes_and_its_series_go_on(store):
    """郫县 510124 became 郫都 510117."""
    county = small.place("pidu", "x", "county", code="510117", earlier_codes=(("510124", date(2026, 3, 4)),))
    here = replace(workspace(), regions=Tree([*workspace().regions, county]))
    for day, code in ((1, "510124"), (8, "510117"), (8, "510124")):
        found = here.regions.by_code(code, (DAY + timedelta(days=day, hours=9)).date())
        assert found is not None
        assert found.id == "pidu", "an old code that is still sent means the same place"
    for day in (1, 8):
        batch = Batch("calls", observations=[calls(4, "pidu", day=day)])
        door.ingest(store, here, batch, (), NOW, run=runs.RunIn("calls", "collect", NOW, NOW, "ok"))
    regions = [row.region_id for row in rows(store, series) if (row.department_id, row.indicator) == ("a", "calls")]
    assert regions == ["pidu", "_T"], "one series of the county beside its department's total"
    assert [row.num for row in rows(store, observation)] == [4, 4]
    assert (figure(store, "calls", region="x", day=1).num, figure(store, "calls", region="x", day=8).num) == (4, 4)


def test_when_a_county_moves_no_past_total_changes(store):
    """简阳 from 资阳 to 成都: `m` from x to y after 4 March."""
    put(store, calls(4, "m", day=1), calls(5, "x1", day=1), calls(6, "m", day=8), calls(7, "y1", day=8))
    before = {region: figure(store, "calls", region=region, day=1).num for region in ("x", "_T")}
    put(store, calls(9, "m", day=1))
    assert before == {"x": 9, "_T": 9}
    assert (figure(store, "calls", region="x", day=1).num, figure(store, "calls", region="y", day=1)) == (14, None)
    assert (figure(store, "calls", region="y", day=8).num, figure(store, "calls", region="x", day=8).num) == (13, None)
    assert figure(store, "calls", day=8).num == 13


def test_coverage_as_of_is_from_the_same_rows_as_the_figure(store):
    first = put(store, calls(7), calls(None, "y1", status="M")).revision
    put(store, calls(5, "y1"))
    with store.read() as connection:
        then = figures_as_of(connection, workspace(), "calls", "day", [to_us(DAY)], first)[(TOTAL, TOTAL, "{}"), to_us(DAY)]
    assert (then.num, then.have, then.want) == (7, 1, 2)
    assert (figure(store, "calls").num, figure(store, "calls").have, figure(store, "calls").want) == (12, 2, 2)


def _periods(connection, key, grain):
    query = select(chosen.c.period_start).join(series, series.c.id == chosen.c.series_id)
    return sorted(set(connection.execute(query.where(series.c.indicator == key, series.c.grain == grain)).scalars()))


def _filled(figures):
    """Cells a case is left in: an emptied cell stands at zero, a fresh sum has none."""
    return {place: values for place, values in figures.items() if values.n or values.num or values.apart}
