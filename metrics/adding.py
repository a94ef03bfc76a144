"""Parts and their whole, once a part has come or changed: the sum is asked again of figures that came before.

`doubting` asks it of a whole at the door, and holds back one that is not the sum of its parts. What was believed before the sum
was known is not taken away again: it is noted, a question. Where the sum comes right the doubt ends by itself, and what was held
is stored. Which wholes are in question thus depends on the figures alone, never on the order in which they came (decision 0013).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import Connection

from metrics import periods
from metrics.arrivals import ObservationIn, Status
from metrics.catalogue.workspace import Workspace
from metrics.doubting import Sifted, against, claim, in_question, keep, same
from metrics.indicators import observed
from metrics.model import Grain, Indicator
from metrics.parts import depth, parts, wholes
from metrics.plausible import Doubt, apart
from metrics.store import doubts, observations
from metrics.store.doubts import OPEN, Doubted
from metrics.store.series import Key
from metrics.values import display

RESOLVED = "resolved"


@dataclass(frozen=True)
class Asking:
    """What came, or was decided on: which sums are to be asked again."""

    source: str
    indicator: Indicator
    grain: Grain
    starts: Collection[int]
    """Periods, in microseconds."""
    given: Collection[Key]
    """Series: asked are the wholes that rest on one of them, and those among them."""


@dataclass
class Found:
    """What asking again led to; nothing is written yet."""

    let_go: list[tuple[Doubted, Decimal]] = field(default_factory=list)
    """Doubts that end because the sum came right, and that sum."""
    still: list[tuple[Doubted, Doubt]] = field(default_factory=list)
    """Doubts that go on while the parts add up to something else than they did."""
    noted: list[tuple[ObservationIn, Doubt]] = field(default_factory=list)
    """Wholes that are stored and turn out not to be the sum of their parts."""

    @property
    def news(self) -> bool:
        return bool(self.let_go or self.still or self.noted)


def of(
    source: str, indicator: Indicator, grain: Grain, rows: Sequence[ObservationIn], sifted: Sifted, stored: Collection[int]
) -> Asking | None:
    """What these rows ask, once they are stored, or held; None where nothing is to be the sum of its parts, or nothing is new."""
    if indicator.plausible is None or indicator.plausible.parts is None:
        return None
    moved = {periods.to_us(row.period_start) for row in rows} if sifted.doubted or sifted.replaced else set(stored)
    return Asking(source, indicator, grain, moved, {(row.department, row.region, row.dims) for row in rows}) if moved else None


def settle(
    connection: Connection, workspace: Workspace, asking: Asking, revision: int, run_id: int | None, at: datetime
) -> tuple[Found, list[int]]:
    """Ask again; end the doubts whose sum came right and store what they held; note what no longer adds up. What was found, and
    the periods in which a figure was stored."""
    found = again(connection, workspace, asking)
    stored: list[int] = []
    for one, sum_ in found.let_go:
        doubts.decide(connection, [one.id], RESOLVED, "", f"its parts add up to {sum_.normalize():f} now", periods.to_us(at))
        if one.held:
            figures = {(one.indicator, str(one.grain)): (one.version, [as_reported(one)])}
            made = observations.store(connection, one.source, figures, revision, one.run_id)
            stored += [start for each in made.values() for start in each.touched]
    for one, odd in found.still:
        doubts.reword(connection, one.id, odd.words, against(odd))
    _keep(connection, workspace, asking, found, revision, run_id, at)
    return found, stored


def note(connection: Connection, workspace: Workspace, asking: Asking, revision: int, run_id: int | None, at: datetime) -> None:
    """Where nothing was stored, but what was said last is out: what stands in its place may not add up."""
    _keep(connection, workspace, asking, again(connection, workspace, asking), revision, run_id, at)


def _keep(
    connection: Connection, workspace: Workspace, asking: Asking, found: Found, revision: int, run_id: int | None, at: datetime
) -> None:
    if found.noted:
        sifted = Sifted((), found.noted, 0, ())
        keep(connection, workspace, asking.source, asking.indicator, asking.grain, sifted, revision, run_id, at)


def again(connection: Connection, workspace: Workspace, asking: Asking) -> Found:
    """A whole of which a part is not known is left as it is: held stays held, believed stays believed. Writes nothing."""
    found, indicator, starts = Found(), asking.indicator, sorted(asking.starts)
    how = indicator.plausible
    if how is None or how.parts is None or not starts:
        return found
    stands, told = _standing(connection, workspace, asking, starts)
    doubted = _doubted(connection, asking, starts)
    family = frozenset(observations.since(connection, indicator.key, asking.grain).keys() | {key for key, _ in doubted})
    for start in starts:
        on = periods.local_date(periods.from_us(start), workspace.zone)
        known = stands[start] | _claimed(indicator, doubted, start)
        above = wholes(workspace, asking.given, family, on)
        for key in sorted(above, key=lambda key: (-depth(workspace, *key[:2]), key)):
            earlier = doubted.get((key, start), [])
            mine = next(filter(in_question, earlier), None)
            if mine is None and any(one.held and one.verdict == OPEN for one in earlier):
                continue  # its last word waits for another reason
            value = known.get(key)
            below = parts(workspace, key, family, on)
            if value is None or not below or any(one not in known for one in below):
                continue
            sum_ = sum((known[one] for one in below), Decimal(0))
            odd = apart(how, value, sum_)
            if mine is not None and odd is None:
                found.let_go.append((mine, sum_))
            elif mine is not None and odd is not None and odd.words != mine.words:
                found.still.append((mine, odd))
            elif mine is None and odd is not None and not _answered(earlier, told[key, start]):
                found.noted.append((told[key, start], replace(odd, held=False)))
    return found


def _standing(
    connection: Connection, workspace: Workspace, asking: Asking, starts: list[int]
) -> tuple[dict[int, dict[Key, Decimal]], dict[tuple[Key, int], ObservationIn]]:
    """By period what the source has said and is believed; and as it was reported."""
    indicator, grain = asking.indicator, asking.grain
    stands: dict[int, dict[Key, Decimal]] = defaultdict(dict)
    told: dict[tuple[Key, int], ObservationIn] = {}
    for under, one in observed.told_in_force(connection, workspace, indicator.key, grain, starts):
        value = display(under, one.values)
        if one.source == asking.source and value is not None:
            was, status = one.values, cast(Status, one.values.status)
            stands[one.period_start][one.key] = value
            told[one.key, one.period_start] = ObservationIn(
                indicator.key, grain, periods.from_us(one.period_start), was.num, was.den, was.n, *one.key, status
            )
    return stands, told


def _doubted(connection: Connection, asking: Asking, starts: list[int]) -> dict[tuple[Key, int], list[Doubted]]:
    found: dict[tuple[Key, int], list[Doubted]] = defaultdict(list)
    for one in doubts.of_periods(connection, asking.source, asking.indicator.key, asking.grain, starts):
        found[one.key, one.period_start].append(one)
    return found


def _claimed(indicator: Indicator, doubted: Mapping[tuple[Key, int], Sequence[Doubted]], start: int) -> dict[Key, Decimal]:
    """What is in question because of its own parts counts in the sum above as it was reported: each level is asked by itself."""
    found = {}
    for (key, period), earlier in doubted.items():
        for one in earlier:
            if period == start and in_question(one) and (value := claim(indicator, one)) is not None:
                found[key] = value
    return found


def _answered(earlier: Collection[Doubted], row: ObservationIn) -> bool:
    """A rate is no sum; and what a person has decided on is not asked again of the same figure, whatever its parts say later."""
    return row.den is not None or any(
        one.kind == "parts" and one.verdict in ("released", "settled") and same(one, row) for one in earlier
    )


def as_reported(one: Doubted) -> ObservationIn:
    department, region, dims = one.key
    return ObservationIn(
        one.indicator, one.grain, periods.from_us(one.period_start), one.num, one.den, one.n, department, region, dims,
        one.status, source_rev=one.source_rev,  # type: ignore[arg-type]
    )  # fmt: skip
