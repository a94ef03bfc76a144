"""What an alert is about, as far as routes and silences ask."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row

from alerts import kinds
from alerts.store import states
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Source
from metrics.rulebook import Match, Rule


@dataclass(frozen=True, slots=True)
class Matter:
    rule: str
    severity: str
    about: Literal["work", "data"]
    field: str
    indicator: str
    department: str
    region: str
    sources: tuple[str, ...]
    """Systems its figures come from."""
    owners: tuple[str, ...]
    """Departments of those systems."""
    series_id: int = 0
    needs: tuple[frozenset[str], ...] = ()
    """Of each of these some system must answer: while none does, nothing is told of the figures."""


def of_series(workspace: Workspace, rule: Rule, severity: str, series: Series, series_id: int) -> Matter:
    indicator = workspace.indicators.get(rule.indicator)
    sources = _sources(workspace, rule.indicator, 0)
    return Matter(
        rule.key, severity, "data" if rule.kind in kinds.ABOUT_DATA else "work", indicator.field if indicator else "",
        rule.indicator, series.department, series.region, sources,
        tuple(workspace.sources[key].department for key in sources if key in workspace.sources), series_id,
        needs(workspace, rule.indicator),
    )  # fmt: skip


def of_source(source: Source, rule: str, severity: str) -> Matter:
    return Matter(rule, severity, "data", "", "", source.department, TOTAL, (), (source.department,))


def of_episode(connection: Connection, workspace: Workspace, episode: Row[Any]) -> Matter | None:
    """As it stands; None where the workspace no longer has what it is about."""
    if episode.source:
        source = workspace.sources.get(episode.source)
        return of_source(source, episode.rule, episode.severity) if source is not None else None
    rule = workspace.rules.get(episode.rule)
    series = states.series_of(connection, [episode.series_id]).get(episode.series_id)
    if rule is None or series is None:
        return None
    return of_series(workspace, rule, episode.severity, series, episode.series_id)


def needs(workspace: Workspace, key: str, depth: int = 0) -> tuple[frozenset[str], ...]:
    """Of an indicator: the systems that report it, one of which is enough; of a derived one those of each that enters it. A
    system that gave its past only is asked for nothing."""
    indicator = workspace.indicators.get(key)
    if indicator is None or depth > 8:
        return ()
    given = [*indicator.feeds, *([indicator.source] if indicator.source else [])]
    own = frozenset(one for one in given if one in workspace.sources and not workspace.sources[one].history_only)
    found = [own] if own else []
    for one in indicator.measure.inputs:
        found += needs(workspace, one, depth + 1)
    return tuple(dict.fromkeys(found))


def missing(wanted: Iterable[frozenset[str]], down: Set[str]) -> str:
    """A system that is down, of those none of which answers; empty where each of what is wanted has one that does."""
    return min((min(some) for some in wanted if some <= down), default="")


def matches(workspace: Workspace, match: Match, matter: Matter) -> bool:
    """Every list that is not empty holds it; a place holds all below it. Without `about`, only what is about the work."""
    return (
        (match.about or "work") == matter.about
        and _among(match.fields, matter.field)
        and _among(match.levels, matter.severity)
        and _among(match.rules, matter.rule)
        and _among(match.indicators, matter.indicator)
        and _below(workspace.departments, match.departments, matter.department)
        and _below(workspace.regions, match.regions, matter.region)
    )


def _among(wanted: tuple[str, ...], word: str) -> bool:
    return not wanted or word in wanted


def _below(tree: Any, wanted: tuple[str, ...], id: str) -> bool:
    return not wanted or any(one == TOTAL or (one in tree and id in tree.subtree(one)) for one in wanted)


def _sources(workspace: Workspace, key: str, depth: int) -> tuple[str, ...]:
    """Of an indicator, and of those it is derived from."""
    indicator = workspace.indicators.get(key)
    if indicator is None or depth > 8:
        return ()
    found = [*indicator.feeds, *([indicator.source] if indicator.source else [])]
    for one in indicator.measure.inputs:
        found += _sources(workspace, one, depth + 1)
    return tuple(dict.fromkeys(found))
