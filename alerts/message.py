"""What people are told: what, where, since when, how far, how old the data is; the sender adds the link.

No personal data: only names of the catalogue and figures ever enter a message. Names are written as they are: no template is ever
applied to them.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts import kinds, why
from alerts.rules import DOUBTED
from alerts.wording import KIND, OPERATOR, SEVERITY
from metrics import periods
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Grain


@dataclass(frozen=True, slots=True)
class Facts:
    """One message before it is put into words; also what a webhook carries. Values are texts of exact decimals."""

    kind: str
    severity: str
    rule: str
    rule_name: Mapping[str, str]
    matter: Mapping[str, str]
    """Name of the indicator, or of the source."""
    place: Mapping[str, str]
    episode: int
    """0 where it is of no alert."""
    source: str
    since: datetime
    fired_at: datetime
    at: datetime
    value: Decimal | None
    before: Decimal | None
    """The value judged before it: which way it moves."""
    threshold: Decimal | None
    op: str
    unit: Mapping[str, str]
    rate: bool
    period_start: datetime | None
    period_end: datetime | None
    grain: Grain | None
    by_correction: bool
    demo: bool
    path: str
    order: int = 0
    """The supervision order it is of."""
    figure_path: str = ""
    """The screen of the very figure."""
    recent: tuple[Decimal, ...] = ()
    """The figures of the last periods, newest last."""
    cases: tuple[str, ...] = ()
    """Numbers of the cases it is about."""
    history: tuple[Mapping[str, str], ...] = ()
    """Who was told before, for whoever is called later."""
    deadline: datetime | None = None
    """Of a reminder: by when figures are to be handed in. `owed` of `expected` are not there."""
    owed: int = 0
    expected: int = 0
    why: Mapping[str, Any] = field(default_factory=dict)
    """What besides the figure made it so: corrected (start of the period, microseconds), definitions, changed, by."""
    held: int = 0
    """Of figures in question: how many wait, and the first of them in words."""
    questions: tuple[Mapping[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values; instants in ISO, decimals as text."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}


def render(facts: Facts, lang: str, zone: Any) -> tuple[str, str]:
    """Subject (one line) and body in a language of the receiver; `en` wherever it is not `zh`."""
    lang = "zh" if lang.startswith("zh") else "en"
    subject = one_line(_subject(facts, lang))
    return subject, "\n".join(line for line in _lines(facts, lang, zone) if line)


def line(facts: Facts, lang: str, zone: Any) -> str:
    """One alert among several: what, where, how far from the limit and which way, since when, how old the data is."""
    lang = "zh" if lang.startswith("zh") else "en"
    zh = lang == "zh"
    matter, place = one_line(facts.matter.get(lang, "")), one_line(facts.place.get(lang, ""))
    said = _subject_value(facts, lang)
    if facts.value is not None and not facts.source:
        said = _far(facts, lang)
    since, age = _when(facts.since, zone), _age(facts, lang)
    if facts.deadline is not None:
        by = _by(facts.deadline, zone, lang)
        return f"{place} {matter} {said}，期限 {by}" if zh else f"{place}, {matter}: {said}, due by {by}"
    if zh:
        return f"【{SEVERITY[facts.severity][lang]}】{place} {matter} {said}，起于 {since}{f'，数据时龄 {age}' if age else ''}"
    return f"[{SEVERITY[facts.severity][lang]}] {place}, {matter}: {said}, since {since}{f', data {age} old' if age else ''}"


def place_name(workspace: Workspace, series: Series) -> dict[str, str]:
    """Region and department of a series, the whole named by its root."""
    parts = []
    if series.region != TOTAL and series.region in workspace.regions:
        parts.append(workspace.regions.get(series.region).name)
    if series.department != TOTAL and series.department in workspace.departments:
        parts.append(workspace.departments.get(series.department).name)
    if not parts:
        parts = [workspace.regions.get(TOTAL).name if TOTAL in workspace.regions else workspace.name]
    return {lang: " · ".join(part.get(lang, "") for part in parts) for lang in ("zh", "en")}


def one_line(text: str) -> str:
    """Safe in a header: no control or line separating character is left; at most 200 characters."""
    if text.isprintable():
        return " ".join(text.split())[:200]
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
    return " ".join(kept.split())[:200]


def figure(value: Decimal, threshold: Decimal | None, rate: bool) -> str:
    """A value as people read it, with as many places as it takes to tell it from the threshold."""
    least = 1 if rate or value != value.to_integral_value() else 0
    shown = value
    for places in range(least, 7):
        shown = value.quantize(Decimal(1).scaleb(-places))
        if threshold is None or value == threshold or shown != threshold:
            break
    return f"{shown:,}"


def _subject(facts: Facts, lang: str) -> str:
    severity, kind = SEVERITY[facts.severity][lang], KIND[facts.kind][lang]
    matter, place = one_line(facts.matter.get(lang, "")), one_line(facts.place.get(lang, ""))
    demo = ("[演示数据] " if lang == "zh" else "[demo data] ") if facts.demo else ""
    told = _subject_value(facts, lang)
    if lang == "zh":
        return f"{demo}【{severity}·{kind}】{matter} {place} {told}"
    return f"{demo}[{severity} {kind}] {matter}, {place}: {told}"


def _subject_value(facts: Facts, lang: str) -> str:
    if facts.deadline is not None:
        return f"待报 {facts.owed} 项" if lang == "zh" else f"{facts.owed} owed"
    if facts.rule == DOUBTED:
        return "" if not facts.held else f"{facts.held} 个数待核" if lang == "zh" else f"figures in question: {facts.held}"
    if facts.source:
        return "数据源无成功采集" if lang == "zh" else "source without success"
    return _value(facts, facts.value, lang) if facts.value is not None else ""


def _trend(facts: Facts, lang: str) -> str:
    """`连续 3 期下降：98.1 → 96 → 94.2`; nothing where it goes to and fro."""
    recent, zh = facts.recent, lang == "zh"
    steps = [b - a for a, b in zip(recent, recent[1:], strict=False)]
    run = 0
    for step in reversed(steps):
        if step == 0 or (run and (step > 0) != (steps[-1] > 0)):
            break
        run += 1
    if run < 2:
        return ""
    shown = " → ".join(figure(value, None, facts.rate) for value in recent[-run - 1 :])
    if zh:
        return f"连续 {run} 期{'上升' if steps[-1] > 0 else '下降'}：{shown}"
    return f"{'up' if steps[-1] > 0 else 'down'} for {run} periods running: {shown}"


def _lines(facts: Facts, lang: str, zone: Any) -> list[str]:
    zh = lang == "zh"

    def said(name_zh: str, name_en: str, text: str) -> str:
        return f"{name_zh}：{text}" if zh else f"{name_en}: {text}"

    lines = [
        said("事项", "What", f"{facts.matter.get(lang, '')} — {facts.rule_name.get(lang, '')}"),
        said("范围", "Where", facts.place.get(lang, "")),
        said("情况", "State", f"{SEVERITY[facts.severity][lang]} {KIND[facts.kind][lang]}"),
        "" if facts.deadline else said("起于", "Since", _when(facts.since, zone)),
    ]
    if facts.deadline is not None:
        lines.append(said("待报", "Owed", f"{facts.owed} / {facts.expected}"))
        lines.append(said("期限", "Due by", _by(facts.deadline, zone, lang)))
    if facts.value is not None:
        lines.append(said("数值", "Value", _far(facts, lang)))
    if trend := _trend(facts, lang):
        lines.append(said("趋势", "Trend", trend))
    if facts.questions:
        lines.append("待核的数，由报送单位核实：" if zh else "In question; whoever reports them decides:")
        lines += [f"  {one_line(one.get(lang, ''))}" for one in facts.questions]
    if facts.held > len(facts.questions):
        more = facts.held - len(facts.questions)
        lines.append(f"  另有 {more} 个" if zh else f"  and {more} more")
    if facts.cases:
        lines.append(said("涉及办件", "Cases", ("、" if zh else ", ").join(one_line(case) for case in facts.cases)))
    if facts.period_start is not None and facts.grain is not None:
        lines.append(said("统计期", "Period", periods.label(facts.grain, facts.period_start, zone, lang)))
    if age := _age(facts, lang):
        lines.append(said("数据时龄", "Age of the data", age))
    said_why = why.words(why.revive(facts.why), facts.grain, zone, lang)
    lines += [one_line(words[:1].upper() + words[1:]) for words in said_why]
    if facts.by_correction and (facts.grain is None or "corrected" not in facts.why):
        lines.append("由往期数据更正引起" if zh else "Caused by a correction of an earlier period")
    if facts.history:
        lines.append("已通知：" if zh else "Told before:")
        lines += [f"  {one_line(step.get(lang, ''))}" for step in facts.history]
    if facts.demo:
        lines.append("演示数据" if zh else "Demo data")
    return lines


def _age(facts: Facts, lang: str) -> str:
    """Of the data, where a period ended before it was told."""
    if facts.period_end is None or facts.grain == "all" or facts.deadline is not None or facts.at <= facts.period_end:
        return ""
    return _span(facts.at - facts.period_end, lang)


def _far(facts: Facts, lang: str) -> str:
    assert facts.value is not None
    text = _value(facts, facts.value, lang)
    if facts.threshold is not None and _is_place(facts):
        text += f"（界线：倒数 {facts.threshold:f} 名以内）" if lang == "zh" else f" (limit: the last {facts.threshold:f})"
    elif facts.threshold is not None and facts.op:
        bound = f"{facts.threshold:,}{_unit(facts, lang)}"
        by = figure(abs(facts.value - facts.threshold), None, facts.rate)
        limit = f"{OPERATOR[facts.op][lang]} {bound}"
        text += f"（界线：{limit}，相差 {by}）" if lang == "zh" else f" (limit: {limit}, {by} away)"
    if facts.before is not None and facts.before != facts.value:
        earlier, up = _value(facts, facts.before, lang), facts.value > facts.before
        text += f"，较前值 {earlier} {'上升' if up else '下降'}" if lang == "zh" else f", {'up' if up else 'down'} from {earlier}"
    return text


def _is_place(facts: Facts) -> bool:
    """Whether the value is a place among others, counted from the bottom."""
    return facts.unit == kinds.UNITS["rank"]


def _value(facts: Facts, value: Decimal, lang: str) -> str:
    if _is_place(facts) and lang == "zh":
        return f"倒数第 {value:f} 名"
    return figure(value, facts.threshold, facts.rate) + _unit(facts, lang)


def _unit(facts: Facts, lang: str) -> str:
    unit = facts.unit.get(lang, "")
    return unit if unit in ("", "%") or lang == "zh" else f" {unit}"


def _when(at: datetime, zone: Any) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _by(deadline: datetime, zone: Any, lang: str) -> str:
    """A deadline at midnight is the end of the day before, as people say it."""
    local = deadline.astimezone(zone)
    if (local.hour, local.minute) != (0, 0):
        return local.strftime("%Y-%m-%d %H:%M")
    day = (deadline - timedelta(seconds=1)).astimezone(zone).strftime("%Y-%m-%d")
    return f"{day}（当天有效）" if lang == "zh" else f"{day} (end of the day)"


def _span(span: timedelta, lang: str) -> str:
    minutes = int(span.total_seconds() // 60)
    for size, zh, en in ((1440, "天", "d"), (60, "小时", "h")):
        if minutes >= 2 * size:
            return f"{minutes // size} {zh if lang == 'zh' else en}"
    return f"{minutes} {'分钟' if lang == 'zh' else 'min'}"


def revive(text: str) -> Facts:
    """Facts as they were kept in the outbox (of a message of several: those of its carrier)."""
    kept: dict[str, Any] = json.loads(text)
    kept = kept["own"]["facts"] if "own" in kept else kept
    given: dict[str, Any] = {one.name: kept[one.name] for one in fields(Facts) if one.name in kept}
    for name in ("since", "fired_at", "at", "period_start", "period_end", "deadline"):
        given[name] = None if given.get(name) is None else datetime.fromisoformat(given[name])
    for name in ("value", "before", "threshold"):
        given[name] = None if given[name] is None else Decimal(given[name])
    given["recent"] = tuple(Decimal(one) for one in given.get("recent", ()))
    for name in ("cases", "history", "questions"):
        given[name] = tuple(given.get(name, ()))
    return Facts(**given)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
