"""Up to when data tells: the end of a period, never its start; what still runs tells up to now."""

from datetime import UTC, datetime, timedelta

from collectors._unit import reached
from metrics import status
from metrics.arrivals import ObservationIn, RecordIn
from metrics.model import Source
from tests.metrics.small import ZONE

NOW = datetime(2026, 11, 5, 1, tzinfo=UTC)
OCTOBER = datetime(2026, 9, 30, 16, tzinfo=UTC)
"""2026-10-01 00:00 in Chengdu."""


def monthly(start: datetime) -> ObservationIn:
    return ObservationIn("calls", "month", start, 1)


def test_a_month_is_reached_at_its_end():
    assert reached([], [monthly(OCTOBER)], ZONE, NOW) == datetime(2026, 10, 31, 16, tzinfo=UTC)


def test_a_month_that_runs_is_reached_up_to_now():
    assert reached([], [monthly(OCTOBER), monthly(datetime(2026, 10, 31, 16, tzinfo=UTC))], ZONE, NOW) == NOW


def test_cases_reach_to_their_newest_instant_and_nothing_reaches_nowhere():
    opened, closed = NOW - timedelta(days=3), NOW - timedelta(days=1)
    assert reached([RecordIn("1", "a", "x", opened, NOW + timedelta(days=9), closed)], [], ZONE, NOW) == closed
    assert reached([], [], ZONE, NOW) is None


def test_what_is_yet_to_come_reaches_nowhere():
    """A December reported in November, and a case opened next year by a clock that is wrong."""
    early, wrong = monthly(datetime(2026, 11, 30, 16, tzinfo=UTC)), RecordIn("1", "a", "x", NOW + timedelta(days=90))
    assert reached([wrong], [early], ZONE, NOW) is None
    assert reached([wrong], [early, monthly(OCTOBER)], ZONE, NOW) == datetime(2026, 10, 31, 16, tzinfo=UTC)


def test_a_source_that_reported_the_last_month_is_not_stale_five_days_later():
    source = Source("calls", {}, "files", "a", "observations", {}, {}, every=timedelta(days=1), max_age=timedelta(days=10))
    covered = reached([], [monthly(OCTOBER)], ZONE, NOW)
    assert status.health(source, ["ok"], NOW, covered, NOW) == "FRESH"
    assert status.health(source, ["ok"], NOW, OCTOBER, NOW) == "STALE"
