"""Several alerts in one message, and a digest of those that are over. Pure: from the facts of each, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.message import one_line
from alerts.wording import KIND, SEVERITY
from metrics.periods import from_us

ORDER = ("serious", "warning", "reminder", "")
LATE = timedelta(minutes=10)
ADDED = 240
"""Bytes left for what is added to every message: its link, its number, that it may be a repeat, which part it is."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One message: in words, and which of the given alerts it names (their places)."""

    subject: str
    body: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class To:
    """For whom it is put into words."""

    language: str
    link: str = ""
    """What paths are put behind; empty where the receiver names none."""
    most: int | None = None
    """Bytes their platform takes: what is longer goes in numbered parts, so that every alert is named."""


def together(facts: Sequence[Facts], made: Sequence[int], to: To, now: datetime, zone: Any, demo: bool) -> list[Part]:
    """One line an alert, the newest word on each, the worst first. `made`: when each was written, in microseconds."""
    zh = to.language.startswith("zh")
    newest: dict[int, tuple[Facts, int, list[int]]] = {}
    for place, (one, at) in enumerate(zip(facts, made, strict=True)):
        _, earliest, places = newest.get(one["episode"], (one, at, []))
        newest[one["episode"]] = (one, min(at, earliest), [*places, place])
    rows = sorted(newest.values(), key=lambda row: (ORDER.index(row[0]["severity"]), row[0]["episode"]))
    counted = Counter(one["severity"] for one, _, _ in rows)
    worst = next(severity for severity in ORDER if counted[severity])
    lang = "zh" if zh else "en"
    tally = ("、" if zh else ", ").join(f"{SEVERITY[key][lang]} {counted[key]}" for key in ORDER if counted[key])
    if zh:
        subject = f"{_demo(demo, zh)}【{SEVERITY[worst][lang]}·汇总】{len(rows)} 项预警：{tally}"
    else:
        subject = f"{_demo(demo, zh)}[{SEVERITY[worst][lang]}] {len(rows)} alerts: {tally}"
    return _parts(subject, [(_item(one, at, zh, now, to.link), places) for one, at, places in rows], to, demo)


def digest(facts: Sequence[Facts], made: Sequence[int], to: To, now: datetime, zone: Any, demo: bool) -> list[Part]:
    """What began and is over: one line an alert with its beginning and its end, or how often it turned."""
    zh = to.language.startswith("zh")
    lang = "zh" if zh else "en"
    episodes: dict[int, list[tuple[Facts, int, int]]] = {}
    for place, (one, at) in enumerate(zip(facts, made, strict=True)):
        episodes.setdefault(one["episode"], []).append((one, at, place))
    lines = []
    for mine in episodes.values():
        (first, began, _), (last, ended, _) = mine[0], mine[-1]
        places, what = [place for _, _, place in mine], first.get("line") or first["path"]
        begin, end = (from_us(at).astimezone(zone).strftime("%m-%d %H:%M") for at in (began, ended))
        if len(mine) == 1:
            lines.append((f"{what}{'；' if zh else '; '}{begin} {KIND[first['kind']][lang]}", places))
            continue
        late = _late(began, now, zh)
        done = f"{end} {KIND[last['kind']][lang]}"
        lines.append((f"{what}；发生 {begin}，{late}{done}" if zh else f"{what}; raised {begin}, {late}{done}", places))
    number = len(episodes)
    subject = f"{_demo(demo, zh)}【摘要】{number} 项预警" if zh else f"{_demo(demo, zh)}[Digest] {number} alerts"
    return _parts(subject, lines, to, demo)


def _parts(subject: str, lines: Sequence[tuple[str, Sequence[int]]], to: To, demo: bool) -> list[Part]:
    """Numbered through; each part within what the platform takes, with what the sender adds."""
    zh = to.language.startswith("zh")
    numbered = [(f"{number}. {line}", places) for number, (line, places) in enumerate(lines, 1)]
    room = None if to.most is None else to.most - len(f"{subject}{to.link}".encode()) - ADDED
    groups: list[list[tuple[str, Sequence[int]]]] = [[]]
    taken = 0
    for one in numbered:
        size = len(one[0].encode()) + 1
        if room is not None and groups[-1] and taken + size > room:
            groups.append([])
            taken = 0
        groups[-1].append(one)
        taken += size
    parts = []
    for number, group in enumerate(groups, 1):
        count = "" if len(groups) == 1 else f"（{number}/{len(groups)}）" if zh else f" ({number}/{len(groups)})"
        said = [line for line, _ in group] + (["演示数据" if zh else "Demo data"] if demo else [])
        parts.append(Part(one_line(subject) + count, "\n".join(said), tuple(place for _, places in group for place in places)))
    return parts


def _item(one: Facts, at: int, zh: bool, now: datetime, link: str) -> str:
    kind = KIND[one["kind"]]["zh" if zh else "en"]
    late = _late(at, now, zh)
    text = f"{one.get('line', '')}（{kind}）" if zh else f"{one.get('line', '')} ({kind})"
    where = f"{link}{one['path']}"
    return f"{text}{'，' if zh else ', '}{late.rstrip('，, ')} {where}" if late else f"{text} {where}"


def _late(at: int, now: datetime, zh: bool) -> str:
    late = now - from_us(at)
    if late < LATE:
        return ""
    minutes = int(late.total_seconds() // 60)
    return f"延迟 {minutes} 分，" if zh else f"{minutes} minutes late, "


def _demo(demo: bool, zh: bool) -> str:
    return ("[演示数据] " if zh else "[demo data] ") if demo else ""
