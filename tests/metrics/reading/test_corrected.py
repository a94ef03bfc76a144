"""A figure that was changed after it had settled says so, and costs no further question."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Batch
from metrics.ingest import ingest
from metrics.model import SYSTEM
from metrics.store import head
from metrics.store.runs import RunIn
from tests.metrics.small import DAY, NOW, calls, case, put, workspace

HOUR = timedelta(hours=1)
LAST = 9
"""The last day that has settled at NOW."""


def card(store, key="calls", at=NOW + 2 * HOUR, revision=None, **place):
    with store.read() as connection:
        return reading.card(Ask(connection, workspace(), SYSTEM, at, revision=revision), key, **place)


@pytest.fixture
def told(store):
    put(store, calls(7, day=LAST), now=NOW)
    return store


def test_what_was_changed_after_it_had_settled_says_when_at_every_level(told):
    assert card(told).cell.corrected is None, "the first word was late, and nobody had been told another"
    put(told, calls(8, day=LAST), now=NOW + HOUR)
    assert [card(told, **place).cell.corrected for place in ({}, {"region": "x"}, {"department": "a"})] == [NOW + HOUR] * 3
    put(told, calls(3, day=LAST - 1), now=NOW + 2 * HOUR)
    assert card(told).cell.corrected == NOW + HOUR, "another day is another figure"


def test_what_is_made_of_a_corrected_figure_is_corrected_too(told):
    put(told, case("1", day=LAST), now=NOW)
    assert card(told, "share").cell.corrected is None
    put(told, calls(8, day=LAST), now=NOW + HOUR)
    assert card(told, "share").cell.corrected == NOW + HOUR


def test_the_same_again_and_another_count_of_those_asked_are_no_correction(told):
    put(told, calls(8, day=LAST), now=NOW + HOUR)
    put(told, calls(8, day=LAST), now=NOW + 2 * HOUR)
    put(told, calls(0, "y1", day=LAST), now=NOW + 2 * HOUR)
    assert card(told).cell.corrected == NOW + HOUR


def test_what_changes_while_its_period_runs_is_no_correction(store):
    put(store, calls(3, day=LAST + 1), now=NOW + HOUR)
    put(store, calls(5, day=LAST + 1), now=NOW + 5 * HOUR)
    found = card(store, at=NOW + timedelta(days=1))
    assert (found.cell.period_start, found.cell.value, found.cell.corrected) == (DAY + timedelta(days=LAST + 1), 5, None)


def test_what_was_said_while_its_period_ran_is_not_corrected_by_what_came_after(store):
    put(store, calls(3, day=LAST), now=NOW - HOUR)
    put(store, calls(5, day=LAST), now=NOW + HOUR)
    assert (card(store).cell.value, card(store).cell.corrected) == (5, None)
    put(store, calls(6, day=LAST), now=NOW + 2 * HOUR)
    assert card(store).cell.corrected == NOW + 2 * HOUR


def test_history_that_is_filled_in_bit_by_bit_is_no_correction(store):
    for number, region in enumerate(("x1", "y1")):
        rows = [case(region, region=region, day=LAST)]
        run = RunIn("cases", "backfill", NOW, NOW, "ok")
        at = NOW + number * HOUR
        ingest(store, workspace(), Batch("cases", rows, []), (), at, run=run, kind="backfill")
    assert (card(store, "opened").cell.value, card(store, "opened").cell.corrected) == (2, None)


def test_a_stock_is_of_now_and_never_corrected(store):
    put(store, case("1"), now=NOW)
    put(store, case("2"), now=NOW + HOUR)
    assert (card(store, "open").cell.value, card(store, "open").cell.corrected) == (2, None)


def test_as_known_before_the_correction_there_was_none(told):
    with told.read() as connection:
        before = head.newest(connection).number
    put(told, calls(8, day=LAST), now=NOW + HOUR)
    was = card(told, revision=before)
    assert (was.cell.value, was.cell.corrected) == (7, None)


def test_a_card_that_says_so_asks_no_more_than_one_that_does_not(told):
    def asked():
        said = []
        event.listen(told.readers, "before_cursor_execute", listener := lambda *given: said.append(given[2]))
        card(told)
        event.remove(told.readers, "before_cursor_execute", listener)
        return len(said)

    few = asked()
    put(told, calls(8, day=LAST), now=NOW + HOUR)
    assert asked() == few
