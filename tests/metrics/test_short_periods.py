"""Five minutes and hours of cases, on both engines."""

from dataclasses import replace
from datetime import timedelta

from metrics import ingest as door
from metrics.arrivals import Batch, RecordIn
from metrics.model import TOTAL, Measure, Part
from metrics.periods import to_us
from metrics.store import cells
from metrics.store.runs import RunIn
from tests.metrics import small
from tests.metrics.small import DAY, NOW, workspace


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
