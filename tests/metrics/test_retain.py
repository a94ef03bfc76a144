"""What is let go of, and that nothing else is: what was known by day stays to the letter."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from sqlalchemy import select

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import ObservationIn, Series
from metrics.asof import figures_as_of
from metrics.catalogue.grammar import RetentionBlock
from metrics.catalogue.workspace import Retention
from metrics.model import SYSTEM
from metrics.periods import to_us
from metrics.retain import LetGo, retain, when_due
from metrics.store import copies, excerpts, leases
from metrics.store.payloads import Kept
from metrics.tables import chosen, feed, observation, series
from metrics.tables_of_sources import excerpt
from metrics.values import LET_GO
from tests.metrics import small
from tests.metrics.small import DAY, calls, case, put

LATER = DAY + timedelta(days=100)
KEPT = Retention(payloads=timedelta(days=90), sub_day=timedelta(days=60))


def workspace(retention=KEPT):
    return replace(small.workspace(), retention=retention)


def hourly(num: int, day: int, hour: int, **more) -> ObservationIn:
    return ObservationIn("calls", "hour", DAY + timedelta(days=day, hours=hour), num, department="a", region="x1", **more)


@pytest.fixture
def lived(store):
    """Figures by hour and by day, corrected, and cases; of a hundred days ago and of ten days ago; two payloads."""
    for day in (0, 90):
        now = DAY + timedelta(days=day + 2)
        put(store, calls(7, day=day), *(hourly(n, day, n) for n in range(24)), now=now)
        put(store, calls(9, day=day), hourly(50, day, 3), case(f"c{day}", day=day, closed=1), now=now + timedelta(hours=1))
        with store.write() as connection:
            excerpts.keep(connection, "calls", Kept(day + 1, now, ["a"], [{"a": 1}]))
    return store


def rest(store) -> dict[str, list[bytes]]:
    """Every row of every table but those that may be let go of."""
    with store.read() as connection:
        fine = set(connection.execute(select(series.c.id).where(series.c.grain == "hour")).scalars())
        found = {}
        for table in copies.tables(connection):
            if table.name in ("excerpt", "wake"):
                continue
            query = select(table)
            if table.name == "chosen":
                query = query.where(table.c.series_id.not_in(fine))
            if table.name == "observation":
                query = query.where(table.c.feed_id.not_in(select(feed.c.id).where(feed.c.series_id.in_(fine))))
            found[table.name] = sorted(repr(tuple(row)).encode() for row in connection.execute(query))
        return found


def known(store, revision):
    with store.read() as connection:
        starts = [to_us(DAY + timedelta(days=day)) for day in (0, 90)]
        return {
            (key, number): figures_as_of(connection, workspace(), key, "day", starts, number, LATER)
            for key in ("calls", "opened", "share")
            for number in range(1, revision + 1)
        }


def hours(store) -> list[int]:
    """Starts of the hours that any row tells of."""
    query = (
        select(observation.c.period_start)
        .join(feed, feed.c.id == observation.c.feed_id)
        .join(series, series.c.id == feed.c.series_id)
        .where(series.c.grain == "hour")
    )
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def test_it_lets_go_of_the_old_and_fine_alone(lived):
    before, then = rest(lived), known(lived, 4)
    told = retain(lived, workspace(), LATER, dry_run=True)
    assert told.payloads == 1
    assert told.figures >= 25  # 24 hours and a correction, and what they were summed to
    assert len(hours(lived)) == 50
    assert retain(lived, workspace(), LATER) == told
    assert rest(lived) == before
    assert known(lived, 4) == then
    assert len(hours(lived)) == 25
    assert min(hours(lived)) >= to_us(DAY + timedelta(days=90))
    with lived.read() as connection:
        assert connection.execute(select(excerpt.c.run_id)).scalars().all() == [91]
        oldest = connection.execute(
            select(chosen.c.period_start).join(series, series.c.id == chosen.c.series_id).where(series.c.grain == "hour")
        ).scalars().all()  # fmt: skip
    assert min(oldest) >= to_us(DAY + timedelta(days=90))
    assert retain(lived, workspace(), LATER) == LetGo()
    assert put(lived, calls(11), now=LATER).counts == {"corrected": 1}  # the past is corrected as before


def test_it_keeps_everything_unless_told(lived):
    assert retain(lived, workspace(None), LATER) == LetGo()
    assert retain(lived, workspace(Retention(None, None)), LATER) == LetGo()
    assert len(hours(lived)) == 50


def test_a_late_figure_of_what_was_let_go_of_does_not_pass_for_a_total(store):
    def load(region, value, minutes=0):
        return ObservationIn("load", "minute5", DAY + timedelta(minutes=minutes), value, department="a", region=region)

    put(store, *(load(region, 10) for region in ("x1", "y1", "m")), now=DAY + timedelta(hours=2))
    retain(store, workspace(), LATER)
    late = put(store, load("x1", 11), load("x1", 12, 5), calls(3), now=LATER)
    assert late.counts == {"superseded": 2, "observations_new": 1}
    assert put(store, load("x1", 11), now=LATER).revision is None
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, DAY + timedelta(hours=2))
        shown = next(one for one in reading.trend(ask, Series("load", "minute5")) if one.period_start == DAY)
    assert (shown.value, shown.status) == (None, LET_GO.status)
    assert put(store, load("x1", 12, 60 * 24 * 90), now=LATER).counts == {"observations_new": 1}


def test_it_is_done_once_a_day_by_whoever_leads(lived):
    with lived.write() as connection:
        epoch = leases.acquire(connection, "one", LATER, timedelta(seconds=15))
    assert when_due(lived, workspace(), LATER, epoch=epoch).figures
    assert when_due(lived, workspace(), LATER + timedelta(hours=23), epoch=epoch) is None
    assert when_due(lived, workspace(), LATER + timedelta(hours=25), epoch=epoch) == LetGo()
    with pytest.raises(leases.Fenced):
        when_due(lived, workspace(), LATER + timedelta(days=3), epoch=epoch - 1)


def test_it_is_written_as_the_howto_says():
    page = (Path(__file__).resolve().parents[2] / "docs" / "howto" / "backup.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    told = RetentionBlock.model_validate(yaml.safe_load(block)["retention"])
    assert (told.payloads, told.sub_day) == (timedelta(days=90), timedelta(days=120))
    for wrong in ({"payloads": "6d"}, {"sub_day": "34d"}, {"day": "400d"}):
        with pytest.raises(ValidationError):
            RetentionBlock.model_validate(wrong)
