"""The cloud platform as an OpenMetrics endpoint: thirty applications' counters, simulated, and the real figures of this host."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache

from demo.life import LOCAL, at, dice, working
from demo.outages import away
from demo.regions import DEPARTMENTS
from demo.servers import Answer, Query

APPLICATIONS = [(f"app{number:02d}", list(DEPARTMENTS)[(number - 1) % len(DEPARTMENTS)]) for number in range(1, 31)]
BEGIN = date(2025, 1, 1)
"""When the counters began to count."""
WEAK = {"app17": 0.35, "app08": 0.12}
"""Applications that fall over on this share of the days; the others on one day in sixty."""
STORM = 31
"""Once in so many days the machine room loses a line, and a third of the applications with it."""
_PROFILE = (2, 1, 1, 1, 1, 2, 4, 9, 14, 16, 15, 12, 8, 11, 14, 14, 12, 8, 5, 4, 3, 3, 2, 2)
"""How calls are spread over the hours of a day."""


def counter(app: str, now: datetime) -> int:
    """Calls since BEGIN."""
    return _before(app, now.astimezone(LOCAL).date()) + today(app, now)[0]


def today(app: str, now: datetime) -> tuple[int, int, int, int]:
    """Since midnight: (calls, calls without an error, seconds, seconds up)."""
    day = now.astimezone(LOCAL).date()
    seconds = int((now - at(day, 0)).total_seconds())
    calls, share = _size(app, day)
    made = int(calls * _until(seconds))
    down = 0
    if (lost := _outage(app, day)) is not None:
        down = int(max(0.0, min(seconds - lost[0], lost[1])))
    failed = int(made * share) + int(calls * down / 86_400)
    return made, made - min(made, failed), seconds, seconds - down


@lru_cache(maxsize=100)
def _before(app: str, day: date) -> int:
    """Calls of all days since BEGIN and before this one."""
    if (before := _before_known.get((app, day - timedelta(days=1)))) is not None:
        total = before + _size(app, day - timedelta(days=1))[0]
    else:
        total = sum(_size(app, BEGIN + timedelta(days=number))[0] for number in range((day - BEGIN).days))
    _before_known[app, day] = total
    return total


_before_known: dict[tuple[str, date], int] = {}


@lru_cache(maxsize=4000)
def _size(app: str, day: date) -> tuple[int, float]:
    """Calls of a whole day, and the share that fails."""
    per_day, share = _usual(app)
    swing = (day.toordinal() * 7919 + int(app[3:]) * 104_729) % 1000 / 1000
    return int(per_day * (1 if working(day) else 0.35) * (0.88 + 0.24 * swing)), share * (0.6 + 0.8 * swing)


@lru_cache(maxsize=64)
def _usual(app: str) -> tuple[float, float]:
    roll = dice("app", app)
    return roll.uniform(3_000, 46_000), roll.uniform(0.0005, 0.004)


@lru_cache(maxsize=4000)
def _outage(app: str, day: date) -> tuple[float, float] | None:
    """(second of the day it falls over, seconds down)."""
    roll = dice("outage", app, day)
    if day.toordinal() % STORM == 11 and int(app[3:]) % 3 == 0:
        return 37_000 + roll.uniform(0, 60), roll.uniform(1500, 2600)
    if roll.random() > WEAK.get(app, 1 / 60):
        return None
    return roll.uniform(0, 80_000), roll.uniform(240, 1500)


def _until(seconds: int) -> float:
    hour, rest = divmod(seconds, 3600)
    return (_SUMS[hour] + _PROFILE[hour % 24] * rest / 3600) / _SUMS[24]


_SUMS = [sum(_PROFILE[:hour]) for hour in range(25)]
_ticks: list[tuple[int, int]] = [(0, 0)]
"""(busy, all) at the scrape before."""


def _processor() -> tuple[int, int]:
    """Ticks the processors were busy, and all ticks, since the scrape before (at the first: since the machine started)."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(one) for one in file.readline().split()[1:9]]
    reading = sum(ticks) - ticks[3] - ticks[4], sum(ticks)
    before, _ticks[0] = _ticks[0], reading
    return max(0, reading[0] - before[0]), max(0, reading[1] - before[1])


def host() -> dict[str, float]:
    """The real figures of the machine this runs on; what it does not tell is left out."""
    found: dict[str, float] = {}
    try:
        found["host_cpu_busy_ticks"], found["host_cpu_ticks"] = _processor()
        with open("/proc/meminfo", encoding="ascii") as file:
            memory = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in file}
        found["host_memory_bytes"] = memory["MemTotal"]
        found["host_memory_used_bytes"] = memory["MemTotal"] - memory["MemAvailable"]
    except (OSError, KeyError, ValueError, IndexError):
        pass
    usage = shutil.disk_usage("/")
    found["host_disk_bytes"], found["host_disk_used_bytes"] = usage.total, usage.used
    return found


def metrics(now: Callable[[], datetime]) -> Callable[[str, str, Query, bytes], Answer]:
    """GET /metrics : the applications at this instant: a counter, and what the platform has seen since midnight."""

    def answer(method: str, path: str, query: Query, body: bytes) -> Answer:
        if path != "/metrics":
            return 404, b"no such path", "text/plain"
        moment = now()
        if away("cloud", moment):
            return 503, b"maintenance", "text/plain"
        rows = [
            (f'{{app="{app}",department="{where}"}}', counter(app, moment), *today(app, moment)) for app, where in APPLICATIONS
        ]
        lines = ["# TYPE yuncha_app_requests counter", *(f"yuncha_app_requests_total{row[0]} {row[1]}" for row in rows)]
        for place, name in enumerate(("requests", "requests_ok", "seconds", "up_seconds"), start=2):
            lines.append(f"# TYPE yuncha_app_{name}_today gauge")
            lines += [f"yuncha_app_{name}_today{row[0]} {row[place]}" for row in rows]
        return _exposition(lines)

    return answer


def host_metrics(live: Callable[[], bool]) -> Callable[[str, str, Query, bytes], Answer]:
    """GET /metrics : the real host, which has no past to replay: nothing until the systems follow the real clock."""

    def answer(method: str, path: str, query: Query, body: bytes) -> Answer:
        lines: list[str] = []
        for name, value in host().items() if live() else ():
            lines += [f"# TYPE {name} gauge", f'{name}{{host="this"}} {value}']
        return _exposition(lines)

    return answer


def _exposition(lines: list[str]) -> Answer:
    text = "\n".join([*lines, "# EOF", ""])
    return 200, text.encode(), "application/openmetrics-text; version=1.0.0; charset=utf-8"
