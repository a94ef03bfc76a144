"""Versions of a rule: what is kept of it for good, as JSON, and which series it means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from alerts import kinds
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Cut, Indicator
from metrics.rulebook import Level, Rule

SILENT = "source.silent"
"""The built-in rule: a source has had no success for three of its intervals."""
DOUBTED = "source.doubted"
"""The built-in rule: figures of a source wait for somebody's word."""
BUILT_IN = (SILENT, DOUBTED)
"""They watch sources, not figures, and stand in no file."""


def body(rule: Rule) -> str:
    """Everything that decides when it fires. Names, receivers and owner may change without a new version."""
    more: dict[str, Any] = {} if rule.kind == "threshold" else {"kind": rule.kind, "within": _seconds(rule.within)}
    if rule.paused:
        more["paused"] = True
    return json.dumps(
        {
            "indicator": rule.indicator, "grain": rule.grain, "cut": list(rule.cut), "op": rule.op,
            "levels": [[level.severity, str(level.threshold), str(level.recovery)] for level in rule.levels],
            "m": rule.m, "n": rule.n, "for": _seconds(rule.for_), "recover_count": rule.recover_count,
            "recover_for": _seconds(rule.recover_for), "min_n": rule.min_n,
            **more,
        },
        sort_keys=True,
    )  # fmt: skip


def wanted(rule: Rule, edit: Any) -> str:
    """The body to be judged by: that of the newest edit on screen, unless the workspace has been changed since."""
    given = body(rule)
    return edit.body if edit is not None and edit.base == digest(given) else given


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def revive(key: str, number: int, text: str) -> Rule:
    """The rule as it was, from its kept body."""
    kept: dict[str, Any] = json.loads(text)
    levels = tuple(Level(severity, Decimal(threshold), Decimal(recovery)) for severity, threshold, recovery in kept["levels"])
    return Rule(
        key=key, name={}, indicator=kept["indicator"], grain=kept["grain"], cut=tuple(kept["cut"]), op=kept["op"],
        levels=levels, version=number, m=kept["m"], n=kept["n"], for_=_span(kept["for"]),
        recover_count=kept["recover_count"], recover_for=_span(kept["recover_for"]), min_n=kept["min_n"],
        kind=kept.get("kind", "threshold"), within=_span(kept.get("within")),
        paused=kept.get("paused", False),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfSeries:
    """The rules that mean a series."""

    at_once: tuple[Rule, ...]
    """Judged where its figures are stored."""
    by_tick: tuple[Rule, ...]
    """Of its whole indicator and grain: judged by the tick."""

    def __bool__(self) -> bool:
        return bool(self.at_once or self.by_tick)


NONE = OfSeries((), ())


class Index:
    """Which rules mean a series: what makes a change without a rule cost nothing, and one with many little."""

    def __init__(self, workspace: Workspace) -> None:
        self.figures: dict[tuple[str, str], list[Rule]] = {}
        """By indicator and grain."""
        for rule in workspace.rules.values():
            self.figures.setdefault((rule.indicator, rule.grain), []).append(rule)
        self._cut = cutter(workspace)
        self._known: dict[tuple[str, str, frozenset[str]], OfSeries] = {}

    def of(self, series: Series) -> OfSeries:
        rules = self.figures.get((series.indicator, series.grain))
        if rules is None:
            return NONE
        cut = self._cut(series)
        found = self._known.get((series.indicator, series.grain, cut))
        if found is None:
            by_tick = tuple(rule for rule in rules if rule.kind in kinds.BY_TICK)
            at_once = tuple(rule for rule in rules if rule.kind not in kinds.BY_TICK and means(rule, cut))
            found = self._known[series.indicator, series.grain, cut] = OfSeries(at_once, by_tick)
        return found


def cutter(workspace: Workspace) -> Callable[[Series], frozenset[str]]:
    """By which dimensions a series is split: `department`, a region level, names of dims; remembered per place."""
    levels = {TOTAL: ""}

    def cut(series: Series) -> frozenset[str]:
        found = set()
        if series.department != TOTAL:
            found.add("department")
        if series.region not in levels:
            levels[series.region] = workspace.regions.get(series.region).level if series.region in workspace.regions else "?"
        if levels[series.region]:
            found.add(levels[series.region])
        if series.dims != "{}":
            found.update(json.loads(series.dims))
        return frozenset(found)

    return cut


def means(rule: Rule, cut: frozenset[str]) -> bool:
    return frozenset(_plain(rule.cut)) == cut


def reading(indicator: Indicator, grain: str) -> bool:
    """Judged as it stands at an instant, not by period: stocks and everything to date."""
    return indicator.measure.stock or grain == "all"


def _plain(cut: Cut) -> Cut:
    return tuple(part for part in cut if part)


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
