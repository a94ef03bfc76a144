"""The walk-throughs of the store's design, each on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from metrics import ingest as door
from metrics import reading, verdict
from metrics.answers import Ask
from metrics.arrivals import Batch, RecordIn, Series
from metrics.asof import figures_as_of
from metrics.catalogue import Tree
from metrics.indicators import records as from_records
from metrics.model import MAX, SYSTEM, TOTAL, Measure, Part
from metrics.periods import to_us
from metrics.reading.freshness import in_question
from metrics.ruling import Decision, decide
from metrics.store import cells, runs
from metrics.store.runs import RunIn
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


def test_what_was_open_on_a_past_day_is_told_again_when_a_case_or_its_end_is_known_late(store):
    """Case 2 was opened on day 0 and is known on day 4; case 1 was closed on day 1, which is known on day 4."""
    put(store, case("1", "a"), now=DAY + timedelta(hours=12))
    for day in range(1, 5):
        tick(store, workspace(), (), DAY + timedelta(days=day, hours=2))
    known = put(store, case("2", "b"), now=DAY + timedelta(days=4, hours=3)).revision
    seen = []
    put(
        store,
        case("1", "a", closed=1),
        now=DAY + timedelta(days=4, hours=4),
        judges=(lambda connection, changed, now: seen.extend(changed),),
    )
    assert [figure(store, "open", day=day).num for day in range(5)] == [2, 1, 1, 1, 1]
    assert [figure(store, "open", "a", day=day).num for day in range(5)] == [1, 0, 0, 0, 0]
    assert {change.settled for change in seen if change.series.indicator == "open"} == {True}
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, DAY + timedelta(days=4, hours=5))
        now, then = (
            [cell.num for cell in reading.trend(one, Series("open", "day")) if cell.revision]
            for one in (ask, reading.at_revision(ask, known))
        )
    assert (now, then) == ([2, 1, 1, 1, 1], [2, 2, 2, 2, 2])


def test_an_instant_at_midnight_counts_the_same_by_days_as_by_instants(store):
    """A case that is opened, due or closed exactly when a day ends."""
    at_end = DAY + timedelta(days=1)
    put(store, case("0"), now=DAY + timedelta(hours=12))
    rows = [RecordIn(str(n), "a", "x1", *when) for n, when in enumerate([
        (at_end,), (DAY, at_end), (DAY, DAY, at_end), (DAY - timedelta(days=9), DAY, at_end + timedelta(days=1)),
    ], 1)]  # fmt: skip
    put(store, *rows, now=DAY + timedelta(days=2, hours=3))
    with store.read() as connection:
        for key in ("open", "overdue"):
            for day in (0, 1):
                start, end = to_us(DAY + timedelta(days=day)), DAY + timedelta(days=day + 1)
                wanted = {(key, "day"): [start]}
                (one,) = from_records.figures(connection, workspace(), "cases", wanted, end)
                assert figure(store, key, day=day).num == one.cells[(TOTAL, TOTAL, "{}"), start].num, (key, day)


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
    assert (figure(store, "calls", region="x", day=1).num, figure(store, "calls", region="y", day=1).num) == (14, None)
    assert (figure(store, "calls", region="y", day=8).num, figure(store, "calls", region="x", day=8).num) == (13, None)
    assert figure(store, "calls", day=8).num == 13


def test_when_too_much_is_gone_at_once_nothing_is_withdrawn(store):
    """What is new beside it is stored, and a person decides."""
    many = [case(str(number)) for number in range(30)]
    put(store, *many)
    put(store, *many[:18], case("new"), complete=True)
    put(store, *many[:18], case("new"), complete=True)
    assert figure(store, "opened").num == 31
    assert not any(row.withdrawn for row in rows(store, record_version))
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, NOW)
        (one,) = reading.held(ask)
        assert (one.kind, one.source, one.value, one.against, one.held, one.mine) == ("gone", "cases", 12, 30, True, False)
        assert [in_question(ask, workspace().indicators[key]) for key in ("open", "calls")] == [True, False]
        assert "12 of 30" in one.words


def test_what_is_gone_at_once_is_withdrawn_when_a_person_releases_it_and_stays_when_rejected(store):
    many = [case(str(number)) for number in range(40)]
    put(store, *many)

    def waiting():
        with store.read() as connection:
            return [one.id for one in reading.held(Ask(connection, workspace(), SYSTEM, NOW), only_open=True)]

    put(store, *many[:20], complete=True)
    (first,) = waiting()
    put(store, *many[:22], complete=True)
    assert waiting() == [first], "as it stands now, in one question"
    verdict.reject(store, workspace(), first, NOW, "boss", "the export broke")
    put(store, *many[:22], complete=True)
    assert (figure(store, "opened").num, waiting()) == (40, []), "asked once"
    put(store, *many, complete=True)
    put(store, *many[:22], complete=True)
    (second,) = waiting()
    seen = []
    verdict.release(
        store, workspace(), second, (lambda connection, changed, now: seen.extend(changed),), NOW, "boss", "they were test cases"
    )
    assert (figure(store, "opened").num, figure(store, "open", day=10).num, waiting()) == (22, 22, [])
    assert ("opened", 40, 22) in {(one.series.indicator, one.old.num, one.new.num) for one in seen}
    assert put(store, *many[:22], complete=True).revision is None


def test_what_was_gone_at_once_and_is_back_is_no_question_any_more(store):
    many = [case(str(number)) for number in range(40)]
    for some in (many, [], many):
        batch = Batch("cases", some, complete=True)
        door.ingest(store, workspace(), batch, (), NOW, run=runs.RunIn("cases", "collect", NOW, NOW, "ok"))
    with store.read() as connection:
        (one,) = reading.held(Ask(connection, workspace(), SYSTEM, NOW))
    assert (one.verdict, one.value) == ("replaced", 40)


def test_coverage_as_of_is_from_the_same_rows_as_the_figure(store):
    first = put(store, calls(7), calls(None, "y1", status="M")).revision
    put(store, calls(5, "y1"))
    with store.read() as connection:
        then = figures_as_of(connection, workspace(), "calls", "day", [to_us(DAY)], first)[(TOTAL, TOTAL, "{}"), to_us(DAY)]
    assert (then.num, then.have, then.want) == (7, 1, 2)
    assert (figure(store, "calls").num, figure(store, "calls").have, figure(store, "calls").want) == (12, 2, 2)


WALKS = {
    "first arrival": {
        "a revision, the observation, every level summed again, touched, judged, a Run, in one transaction":
            "test_it_stores_a_first_arrival_in_one_transaction_and_sums_every_level",
        "whole or not at all": "test_a_judge_that_fails_leaves_nothing_behind",
    },
    "same payload again": {"no revision, no event, the Run only": "test_the_same_payload_again_is_no_revision_and_no_event"},
    "correction": {"the old row closed, a new one added, judged again": "test_a_correction_closes_a_row_and_adds_one"},
    "late row for an older period": {
        "the newest period is untouched": "test_a_late_row_for_an_older_period_leaves_the_newest_alone",
        "marked late": "test_a_late_row_is_marked_late_where_it_is_and_in_what_it_entered",
        "judged again from that period": "test_a_late_row_is_judged_again_from_its_own_period_on",
        "retro where only history breaches": "test_it_keeps_a_breach_that_only_history_shows_as_retro_and_pages_nobody__F37",
    },
    "older source revision arrives late": {
        "counted as superseded, not current": "test_an_older_source_revision_that_arrives_late_is_superseded",
    },
    "second feed": {
        "the one in authority is chosen, where it is missing the other":
            "test_of_two_feeds_the_authoritative_one_is_chosen_and_the_other_stands_in",
        "a conflict beyond the tolerance": "test_a_conflict_is_open_until_it_is_ruled_on_and_shows_both_figures",
        "marked substitute": "test_a_stand_in_is_marked_until_a_person_rules_for_it",
    },
    "ruling": {"those periods are chosen again and judged": "test_a_ruling_chooses_its_periods_again_and_has_them_judged"},
    "definition v2 from period X": {
        "v2 from X on, older periods beside v1, no correction, no event, like with like":
            "test_definition_v2_from_a_period_on_leaves_the_past_as_it_was_and_stands_beside_it",
    },
    "county recoded 510124 -> 510117": {
        "one region, two codes, its series untouched":
            "test_a_county_that_is_recoded_is_one_region_with_two_codes_and_its_series_go_on",
    },
    "简阳 moves from 资阳 to 成都 (2016-05)": {
        "totals use the parent of the period, no past total changes": "test_when_a_county_moves_no_past_total_changes",
    },
    "as-of of an aggregate": {
        "leaves, rulings and definitions as known then":
            "test_as_of_an_earlier_revision_every_level_reads_as_it_was_known",
        "have and want from the same rows": "test_coverage_as_of_is_from_the_same_rows_as_the_figure",
    },
    "record moved from department A to B": {
        "A and B change, the province does not":
            "test_a_case_that_moves_between_departments_changes_both_and_not_the_province",
        "attribute: current": "test_what_moves_counts_where_it_is_now_and_the_whole_is_the_same",
        "attribute: at_event": "test_what_moves_after_the_event_stays_with_whose_it_was",
    },
    "deletion in the source": {
        "withdrawn, never deleted": "test_what_is_gone_from_a_complete_source_is_withdrawn_and_kept",
        "more than 5 % at once is not believed": "test_when_too_much_is_gone_at_once_nothing_is_withdrawn",
    },
    "a due date passes": {"overdue is counted again, no data needed": "test_a_due_date_that_passes_needs_no_data"},
    "open at the end of the period": {"exact": "test_open_at_the_end_of_a_period_is_exact"},
    "a source gives only a rate": {
        "shown where it was reported, in no total": "test_a_rate_without_parts_is_shown_where_it_was_reported_and_in_no_total",
    },
}  # fmt: skip
"""What happens -> what must hold then -> the test that walks it."""
TABLE = (
    "first arrival", "same payload again", "correction", "late row for an older period", "older source revision arrives late",
    "second feed", "ruling", "definition v2 from period X", "county recoded 510124 -> 510117",
    "简阳 moves from 资阳 to 成都 (2016-05)", "as-of of an aggregate", "record moved from department A to B",
    "deletion in the source", "a due date passes", "open at the end of the period", "a source gives only a rate",
)  # fmt: skip
"""The rows of the table of the design, in its words and its order."""
ON_BOTH = {"store", "disputed", "place"}
"""`store` runs on both engines, and so does what stands on it."""


def test_every_row_of_the_table_is_walked_and_nothing_else():
    assert tuple(WALKS) == TABLE


def test_every_walk_through_has_its_test_on_both_engines():
    from tests.alerts import test_evaluate
    from tests.metrics import test_definitions, test_events_that_stay, test_ruling
    from tests.metrics.reading import test_coverage

    every = dict(globals())
    for module in (test_definitions, test_events_that_stay, test_ruling, test_coverage, test_evaluate):
        every |= {key: one for key, one in vars(module).items() if key.startswith("test_")}
    for row, clauses in WALKS.items():
        for words, name in clauses.items():
            code = every[name].__code__
            assert ON_BOTH & set(code.co_varnames[: code.co_argcount]), (row, words, name)


def _periods(connection, key, grain):
    query = select(chosen.c.period_start).join(series, series.c.id == chosen.c.series_id)
    return sorted(set(connection.execute(query.where(series.c.indicator == key, series.c.grain == grain)).scalars()))


def _filled(figures):
    """Cells a case is left in: an emptied cell stands at zero, a fresh sum has none."""
    return {place: values for place, values in figures.items() if values.n or values.num or values.apart}


def test_five_minutes_and_hours_of_cases_are_found_by_their_day(store):
    """A figure of a short period counts what lies in it, at every level, and follows a case that moves."""
    shorts = dict.fromkeys(("minute5", "hour"), (("city",),))
    measures = {"came": Measure("count", Part("opened")), "callers": Measure("distinct", Part("opened"), field="caller")}
    made = {key: small.indicator(key, measure, grains=("minute5", "hour"), cuts=shorts) for key, measure in measures.items()}
    place = replace(workspace(), indicators=made)

    def tell(*cases, at):
        batch = Batch("cases", list(cases))
        door.ingest(store, place, batch, (), at, run=RunIn("cases", "collect", at, at, "ok"))

    def count(key, grain, minute, region=TOTAL):
        start = to_us(DAY + timedelta(hours=9, minutes=minute))
        with store.read() as connection:
            found = cells.known(connection, key, grain, 1, [start]).get(((TOTAL, region, "{}"), start))
        return found.num if found else None

    opened = [RecordIn(str(n), "a", "x1" if n else "y1", DAY + timedelta(hours=9, minutes=n), extra={"caller": str(n % 3)})
              for n in (0, 1, 4, 5, 7)]  # fmt: skip
    tell(*opened, at=NOW)
    assert [count("came", "minute5", minute) for minute in (0, 5)] == [3, 2]
    assert [count("callers", "minute5", minute) for minute in (0, 5)] == [2, 2]
    assert (count("came", "hour", 0), count("callers", "hour", 0), count("came", "minute5", 0, "x")) == (5, 3, 2)
    tell(replace(opened[1], opened=DAY + timedelta(hours=9, minutes=9)), at=NOW + timedelta(hours=1))
    assert [count("came", "minute5", minute) for minute in (0, 5)] == [2, 3]
