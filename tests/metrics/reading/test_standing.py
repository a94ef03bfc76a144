"""Every reading pages use, pinned to a revision, says again what it said then, whatever came after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from metrics import reading
from metrics.answers import Ask, CaseQuery
from metrics.arrivals import Series
from metrics.model import Principal
from metrics.reading import at_revision
from tests.metrics import small

WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
KEYS = ("on_time", "opened", "overdue", "median", "calls", "share", "heads")
"""One of each kind of measure."""
HOURS = (10, 8, 6, 4, 2)


def steps(store):
    """Cases, corrections, a case that moves and one that closes; figures, a second source, late ones; the instants of each."""
    small.put(store, *(small.case(f"x-{n}", closed=closed) for n, closed in enumerate((0, 1, None))), now=at(0))
    yield at(0)
    small.put(store, small.calls(10), small.calls(7, day=2), small.calls(4, day=8), now=at(1))
    yield at(1)
    small.put(store, small.case("x-0", region="y1", closed=9), small.case("x-1", department="b", closed=4), now=at(2))
    yield at(2)
    small.put(store, small.calls(12), small.calls(3, region="y1"), source="calls2", now=at(3))
    small.put(store, small.calls(40, day=8), now=at(3))
    yield at(3)
    small.put(store, small.case("m-0", region="m", day=3, closed=1), small.case("early", day=-40, closed=1), now=at(4))
    yield at(4)


def at(step):
    return small.NOW - timedelta(hours=HOURS[step])


def said(ask):
    """What pages read, without the stamps of revision and moment."""
    found = {}
    for key in KEYS:
        card = reading.card(ask, key)
        found[key] = [figure(card.cell), figure(card.running), card.state, card.health, card.on_period, card.spark]
        found[key] += [card.no_period, card.collected_at]
        for region in ("x", "x1"):
            found[key, region] = figure(reading.card(ask, key, region=region).cell)
        for level, grain in (("department", None), ("county", "month"), ("city", None)):
            if grain is None or grain in ask.workspace.indicators[key].grains:
                found[key, level] = [
                    (one.place.id, figure(one.cell), one.state, one.rank, one.rank_before, one.spark)
                    for one in reading.units(ask, key, level, grain=grain, sparks=5)
                ]
        if not ask.workspace.indicators[key].measure.from_records:
            entered = reading.entered(ask, Series(key, "day", region="x"), small.DAY)
            found[key, "entered"] = [(figure(one.cell), one.source, one.used) for one in entered]
    page = reading.cases(ask, CaseQuery("cases", sort="external_id"))
    found["cases"] = [(row.external_id, row.department, row.region, row.closed) for row in page.rows]
    for id in ("x-0", "m-0"):
        case = reading.case(ask, "cases", id)
        found[id] = case and [(row.region, row.closed) for row in case.versions]
    found["sources"] = [(one.key, one.health, one.last_success, one.newest_period, one.outcomes) for one in reading.sources(ask)]
    return found


def figure(cell):
    return cell and (cell.period_start, cell.num, cell.den, cell.n, cell.apart, cell.status, cell.value, cell.settled)


@pytest.mark.parametrize("who", [WHOLE, CITY], ids=["whole", "city"])
def test_what_a_screen_said_at_every_revision_it_says_again(store, who):
    workspace, then = small.workspace(), {}
    for instant in steps(store):
        with store.read() as connection:
            then[reading.head(connection).number] = said(Ask(connection, workspace, who, instant))
    assert len({str(one) for one in then.values()}) == len(HOURS)
    with store.read() as connection:
        now = Ask(connection, workspace, who, small.NOW + timedelta(days=3))
        for revision, was in then.items():
            again = said(at_revision(now, revision))
            for what in was:
                assert again[what] == was[what], (revision, what)


def test_the_cases_behind_a_past_figure_are_those_it_counted(store):
    list(steps(store))
    with store.read() as connection:
        ask = at_revision(Ask(connection, small.workspace(), WHOLE, small.NOW), 1)
        card = reading.card(ask, "opened", region="x", ended_by=small.DAY + timedelta(days=1))
        query = CaseQuery("cases", "opened", period_start=card.cell.period_start, grain=card.series.grain, region="x")
        behind = reading.cases(replace(ask, revision=None), replace(query, revision=card.cell.revision))
    assert (card.cell.num, behind.total) == (3, 3)
