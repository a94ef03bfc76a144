"""Two ways of doing the same, one after the other, many times (A B A B): what counts is the median of the pairs' ratios.

What is measured is processor time, of this process and of the database server's that works for it: a machine that others use
at the same time makes seconds longer, but not the work. Seconds by the wall are said on stderr; an aim
in seconds means those. What takes part of an aim's fixed milliseconds is to be measured on a quiet machine.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

PAIRS = 7


@dataclass(frozen=True)
class Spent:
    cpu: float
    wall: float


class Clock:
    """pids: of the server processes that work for us."""

    def __init__(self, pids: Callable[[], Sequence[int]] = tuple) -> None:
        self.pids = pids

    def spend(self, work: Callable[[], object]) -> Spent:
        pids = self.pids()
        before, cpu, wall = _run(pids), time.process_time(), time.perf_counter()
        work()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return Spent(cpu + _run(pids) - before, wall)

    def pairs(
        self,
        reference: Callable[[Any], object],
        ours: Callable[[Any], object],
        given: Iterable[Any] | None = None,
        many: int = PAIRS,
        warm: int = 1,
    ) -> list[tuple[Spent, Spent]]:
        """Each called with the next of what is `given`, which is made just before, or else with the number of the pair.

        The first ones, which warm both up, do not count."""
        made = []
        for one in islice(given if given is not None else count(), many + warm):
            a = self.spend(lambda one=one: reference(one))
            b = self.spend(lambda one=one: ours(one))
            made.append((a, b))
        return made[warm:]


def _run(pids: Sequence[int]) -> float:
    """Seconds these processes have run."""
    total = 0.0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
        except (OSError, ValueError, IndexError):
            continue
    return total


def rate(name: str, rows: int, made: Sequence[tuple[Spent, Spent]], aim: float, exact: bool = True) -> dict[str, object]:
    """A line for work that is to reach `aim` of the reference's rate; not where its result was wrong."""
    ratio = statistics.median(a.cpu / b.cpu for a, b in made)
    say(f"{name}: by the wall {statistics.median(a.wall / b.wall for a, b in made):.2f} of the reference")
    ours, reference = (rows / statistics.median(pair[side].cpu for pair in made) for side in (1, 0))
    return line(name, ours, reference, ratio, f">= {aim}", ratio >= aim and exact, len(made), rows)


def cost(
    name: str, n: int, made: Sequence[tuple[Spent, Spent]], aim: float, spare: float = 0, exact: bool = True
) -> dict[str, object]:
    """A line for work that may take `aim` times the reference, and `spare` seconds more."""
    ratio = statistics.median(b.cpu / a.cpu for a, b in made)
    say(f"{name}: by the wall {statistics.median(b.wall / a.wall for a, b in made):.2f} times the reference")
    holds = statistics.median((b.cpu - spare) / a.cpu for a, b in made) <= aim
    ours, reference = (statistics.median(pair[side].cpu for pair in made) * 1000 for side in (1, 0))
    words = f"<= {aim}" + (f" (+ {spare * 1000:g} ms)" if spare else "")
    return line(name, ours, reference, ratio, words, holds and exact, len(made), n)


def line(
    name: str, ours: float, reference: float | None, ratio: float, aim: str, holds: bool, pairs: int, n: int
) -> dict[str, object]:
    return {
        "name": name, "ours": _round(ours), "reference": _round(reference), "ratio": _round(ratio), "aim": aim,
        "holds": bool(holds), "pairs": pairs, "n": n,
    }  # fmt: skip


def _round(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.4g}")


def tell(one: dict[str, object]) -> None:
    print(json.dumps(one, ensure_ascii=False), flush=True)


def say(words: str) -> None:
    if not os.environ.get("BENCH_QUIET"):
        print(words, file=sys.stderr, flush=True)
