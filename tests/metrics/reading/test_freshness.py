"""How fresh the data of a source is: by how far it tells, never by when it came."""

from dataclasses import replace
from datetime import timedelta

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Batch, Series
from metrics.ingest import ingest
from metrics.model import SYSTEM
from metrics.store.runs import RunIn
from metrics.tick import tick
from tests.metrics.small import DAY, calls, case, workspace


def state(store, key, now, here=None):
    with store.read() as connection:
        return next(one for one in reading.sources(Ask(connection, here or workspace(), SYSTEM, now)) if one.key == key)


def test_a_run_that_spoke_of_a_time_to_come_does_not_keep_its_source_fresh(store):
    """As Runs were written before what is yet to come was left out of them."""
    now = DAY + timedelta(days=1)
    for newest in (now, now + timedelta(days=300)):
        run = RunIn("calls", "collect", now, now, "ok", newest_period=newest)
        ingest(store, workspace(), Batch("calls", (), [calls(newest.day)]), (), now, run=run)
    assert (state(store, "calls", now).health, state(store, "calls", now).newest_period) == ("FRESH", now)
    later = now + timedelta(days=20)
    assert (state(store, "calls", later).health, state(store, "calls", later).newest_period) == ("STALE", now)


def quiet(**how):
    plain = workspace()
    return replace(plain, sources={**plain.sources, "cases": replace(plain.sources["cases"], max_age=timedelta(days=1), **how)})


def answered(store, here, now, *rows):
    newest = max((one for row in rows for one in (row.opened, row.closed) if one is not None), default=None)
    run = RunIn("cases", "collect", now, now, "ok" if rows else "unchanged", newest_period=newest)
    ingest(store, here, Batch("cases", rows), (), now, run=run)


def days(store, here, now, key="opened"):
    with store.read() as connection:
        found = reading.trend(Ask(connection, here, SYSTEM, now), Series(key, "day"))
    return {(one.period_start - DAY).days: one.num for one in found if one.period_start >= DAY and one.settled}


def test_a_source_of_cases_that_answers_the_same_old_page_is_late_and_then_stale_and_its_days_are_missing(store):
    here = quiet(quiet=timedelta(days=3))
    answered(store, here, DAY + timedelta(hours=12), case("1"), case("2"))
    for day in range(1, 11):
        tick(store, here, (), DAY + timedelta(days=day, hours=2))
        answered(store, here, DAY + timedelta(days=day, hours=6), case("1"), case("2"))
    seen = {}
    for day in (2, 4, 6):
        now = DAY + timedelta(days=day, hours=6)
        answered(store, here, now, case("1"), case("2"))
        seen[day] = state(store, "cases", now, here).health
    assert seen == {2: "FRESH", 4: "LATE", 6: "STALE"}
    now = DAY + timedelta(days=6, hours=6)
    assert days(store, here, now) == {0: 2, 1: None, 2: None, 3: None, 4: None, 5: None}
    assert days(store, here, now, "share")[3] is None
    assert days(store, here, now, "open")[5] == 2, "what is known to be open is"
    assert days(store, here, DAY + timedelta(days=2, hours=6)) == {0: 2, 1: 0}, "so long it may have nothing new"
    with store.read() as connection:
        card = reading.card(Ask(connection, here, SYSTEM, now), "opened")
    assert (card.state, card.cell and card.cell.value) == ("stale", None)
    answered(store, here, DAY + timedelta(days=10, hours=7), case("3", day=10))
    assert days(store, here, DAY + timedelta(days=11, hours=7))[5] == 0, "it told of later, and of nothing between"


def test_without_a_word_on_how_long_it_may_be_quiet_a_source_is_as_fresh_as_its_answer(store):
    here = quiet()
    answered(store, here, DAY + timedelta(hours=12), case("1"))
    now = DAY + timedelta(days=9)
    answered(store, here, now, case("1"))
    assert state(store, "cases", now, here).health == "FRESH"
