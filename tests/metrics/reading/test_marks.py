"""The marks of figures: the same for one, for many periods, for units and for what is made of them; nothing out of scope."""

from datetime import timedelta

import pytest

from metrics import reading
from metrics.answers import Ask
from metrics.arrivals import Batch, Series
from metrics.ingest import ingest
from metrics.model import SYSTEM, Principal
from metrics.reading import at_revision, many
from metrics.store.runs import RunIn
from tests.metrics.small import DAY, calls, case, put, workspace

HOUR = timedelta(hours=1)
READY = DAY + timedelta(days=1)
"""When DAY has ended and settled."""


def at(days=1, hours=0.1):
    return DAY + timedelta(days=days, hours=hours)


@pytest.fixture
def place(store):
    """Two days of three counties; on the second one is missing and another source speaks for one."""
    put(store, *(calls(9, one, day=-1) for one in ("x1", "y1", "m")), source="calls", now=at(0))
    put(store, calls(7), source="calls", now=at())
    put(store, calls(5, "y1"), source="calls2", now=at())
    return store


def trend(store, region="_T", who=SYSTEM, revision=None, key="calls"):
    with store.read() as connection:
        ask = Ask(connection, workspace(), who, at(1, 12))
        ask = ask if revision is None else at_revision(ask, revision)
        cells = reading.trend(ask, Series(key, "day", "_T", region), 2)
        return [one for one in reading.marked(ask, cells) if one.settled][-2:]


def names(cell):
    return [one["en"] for one in cell.missing]


def test_every_period_of_a_series_names_who_is_missing_and_who_stands_in(place):
    before, shown = trend(place)
    assert (before.have, before.want, names(before), before.stand_ins) == (3, 3, [], ())
    assert (shown.have, shown.want, names(shown), shown.stand_ins) == (2, 3, ["m"], ("calls2",))


def test_a_part_of_the_land_has_the_marks_of_its_own_only(place):
    assert (names(trend(place, "x")[-1]), trend(place, "x")[-1].stand_ins) == (["m"], ())
    assert (names(trend(place, "y")[-1]), trend(place, "y")[-1].stand_ins) == ([], ("calls2",))
    only_y = Principal(None, "Ann", frozenset({"viewer"}), departments=("_T",), regions=("y",))
    with place.read() as connection:
        cards = [reading.card(Ask(connection, workspace(), only_y, at(1, 12)), "calls")]
    assert [(one.series.region, names(one.cell), one.cell.stand_ins) for one in cards] == [("y", [], ("calls2",))]


def test_units_and_the_latest_of_all_say_the_same(place):
    with place.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, at(1, 12))
        units = {one.place.id: one.cell for one in reading.units(ask, "calls", "city")}
        latest = many.figures(ask, ["calls"], ("_T", "_T", "{}"))
    assert {key: (names(cell), cell.stand_ins) for key, cell in units.items()} == {"x": (["m"], ()), "y": ([], ("calls2",))}
    assert [(names(cell), cell.stand_ins) for cell in latest] == [(["m"], ("calls2",))]


def test_what_is_made_of_a_figure_has_its_marks(place):
    put(place, case("1"), now=at())
    (_, shown) = trend(place, key="share")
    assert shown.stand_ins == ("calls2",)


def test_as_known_before_a_figure_has_the_marks_of_then(place):
    with place.read() as connection:
        revision = reading.head(connection).number
    put(place, calls(4, "m"), calls(6, "y1"), source="calls", now=at(1, 3))
    assert (names(trend(place)[-1]), trend(place)[-1].stand_ins, trend(place)[-1].late) == ([], (), at(1, 3))
    then = trend(place, revision=revision)[-1]
    assert (names(then), then.stand_ins, then.late) == (["m"], ("calls2",), None)


def test_what_is_counted_from_cases_has_none(place):
    put(place, case("1"), now=at())
    shown = trend(place, key="opened")[-1]
    assert (shown.num, shown.missing, shown.stand_ins, shown.mixed, shown.late) == (1, (), (), (), None)


@pytest.mark.parametrize(
    ("hours", "kind", "late"),
    [(0.1, "collect", False), (3, "collect", True), (3, "upload", True), (3, "backfill", False), (3, "replay", False)],
)
def test_a_figure_that_came_after_its_time_is_late_unless_it_was_filled_in(store, hours, kind, late):
    """DAY settles as it ends, and its source is asked every five minutes."""
    put(store, calls(9, day=-1), calls(9, "y1", day=-1), source="calls", now=at(0))
    put(store, calls(7, "y1"), source="calls", now=at())
    batch, now = Batch("calls", observations=[calls(7)]), READY + hours * HOUR
    ingest(store, workspace(), batch, (), now, kind=kind, run=RunIn("calls", kind, now, now, "ok"))
    assert trend(store, "x")[-1].late == (now if late else None)
    assert trend(store)[-1].late == (now if late else None), "so is the sum it entered"
    assert trend(store, "y")[-1].late is None


def test_a_correction_of_what_came_in_time_is_not_late_and_who_begins_to_report_begins_with_the_past(store):
    put(store, calls(9, day=-1), calls(9), source="calls", now=at(1, 9))
    assert [one.late for one in trend(store)] == [None, None]
    put(store, calls(8), source="calls", now=at(1, 11))
    assert [one.late for one in trend(store)] == [None, None]


def test_a_missing_word_is_no_figure_that_came(store):
    put(store, calls(9, day=-1), source="calls", now=at(0))
    put(store, calls(None, status="M"), source="calls", now=at())
    put(store, calls(7), source="calls", now=at(1, 5))
    assert trend(store)[-1].late == at(1, 5)


def test_of_one_source_alone_only_what_lacks_or_came_late_is_read_and_the_rest_is_as_it_was(store):
    """`answered` has one source and one version: of the complete periods nothing needs to be read."""
    for day, late in ((-3, 0), (-2, 9), (-1, 0)):
        rows = [calls(8, one, day=day, key="answered", den=10) for one in ("x1", "y1")]
        put(store, rows[0], source="calls", now=at(day + 1))
        put(store, rows[1], source="calls", now=at(day + 1, 0.12 + late))
    put(store, calls(8, "x1", key="answered", den=10), source="calls", now=at())
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, at(1, 12))
        cells = reading.marked(ask, reading.trend(ask, Series("answered", "day"), 4))
    said = [(cell.have, cell.want, names(cell), cell.late) for cell in cells if cell.settled]
    assert said == [(2, 2, [], None), (2, 2, [], at(-1, 9.12)), (2, 2, [], None), (1, 2, ["y1"], None)]
