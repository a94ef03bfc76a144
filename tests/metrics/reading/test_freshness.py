"""How fresh the data of a source is: by how far it tells, never by when it came."""

from datetime import timedelta

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Batch
from metrics.ingest import ingest
from metrics.model import SYSTEM
from metrics.store.runs import RunIn
from tests.metrics.small import DAY, calls, workspace


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
