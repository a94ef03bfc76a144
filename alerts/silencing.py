"""Silences and the duty roster, as people make them: each with its end, its author and its reason; nothing is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import telling
from alerts.store import episodes, holds
from metrics.catalogue.workspace import Workspace
from metrics.model import Principal
from metrics.periods import from_us, to_us
from metrics.rulebook import Match
from metrics.store import head

LONG = timedelta(days=7)
"""A serious alert is not silenced for longer without a second person."""
LONGEST = timedelta(days=90)


class Invalid(ValueError):
    """Why it cannot be: `reason`, `span`, `receiver`."""


class NotAllowed(PermissionError):
    """Not a supervisor of the whole government, or the second person is the first."""


@dataclass(frozen=True)
class Silence:
    id: int
    match: Match
    begins: datetime
    ends: datetime
    reason: str
    author: str
    author_id: str
    needs_second: bool
    second: str
    ended_by: str
    ended_at: datetime | None

    def state(self, now: datetime) -> str:
        """`waiting` for a second person, `coming`, `on` or `over`."""
        if self.ended_at is not None or self.ends <= now:
            return "over"
        if self.needs_second and not self.second:
            return "waiting"
        return "coming" if self.begins > now else "on"


@dataclass(frozen=True)
class Shift:
    id: int
    roster: str
    receiver: str
    begins: datetime
    ends: datetime
    author: str


def silence(
    connection: Connection, who: Principal, match: Match, begins: datetime, ends: datetime, reason: str, now: datetime
) -> int:
    """Keep messages back; judging goes on. One that means everything, or serious alerts for over a week (with what one person
    had silenced before and after it without a gap), waits for a second."""
    _allowed(who)
    if not reason.strip():
        raise Invalid("reason")
    if not now < ends or begins >= ends or ends - begins > LONGEST:
        raise Invalid("span")
    everything = not any(
        (match.fields, match.departments, match.regions, match.levels, match.rules, match.indicators, match.about)
    )
    text = telling.match_text(match)
    long = (not match.levels or "serious" in match.levels) and _run(connection, text, begins, ends) > LONG
    made = holds.add_silence(
        connection,
        {
            "match": text, "begins": to_us(begins), "ends": to_us(ends), "reason": reason.strip()[:1000],
            "author": who.user, "author_name": who.name, "made_at": to_us(now), "needs_second": everything or long,
        },
    )  # fmt: skip
    _moved(connection, who, now)
    return made


def _run(connection: Connection, match: str, begins: datetime, ends: datetime) -> timedelta:
    """How long it would be silenced without a gap, by what nobody but its author agreed to."""
    first, last = to_us(begins), to_us(ends)
    others = sorted(holds.by_one_person(connection, match))
    for begin, end in (*others, *reversed(others)):
        if begin <= last and end >= first:
            first, last = min(first, begin), max(last, end)
    return from_us(last) - from_us(first)


def confirm(connection: Connection, who: Principal, id: int, now: datetime) -> bool:
    """A second person agrees; False where none is waited for."""
    _allowed(who)
    row = holds.silence_by_id(connection, id)
    if row is None or not row.needs_second or row.second or row.ended_at is not None:
        return False
    if row.author == who.user:
        raise NotAllowed("a second person is needed")
    holds.change_silence(connection, id, {"second": who.user, "second_name": who.name})
    _moved(connection, who, now)
    return True


def end(connection: Connection, who: Principal, id: int, now: datetime) -> bool:
    """End it before its time; what still stands is told by the next tick."""
    _allowed(who)
    row = holds.silence_by_id(connection, id)
    if row is None or row.ended_at is not None or row.ends <= to_us(now):
        return False
    holds.change_silence(connection, id, {"ended_at": to_us(now), "ended_by": who.name})
    _moved(connection, who, now)
    return True


def silences(connection: Connection) -> list[Silence]:
    """Newest first."""
    return [
        Silence(
            row.id, telling.match_of(row.match), from_us(row.begins), from_us(row.ends), row.reason, row.author_name, row.author,
            bool(row.needs_second), row.second_name, row.ended_by, None if row.ended_at is None else from_us(row.ended_at),
        )
        for row in holds.every_silence(connection)
    ]  # fmt: skip


def put_on_duty(
    connection: Connection, workspace: Workspace, who: Principal, roster: str, receiver: str, begins: datetime, ends: datetime,
    now: datetime,
) -> int:  # fmt: skip
    """A shift; several may be on duty at once."""
    _allowed(who)
    if roster not in workspace.rosters or receiver not in workspace.receivers:
        raise Invalid("receiver")
    if begins >= ends or ends <= now or ends - begins > LONGEST:
        raise Invalid("span")
    made = holds.add_shift(
        connection,
        {
            "roster": roster, "receiver": receiver, "begins": to_us(begins), "ends": to_us(ends), "author": who.name,
            "made_at": to_us(now),
        },
    )  # fmt: skip
    _moved(connection, who, now)
    return made


def take_off_duty(connection: Connection, who: Principal, id: int, now: datetime) -> bool:
    _allowed(who)
    done = holds.remove_shift(connection, id, to_us(now), who.name)
    if done:
        _moved(connection, who, now)
    return done


def shifts(connection: Connection, now: datetime) -> Sequence[Shift]:
    """Those that are on or to come, by roster and time."""
    return [
        Shift(row.id, row.roster, row.receiver, from_us(row.begins), from_us(row.ends), row.author)
        for row in holds.shifts(connection, to_us(now))
        if row.removed_at is None
    ]


def _moved(connection: Connection, who: Principal, now: datetime) -> None:
    taken = head.take(connection, now, "person", who.user or "")
    episodes.touch(connection, taken.number)


def may(who: Principal) -> bool:
    """Whether somebody keeps silences and rosters: for showing a way to it, never instead of the steps' own check."""
    return who.user is not None and who.has("supervisor") and "_T" in who.departments and "_T" in who.regions


def _allowed(who: Principal) -> None:
    if not may(who):
        raise NotAllowed("only a supervisor of the whole government keeps silences and rosters")
