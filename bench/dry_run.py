"""A rule tried on the past before it is saved: 5,000 monthly series over 13 periods, and 20,000 daily ones over 90.

One figure in twelve breaches, so that nearly every daily series has something to judge. The aim is 2 s and 15 s; seconds of the
processor are told beside those of the clock, because others may use the machine. `python bench/dry_run.py 0.1` tries a tenth.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert  # noqa: E402

from alerts import dry_run  # noqa: E402
from metrics import periods  # noqa: E402
from metrics.catalogue import load  # noqa: E402
from metrics.catalogue.tree import Tree  # noqa: E402
from metrics.catalogue.workspace import Workspace  # noqa: E402
from metrics.model import TOTAL, Indicator, Measure, Part, Place  # noqa: E402
from metrics.rulebook import Level, Rule  # noqa: E402
from metrics.store.engine import Store, connect  # noqa: E402
from metrics.store.schema import migrate  # noqa: E402
from metrics.tables import series  # noqa: E402

NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)
STEP = 1.0
"""Seconds of work between two answers to the person who waits: the progress on screen."""
CASES = (("month", 5_000, 13, 2.0), ("day", 20_000, 90, 15.0))


def main(share: float = 1.0) -> int:
    """How many of the aims were missed."""
    missed = 0
    for grain, many, length, aim in CASES:
        number = int(many * share)
        workspace, rule = governed(grain, number)
        with tempfile.TemporaryDirectory() as folder:
            store = connect(f"sqlite:///{folder}/bench.db")
            migrate(store)
            fill(store, workspace, grain, number, length)
            wall, busy, longest, steps, trial = tried(store, workspace, rule)
            store.close()
        missed += busy > aim * share
        print(
            f"{number:,} series by {grain} over {length}: {wall:.1f} s, {busy:.1f} s of the processor (aim {aim * share:g} s); "
            f"{steps} answers, the longest wait {longest:.1f} s; would have fired {trial.times:,} times"
        )
    return missed


def tried(store: Store, workspace: Workspace, rule: Rule) -> tuple[float, float, float, int, dry_run.Trial]:
    """As a page does it: begun once, then a step at a time."""
    begun, busy, longest, steps = time.perf_counter(), time.process_time(), 0.0, 0
    with store.read() as connection:
        trial = dry_run.begin(connection, workspace, rule, NOW)
    while not trial.finished:
        step = time.perf_counter()
        with store.read() as connection:
            trial = dry_run.advance(connection, workspace, rule, rule, trial, NOW, STEP)
        longest, steps = max(longest, time.perf_counter() - step), steps + 1
    return time.perf_counter() - begun, time.process_time() - busy, longest, steps, trial


def governed(grain: str, many: int) -> tuple[Workspace, Rule]:
    """A country of so many towns with a rate and a rule on it, as workspaces give them."""
    base, faults = load(ROOT / "workspaces" / "boston311")
    assert base is not None, faults
    name = {"zh": "按时办结率", "en": "Closed on time"}
    indicator = Indicator(
        key="on_time", name=name, field="service", unit="percent", better="higher", grains=(grain,), cuts={grain: (("town",),)},
        measure=Measure("ratio", over=Part("due"), of=Part("due")), source="requests", owner="a", basis=name, version=1,
    )  # fmt: skip
    rule = Rule(
        key="late", name=name, indicator="on_time", grain=grain, cut=("town",), op="<", m=2, n=3, version=1, min_n=10,
        levels=(Level("warning", Decimal(95), Decimal(96)), Level("serious", Decimal(88), Decimal(90))),
    )  # fmt: skip
    towns = [Place(f"t{number}", name, TOTAL, "town") for number in range(many)]
    tree = Tree([Place(TOTAL, name, None, "root"), *towns])
    return replace(base, regions=tree, indicators={"on_time": indicator}, rules={"late": rule}), rule


def fill(store: Store, workspace: Workspace, grain: str, many: int, length: int) -> None:
    starts = list(days(workspace, grain, length))
    with store.write() as connection:
        rows = [
            {"id": 1 + n, "indicator": "on_time", "grain": grain, "department_id": TOTAL, "region_id": f"t{n}", "dims": "{}"}
            for n in range(many)
        ]
        connection.execute(insert(series), rows)
        roll = Random(7)
        for first in range(0, many, 1000):
            figures = []
            for number in range(first, min(first + 1000, many)):
                for start in starts:
                    bad = roll.random() < 1 / 12
                    num = roll.randrange(820, 950) if bad else roll.randrange(950, 1001)
                    figures.append((1 + number, start, 1, num, 1000, 1000, "A", 1, 1))
            connection.exec_driver_sql(
                "INSERT INTO chosen (series_id, period_start, version, num, den, n, status, revision, evaluated_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                figures,
            )


def days(workspace: Workspace, grain: str, length: int) -> Iterator[int]:
    """Starts of the last whole periods, oldest first."""
    found, at = [], NOW - timedelta(days=1)
    for _ in range(length):
        at = periods.bounds(grain, at, workspace.zone)[0] - timedelta(seconds=1)
        found.append(periods.to_us(periods.bounds(grain, at, workspace.zone)[0]))
    return reversed(found)


if __name__ == "__main__":
    raise SystemExit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
