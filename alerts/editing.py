"""Rules on screen: a supervisor changes thresholds and levels; it is tried on the past first, and a serious one needs two people.

draft -> active, or draft -> proposed -> active (confirmed by another supervisor) | refused. What is in force becomes a version of
the rule like any other: it never changes, and names who, when and why. A rule changed in the workspace afterwards is newer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from alerts import dry_run, rules
from alerts.dry_run import Trial
from alerts.stamp import Stamp
from alerts.store import edits, episodes, versions
from alerts.versions import eras
from metrics.catalogue.workspace import Workspace
from metrics.model import Principal
from metrics.periods import from_us, to_us
from metrics.rulebook import Level, Rule
from metrics.store import head
from metrics.store.engine import Store


class Invalid(ValueError):
    """A change that cannot be: its argument is the word of the fault (`recovery-side`, `order`, `m-of-n`, `reason`...)."""


class Changed(Invalid):
    """What it was tried against is in force no longer: it has to be tried again."""


class NotAllowed(PermissionError):
    """Not a supervisor of the whole government, or the second person is the first."""


@dataclass(frozen=True)
class Proposal:
    """What may be changed on screen. The direction, the indicator and the series stay as the workspace says."""

    levels: Sequence[Level]
    m: int = 1
    n: int = 1
    recover_count: int = 1
    paused: bool = False


def in_force(connection: Connection, workspace: Workspace, key: str) -> Rule:
    """The rule as it is judged now, with the names and receivers of the workspace."""
    rule = workspace.rules[key]
    return merged(rule, edits.active(connection).get(key))


def merged(rule: Rule, edit: Row[Any] | None) -> Rule:
    body = rules.wanted(rule, edit)
    if body == rules.body(rule):
        return rule
    kept = rules.revive(rule.key, rule.version, body)
    return replace(
        rule, levels=kept.levels, m=kept.m, n=kept.n, for_=kept.for_, recover_count=kept.recover_count,
        recover_for=kept.recover_for, min_n=kept.min_n, paused=kept.paused,
    )  # fmt: skip


def changed(rule: Rule, proposal: Proposal) -> Rule:
    """The rule as proposed; Invalid where it could not be one."""
    levels = tuple(sorted(proposal.levels, key=lambda one: ("reminder", "warning", "serious").index(one.severity)))
    worse = 1 if rule.op in (">", ">=") else -1
    if not levels:
        raise Invalid("no-level")
    for level in levels:
        if (level.recovery - level.threshold) * worse > 0:
            raise Invalid("recovery-side")
    for mild, bad in zip(levels, levels[1:], strict=False):
        if (bad.threshold - mild.threshold) * worse < 0:
            raise Invalid("order")
    if not 1 <= proposal.m <= proposal.n <= 100 or not 1 <= proposal.recover_count <= 100:
        raise Invalid("m-of-n")
    return replace(rule, levels=levels, m=proposal.m, n=proposal.n, recover_count=proposal.recover_count, paused=proposal.paused)


def draft(connection: Connection, workspace: Workspace, who: Principal, key: str, proposal: Proposal, now: datetime) -> int:
    """Keep the change as a draft, with a dry run that has not begun; its number. On a writing connection."""
    _allowed(who)
    rule = workspace.rules[key]
    current = in_force(connection, workspace, key)
    candidate = changed(current, proposal)
    if rules.body(candidate) == rules.body(current):
        raise Invalid("same")
    trial = dry_run.begin(connection, workspace, candidate, workspace.now(now))
    trial.against = rules.digest(rules.body(current))
    serious = any(level.severity == "serious" for level in (*current.levels, *candidate.levels))
    return edits.add(
        connection,
        {
            "rule": key, "base": rules.digest(rules.body(rule)), "body": rules.body(candidate), "author": who.user,
            "author_name": who.name, "made_at": to_us(now), "state": "draft", "needs_second": serious,
            "dry_run": json.dumps(trial.as_json()),
        },
    )  # fmt: skip


def try_on(store: Store, workspace: Workspace, who: Principal, id: int, now: datetime, budget: float = 1.2) -> Trial:
    """The next step of the dry run of one's own draft. Nobody who writes waits for it."""
    with store.read() as connection:
        row = _mine(connection, who, id)
        trial = trial_of(row)
        if trial.finished:
            return trial
        candidate = replace(workspace.rules[row.rule], **_judging(row))
        current = in_force(connection, workspace, row.rule)
        trial = dry_run.advance(connection, workspace, candidate, current, trial, workspace.now(now), budget)
    with store.write() as connection:
        edits.change(connection, id, "draft", {"dry_run": json.dumps(trial.as_json())})
    return trial


def save(connection: Connection, workspace: Workspace, who: Principal, id: int, reason: str, now: datetime) -> str:
    """After its dry run: `active` at once, or `proposed` where a second person must agree. Raises Invalid without a reason,
    Changed where another rule is in force by now.
    """
    _allowed(who)
    row = _mine(connection, who, id)
    if not reason.strip():
        raise Invalid("reason")
    if not trial_of(row).finished:
        raise Invalid("dry-run")
    _still_tried(connection, workspace, row)
    text = {"reason": reason.strip()[:1000]}
    if row.needs_second:
        edits.change(connection, id, "draft", {**text, "state": "proposed"})
        return "proposed"
    edits.change(connection, id, "draft", text)
    _put_in_force(connection, workspace, id, "draft", who, {}, now)
    return "active"


def confirm(connection: Connection, workspace: Workspace, who: Principal, id: int, now: datetime) -> bool:
    """Another supervisor agrees: from now on it is judged. False where it does not wait any more; Changed where another rule is
    in force than it was proposed against.
    """
    _allowed(who)
    row = edits.by_id(connection, id)
    if row is None or row.state != "proposed":
        return False
    if row.author == who.user:
        raise NotAllowed("a serious rule needs a second person")
    return _put_in_force(connection, workspace, id, "proposed", who, {"second": who.user, "second_name": who.name}, now)


def refuse(connection: Connection, who: Principal, id: int, now: datetime) -> bool:
    """Taken back by its author, or refused by another supervisor."""
    _allowed(who)
    values = {"state": "refused", "second": who.user, "second_name": who.name, "decided_at": to_us(now)}
    return edits.change(connection, id, "proposed", values)


def trial_of(row: Row[Any]) -> Trial:
    kept = json.loads(row.dry_run)
    return Trial(**{"where": len(kept["places"]), **kept})  # of before it was counted


@dataclass(frozen=True)
class Version:
    """One version of a rule, as its page shows it."""

    number: int
    rule: Rule
    since: datetime
    author: str
    second: str
    reason: str
    trial: Trial | None


def history(connection: Connection, workspace: Workspace, key: str) -> list[Version]:
    """Newest first; what came from the workspace has no author."""
    made = {row.version_id: row for row in edits.of_rule(connection, key, ("active",)) if row.version_id is not None}
    found = []
    for row in edits.versions(connection, key):
        edit = made.get(row.id)
        rule = rules.revive(key, row.number, row.body)
        found.append(
            Version(
                row.number, rule, from_us(row.since), row.author, edit.second_name if edit else "",
                edit.reason if edit else "", trial_of(edit) if edit else None,
            )
        )  # fmt: skip
    return found


def proposals(connection: Connection, key: str | None = None) -> list[Row[Any]]:
    """Changes that wait for a second person, the oldest first."""
    return list(reversed(edits.of_rule(connection, key, ("proposed",))))


def fired(connection: Connection, since: datetime) -> dict[str, tuple[int, int]]:
    """Rule -> (alerts open now, alerts raised since)."""
    return edits.fired(connection, to_us(since))


def candidate(rule: Rule, row: Row[Any]) -> Rule:
    """The rule as an edit would have it."""
    return replace(rule, **_judging(row))


def _put_in_force(
    connection: Connection, workspace: Workspace, id: int, state: str, who: Principal, more: dict[str, Any], now: datetime
) -> bool:
    """A new version, under which the latest judged values are judged in the same transaction."""
    following = head.lock(connection, now)
    row = edits.by_id(connection, id)
    assert row is not None
    _still_tried(connection, workspace, row)
    if not edits.change(connection, id, state, {"state": "active", "decided_at": to_us(now), **more}):
        return False
    head.confirm(connection, following, "definition", who.user or "")
    stamp = Stamp(following.number, workspace.now(now), False)
    eras(connection, workspace, stamp)
    mine = [one for one in versions.every(connection) if one.rule == row.rule]
    if mine[-1].hash == rules.digest(row.body):
        edits.change(connection, id, "active", {"version_id": mine[-1].id})
    episodes.touch(connection, following.number)
    return True


def _still_tried(connection: Connection, workspace: Workspace, row: Row[Any]) -> None:
    """Its dry run spoke of the rule in force then; where that has moved on, nobody has agreed to what would come of it."""
    against = trial_of(row).against
    current = rules.digest(rules.body(in_force(connection, workspace, row.rule)))
    if row.base != rules.digest(rules.body(workspace.rules[row.rule])) or (against and against != current):
        raise Changed("changed")


def _judging(row: Row[Any]) -> dict[str, Any]:
    kept = rules.revive(row.rule, 0, row.body)
    names = ("levels", "m", "n", "for_", "recover_count", "recover_for", "min_n", "paused")
    return {name: getattr(kept, name) for name in names}


def _mine(connection: Connection, who: Principal, id: int) -> Row[Any]:
    row = edits.by_id(connection, id)
    if row is None or row.author != who.user or row.state != "draft":
        raise NotAllowed("a draft is its author's")
    return row


def _allowed(who: Principal) -> None:
    """Rules hold for everybody: only a supervisor of the whole government changes them."""
    whole = "_T" in who.departments and "_T" in who.regions
    if who.user is None or not who.has("supervisor") or not whole:
        raise NotAllowed("only a supervisor of the whole government changes rules")


def number(text: str) -> Decimal:
    """A threshold as a person writes it; Invalid where it is none."""
    try:
        found = Decimal(str(text).strip().rstrip("%").replace(",", ""))
    except ArithmeticError as fault:
        raise Invalid("number") from fault
    if not found.is_finite() or abs(found) > Decimal(10) ** 12:
        raise Invalid("number")
    return found
