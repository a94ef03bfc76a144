"""The small town with a lock: a first catalogue, and one in which an indicator has come to mean something else from a day on."""

from dataclasses import replace
from datetime import date, timedelta

from metrics import definitions, reading
from metrics.answers import Ask
from metrics.arrivals import Batch, Series
from metrics.catalogue import Meaning
from metrics.ingest import ingest
from metrics.model import SYSTEM, Condition, Part
from metrics.reading import at_revision
from metrics.store.runs import RunIn
from tests.metrics import small
from tests.metrics.small import DAY, NOW

SINCE = date(2026, 3, 5)
"""The fourth day: day=3."""
CLOSED_AT_ALL = replace(small.ON_TIME, of=Part(None, (Condition("closed", "present"),)))


def on(day):
    """The date of a day of the small town."""
    return (DAY + timedelta(days=day)).astimezone(small.ZONE).date()


def meaning(one, since=None):
    return Meaning(one.version, since, "", "Wen", "", f"v{one.version}", f"{one.key}{one.version}", one)


def first(**changed):
    """`changed`: indicator -> what of it is otherwise than in the small town, from the beginning."""
    made = small.workspace()
    indicators = {key: replace(one, **changed.get(key, {})) for key, one in made.indicators.items()}
    return replace(made, indicators=indicators, versions={key: (meaning(one),) for key, one in indicators.items()})


def second(made, key, since=SINCE, **change):
    was = made.indicators[key]
    new = replace(was, version=2, **change)
    told = {**made.versions, key: (meaning(was), meaning(new, since))}
    return replace(made, indicators={**made.indicators, key: new}, versions=told)


def accept(store, workspace, now=NOW):
    """A catalogue comes, as when the product is started with it: the revision, if there is one."""
    taken = definitions.take_in(store, workspace, now)
    definitions.recompute_history(store, workspace, now)
    return taken


def put(store, workspace, *rows, source="calls", now=NOW, judges=()):
    records = [row for row in rows if hasattr(row, "external_id")]
    batch = Batch(source, records, [row for row in rows if row not in records])
    return ingest(store, workspace, batch, judges, now, run=RunIn(source, "collect", now, now, "ok"))


def line(store, workspace, key, *, at=None, now=NOW, grain="day"):
    """Day -> (num, den, version) of the figures there are."""
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, now)
        ask = at_revision(ask, at) if at else ask
        found = reading.trend(ask, Series(key, grain))
    return {(one.period_start - DAY).days: (one.num, one.den, one.version) for one in found if one.revision}
