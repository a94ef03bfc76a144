"""What people read of alerts and what they do with them: look, and take one on with a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from alerts import matter, rules, telling
from alerts.answers import (
    Acknowledged,
    AlertCounts,
    AlertDetail,
    AlertEvent,
    AlertPage,
    AlertRow,
    Attempt,
    Delivery,
    OutboxState,
    Seen,
    Unreached,
)  # fmt: skip
from alerts.store import episodes, follow, outbox, reads
from alerts.store import holds as keeping
from alerts.store.reads import Filter
from metrics.answers import Ask
from metrics.arrivals import RevisionKind, Series
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Principal, Text
from metrics.periods import from_us, to_us
from metrics.rulebook import Match
from metrics.store import head, scope

LATE = timedelta(minutes=5)
"""A message that waits longer is late: the banner and /healthz say so."""
RECENT = timedelta(days=1)
SILENT_NAME = {"zh": "数据源连续三个周期无成功采集", "en": "No success for three intervals"}


class NotFound(LookupError):
    """No such alert, or none in the scope of who asks: the two are not told apart."""


class NotAllowed(PermissionError):
    """A person without a role that may take an alert on."""


def inbox(
    ask: Ask,
    *,
    open_only: bool = True,
    severity: str | None = None,
    field: str | None = None,
    department: str | None = None,
    region: str | None = None,
    indicator: str | None = None,
    handling: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> AlertPage:
    """Alerts in the asker's scope: open ones first, worst first, newest first.

    department, region: only alerts of that place and all below it. field, indicator: alerts of sources are then left out.
    """
    place, indicators = ask.workspace, None
    if field is not None:
        indicators = [one.key for one in place.indicators.values() if one.field == field]
    if indicator is not None:
        indicators = [indicator] if indicators is None or indicator in indicators else []
    wanted = Filter(
        open_only=open_only, severity=severity, indicators=indicators, handling=handling,
        departments=_below(place.departments, department), regions=_below(place.regions, region),
    )  # fmt: skip
    within, sources = _scope(ask)
    rows = reads.page(ask.connection, within, sources, wanted, limit, offset)
    total = reads.count(ask.connection, within, sources, wanted)
    marked = marks(ask)
    return AlertPage(total, [_row(place, row, marked) for row in rows])


def one(ask: Ask, id: int) -> AlertDetail | None:
    """One alert with its course; None where there is none in the asker's scope."""
    within, sources = _scope(ask)
    found = reads.page(ask.connection, within, sources, Filter(id=id), 1, 0)
    if not found:
        return None
    row = found[0]
    version = reads.version_of(ask.connection, row.rule_version)
    rule = rules.revive(row.rule, version.number, version.body) if version and row.rule != rules.SILENT else None
    now = ask.workspace.rules.get(row.rule)
    source = ask.workspace.sources.get(row.source)
    return AlertDetail(
        row=_row(ask.workspace, row, marks(ask)), events=[_event(one) for one in reads.events(ask.connection, id)],
        deliveries=_deliveries(ask, id), seen=[Seen(one.name, from_us(one.at)) for one in reads.seers(ask.connection, id)],
        rule_version=version.number if version else 1, levels=rule.levels if rule else (),
        m=rule.m if rule else 1, n=rule.n if rule else 1,
        for_seconds=int(rule.for_.total_seconds()) if rule and rule.for_ else None,
        recover_count=rule.recover_count if rule else 1,
        recover_for_seconds=int(rule.recover_for.total_seconds()) if rule and rule.recover_for else None,
        min_n=rule.min_n if rule else 0, owner=now.owner if now else (source.department if source else ""),
    )  # fmt: skip


def counts(ask: Ask) -> AlertCounts:
    """What is open in the asker's scope, for the first line of the overview."""
    within, sources = _scope(ask)
    rows = reads.tally(ask.connection, within, sources)

    def add(*conditions: bool) -> int:
        return sum(row.number for row, wanted in zip(rows, conditions, strict=True) if wanted)

    return AlertCounts(
        open=add(*(True for _ in rows)),
        serious=add(*(row.severity == "serious" for row in rows)),
        warning=add(*(row.severity == "warning" for row in rows)),
        reminder=add(*(row.severity == "reminder" for row in rows)),
        unacknowledged=add(*(row.handling == "NEW" for row in rows)),
        unattended=add(*(row.handling == "NEW" and not row.looked for row in rows)),
        sources=add(*(bool(row.silent) for row in rows)),
    )


def seen(
    connection: Connection, workspace: Workspace, who: Principal, id: int, now: datetime, *, kind: RevisionKind = "person"
) -> bool:
    """A signed-in person opened the alert's page: kept once, moves nothing else. False when nothing was new.

    kind: `replay` while history is made, so that a replay that was killed may go on after it.
    """
    if who.user is None or not holds(connection, workspace, who, id):
        return False
    following = head.lock(connection, now)
    if not reads.look(connection, id, who.user, who.name, to_us(now)):
        return False
    head.confirm(connection, following, kind, who.user)
    _input(connection, id, who, now, following.number, "seen", "")
    episodes.touch(connection, following.number)
    return True


def acknowledge(
    connection: Connection,
    workspace: Workspace,
    who: Principal,
    id: int,
    comment: str,
    now: datetime,
    *,
    version: int | None = None,
    again: timedelta | None = None,
    kind: RevisionKind = "person",
) -> Acknowledged:
    """Take an alert on, by name and with a comment, on a writing connection. Only once: who comes second learns who was first.

    Raises NotFound (none in scope), NotAllowed (not signed in, or only a viewer). `version`: of the row the person looked at.
    again: reminded after so long while it is still open; without it repeats and further steps are over. kind: as with `seen`.
    """
    if who.user is None or not who.has("supervisor", "staff", "administrator"):
        raise NotAllowed("to take an alert on you must be signed in as staff, supervisor or administrator")
    if not holds(connection, workspace, who, id):
        raise NotFound(f"no alert {id}")
    following = head.lock(connection, now)
    row = episodes.by_id(connection, id)
    assert row is not None
    if row.acked_at is not None:
        return Acknowledged(row.acked_by == who.user, row.acked_name, from_us(row.acked_at), row.comment)
    head.confirm(connection, following, kind, who.user)
    at = to_us(now)
    text = comment.strip()[:2000]
    handling = "ORDERED" if row.handling == "ORDERED" else "ACKED"  # an order is more than taking on
    values = {"handling": handling, "acked_by": who.user, "acked_name": who.name, "acked_at": at, "comment": text}
    if not episodes.handle(connection, id, row.version if version is None else version, values):
        raise Changed(f"alert {id} was changed by somebody else meanwhile")
    follow.again(connection, id, None if again is None else to_us(now + again))
    _input(connection, id, who, now, following.number, "acknowledged", text)
    episodes.touch(connection, following.number)
    return Acknowledged(True, who.name, now, text)


class Changed(RuntimeError):
    """Somebody stepped in between: read again."""


def outbox_state(connection: Connection, now: datetime | None = None) -> OutboxState:
    """For /healthz and the banner: what waits to be told, since when, and who could not be told. now: the real one."""
    waiting, oldest, dead = outbox.waiting(connection)
    found = OutboxState(waiting, _at(oldest), dead)
    if now is None:
        return found
    since = outbox.stuck(connection, to_us(now))
    late = since if since is not None and to_us(now) - since > LATE // timedelta(microseconds=1) else None
    lost = [Unreached(*one) for one in outbox.unreached(connection, to_us(now - RECENT))]
    return replace(found, late=_at(late), unreached=lost)


def _input(connection: Connection, id: int, who: Principal, now: datetime, revision: int, kind: str, text: str) -> None:
    """A step by a person, as an event of the alert and as an input of its course."""
    row = episodes.by_id(connection, id)
    assert row is not None
    event = {
        "episode_id": id, "rule": row.rule, "rule_version": row.rule_version, "series_id": row.series_id, "at": to_us(now),
        "kind": kind, "severity": row.severity, "actor": who.name, "text": text, "revision": revision,
    }  # fmt: skip
    episodes.add_event(connection, event)
    body = '{"step": "%s"}' % kind  # noqa: UP031 - a JSON text, not a message
    made = {"kind": "person", "rule": row.rule, "series_id": row.series_id, "source": row.source, "at": to_us(now)}
    episodes.add_inputs(connection, [{**made, "body": body, "revision": revision}])


def holds(connection: Connection, workspace: Workspace, who: Principal, id: int) -> bool:
    ask = Ask(connection, workspace, who, from_us(0))
    within, sources = _scope(ask)
    return bool(reads.page(connection, within, sources, Filter(id=id), 1, 0))


def _scope(ask: Ask) -> tuple[scope.Scope, list[str]]:
    """The series in scope, and the sources whose department is (a source belongs to a department, not to a region)."""
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    mine = within.departments
    return within, [one.key for one in ask.workspace.sources.values() if mine is None or one.department in mine]


def _below(tree: Any, id: str | None) -> Sequence[str] | None:
    if id is None or id == TOTAL:
        return None
    return sorted(tree.subtree(id)) if id in tree else []


@dataclass(frozen=True)
class Marks:
    """What is so of alerts beside their condition, read once for a list."""

    flapping: frozenset[tuple[str, int]]
    silences: Sequence[Match]
    down: Mapping[str, int]
    """Silent source -> since when."""


def marks(ask: Ask) -> Marks:
    down = {row.source: row.since for row in episodes.of_rule_open(ask.connection, rules.SILENT)}
    return Marks(
        frozenset((row.rule, row.series_id) for row in keeping.all_flapping(ask.connection)),
        [telling.match_of(row.match) for row in keeping.silences(ask.connection, to_us(ask.now))], down,
    )  # fmt: skip


def _marked(workspace: Workspace, row: Any, marked: Marks) -> dict[str, Any]:
    """Only of what is open."""
    rule = workspace.rules.get(row.rule)
    if row.closed_at is not None or rule is None or not row.indicator:
        return {}
    series = Series(row.indicator, row.grain, row.department_id, row.region_id, row.dims)
    about = matter.of_series(workspace, rule, row.severity, series, row.series_id)
    lost = min((marked.down[key] for key in about.sources if key in marked.down), default=None)
    return {
        "flapping": (row.rule, row.series_id) in marked.flapping, "lost": _at(lost),
        "silenced": any(telling.silenced(workspace, one, about) for one in marked.silences),
    }  # fmt: skip


def _row(workspace: Workspace, row: Any, marked: Marks) -> AlertRow:
    source = workspace.sources.get(row.source) if row.source else None
    indicator = workspace.indicators.get(row.indicator) if row.indicator else None
    rule = workspace.rules.get(row.rule)
    department = row.department_id or (source.department if source else TOTAL)
    region = row.region_id or TOTAL
    return AlertRow(
        id=row.id, kind="source" if row.source else "threshold", rule=row.rule,
        rule_name=rule.name if rule else (SILENT_NAME if row.source else {"zh": row.rule, "en": row.rule}),
        severity=row.severity, worst=row.worst_severity, condition=row.condition, closed=row.closed, handling=row.handling,
        indicator=row.indicator, indicator_name=_name(indicator, row.indicator or ""),
        field=indicator.field if indicator else None, unit=indicator.unit if indicator else None,
        series=Series(row.indicator, row.grain, row.department_id, row.region_id, row.dims) if row.indicator else None,
        source=row.source or None, department=department, department_name=_place(workspace.departments, department),
        region=region, region_name=_place(workspace.regions, region), since=from_us(row.since), fired_at=from_us(row.fired_at),
        closed_at=_at(row.closed_at), period_start=_at(row.period_start), period_end=_at(row.period_end),
        value=_decimal(row.value), op=row.op, threshold=_decimal(row.threshold),
        by_correction=bool(row.by_correction), seen_by=row.looked, acknowledged_by=row.acked_name,
        acknowledged_at=_at(row.acked_at), comment=row.comment, version=row.version,
        **_marked(workspace, row, marked),
    )  # fmt: skip


def _event(row: Any) -> AlertEvent:
    return AlertEvent(
        row.seq, from_us(row.at), row.kind, row.severity, _at(row.period_start), _decimal(row.value), row.actor, row.text
    )


def _deliveries(ask: Ask, id: int) -> list[Delivery]:
    rows = outbox.of_episode(ask.connection, id)
    tries: dict[int, list[Attempt]] = {row.id: [] for row in rows}
    for one in outbox.attempts(ask.connection, list(tries)):
        tries[one.outbox_id].append(Attempt(from_us(one.at), one.outcome, one.detail))
    receivers = ask.workspace.receivers
    return [
        Delivery(
            row.message_id, row.kind, row.receiver, _name(receivers.get(row.receiver), row.receiver), row.channel, row.state,
            from_us(row.created_at), _at(row.sent_at), row.error, tries[row.id],
        )
        for row in rows
    ]  # fmt: skip


def _name(named: Any, otherwise: str) -> Text:
    return named.name if named is not None else {"zh": otherwise, "en": otherwise}


def _place(tree: Any, id: str) -> Text:
    return tree.get(id).name if id in tree else {"zh": id, "en": id}


def _at(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
