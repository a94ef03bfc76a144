"""When a replay asks whom, with a recorder in place of the collectors."""

from dataclasses import replace
from datetime import timedelta

import pytest

from metrics import ingest
from metrics.catalogue.workspace import Workspace
from metrics.model import Source
from metrics.replay import FINE, FINEST, STEP, NotAllowed, instants, replay
from metrics.store import head
from metrics.store.runs import RunIn
from tests.alerts.small import START, text
from tests.alerts.small import workspace as small

DAY = timedelta(days=1)


def source(key: str, **when) -> Source:
    return Source(key, text(key), "http_json", "a", "records", {}, {}, **when)


@pytest.fixture
def place() -> Workspace:
    sources = (
        source("often", every=timedelta(seconds=10)), source("weekly", daily_at="07:10", weekday=0),
        source("daily", daily_at="06:40"), source("host", every=timedelta(seconds=10), live_only=True),
    )  # fmt: skip
    return replace(small(), sources={one.key: one for one in sources})


@pytest.fixture
def drive(store, place):
    """Replays from START for so long: what was asked when, as (key, instant), and the instants the world was moved to."""
    asked, moved = [], []

    def collect(one, instant):
        asked.append((one.key, instant))
        ingest.note(store, RunIn(one.key, "replay", instant, instant, "unchanged", {}), instant, "replay")

    def run(length, steps=None):
        course = replay(store, place, START, START + length, advance=moved.append, collect=collect, judges=())
        for number, _ in enumerate(course, start=1):
            if number == steps:
                break
        return asked, moved

    return run


def test_it_goes_in_steps_and_finely_at_the_end():
    found = list(instants(START, START + DAY))
    assert found[0] == START
    assert found[-1] == START + DAY
    gaps = [after - before for before, after in zip(found, found[1:], strict=False)]
    assert max(gaps) <= STEP + FINE
    assert all(gap <= FINEST for gap in gaps[-20:])


def test_it_moves_the_world_before_each_step_and_leaves_out_what_knows_only_the_present(drive):
    asked, moved = drive(DAY)
    assert moved == list(instants(START, START + DAY))
    assert {key for key, _ in asked} == {"often", "weekly", "daily"}


def test_a_source_by_day_or_week_is_asked_at_its_time_and_not_in_each_step(drive):
    asked, _ = drive(10 * DAY)
    many = {key: [instant for one, instant in asked if one == key] for key in ("often", "daily", "weekly")}
    assert len(many["often"]) > 60
    assert len(many["daily"]) == 11
    assert [instant.weekday() for instant in many["weekly"][1:]] == [0, 0]
    assert all(instant.hour < 12 for instant in many["weekly"][1:])


def test_after_live_data_nothing_is_replayed(drive, store):
    with store.write() as connection:
        head.take(connection, START, "collect")
    with pytest.raises(NotAllowed):
        drive(DAY)
