"""Rule blocks into Rules: thresholds, recovery on the safe side, and the series they watch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, cast

from metrics.catalogue.blocks import Here
from metrics.catalogue.grammar import LevelBlock, RuleBlock
from metrics.catalogue.indicators import cut
from metrics.catalogue.workspace import Workspace
from metrics.model import Cut, Indicator
from metrics.rulebook import Level, Rule

Op = Literal[">", ">=", "<", "<="]
_OPPOSITE: dict[str, str] = {">": "<", ">=": "<", "<": ">", "<=": ">"}
_SEVERITIES = ("reminder", "warning", "serious")


def rule(one: RuleBlock, here: Here, workspace: Workspace) -> Rule | None:
    for n, key in enumerate(one.receivers):
        if key not in workspace.receivers:
            here.at("receivers", n).unknown("receiver", key, workspace.receivers)
    watched = workspace.indicators.get(one.indicator)
    if watched is None:
        here.at("indicator").unknown("indicator", one.indicator, workspace.indicators)
        return None
    grain = one.grain or watched.grains[0]
    by = cut(one.by)
    if grain not in watched.grains:
        here.at("grain").fault("no-series", f"{watched.key} has no grain {grain}", f"it has {', '.join(watched.grains)}")
    elif by and by not in watched.cuts[grain]:
        there = ", ".join("*".join(names) for names in watched.cuts[grain]) or "the total only"
        here.at("by").fault("no-series", f"{watched.key} is not cut by {one.by} at grain {grain}", f"it has {there}")
    if one.m > one.n:
        here.at("m").fault("bad-value", f"{one.m} of {one.n} periods can never be met", "m is at most n")
    _kind(one, watched, by, here)
    op, levels = _levels(one, watched, here.at("levels"))
    if op is None:
        return None
    return Rule(
        key=one.key, name=one.name.text(), indicator=one.indicator, grain=grain, cut=by, op=op, levels=levels,
        version=one.version, m=one.m, n=one.n, for_=one.for_, recover_count=one.recover.count, recover_for=one.recover.for_,
        min_n=one.min_n, owner=one.owner or watched.owner, receivers=tuple(one.receivers), kind=one.kind, within=one.within,
        paused=one.paused,
        file=f"rules/{here.file}",
        line=here.line,
    )  # fmt: skip


def _kind(one: RuleBlock, watched: Indicator, by: Cut, here: Here) -> None:
    """What each kind of rule needs of its indicator."""
    measure = watched.measure
    if one.kind in ("due_soon", "late_entry") and one.within is None:
        here.fault("missing-key", f"a rule of kind {one.kind} needs within", "within: 2d")
    if one.kind not in ("due_soon", "late_entry") and one.within is not None:
        here.at("within").fault(
            "bad-value", f"within means nothing to a rule of kind {one.kind}", "it is for due_soon and late_entry"
        )
    wrong = {
        "rank": ("is not ranked: a rank needs by with one kind of place, and an indicator that is better higher or lower",
                 len(by) != 1 or watched.better == "none"),
        "due_soon": ("does not count open cases", measure.kind != "open"),
        "late_entry": ("is not computed from cases by period", not measure.from_records or measure.stock),
        "volume": ("has no volume by period", measure.stock or bool(measure.inputs)),
        "stale": ("is not reported by a source; a silent source of cases is told of by itself", measure.kind != "observed"),
        "conflict": ("is not reported by two sources", len(watched.feeds) < 2),
        "change_last": ("stands for an instant, not for a period", measure.stock),
        "change_year": ("stands for an instant, not for a period", measure.stock),
    }  # fmt: skip
    why, met = wrong.get(one.kind, ("", False))
    if met:
        here.at("kind").fault("bad-value", f"{watched.key} {why}", "see docs/workspace.md, Rules")


def _levels(one: RuleBlock, watched: Indicator, here: Here) -> tuple[Op | None, tuple[Level, ...]]:
    found: list[Level] = []
    op: Op | None = None
    for severity in _SEVERITIES:
        written: LevelBlock | None = getattr(one.levels, severity)
        if written is None:
            continue
        level, its = _level(severity, written, watched, here.at(severity))
        if level is None or its is None:
            continue
        if op is not None and its != op:
            here.at(severity, "when").fault("bad-value", f"all levels of a rule look the same way: {op}, not {its}")
        elif found and (level.threshold - found[-1].threshold) * _worse(its) < 0:
            here.at(severity, "when").fault("bad-value", f"{severity} would fire before {found[-1].severity}", "mildest first")
        op = op or its
        found.append(level)
    if not found and not any(getattr(one.levels, severity) for severity in _SEVERITIES):
        here.fault("missing-key", "a rule needs at least one level", 'levels: {warning: {when: "< 95", until: ">= 96"}}')
    return op, tuple(found)


def _level(severity: str, written: LevelBlock, watched: Indicator, here: Here) -> tuple[Level | None, Op | None]:
    op, threshold = _bound(written.when, watched, here.at("when"))
    if op is None or threshold is None:
        return None, None
    recovery = threshold
    if written.until is not None:
        back, given = _bound(written.until, watched, here.at("until"))
        if back is None or given is None:
            return None, None
        recovery = given
        if back[0] != _OPPOSITE[op] or (recovery - threshold) * _worse(op) > 0:
            what = f"fires {written.when} and recovers {written.until}: recovery must lie on the safe side"
            here.at("until").fault("recovery-side", what, f'until: "{_OPPOSITE[op]}= ...", at the threshold or beyond it')
    return Level(cast(Any, severity), threshold, recovery), op


def _worse(op: str) -> int:
    """The sign in which a value gets worse."""
    return 1 if op[0] == ">" else -1


def _bound(text: str, watched: Indicator, here: Here) -> tuple[Op | None, Decimal | None]:
    """`< 90`, or with a band of the indicator or its target: `< off`."""
    match = re.fullmatch(r"\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?|target|watch|off|serious)\s*%?\s*", text)
    if not match:
        here.fault("bad-value", f"{text!r} is not a bound", "write < 90, >= 95, < off, >= target")
        return None, None
    op, word = match.groups()
    named: Mapping[str, Decimal | None] = {**watched.bands, "target": watched.target}
    if word[-1].isdigit():
        return cast(Op, op), Decimal(word)
    if named.get(word) is None:
        here.fault("unknown-reference", f"{watched.key} has no {word}", "write a number")
        return None, None
    return cast(Op, op), named[word]
