"""Random histories: what stands at every level equals a count from scratch, and as-of equals a reference in plain Python."""

import os
import shutil
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, note, settings
from hypothesis import strategies as st

from metrics import ruling
from metrics.arrivals import Batch, ObservationIn, RecordIn, Series
from metrics.asof import figures_as_of
from metrics.ingest import ingest
from metrics.periods import from_us, to_us
from metrics.ruling import Decision
from metrics.store import cells, head
from metrics.store.engine import connect
from metrics.store.runs import RunIn
from metrics.tick import tick
from tests.metrics import ledger
from tests.metrics.ledger import ZONE, Case, Ledger
from tests.metrics.small import DAY, calls, workspace

pytestmark = pytest.mark.property
COUNTIES = ("x1", "y1", "m")
REGIONS = (*COUNTIES, "x", "y")
OFFICES = st.sampled_from(["a", "_T"])
FIGURES = (("opened", "day"), ("opened", "month"), ("on_time", "day"), ("on_time", "month"), ("held", "day"), ("median", "month"),
           ("open", "day"), ("overdue", "day"), ("calls", "day"), ("share", "day"), ("p60", "tenday"), ("callers", "tenday"),
           ("late", "tenday"), ("heads", "day"), ("a_day", "month"), ("load", "minute5"))  # fmt: skip
STOCKS = ("open", "overdue")

days = st.integers(0, 5)
hours = st.one_of(st.none(), st.integers(0, 90))
rows = st.tuples(st.sampled_from("1234"), st.sampled_from("ab"), st.sampled_from(COUNTIES), days, hours, hours, st.integers(0, 2),
                 hours, st.sampled_from(["", "p", "q"]))  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("cases"), st.lists(rows, min_size=1, max_size=3, unique_by=lambda row: row[0]), st.booleans()),
    st.tuples(st.just("move"), st.integers(0, 3), st.sampled_from("ab"), st.sampled_from(COUNTIES)),
    st.tuples(st.just("calls"), st.sampled_from(["calls", "calls2"]), st.sampled_from(REGIONS), days,
              st.one_of(st.none(), st.integers(0, 9)), st.integers(0, 2)),
    st.tuples(st.just("rule"), st.sampled_from(["calls", "calls2"]), st.sampled_from(COUNTIES), days, days),
    st.tuples(st.just("pass"), st.integers(1, 50)),
    st.just(("restart",)),
)  # fmt: skip


class Lived:
    """The same history told to the real store and to the ledger."""

    def __init__(self, url: str, office: str, days: int = 0) -> None:
        self.url, self.ledger, self.now = url, Ledger(office=office), DAY + timedelta(days=days, hours=8)
        self.store = connect(url)
        self.said: dict[str, tuple[int, Case]] = {}

    def step(self, action: tuple) -> None:
        getattr(self, f"_{action[0]}")(*action[1:])
        self.now += timedelta(hours=3)
        tick(self.store, workspace(), (), self.now)

    def revision(self) -> int:
        with self.store.read() as connection:
            return head.newest(connection).number

    def _put(self, source: str, records=(), observations=(), complete: bool = False) -> None:
        batch = Batch(source, list(records), list(observations), complete=complete)
        ingest(self.store, workspace(), batch, (), self.now, run=RunIn(source, "collect", self.now, self.now, "ok"))
        with self.store.read() as connection:
            newest = head.newest(connection)
        self.ledger.at[newest.number] = newest.at

    def _cases(self, rows: list, complete: bool) -> None:
        told: list[tuple[str, int, Case]] = []
        for id, department, region, day, due, closed, source_rev, entered, caller in rows:
            opened = DAY + timedelta(days=day, hours=9, minutes=int(id))
            until, done, noted = (opened + timedelta(hours=n) if n is not None else None for n in (due, closed, entered))
            told.append((id, source_rev, Case(department, region, opened, until, done, noted, caller)))
        self._say(told, complete)

    def _move(self, which: int, department: str, region: str) -> None:
        """A case that was told of before, as it was, from another place."""
        if self.said:
            id, (source_rev, case) = list(self.said.items())[which % len(self.said)]
            self._say([(id, source_rev, replace(case, department=department, region=region))], False)

    def _say(self, told: list[tuple[str, int, Case]], complete: bool) -> None:
        records = [
            RecordIn(id, one.department, one.region, one.opened, one.due, one.closed, one.entered, source_rev=rev,
                     extra={"caller": one.caller})
            for id, rev, one in told
        ]  # fmt: skip
        self._put("cases", records, complete=complete)
        for id, source_rev, case in told:
            self.said[id] = (source_rev, case)
            self.ledger.report(id, source_rev, case, self.revision())
        if complete:
            self.ledger.withdraw_all_but({id for id, _, _ in told}, self.revision())

    def _calls(self, source: str, county: str, day: int, number: int | None, source_rev: int) -> None:
        if DAY + timedelta(days=day, minutes=5 * (number or 0)) > self.now:
            return  # what is yet to come is held at the door
        status = "A" if number is not None else "M"
        day = min(day, (self.now - DAY).days)  # of a time to come nothing is believed: test_verdict
        office = self.ledger.office
        observations = [replace(calls(number, county, day, status=status, source_rev=source_rev), department=office)]
        step = timedelta(minutes=5)
        at = min(DAY + timedelta(days=day) + step * (number or 0), DAY + step * ((self.now - DAY) // step))
        if source == "calls":
            observations.append(ObservationIn("load", "minute5", at, number, department=office, region=county, status=status,
                                              source_rev=source_rev))  # fmt: skip
        self._put(source, observations=observations)
        if source == "calls" and not self._held(at, number):
            self.ledger.load(county, at, number, source_rev, self.revision())
        if self._held(DAY + timedelta(days=day), number):
            return
        self.ledger.tell(source, county, (DAY + timedelta(days=day)).astimezone(ZONE).date(), number, source_rev, self.revision())

    def _held(self, start: datetime, number: int | None) -> bool:
        """A figure of a time to come waits for a person, and nobody decides here."""
        return number is not None and start > self.now + timedelta(minutes=10)

    def _rule(self, source: str, county: str, first: int, last: int) -> None:
        series = Series("calls", "day", self.ledger.office, county, "{}")
        begin, end = DAY + timedelta(days=first), DAY + timedelta(days=last)
        try:
            ruling.decide(self.store, workspace(), Decision(series, source, begin, end, "random"), (), self.now, "boss")
        except ruling.NotRuled:
            return
        ruled = (county, begin.astimezone(ZONE).date(), end.astimezone(ZONE).date(), source)
        self.ledger.rulings.append((self.revision(), *ruled))

    def _pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def _restart(self) -> None:
        self.store.close()
        self.store = connect(self.url)


def plain(found, key: str) -> dict:
    """Store figures as the ledger gives them: without those that nothing is behind."""
    made = {}
    for ((department, region, _), start), values in found.items():
        if values.num is None or not (values.num or values.n or values.den or values.apart):
            continue
        if key in ("share", "heads", "a_day") and not (values.num and values.den):
            continue  # a count that nobody made is 0 in a total that was made
        with_parts = key in ("on_time", "held", "share", "late", "heads", "a_day")
        day = from_us(start).astimezone(ZONE)
        day = day if key == "load" else day.date()
        made[department, region, day] = (
            values.num, values.den if with_parts else None, (values.apart or 0) if key in ("on_time", "held") else None,
        )  # fmt: skip
    return made


def covered(found) -> dict:
    """Have and want of the totals of calls, of the days that anybody has told of."""
    return {
        (department, region, from_us(start).astimezone(ZONE).date()): (values.have, values.want)
        for ((department, region, _), start), values in found.items()
        if values.want
    }


def counted(ledger: Ledger, key: str, grain: str, revision: int, at: datetime) -> dict:
    found = ledger.counted(key, grain, revision, at)
    if key in ("median", "p60"):
        return found
    parts = 2 if key in ("share", "heads", "a_day") else 3
    kept = all if parts == 2 else any
    return {place: figure for place, figure in found.items() if kept(figure[:parts])}


def kept(figures: dict, key: str, wanted: list[int]) -> dict:
    """Of a stock only those of the days wanted: before the first time it was asked nobody kept it."""
    if key not in STOCKS:
        return figures
    days = {from_us(start).astimezone(ZONE).date() for start in wanted}
    return {place: figure for place, figure in figures.items() if place[2] in days}


def starts(grain: str, at: datetime) -> list[int]:
    first = (DAY - timedelta(days=1)).astimezone(ZONE)
    every = [first + timedelta(days=n) for n in range((at - DAY).days + 12)]
    if grain == "minute5":
        return [to_us(DAY + timedelta(days=day, minutes=5 * n)) for day in range(6) for n in range(10)]
    chosen = {datetime.combine(ledger.start_of(grain, one.date()), time(), ZONE) for one in every}
    return sorted(to_us(one) for one in chosen)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh(request, tmp_path_factory):
    """A function: the URL of a database with every table and no data."""
    if request.param == "sqlite":
        template, path = request.getfixturevalue("sqlite_template"), tmp_path_factory.mktemp("histories") / "one.db"

        def again() -> str:
            for left in path.parent.iterdir():
                left.unlink()
            shutil.copy(template, path)
            return f"sqlite:///{path}"

    else:
        clean = request.getfixturevalue("postgres_clean")

        def again() -> str:
            clean.again()
            return clean.url.render_as_string(hide_password=False)

    yield again
    again()


@given(history=st.lists(steps, min_size=1, max_size=8), back=st.integers(0, 6), office=OFFICES)
@settings(max_examples=2_000 if os.environ.get("YUNCHA_SOAK") else 200)
def test_every_level_equals_a_count_by_hand_now_and_as_of_any_revision(fresh, history, back, office):
    lived = Lived(fresh(), office)
    try:
        for action in history:
            lived.step(action)
        newest = lived.revision()
        with lived.store.read() as connection:
            for key, grain in FIGURES:
                wanted = starts(grain, lived.now)
                if key in STOCKS:  # from the first day on of which it was ever said
                    since = cells.first_period(connection, key, grain, ("_T", "_T", "{}"))
                    today = to_us(datetime.combine(lived.now.astimezone(ZONE).date(), time(), ZONE))
                    wanted = [start for start in wanted if since is not None and since <= start <= today]
                stands = plain(cells.known(connection, key, grain, 1, wanted), key)
                note(f"{key} by {grain}")
                assert stands == kept(counted(lived.ledger, key, grain, newest, lived.now), key, wanted)
                known = max(newest - back, 0)
                at = head.instant(connection, known) if known else lived.now
                if key in STOCKS:
                    wanted = [start for start in wanted if start <= to_us(at)]
                then = plain(figures_as_of(connection, workspace(), key, grain, wanted, known, at), key)
                assert then == kept(counted(lived.ledger, key, grain, known, at), key, wanted)
    finally:
        lived.store.close()


reports = st.tuples(st.just("calls"), st.sampled_from(["calls", "calls2"]), st.sampled_from(REGIONS), days,
                    st.one_of(st.none(), st.integers(0, 9)), st.integers(0, 2))  # fmt: skip


@given(history=st.lists(reports, min_size=1, max_size=8), back=st.integers(0, 6), office=OFFICES)
@example([("calls", "calls", one, 0, n, 0) for one, n in (("y", 100), ("x1", 50), ("y1", None), ("m", None))], 0, "_T")
@example([("calls", "calls", one, 4, n, 0) for one, n in (("y", None), ("x1", 50), ("y1", 7), ("m", 8))], 0, "_T")
@example([("calls", "calls", "y1", 4, 7, 0), *(("calls", "calls", "y", 4, n, n or 9) for n in (5, None))], 1, "_T")
@settings(max_examples=1_000 if os.environ.get("YUNCHA_SOAK") else 100)
def test_every_total_says_of_how_many_that_had_reported_by_then_now_and_as_of_any_revision(fresh, history, back, office):
    lived = Lived(fresh(), office, days=6)
    try:
        for action in history:
            lived.step(action)
        newest = lived.revision()
        known = max(newest - back, 0)
        wanted = starts("day", lived.now)
        with lived.store.read() as connection:
            assert covered(cells.known(connection, "calls", "day", 1, wanted)) == lived.ledger.coverage(newest)
            then = figures_as_of(connection, workspace(), "calls", "day", wanted, known, lived.now)
            assert covered(then) == lived.ledger.coverage(known)
    finally:
        lived.store.close()


def test_the_ledger_is_not_the_store():
    assert "from metrics" not in Path(ledger.__file__).read_text("utf-8")
