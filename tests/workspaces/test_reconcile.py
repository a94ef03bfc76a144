"""Every figure opens the very cases, or the very values, it was made of: cells drawn at random from the demo province."""

import os
import random
from datetime import UTC, datetime, timedelta

import pytest

from metrics import periods, reading
from metrics.answers import Ask, CaseQuery
from metrics.model import SYSTEM, Series
from metrics.reading.cases import count
from metrics.store import cells, scope
from metrics.store.engine import connect
from tests.workspaces.province import live_through, sichuan, systems

BEGIN = datetime(2026, 10, 12, 0, tzinfo=UTC)
CELLS = 50


@pytest.fixture(scope="module")
def province(sqlite_template, tmp_path_factory, workspaces):
    path = tmp_path_factory.mktemp("province") / "yuncha.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = connect(f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patch, systems(path.parent / "demo", patch) as world:
        workspace = sichuan(workspaces)
        now = live_through(store, workspace, world, BEGIN, 16, timedelta(hours=4))
        yield store, workspace, now
    store.close()


def kept(ask, indicator):
    """Every figure of an indicator that stands now: (grain, cell)."""
    for grain in indicator.grains:
        first = cells.first_period(ask.connection, indicator.key, grain)
        if first is not None:
            starts = list(map(periods.to_us, periods.starts(grain, periods.from_us(first), ask.now, ask.workspace.zone)))
            for row in cells.kept(ask.connection, indicator.key, grain, indicator.version, starts, scope.WHOLE):
                yield grain, row


def drawn(ask, kind, number, dice):
    chosen = [one for one in ask.workspace.indicators.values() if kind(one)]
    many = [(one, *found) for one in chosen for found in kept(ask, one)]
    return dice.sample(many, min(number, len(many)))


def test_every_list_is_as_long_as_the_figure_says(province):
    store, workspace, now = province
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    dice = random.Random(seed)
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, now)
        found = drawn(ask, lambda one: one.measure.kind == "ratio", 20, dice)
        found += drawn(ask, lambda one: one.measure.kind in ("count", "open", "overdue"), 20, dice)
        assert len(found) == 40
        zeros = 0
        for indicator, grain, row in found:
            values = row.values
            zeros += 0 in (values.num, values.den)
            counted = {"over": values.den, "of": values.num, "apart": values.apart}
            if indicator.measure.kind != "ratio":
                counted = {"over": values.num}
            for role, wanted in counted.items():
                if wanted is None:
                    continue
                query = CaseQuery(
                    indicator.source, indicator.key, role, grain, periods.from_us(row.period_start), row.key[0], row.key[1],
                    revision=row.revision, evaluated_at=periods.from_us(row.evaluated_at),
                )  # fmt: skip
                assert count(ask, query) == wanted, (seed, indicator.key, role, grain, row)
        print(f"{len(found)} cells drawn, {zeros} with a zero, seed {seed}")


def test_every_derived_or_reported_figure_is_exactly_what_entered(province):
    store, workspace, now = province
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    dice = random.Random(seed)
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, now)
        found = drawn(ask, lambda one: one.measure.kind in ("observed", "derived_ratio", "increase"), 10, dice)
        assert len(found) == 10
        for indicator, grain, row in found:
            entered = reading.entered(ask, Series(indicator.key, grain, *row.key), periods.from_us(row.period_start))
            numbers = [one.cell.num for one in entered if one.used]
            if row.values.num is None:
                assert None in numbers
            elif indicator.measure.kind == "observed":
                assert sum(numbers) == row.values.num, (seed, indicator.key, row)
            elif indicator.measure.kind == "derived_ratio":
                assert numbers == [row.values.num, row.values.den], (seed, indicator.key, row)
            else:
                assert max(numbers) - min(numbers) in (row.values.num, 0) or max(numbers) == row.values.num, (seed, row)
