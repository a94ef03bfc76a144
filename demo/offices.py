"""Two offices of the demo province without a system that can be asked: one sends its figures itself, one fills in the form.

Public Security's windows send what they served: at the close of each day while history is made, and every hour when live, over
HTTP with the token of their source. Finance's survey is handed in by a clerk some days after the month, its last
figure often late, so that the office is reminded. Both by the ways in that everybody has.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import alerts
from collectors import _duties, _push, _upload
from collectors._take import Door
from demo.life import LOCAL, dice, working
from demo.regions import CITY_WEIGHT
from metrics.arrivals import RevisionKind
from metrics.catalogue import Workspace
from metrics.store import runs
from metrics.store.engine import Store

WINDOWS, SURVEY = "windows", "survey"
CLERK = "demo.wang"
OPEN, CLOSED = 9.0, 17.5
FIRST, AGAIN = 21, 3
"""Days sent at the first time, and each time after it: what is known already is no row."""
EVERY = timedelta(hours=1)
TRY_AGAIN = timedelta(seconds=10)
LATE = {"survey_satisfied": (1.5, 4.6), "buyers_trained": (3.0, 26.0)}
"""Days after the month at which a figure is handed in."""


def act(store: Store, workspace: Workspace, now: datetime, kind: RevisionKind) -> int:
    """What both have brought by `now` and had not before: how many times. Live, the windows' own system sends (`Sender`)."""
    door = Door(store, workspace, (alerts.evaluate(workspace),))
    return (close_of_day(door, now) if kind == "replay" else 0) + hand_in(door, now, kind)


def close_of_day(door: Door, now: datetime) -> int:
    source, local = door.workspace.sources.get(WINDOWS), now.astimezone(LOCAL)
    if source is None or local.hour < 18:
        return 0
    with door.store.read() as connection:
        last = runs.last(connection, WINDOWS, 1)
    if last and last[0].ended.astimezone(LOCAL).date() >= local.date():
        return 0
    days = (local.date() - last[0].ended.astimezone(LOCAL).date()).days if last else FIRST
    answer = _push.push(door, source, body(now, min(days, FIRST)), None, now, kind="replay")
    assert answer.status == 200, answer.said
    return 1


def hand_in(door: Door, now: datetime, kind: RevisionKind) -> int:
    """The clerk fills in what is due by then, in working hours."""
    source, local = door.workspace.sources.get(SURVEY), now.astimezone(LOCAL)
    if source is None or not working(local.date()) or not OPEN <= local.hour < 18:
        return 0
    with door.store.read() as connection:
        owes = _duties.duties(connection, source, door.workspace, now)
    ready = [one for one in owes if one.given is None and now >= _handed(one.indicator.key, one.start, one.deadline)]
    if not ready:
        return 0
    rows = [_answered(one) for one in ready]
    checked = _upload.again(door, source, rows, range(4, 4 + len(rows)), now)
    assert not checked.faults, checked.faults
    _upload.store(door, source, checked, now, CLERK, kind="replay" if kind == "replay" else "upload")
    return 1


def windows(city: str, day: date, now: datetime) -> tuple[int, int]:
    """(people served, of these within 20 minutes) at a city's windows on that day until `now`: they never fall."""
    roll = dice("windows", city, day)
    whole = roll.gauss(260, 30) * (1 if working(day) else 0.3)
    short = roll.uniform(0.12, 0.28) if roll.random() < 0.08 else roll.uniform(0.02, 0.1)
    local = now.astimezone(LOCAL)
    hour = 24.0 if local.date() > day else local.hour + local.minute / 60 if local.date() == day else 0.0
    served = int(whole * min(max((hour - OPEN) / (CLOSED - OPEN), 0.0), 1.0))
    return served, served - int(served * short)


def body(now: datetime, days: int) -> bytes:
    """What the windows' system sends: the newest days, the running one included."""
    today = now.astimezone(LOCAL).date()
    items = []
    for day in (today - timedelta(days=number) for number in range(days)):
        for city in (f"{one}00" for one in CITY_WEIGHT):
            served, soon = windows(city, day, now)
            if served:
                items.append({"indicator": "windows_within_20", "period": f"{day}", "region": city, "num": soon, "den": served})
    return json.dumps({"items": items}).encode()


class Sender:
    """The windows' system: once the web server takes it, every hour. Without a token it is silent."""

    def __init__(self, state: Path) -> None:
        self.token, self.due = state / "tokens" / WINDOWS, datetime.min.replace(tzinfo=UTC)
        host = os.environ.get("HOST") or "127.0.0.1"
        self.address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{os.environ.get('PORT') or 8050}"

    def follow(self, now: datetime) -> bool:
        """Whether something was sent."""
        if now < self.due or not self.token.is_file():
            return False
        self.due = now + TRY_AGAIN
        headers = {"Authorization": f"Bearer {self.token.read_text()}", "Content-Type": "application/json"}
        asked = urllib.request.Request(
            f"{self.address}/api/v1/observations?source={WINDOWS}", data=body(now, AGAIN), headers=headers
        )
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                answer.read()
        except OSError:  # not there yet, or its token is another by now: in a while again
            return False
        self.due = now + EVERY
        return True


def tokens(state: Path, made: Sequence[tuple[str, str]]) -> None:
    """Keep each system's own token where only it reads it."""
    folder = state / "tokens"
    folder.mkdir(parents=True, exist_ok=True)
    for key, token in made:
        path = folder / key
        path.touch(mode=0o600)
        path.write_text(token)


def _handed(indicator: str, start: datetime, deadline: datetime) -> datetime:
    first, last = LATE[indicator]
    return deadline - timedelta(days=5) + timedelta(days=dice("handed", indicator, start.isoformat()).uniform(first, last))


def _answered(one: _duties.Duty) -> dict[str, Any]:
    roll = dice("survey", one.indicator.key, one.region, one.start.isoformat())
    local = one.start.astimezone(LOCAL)
    row: dict[str, Any] = {"indicator": one.indicator.key, "period": f"{local:%Y-%m}", "department": one.department}
    if one.indicator.key == "buyers_trained":
        return row | {"num": str(roll.randint(180, 420))}
    asked = roll.randint(120, 400)
    return row | {"num": str(int(asked * roll.uniform(0.86, 0.99))), "den": str(asked), "region": one.region}
