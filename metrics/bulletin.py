"""Publishing the bulletin of a month: what it says is kept as it was known, and stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from metrics import periods
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Principal
from metrics.passport import Printed, shown
from metrics.reading.bulletins import Said, content
from metrics.reading.passports import printed
from metrics.reading.standing import at_revision
from metrics.store import bulletins, head, passports, scope
from metrics.store.engine import Store


class NotPublished(ValueError):
    """`key`: why not. `not_yours`, `running` (the month has not ended), `unknown`, `empty` (nothing of it is settled)."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def keys(workspace: Workspace, department: str) -> list[str]:
    """Which indicators a bulletin holds: of the whole those of the first board, of a department every one."""
    board = workspace.boards.get("overview") or next(iter(workspace.boards.values()), None)
    return list(board.cards) if board is not None and department == TOTAL else list(workspace.indicators)


def publish(store: Store, workspace: Workspace, who: Principal, month: datetime, department: str, now: datetime) -> int:
    """The id of the bulletin of the month that `month` lies in: pinned to the newest revision. A supervisor's, of all that it
    holds; a further one of the same month is its next edition, the first stays as it was. Each figure has the code of its
    passport."""
    within = scope.of(who, workspace.departments, workspace.regions)
    if not who.has("supervisor") or within.regions is not None or not within.holds(department, TOTAL):
        raise NotPublished("not_yours")
    if department not in workspace.departments:
        raise NotPublished("unknown")
    start, end = periods.bounds("month", month, workspace.zone)
    if end > workspace.now(now):
        raise NotPublished("running")
    with store.read() as connection:
        number = head.newest(connection).number
        ask = at_revision(Ask(connection, workspace, who, now), number)
        said = content(ask, start, department, keys(workspace, department))
        figures = [(one, found) for one, series, start in _every(said) if (found := _printed(ask, series, start)) is not None]
    if all(line["value"] is None for line in said["lines"]):
        raise NotPublished("empty")
    codes = passports.keep(store, [found for _, found in figures], who.user or who.name, now)
    for (one, _), code in zip(figures, codes, strict=True):
        one["code"] = shown(code)
    text = json.dumps(said, ensure_ascii=False, allow_nan=False, sort_keys=True)
    by = who.user or who.name
    with store.write() as connection:
        return bulletins.add(connection, department, periods.to_us(start), number, text, periods.to_us(now), by, who.name)


def _every(said: Said) -> Iterator[tuple[Said, Series, datetime]]:
    """Each figure it says: of its lines, and of the units and regions ranked under them; what it is of, and of which period."""
    for line in said["lines"]:
        of, start = (line["indicator"], line["grain"]), periods.from_us(line["start"])
        yield line, Series(*of, line["department"], TOTAL), start
        yield from ((unit, Series(*of, unit["id"], TOTAL), start) for unit in line["units"] if unit["value"] is not None)
        yield from ((unit, Series(*of, TOTAL, unit["id"]), start) for unit in line["regions"] if unit["value"] is not None)


def _printed(ask: Ask, series: Series, start: datetime) -> Printed | None:
    """What a code stands for; None where there is no number."""
    found = printed(ask, series, start)
    return found if found is not None and found.said else None
