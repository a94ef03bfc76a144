"""At the door: reported figures that cannot be believed are held back, odd ones are stored and noted."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from metrics import periods
from metrics.arrivals import ObservationIn
from metrics.catalogue.workspace import Workspace
from metrics.indicators import observed
from metrics.model import Grain, Indicator
from metrics.parts import depth, parts
from metrics.plausible import AHEAD, DEFAULT, Doubt, doubt
from metrics.store import doubts, observations
from metrics.store import series as series_store
from metrics.store.doubts import OPEN, Doubted
from metrics.store.series import Key
from metrics.values import Values, display

STANDING = (OPEN, "released", "rejected", "settled")
"""Verdicts after which the same figure is not asked about again; one that the source replaced, or that came right, is."""
BACK = 12
"""Periods looked back for a figure to compare a jump with: where all are missing, or held, the last figure there is counts."""


@dataclass(frozen=True)
class Sifted:
    kept: Sequence[ObservationIn]
    doubted: Sequence[tuple[ObservationIn, Doubt]]
    """Met for the first time."""
    waiting: int
    """Rows of `given` that are held back, those that were before included."""
    replaced: Sequence[int]
    """Ids of open doubts about figures that the source has since replaced."""
    superseded: int = 0
    """Rows of an older revision of the source than what it said already, be it stored or held back: of these nothing is asked."""


def sift(
    connection: Connection,
    workspace: Workspace,
    source: str,
    key: str,
    grain: Grain,
    given: Sequence[ObservationIn],
    now: datetime,
    asked: bool,
) -> Sifted:
    """Of the rows of one indicator and grain, those to store and those to doubt. asked: some of these periods were doubted."""
    indicator = workspace.indicators[key]
    how = indicator.plausible or DEFAULT
    if indicator.plausible is None and not asked and not any(row.period_start > now + AHEAD for row in given):
        return Sifted(given, (), 0, ())
    reach = max(BACK if how.jump is not None else 1, (how.frozen or 1) - 1)
    known, revs = _known(connection, workspace, source, indicator, grain, given, reach)
    if how.jump is not None or how.cumulative:
        for place, start, far in _older(connection, workspace, source, indicator, grain, given, known, reach):
            known.setdefault(place, {})[start] = far
    earlier: dict[tuple[Key, int], list[Doubted]] = defaultdict(list)
    starts = sorted({periods.to_us(row.period_start) for row in given})
    for one in doubts.of_periods(connection, source, key, grain, starts):
        earlier[one.key, one.period_start].append(one)
        if one.held and one.verdict == OPEN:
            revs[one.key, one.period_start] = max(one.source_rev, revs.get((one.key, one.period_start), one.source_rev))
    current = [row for row in given if row.source_rev >= revs.get(_place(row), row.source_rev)]
    kept: list[ObservationIn] = []
    found: list[tuple[ObservationIn, Doubt]] = []
    replaced: list[int] = []
    held = 0
    family = _family(connection, indicator, grain, given) | {key for key, _ in earlier} if how.parts is not None else frozenset()
    claimed: dict[tuple[Key, int], Decimal] = {}
    """What is in question because of its own parts, as reported: so it counts in the sum above."""
    for one in (one for every in earlier.values() for one in every if in_question(one)):
        if (said := claim(indicator, one)) is not None:
            claimed[one.key, one.period_start] = said
    for row in sorted(current, key=lambda row: (row.period_start, -depth(workspace, row.department, row.region))):
        place, start = _place(row)
        before = [one for one in earlier.get((place, start), ()) if _stays(one, row, now)]
        replaced += [one.id for one in earlier.get((place, start), ()) if one.verdict == OPEN and one not in before]
        value = display(_under(workspace, indicator, grain, start), _values(row))
        if not before:
            claimed.pop((place, start), None)
        if before and before[-1].held and before[-1].verdict in (OPEN, "rejected"):
            held += 1
            continue
        doubted = None
        if value is not None and not before:
            past = _past(workspace, grain, known.get(place, {}), row.period_start, reach)
            last = _last(known.get(place, {}), start)
            sum_ = _sum(workspace, row, family, known, claimed) if how.parts is not None else None
            doubted = doubt(how, value, known.get(place, {}).get(start), past, row.period_start, now, sum_, last)
            if doubted is not None and doubted.kind == "parts" and known.get(place, {}).get(start) == value:
                doubted = replace(doubted, held=False)  # it stands already, from before the parts were known
        if doubted is not None:
            found.append((row, doubted))
        if doubted is not None and doubted.held:
            held += 1
            if doubted.kind == "parts" and value is not None:
                claimed[place, start] = value
            continue
        kept.append(row)
        if value is not None:
            known.setdefault(place, {})[start] = value
    return Sifted(kept, found, held, replaced, len(given) - len(current))


def keep(
    connection: Connection,
    workspace: Workspace,
    source: str,
    indicator: Indicator,
    grain: Grain,
    sifted: Sifted,
    revision: int,
    run_id: int | None,
    at: datetime,
) -> None:
    """Write down what was doubted, under the version of its definition that is in force for its period."""
    numbers = series_store.ensure(
        connection, indicator.key, grain, [(row.department, row.region, row.dims) for row, _ in sifted.doubted]
    ) if sifted.doubted else {}  # fmt: skip
    doubts.decide(connection, sifted.replaced, "replaced", "", "", periods.to_us(at))
    doubts.add(
        connection,
        [
            {
                "series_id": numbers[row.department, row.region, row.dims], "source": source,
                "period_start": periods.to_us(row.period_start),
                "version": workspace.in_force(indicator.key, grain, periods.to_us(row.period_start)),
                "num": row.num, "den": row.den, "n": row.n, "status": row.status, "source_rev": row.source_rev,
                "kind": why.kind, "words": why.words,
                "held": why.held, "against": against(why), "run_id": run_id,
                "revision": revision, "at": periods.to_us(at),
            }
            for row, why in sifted.doubted
        ],
    )  # fmt: skip


def against(why: Doubt) -> str:
    return "" if why.against is None else f"{why.against.normalize():f}"[:60]


def _known(
    connection: Connection,
    workspace: Workspace,
    source: str,
    indicator: Indicator,
    grain: Grain,
    given: Sequence[ObservationIn],
    reach: int,
) -> tuple[dict[Key, dict[int, Decimal]], dict[tuple[Key, int], int]]:
    """What the source has said until now of these periods and of `reach` periods before each, and by which of its revisions."""
    wanted: set[int] = set()
    for start in {row.period_start for row in given}:
        step: datetime | None = start
        for _ in range(reach + 1):
            if step is not None:
                wanted.add(periods.to_us(step))
                step = periods.previous(grain, step, workspace.zone)
    found: dict[Key, dict[int, Decimal]] = defaultdict(dict)
    revs: dict[tuple[Key, int], int] = {}
    for was, row in observed.told_in_force(connection, workspace, indicator.key, grain, wanted):
        value = display(was, row.values)
        if row.source == source:
            revs[row.key, row.period_start] = row.source_rev
            if value is not None:
                found[row.key][row.period_start] = value
    return found, revs


def _older(
    connection: Connection,
    workspace: Workspace,
    source: str,
    indicator: Indicator,
    grain: Grain,
    given: Sequence[ObservationIn],
    known: Mapping[Key, Collection[int]],
    reach: int,
) -> list[tuple[Key, int, Decimal]]:
    """Of places of which nothing is known within `reach` periods before, nor given: the last figure before, however old."""
    since = {row.period_start: _back(workspace, grain, row.period_start, reach) for row in given}
    there: dict[Key, list[int]] = {}
    silent: dict[int, set[Key]] = defaultdict(set)
    mine: dict[Key, set[int]] = defaultdict(set)
    for row in given:
        place, start = _place(row)
        mine[place].add(start)
    for row in given:
        place, start = _place(row)
        if place not in there:
            there[place] = sorted(mine[place].union(known.get(place, ())))
        at = bisect_left(there[place], start)
        if row.num is not None and (not at or there[place][at - 1] < since[row.period_start]):
            silent[start].add(place)
    if not silent:
        return []
    numbers = series_store.ids(connection, indicator.key, grain)
    found = []
    for start, places in silent.items():
        for one in observations.last_before(connection, source, [numbers[key] for key in places if key in numbers], start):
            value = display(workspace.under(indicator.key, one.version).indicators[indicator.key], one.values)
            if value is not None:
                found.append((one.key, one.period_start, value))
    return found


def _back(workspace: Workspace, grain: Grain, start: datetime, reach: int) -> int:
    """Where so many periods before one begin."""
    for _ in range(reach):
        start = periods.previous(grain, start, workspace.zone) or start
    return periods.to_us(start)


def _place(row: ObservationIn) -> tuple[Key, int]:
    return (row.department, row.region, row.dims), periods.to_us(row.period_start)


def _under(workspace: Workspace, indicator: Indicator, grain: Grain, start: int) -> Indicator:
    """By the version of its definition that is in force for a period."""
    version = workspace.in_force(indicator.key, grain, start)
    return indicator if version == indicator.version else workspace.under(indicator.key, version).indicators[indicator.key]


def _past(workspace: Workspace, grain: Grain, known: dict[int, Decimal], start: datetime, reach: int) -> list[Decimal]:
    """Values of the periods before, nearest first, up to the first that is missing."""
    found: list[Decimal] = []
    step = periods.previous(grain, start, workspace.zone)
    while step is not None and len(found) < reach and periods.to_us(step) in known:
        found.append(known[periods.to_us(step)])
        step = periods.previous(grain, step, workspace.zone)
    return found


def _family(connection: Connection, indicator: Indicator, grain: Grain, given: Sequence[ObservationIn]) -> frozenset[Key]:
    """Every series there is a figure of, or will be."""
    there = observations.since(connection, indicator.key, grain)
    return frozenset(there.keys() | {(row.department, row.region, row.dims) for row in given})


def _sum(
    workspace: Workspace,
    row: ObservationIn,
    family: Collection[Key],
    known: dict[Key, dict[int, Decimal]],
    claimed: dict[tuple[Key, int], Decimal],
) -> Decimal | None:
    """Of what stands of its parts; None where it has none, where of one nothing stands, and of a rate, which is no sum."""
    start = periods.to_us(row.period_start)
    on = periods.local_date(row.period_start, workspace.zone)
    mine = parts(workspace, (row.department, row.region, row.dims), family, on) if row.den is None else []
    said = [claimed.get((key, start), known.get(key, {}).get(start)) for key in mine]
    numbers = [one for one in said if one is not None]
    return sum(numbers, Decimal(0)) if mine and len(numbers) == len(mine) else None


def _last(known: dict[int, Decimal], start: int) -> Decimal | None:
    """Of the nearest period before it that is known."""
    before = [one for one in known if one < start]
    return known[max(before)] if before else None


def in_question(one: Doubted) -> bool:
    """Not the sum of its parts, and nobody has decided."""
    return one.kind == "parts" and one.verdict == OPEN


def claim(indicator: Indicator, one: Doubted) -> Decimal | None:
    """As reported, in display units."""
    return display(indicator, Values(one.num, one.den, one.n, None, one.status))


def same(one: Doubted, row: ObservationIn) -> bool:
    return (one.num, one.den, one.n, one.status) == (row.num, row.den, row.n, row.status)


def _stays(one: Doubted, row: ObservationIn, now: datetime) -> bool:
    """Whether this is the figure that was asked about, and is not asked about again: of a period that has come since it is."""
    come = one.kind == "future" and one.verdict == OPEN and row.period_start <= now + AHEAD
    return same(one, row) and one.verdict in STANDING and not come


def _values(row: ObservationIn) -> Values:
    return Values(row.num, row.den, row.n, None, row.status)
