"""Until somebody takes an alert on: it is told again, and others are called, by working time since it was first delivered, or
since it was known that nobody gets it.

And what was kept back is let go: after a silence, when a source is back, at the hour of the digest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from alerts import flapping, matter, outbox, rules, standing, telling, unconfirmed
from alerts.course import SEVERITIES
from alerts.outbox import DIGEST
from alerts.stamp import Stamp
from alerts.store import episodes, follow, holds
from alerts.store import outbox as rows
from alerts.telling import Letter
from metrics.catalogue.workspace import Workspace
from metrics.model import MAX
from metrics.periods import from_us, to_us
from metrics.rulebook import Match, Route

log = logging.getLogger("yuncha.alerts")
LOOK_AGAIN, LATER = timedelta(seconds=30), timedelta(minutes=5)
"""Where a message is on its way; and where what is in between may last."""
DIGEST_AT = time(8, 30)
OPEN = ("FIRING", "RECOVERING")
ASKED = Route("", {}, Match(), (), group_wait=timedelta(0))
"""Of who took an alert on and asked to be reminded: not of any route."""


@dataclass(frozen=True)
class Due:
    """What the tick has to do about messages."""

    follow: list[Row[Any]]
    held: list[Row[Any]]
    quiet: list[Row[Any]]
    """Series that have stopped flapping."""

    def __bool__(self) -> bool:
        return bool(self.follow or self.held or self.quiet)


def due(connection: Connection, workspace: Workspace, now: datetime) -> Due:
    at = to_us(now)
    quiet = [row for row in holds.all_flapping(connection) if _has_been_quiet(connection, workspace, row, at)]
    kept = holds.held(connection)
    down = holds.all_down(connection, rules.SILENT) if kept else set()
    held = [row for row in kept if _may_go(connection, workspace, row, at, down)]
    return Due(follow.due(connection, at), held, quiet)


def tend(connection: Connection, workspace: Workspace, found: Due, stamp: Stamp) -> None:
    """Do it, in the transaction and revision of the tick."""
    for row in found.quiet:
        holds.end_flapping(connection, row, stamp.at)
    _let_go(connection, workspace, found.held, stamp)
    for row in found.follow:
        try:
            with connection.begin_nested():
                _follow(connection, workspace, row, stamp)
        except Exception:
            log.exception("alert %d is not followed up by route %r for now", row.episode_id, row.route)
            follow.change(connection, row, {"due_at": to_us(stamp.now + LATER)})


def _has_been_quiet(connection: Connection, workspace: Workspace, row: Row[Any], at: int) -> bool:
    rule = workspace.rules.get(row.rule)
    return rule is None or at - row.last_edge >= flapping.window(rule.grain)


def _may_go(connection: Connection, workspace: Workspace, row: Row[Any], at: int, down: set[str]) -> bool:
    kind, _, name = row.held_by.partition(":")
    if kind == "silence":
        found = holds.silence_by_id(connection, int(name))
        return found is None or found.ends <= at or found.ended_at is not None
    if kind == "source":
        rule = workspace.rules.get(str(json.loads(row.facts).get("rule")))
        return name not in down or (rule is not None and not matter.missing(matter.needs(workspace, rule.indicator), down))
    return at >= _next_digest(workspace, row.created_at)


def _next_digest(workspace: Workspace, at: int) -> int:
    """The next half past eight of a working day."""
    local = from_us(at).astimezone(workspace.zone)
    day = local.date() if local.time() < DIGEST_AT else local.date() + timedelta(days=1)
    while not workspace.calendar.is_workday(day):
        day += timedelta(days=1)
    return to_us(datetime.combine(day, DIGEST_AT, workspace.zone))


def _let_go(connection: Connection, workspace: Workspace, held: list[Row[Any]], stamp: Stamp) -> None:
    """Of each alert and receiver: still open, told once with its true beginning; over, dropped; flapping or of the past, told in
    the digest."""
    digested = [row.id for row in held if row.held_by in ("flapping", DIGEST)]
    if digested:
        holds.release(connection, digested, {"state": "waiting", "group_key": DIGEST, "due_at": stamp.at})
    others: dict[tuple[int, str], list[Row[Any]]] = {}
    for row in held:
        if row.held_by not in ("flapping", DIGEST):
            others.setdefault((row.episode_id, row.receiver), []).append(row)
    for (number, receiver), mine in others.items():
        holds.release(connection, [row.id for row in mine], {"state": "dropped"})
        episode = episodes.by_id(connection, number)
        if episode is None or episode.closed_at is not None:
            continue
        facts = standing.facts(connection, workspace, episode, "released", stamp)
        if facts is None:
            continue
        about = matter.of_episode(connection, workspace, episode)
        hold = telling.held_by(connection, workspace, about, stamp.at) if about else ""
        seq = _event(connection, episode, "released", "", stamp)
        group = mine[-1].group_key
        letter = Letter(receiver, telling.in_hours(workspace, group, stamp.at), group, hold)
        outbox.tell(connection, workspace, facts, [letter], seq, stamp)


def _follow(connection: Connection, workspace: Workspace, row: Row[Any], stamp: Stamp) -> None:
    episode = episodes.by_id(connection, row.episode_id)
    route = workspace.routes.get(row.route) if row.route else ASKED
    if episode is None or route is None or episode.closed_at is not None:
        follow.change(connection, row, {"due_at": MAX})
        return
    about = matter.of_episode(connection, workspace, episode)
    again = row.again_at is not None and row.again_at <= stamp.at
    if episode.handling != "NEW" and not again:
        follow.change(connection, row, {"due_at": MAX if row.again_at is None else row.again_at})
        return
    meant = about is not None and (route is ASKED or _meant(workspace, route, about))
    if about is None or not meant or telling.held_by(connection, workspace, about, stamp.at):
        follow.change(connection, row, {"due_at": to_us(stamp.now + LATER)})
        return
    delivered = follow.first_delivered(connection, episode.id, route.match.levels)
    delivered = delivered or unconfirmed.since(connection, workspace, episode, stamp.at)
    if delivered is None:
        follow.change(connection, row, {"due_at": to_us(stamp.now + LOOK_AGAIN)})
        return
    step, waits = row.step, []
    if episode.handling == "NEW":
        step, later = _escalate(connection, workspace, route, row.step, episode, delivered, stamp)
        waits += [later] if later else []
    if route.repeat is not None or again:
        waits.append(_repeat(connection, workspace, route, episode, again, stamp))
    following = max(min(waits, default=MAX), stamp.at + 1)
    follow.change(connection, row, {"step": step, "due_at": following, "again_at": None})


def _meant(workspace: Workspace, route: Route, about: matter.Matter) -> bool:
    """Not while it is milder than the route asks, it may rise again; but where it is worse, somebody still has to take it on."""
    up_to = SEVERITIES[1 : SEVERITIES.index(about.severity) + 1]
    return any(matter.matches(workspace, route.match, replace(about, severity=one)) for one in up_to)


def _escalate(
    connection: Connection, workspace: Workspace, route: Route, done: int, episode: Row[Any], delivered: int, stamp: Stamp
) -> tuple[int, int | None]:
    """Steps whose time has come, each once; how many are done, and when the next one is."""
    since = from_us(delivered)
    for number, step in enumerate(route.escalate, 1):
        if number <= done:
            continue
        when = to_us(workspace.work_hours.after(since, step.after))
        if when > stamp.at:
            return done, when
        seq = _event(connection, episode, "escalated", f"{route.key} {number}", stamp)
        facts = standing.facts(connection, workspace, episode, "escalated", stamp)
        assert facts is not None
        facts = replace(facts, history=_history(connection, workspace, episode))
        group = f"{route.key}/{number}"
        called = telling.known(workspace, telling.duty(connection, workspace, step.receivers, stamp.at))
        letters = [Letter(key, stamp.at, group, "", number) for key in called]
        outbox.tell(connection, workspace, facts, letters, seq, stamp)
        done = number
    return done, None


def _repeat(connection: Connection, workspace: Workspace, route: Route, episode: Row[Any], again: bool, stamp: Stamp) -> int:
    """Told again to those whom the route told, where it is time; when it is next. History being made repeats nothing."""
    every = (route.repeat or timedelta(days=1)) // timedelta(microseconds=1)
    mine = _told_by(connection, workspace, route, episode, stamp.at)
    last = follow.last_told(connection, episode.id, [*mine.values()])
    last = last or episodes.last_event(connection, episode.id, ("firing", "severity_up", "released"))
    if not again and stamp.at - last < every:
        return last + every
    if mine and not stamp.replay:
        kind = "repeated" if episode.handling == "NEW" else "reminded"
        seq = _event(connection, episode, kind, "", stamp)
        facts = standing.facts(connection, workspace, episode, kind, stamp)
        assert facts is not None
        due = telling.due_at(workspace, route, stamp.at)
        letters = [Letter(receiver, due, group) for receiver, group in mine.items()]
        outbox.tell(connection, workspace, facts, letters, seq, stamp)
    return stamp.at + every


def _told_by(connection: Connection, workspace: Workspace, route: Route, episode: Row[Any], at: int) -> dict[str, str]:
    """Receiver -> group of those who were told by a route: in its group, as one of its steps or instead of one of those, or by
    another that came first; where that is nobody, whoever was told by no route. What was asked for goes to all who were told.
    """
    if route is ASKED:
        return dict(rows.told_in(connection, episode.id))
    told = rows.told_by_group(connection, episode.id)
    named = telling.duty(connection, workspace, route.receivers, at)
    found = {receiver: route.key for receiver, _ in told if receiver in named}
    found |= {receiver: group for receiver, group in told if telling.route_of(group) == route.key}
    return found or {receiver: group for receiver, group in told if telling.route_of(group) not in workspace.routes}


def _history(connection: Connection, workspace: Workspace, episode: Row[Any]) -> tuple[Mapping[str, str], ...]:
    """Who was told when, and whether it arrived: for whoever is called later."""
    states_ = {"sent": ("已送达", "delivered"), "dead": ("未送达", "not delivered")}
    found = []
    for row in rows.of_episode(connection, episode.id):
        receiver = workspace.receivers.get(row.receiver)
        name = receiver.name if receiver is not None else {"zh": row.receiver, "en": row.receiver}
        when = from_us(row.sent_at or row.created_at).astimezone(workspace.zone).strftime("%m-%d %H:%M")
        zh, en = states_.get(row.state, ("等待", "waiting"))
        found.append({"zh": f"{when} {name['zh']} {zh}", "en": f"{when} {name['en']} {en}"})
    return tuple(found[-20:])


def _event(connection: Connection, episode: Row[Any], kind: str, text: str, stamp: Stamp) -> int:
    """The event, and the input that made it."""
    made = {
        "kind": "tick", "rule": episode.rule, "series_id": episode.series_id, "source": episode.source, "at": stamp.at,
        "revision": stamp.revision, "body": '{"step": "%s"}' % kind,  # noqa: UP031 - a JSON text
    }  # fmt: skip
    episodes.add_inputs(connection, [made])
    event = {
        "episode_id": episode.id, "rule": episode.rule, "rule_version": episode.rule_version, "series_id": episode.series_id,
        "at": stamp.at, "kind": kind, "severity": episode.severity, "text": text, "revision": stamp.revision,
    }  # fmt: skip
    return episodes.add_event(connection, event)
