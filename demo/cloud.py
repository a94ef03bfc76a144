"""The cloud platform as an OpenMetrics endpoint: thirty applications' counters, simulated, and the real figures of this host."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from demo.life import dice
from demo.regions import DEPARTMENTS
from demo.servers import Answer, Query

APPLICATIONS = [(f"app{number:02d}", list(DEPARTMENTS)[(number - 1) % len(DEPARTMENTS)]) for number in range(1, 31)]
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
"""When the counters began to count."""


def counters(app: str, now: datetime) -> tuple[int, int, int, int]:
    """(requests, errors, seconds up, seconds) since BEGIN."""
    roll = dice("app", app)
    per_hour, error_share = roll.uniform(400, 6000), roll.uniform(0.0005, 0.004)
    seconds = int((now - BEGIN).total_seconds())
    hours, rest = divmod(seconds, 3600)
    # Working hours carry nine tenths: a day is worth what 24 equal hours would be, spread by a fixed profile.
    days, hour = divmod(hours, 24)
    share = _until(hour) + (_until(hour + 1) - _until(hour)) * rest / 3600
    requests = int(per_hour * 24 * (days + share))
    down = sum(_outage(app, BEGIN + timedelta(days=day), now) for day in range(max(0, days - 1), days + 1))
    down += max(0, days - 1) * (30 if app == "app17" else 6)
    errors = int(requests * error_share) + down * 3
    return requests, errors, seconds - down, seconds


def _outage(app: str, day: datetime, now: datetime) -> int:
    """Seconds down on this day so far."""
    roll = dice("outage", app, day.date())
    if roll.random() > (0.3 if app == "app17" else 0.02):
        return 0
    start = day + timedelta(seconds=roll.uniform(0, 80_000))
    return int(max(0.0, min((now - start).total_seconds(), roll.uniform(120, 900))))


_PROFILE = [2, 1, 1, 1, 1, 2, 4, 9, 14, 16, 15, 12, 8, 11, 14, 14, 12, 8, 5, 4, 3, 3, 2, 2]
"""By hour, beginning at 00:00 UTC + 8 shifted so that UTC hour 0 is 08:00."""


def _until(hour: int) -> float:
    order = _PROFILE[8:] + _PROFILE[:8]
    return sum(order[: min(hour, 24)]) / sum(order)


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
    """GET /metrics : the counters of the applications at this instant."""

    def answer(method: str, path: str, query: Query, body: bytes) -> Answer:
        if path != "/metrics":
            return 404, b"no such path", "text/plain"
        lines: list[str] = []
        rows = [(app, department, counters(app, now())) for app, department in APPLICATIONS]
        for place, name in enumerate(("requests", "errors", "up_seconds", "seconds")):
            lines.append(f"# TYPE yuncha_app_{name} counter")
            lines += [f'yuncha_app_{name}_total{{app="{app}",department="{where}"}} {row[place]}' for app, where, row in rows]
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
