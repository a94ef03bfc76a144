"""Several alerts in one message, and a digest of those that are over. Pure: from the facts of each, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.message import one_line
from alerts.wording import KIND, SEVERITY
from metrics.periods import from_us

ORDER = ("serious", "warning", "reminder", "")
LATE = timedelta(minutes=10)

Facts = Mapping[str, Any]


def together(facts: Sequence[Facts], made: Sequence[int], language: str, now: datetime, zone: Any, demo: bool) -> tuple[str, str]:
    """One line an alert, the newest word on each, the worst first. `made`: when each was written, in microseconds."""
    zh = language.startswith("zh")
    newest: dict[int, tuple[Facts, int]] = {}
    for one, at in zip(facts, made, strict=True):
        earlier = newest.get(one["episode"])
        newest[one["episode"]] = (one, min(at, earlier[1]) if earlier else at)
    rows = sorted(newest.values(), key=lambda row: (ORDER.index(row[0]["severity"]), row[0]["episode"]))
    counted = Counter(one["severity"] for one, _ in rows)
    worst = next(severity for severity in ORDER if counted[severity])
    lang = "zh" if zh else "en"
    tally = ("、" if zh else ", ").join(f"{SEVERITY[key][lang]} {counted[key]}" for key in ORDER if counted[key])
    if zh:
        subject = f"{_demo(demo, zh)}【{SEVERITY[worst][lang]}·汇总】{len(rows)} 项预警：{tally}"
    else:
        subject = f"{_demo(demo, zh)}[{SEVERITY[worst][lang]}] {len(rows)} alerts: {tally}"
    lines = [f"{number}. {_item(one, at, zh, now)}" for number, (one, at) in enumerate(rows, 1)]
    if demo:
        lines.append("演示数据" if zh else "Demo data")
    return one_line(subject), "\n".join(lines)


def digest(facts: Sequence[Facts], made: Sequence[int], language: str, now: datetime, zone: Any, demo: bool) -> tuple[str, str]:
    """What began and is over: one line an alert with its beginning and its end, or how often it turned."""
    zh = language.startswith("zh")
    lang = "zh" if zh else "en"
    episodes: dict[int, list[tuple[Facts, int]]] = {}
    for one, at in zip(facts, made, strict=True):
        episodes.setdefault(one["episode"], []).append((one, at))
    lines = []
    for number, mine in enumerate(episodes.values(), 1):
        (first, began), (last, ended) = mine[0], mine[-1]
        what = f"{number}. {first.get('line') or first['path']}"
        begin, end = (from_us(at).astimezone(zone).strftime("%m-%d %H:%M") for at in (began, ended))
        if len(mine) == 1:
            lines.append(f"{what}{'；' if zh else '; '}{begin} {KIND[first['kind']][lang]}")
            continue
        late = _late(began, now, zh)
        done = f"{end} {KIND[last['kind']][lang]}"
        lines.append(f"{what}；发生 {begin}，{late}{done}" if zh else f"{what}; raised {begin}, {late}{done}")
    number = len(episodes)
    subject = f"{_demo(demo, zh)}【摘要】{number} 项预警" if zh else f"{_demo(demo, zh)}[Digest] {number} alerts"
    if demo:
        lines.append("演示数据" if zh else "Demo data")
    return one_line(subject), "\n".join(lines)


def _item(one: Facts, at: int, zh: bool, now: datetime) -> str:
    kind = KIND[one["kind"]]["zh" if zh else "en"]
    late = _late(at, now, zh)
    text = f"{one.get('line', '')}（{kind}）" if zh else f"{one.get('line', '')} ({kind})"
    return f"{text}{'，' if zh else ', '}{late.rstrip('，, ')} {one['path']}" if late else f"{text} {one['path']}"


def _late(at: int, now: datetime, zh: bool) -> str:
    late = now - from_us(at)
    if late < LATE:
        return ""
    minutes = int(late.total_seconds() // 60)
    return f"延迟 {minutes} 分，" if zh else f"{minutes} minutes late, "


def _demo(demo: bool, zh: bool) -> str:
    return ("[演示数据] " if zh else "[demo data] ") if demo else ""
