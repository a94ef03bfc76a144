"""What was open at the end of past days, told again where something becomes known late; on both engines."""

from datetime import timedelta

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import RecordIn, Series
from metrics.indicators import records as from_records
from metrics.model import SYSTEM, TOTAL
from metrics.periods import to_us
from metrics.reading import changed
from metrics.tick import tick
from tests.metrics.small import DAY, case, put, workspace
from tests.metrics.test_walkthroughs import figure


def test_what_was_open_on_a_past_day_is_told_again_when_a_case_or_its_end_is_known_late(store):
    """Case 2 was opened on day 0 and is known on day 4; case 1 was closed on day 1, which is known on day 4."""
    put(store, case("1", "a"), now=DAY + timedelta(hours=12))
    for day in range(1, 5):
        tick(store, workspace(), (), DAY + timedelta(days=day, hours=2))
    known = put(store, case("2", "b"), now=DAY + timedelta(days=4, hours=3)).revision
    seen = []
    put(
        store,
        case("1", "a", closed=1),
        now=DAY + timedelta(days=4, hours=4),
        judges=(lambda connection, changed, now: seen.extend(changed),),
    )
    assert [figure(store, "open", day=day).num for day in range(5)] == [2, 1, 1, 1, 1]
    assert [figure(store, "open", "a", day=day).num for day in range(5)] == [1, 0, 0, 0, 0]
    assert {change.settled for change in seen if change.series.indicator == "open"} == {True}
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, DAY + timedelta(days=4, hours=5))
        now, then = (
            [cell.num for cell in reading.trend(one, Series("open", "day")) if cell.revision]
            for one in (ask, reading.at_revision(ask, known))
        )
    assert (now, then) == ([2, 1, 1, 1, 1], [2, 2, 2, 2, 2])


def test_a_past_day_that_was_said_otherwise_is_a_correction_and_the_running_one_is_none(store):
    """Two more cases of day 0 are known on day 4, after the days 0 to 3 were said; day 4 still ran."""
    put(store, case("1", "a"), now=DAY + timedelta(hours=12))
    for day in range(1, 5):
        tick(store, workspace(), (), DAY + timedelta(days=day, hours=2))
    with store.read() as connection:
        before = reading.head(connection).number
    put(store, case("2", "b"), case("3", "b"), now=DAY + timedelta(days=4, hours=3))
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, DAY + timedelta(days=4, hours=5))
        found = changed.figures(ask, before, ["open"], TOTAL, TOTAL)
        late = changed.figures(ask, before, ["open"], TOTAL, TOTAL, arrived=True)
        of_b = changed.figures(ask, before, ["open"], "b", TOTAL).items
        every = {one.series.indicator for one in changed.figures(ask, before).items}
    told = sorted(((one.period_start - DAY).days, one.old_value, one.new_value) for one in found.items)
    assert told == [(day, 1, 3) for day in range(4)]
    assert [(one.old_value, one.new_value) for one in of_b] == [(0, 2)] * 4, "the source had answered: none was open there"
    assert late.items == []
    assert {"open", "opened"} <= every


def test_an_instant_at_midnight_counts_the_same_by_days_as_by_instants(store):
    """A case that is opened, due or closed exactly when a day ends."""
    at_end = DAY + timedelta(days=1)
    put(store, case("0"), now=DAY + timedelta(hours=12))
    rows = [RecordIn(str(n), "a", "x1", *when) for n, when in enumerate([
        (at_end,), (DAY, at_end), (DAY, DAY, at_end), (DAY - timedelta(days=9), DAY, at_end + timedelta(days=1)),
    ], 1)]  # fmt: skip
    put(store, *rows, now=DAY + timedelta(days=2, hours=3))
    with store.read() as connection:
        for key in ("open", "overdue"):
            for day in (0, 1):
                start, end = to_us(DAY + timedelta(days=day)), DAY + timedelta(days=day + 1)
                wanted = {(key, "day"): [start]}
                (one,) = from_records.figures(connection, workspace(), "cases", wanted, end)
                assert figure(store, key, day=day).num == one.cells[(TOTAL, TOTAL, "{}"), start].num, (key, day)
