"""How a source and its Runs are shown: state, strip of the last runs, plain words for errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Rect, Svg

from dashboards import _format as fmt
from dashboards._cards import Setting
from dashboards._hints import reason
from dashboards._marks import shape
from dashboards._text import catalogue, name
from metrics.answers import RunRow, SourceState
from metrics.model import Source

HEALTH = {
    "FRESH": "ok", "LATE": "stale", "STALE": "stale", "NEVER": "nrep", "SOURCE_ERROR": "down", "SUSPECT": "watch",
    "PAUSED": "paused", "RETIRED": "none",
}  # fmt: skip
ORDER = ("SOURCE_ERROR", "STALE", "LATE", "SUSPECT", "NEVER", "PAUSED", "FRESH", "RETIRED")
GOOD = ("ok", "unchanged")
COUNTED = (
    "records_new", "records_changed", "records_withdrawn", "observations_new", "corrected", "superseded", "refused", "failed",
)  # fmt: skip


def health(state: SourceState | str, setting: Setting, *, plain: bool = False) -> Component:
    """Mark and word of a source's state."""
    key = state if isinstance(state, str) else state.health
    mark = HEALTH[key]
    dress = {"down": "" if plain else " tint", "watch": ""}.get(mark, " q")
    return html.Span([shape(mark), setting.view.t(f"health.{key}")], className=f"st c-{mark}{dress}")


def strip(outcomes: Sequence[str], setting: Setting, size: int = 30) -> Component:
    """The last runs, oldest left: a bar for a success, a cross for a failure, a low bar where rows were refused."""
    drawn: list[Any] = []
    for i, outcome in enumerate(outcomes[-size:]):
        x = (size - min(len(outcomes), size) + i) * 5
        if outcome in GOOD:
            drawn.append(Rect(x=str(x), y="2", width="3.4", height="12", className="run-ok"))
        elif outcome == "refused":
            drawn.append(Rect(x=str(x), y="8", width="3.4", height="6", className="run-part"))
        else:
            drawn.append(Path(d=f"M{x} 6l4 4m0 -4l-4 4", className="run-bad"))
    good = sum(outcome in GOOD or outcome == "refused" for outcome in outcomes)
    said = setting.view.t("src.strip", good=good, n=len(outcomes))
    return Svg(
        drawn,
        width=str(size * 5),
        height="16",
        viewBox=f"0 0 {size * 5} 16",
        className="strip",
        role="img",
        **{"aria-label": said},
    )


def succeeded(outcomes: Sequence[str]) -> str:
    return f"{sum(outcome != 'error' for outcome in outcomes)}/{len(outcomes)}" if outcomes else fmt.DASH


def schedule(source: Source | None, setting: Setting) -> str:
    """`接口，每5分钟`: how it is read and how often."""
    if source is None:
        return fmt.DASH
    view = setting.view
    key = f"type.{source.type}"
    kind = view.t(key) if key in catalogue() else source.type
    if source.sends:
        return kind
    if source.every is not None:
        often = view.t("src.every", span=span(source.every.total_seconds(), setting))
    elif source.daily_at:
        often = view.t("src.weekly" if source.weekday is not None else "src.daily", at=source.daily_at,
                       day=view.t(f"weekday.{source.weekday}") if source.weekday is not None else "")  # fmt: skip
    else:
        often = view.t("src.once")
    return view.t("src.schedule", kind=kind, often=often)


def span(seconds: float, setting: Setting) -> str:
    """A length of time as one whole unit: 10 秒, 5 分钟, 2 小时."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return setting.view.t(f"span.{unit}", n=f"{seconds / size:.0f}")
    return setting.view.t("span.second", n=f"{seconds:g}")


def outcome(run: RunRow | None, setting: Setting, *, words: bool = True) -> Component | str:
    """Mark and word of one Run."""
    if run is None:
        return fmt.DASH
    if run.outcome == "error":
        return html.Span([shape("down"), setting.view.t("outcome.error") if words else None], className="st c-down tint")
    mark = "watch" if run.outcome == "refused" else "ok"
    return html.Span([shape(mark), setting.view.t(f"outcome.{run.outcome}") if words else None], className=f"st c-{mark} q")


def what(run: RunRow, setting: Setting) -> str:
    """What a Run did or why it failed, in words a clerk understands."""
    view = setting.view
    if run.outcome == "error":
        key = f"error.{run.error_class}"
        plain = view.t(key) if key in catalogue() else run.error_class or view.t("outcome.error")
        return f"{plain}{view.t('list.colon')}{run.error}" if run.error else plain
    counted = [view.t(f"count.{key}", n=fmt.number(run.counts[key])) for key in COUNTED if run.counts.get(key)]
    return view.t("list.comma").join(counted) or view.t("outcome.nothing")


def rows_of(run: RunRow) -> int | None:
    for key in ("rows",):
        if key in run.counts:
            return int(run.counts[key])
    return None


def dependents(state: SourceState, setting: Setting, orders: int = 0) -> str:
    view, parts = setting.view, []
    for key, many in (("src.indicators", len(state.indicators)), ("src.rules", len(state.rules)), ("src.orders", orders)):
        if many:
            parts.append(view.t(key, n=many))
    return view.t("list.comma").join(parts) or fmt.DASH


def refusals(run: RunRow, setting: Setting) -> Component | None:
    """Rows not taken: where, which field, why."""
    if not run.refusals:
        return None
    lines = [
        html.Li([html.B(f"{r.get('place', '')} {r.get('field', '')}".strip()), " ",
                 reason(r.get("reason", ""), setting.view.lang),
                 html.Span(f" “{r['value']}”", className="k") if r.get("value") else None])
        for r in run.refusals[:20]
    ]  # fmt: skip
    return html.Ul(lines, className="refused")


def title(state: SourceState, setting: Setting) -> str:
    return name(state.name, setting.view.lang)
