"""Many figures at once are stored as they would be one by one."""

import shutil
from dataclasses import replace

from sqlalchemy import select

from metrics.store import engine, observations, reports
from metrics.store.engine import connect
from metrics.tables import chosen, feed, observation, series
from tests.metrics.small import calls, put

UNITS = (
    [calls(7), calls(5, "y1"), calls(1, "m", reason="counted by hand")],
    [calls(7), calls(6, "y1"), calls(2, day=1)],  # the same again, a correction, a new one
    [replace(calls(9), source_rev=5), replace(calls(8, "y1"), source_rev=5)],
    [replace(calls(3), source_rev=4), calls(None, "m", status="M")],  # one superseded
    [calls(4, day=2), calls(5, day=2), calls(40, key="answered", den=50), calls(7, "y1", day=3)],  # told twice: the last
    [calls(9)],
)


def told(store):
    with store.read() as connection:
        joined = observation.join(feed, feed.c.id == observation.c.feed_id).join(series, series.c.id == feed.c.series_id)
        rows = connection.execute(select(series.c.indicator, series.c.region_id, observation).select_from(joined)).all()
        cells = connection.execute(
            select(series.c.indicator, series.c.region_id, chosen).join(series, series.c.id == chosen.c.series_id)
        ).all()
    without = {"feed_id", "series_id", "run_id"}
    return [
        sorted((tuple((k, v) for k, v in row._mapping.items() if k not in without) for row in many), key=repr)
        for many in (rows, cells)
    ]


def live(store, large, monkeypatch):
    """The units one by one through the door: what each came to, and what is kept."""
    monkeypatch.setattr(observations, "LARGE", large)
    return [dict(put(store, *unit).counts) for unit in UNITS], told(store)


def test_it_stores_sets_as_it_stores_rows(store, tmp_path, sqlite_template, monkeypatch):
    together = live(store, 0, monkeypatch)
    shutil.copy(sqlite_template, tmp_path / "other.db")
    other = connect(f"sqlite:///{tmp_path / 'other.db'}")
    assert live(other, 10_000, monkeypatch) == together
    other.close()
    counts, _ = together
    assert [count.get("superseded", 0) for count in counts] == [0, 0, 0, 1, 0, 0]
    assert [count.get("corrected", 0) for count in counts] == [0, 1, 2, 1, 0, 0]


def test_it_comes_to_the_same_however_many_are_read_and_written_together(store, tmp_path, sqlite_template, monkeypatch):
    as_ever = live(store, 0, monkeypatch)
    monkeypatch.setattr(reports, "CHUNK", 2)  # some are read as they lie in a row, others by name
    monkeypatch.setattr(engine, "TOGETHER", 2)
    shutil.copy(sqlite_template, tmp_path / "other.db")
    other = connect(f"sqlite:///{tmp_path / 'other.db'}")
    assert live(other, 0, monkeypatch) == as_ever
    other.close()
