"""What people do with orders: raise one, and take its steps. Every step is a row with who, when and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from alerts.handling import Changed, NotAllowed, NotFound
from alerts.orders import clocks, evidence, grounds, of_alert, papers, suspension, telling
from alerts.orders.model import OPEN, Event, Refused, WorkOrder, after, begun
from alerts.store import episodes, orders
from alerts.store.orders import Filter
from metrics.arrivals import RevisionKind
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Principal, Role
from metrics.periods import to_us
from metrics.store import head, scope

MAY: Mapping[str, tuple[Role, ...]] = {
    "edited": ("supervisor",),
    "issued": ("supervisor",), "returned": ("supervisor",), "extended": ("supervisor",), "suspended": ("supervisor",),
    "resumed": ("supervisor",), "overridden": ("supervisor",), "withdrawn": ("supervisor",), "kept": ("supervisor",),
    "reminded": ("supervisor",),
    "signed": ("staff",), "answered": ("staff",), "noted": ("staff", "supervisor"), "attached": ("staff", "supervisor"),
}  # fmt: skip
"""Who takes which step: a supervisor gives and judges, staff of the department signs and answers, and nobody does both."""
ASSISTING = ("noted", "attached")
"""What those may do whose departments only assist; all else is for who has the lead in their scope."""
SIGN_DAYS, ANSWER_DAYS, RECOVER_DAYS, AGAIN_DAYS = 1, 5, 20, 3
"""Working days, where whoever raises it says nothing else."""
AGAIN_AFTER = 3_600_000_000
"""Microseconds between two reminders: a second press is none."""
MOST_DAYS = 250
LONGEST = 4000
TITLE = 200
LAST_YEAR = 2999
"""Of a date that somebody gives: from one near the last there is no further day can be reckoned."""


@dataclass(frozen=True)
class Draft:
    """What whoever raises an order says of it. `episode` gives the matter; by hand `indicator`, `grain` and the places do."""

    title: str
    lead: str
    text: str = ""
    episode: int | None = None
    region: str = TOTAL
    assisting: Sequence[str] = ()
    indicator: str = ""
    grain: str = ""
    department: str = ""
    """Whose figure it is, by hand; without one that of the lead, or of the whole where the lead has none of its own."""
    op: str = ""
    threshold: Decimal | None = None
    """By hand: breached is `value op threshold`; without them the target of the indicator, in its direction."""
    sign_days: int = SIGN_DAYS
    answer_days: int = ANSWER_DAYS
    recover_days: int = RECOVER_DAYS
    k: int | None = None
    key: str = ""
    """Of the form it comes from: sent twice by the same person, it is one order."""


def raise_order(
    connection: Connection,
    workspace: Workspace,
    who: Principal,
    draft: Draft,
    now: datetime,
    *,
    issue: bool = True,
    kind: RevisionKind = "person",
) -> int:
    """A new order, drafted and (as a rule) issued at once; its id. A second one on the same matter is refused; the same form
    again gives the order there is.

    Raises NotAllowed, NotFound (an alert or place out of scope) and Refused.
    """
    if who.user is None or not who.has("supervisor"):
        raise NotAllowed("orders are raised by a supervisor")
    within = scope.of(who, workspace.departments, workspace.regions)
    if draft.lead not in workspace.departments or not within.holds(draft.lead, draft.region) or draft.lead == TOTAL:
        raise Refused("lead")
    if not draft.title.strip():
        raise Refused("title")
    if not all(1 <= days <= MOST_DAYS for days in (draft.sign_days, draft.answer_days, draft.recover_days)):
        raise Refused("days")
    following = head.lock(connection, now)
    made = orders.by_key(connection, who.user, draft.key) if draft.key else None
    if made is not None:
        return made
    matter = grounds.of(connection, workspace, who, draft)
    if (matter["rule"] or matter["series_id"]) and orders.open_of(
        connection, matter["rule"], matter["series_id"], matter["source"]
    ):
        raise Refused("joined")
    head.confirm(connection, following, kind, who.user)
    at = to_us(now)
    prefix = f"{now.astimezone(workspace.zone).year}-"
    number = f"{prefix}{orders.count_of_year(connection, prefix) + 1:04d}"
    event = Event("drafted", at, who.user, who.name, draft.text.strip()[:LONGEST], {"sign_days": draft.sign_days})
    order = begun(event)
    others = [one for one in dict.fromkeys(draft.assisting) if one in workspace.departments and one not in (draft.lead, TOTAL)]
    id = orders.add(
        connection,
        {
            **matter, "number": number, "title": draft.title.strip()[:TITLE], "lead": draft.lead, "region": draft.region,
            "assisting": json.dumps(others, ensure_ascii=False), "author": who.user, "author_name": who.name, "made_at": at,
            "answer_days": draft.answer_days, "recover_days": draft.recover_days, "state": order.state,
            "body": json.dumps(order.as_json()), "revision": following.number, "client_key": draft.key or None,
        },
    )  # fmt: skip
    orders.add_event(connection, id, event, following.number)
    if issue:
        row = orders.by_id(connection, id)
        assert row is not None
        _write(
            connection, workspace, row, _issued(workspace, who, now, draft.sign_days, draft.answer_days), now, following.number
        )
    orders.touch(connection, following.number)
    return id


def step(
    connection: Connection,
    workspace: Workspace,
    who: Principal,
    id: int,
    kind: str,
    now: datetime,
    text: str = "",
    given: Mapping[str, Any] | None = None,
    *,
    attached: Sequence[papers.Paper] = (),
    version: int | None = None,
    revision_kind: RevisionKind = "person",
) -> WorkOrder:
    """One step by a person, on a writing connection. `given`: cause, expected, to, until (dates), days;
    of a draft title, sign_days, answer_days, recover_days.

    Raises NotAllowed (the wrong role or department), NotFound (none in scope), Changed (somebody was first), Refused.
    """
    if who.user is None or kind not in MAY or not who.has(*MAY[kind]):
        raise NotAllowed(f"{kind} is not for you")
    following = head.lock(connection, now)  # before the order is read: nobody steps in between
    row = _in_scope(connection, workspace, who, id)
    if kind not in ASSISTING and not scope.of(who, workspace.departments, workspace.regions).holds(row.lead, row.region):
        raise NotAllowed("only the department in the lead signs and answers, and only who supervises that one decides")
    if version is not None and version != row.version:
        raise Changed(f"order {id} was changed by somebody else meanwhile")
    papers.check(attached)
    event = _event(workspace, who, row, kind, now, text.strip()[:LONGEST], given or {})
    after(orders.revive(row), event)  # refused before anything is taken
    head.confirm(connection, following, revision_kind, who.user)
    order = _write(connection, workspace, row, event, now, following.number, attached)
    if kind == "edited":
        orders.redraft(connection, id, event.data["title"], event.data["answer_days"], event.data["recover_days"])
    evidence.look(connection, workspace, id, now, following.number)
    orders.touch(connection, following.number)
    return order


def may(who: Principal, workspace: Workspace, row: Any, kind: str) -> bool:
    """Whether this person may take this step on this order: for showing a button, never instead of `step`."""
    if who.user is None or not who.has(*MAY[kind]):
        return False
    return kind in ASSISTING or scope.of(who, workspace.departments, workspace.regions).holds(row.lead, row.region)


def _in_scope(connection: Connection, workspace: Workspace, who: Principal, id: int) -> Row[Any]:
    within = scope.of(who, workspace.departments, workspace.regions)
    found = orders.page(connection, within, Filter(id=id), 1, 0)
    if not found:
        raise NotFound(f"no order {id}")
    return found[0]


def _write(
    connection: Connection,
    workspace: Workspace,
    row: Row[Any],
    event: Event,
    now: datetime,
    revision: int,
    attached: Sequence[papers.Paper] = (),
) -> WorkOrder:
    order = after(orders.revive(row), event)
    seq = orders.add_event(connection, row.id, event, revision)
    papers.keep(connection, row.id, seq, attached)
    telling.tell(connection, workspace, row, event.kind, order.light, seq, now, revision)
    if not orders.stand(connection, row, order, clocks.next_turn(order, now, workspace.work_hours), revision):
        raise Changed(f"order {row.id} was changed by somebody else meanwhile")
    if event.kind == "issued" and row.episode_id is not None:
        of_alert.ordered(connection, row.episode_id, event.actor, event.name, row.number, event.at, revision)
        episodes.touch(connection, revision)
    elif event.kind in ("withdrawn", "overridden"):
        of_alert.released(connection, workspace, row, event.name, event.at, revision)
    return order


def _event(
    workspace: Workspace, who: Principal, row: Row[Any], kind: str, now: datetime, text: str, given: Mapping[str, Any]
) -> Event:
    order, at = orders.revive(row), to_us(now)
    assert who.user is not None
    data: dict[str, Any] = {}
    match kind:
        case "issued":
            return _issued(workspace, who, now, _days(given, order.sign_days or SIGN_DAYS), row.answer_days, text)
        case "edited":
            data = _edited(row, order, given)
        case "signed":
            data["answer_due"] = order.answer_due
        case "answered":
            data = {"cause": given.get("cause", ""), "expected": _end_of(given.get("expected"), workspace)}
            data |= suspension.counted(order, "recover_due", row.recover_days, now, workspace)
        case "returned":
            data = suspension.counted(order, "answer_due", _days(given, AGAIN_DAYS), now, workspace)
        case "extended":
            data["to"] = _end_of(given.get("to"), workspace) or 0
        case "suspended":
            until = _end_of(given.get("until"), workspace) or 0
            data = {"until": until}
            if until > at:
                data |= suspension.stopped(order, now, until, workspace)
        case "noted" if who.has("supervisor"):
            data = {"by": "supervisor"}
        case "reminded":
            if at - max(order.reminded_at or 0, order.issued_at or 0) < AGAIN_AFTER:
                raise Refused("reminded")
        case "resumed":
            data = suspension.going_on(order, now, workspace)
    return Event(kind, at, who.user, who.name, text, data)


def _edited(row: Row[Any], order: WorkOrder, given: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as it shall be: what is not given stays."""
    title = str(given.get("title", row.title)).strip()[:TITLE]
    if not title:
        raise Refused("title")
    before = {"sign_days": order.sign_days or SIGN_DAYS, "answer_days": row.answer_days, "recover_days": row.recover_days}
    return {"title": title, **{name: _days({"days": given.get(name)}, days) for name, days in before.items()}}


def _issued(workspace: Workspace, who: Principal, now: datetime, sign: int, answer: int, text: str = "") -> Event:
    hours = workspace.work_hours
    data = {
        "sign_due": to_us(clocks.limit(now, sign, hours)), "answer_due": to_us(clocks.limit(now, max(sign, answer), hours)),
    }  # fmt: skip
    return Event("issued", to_us(now), who.user or "", who.name, text, data)


def _days(given: Mapping[str, Any], default: int) -> int:
    days = given.get("days") or default
    if not 1 <= int(days) <= MOST_DAYS:
        raise Refused("days")
    return int(days)


def _end_of(day: Any, workspace: Workspace) -> int | None:
    """The end of work on a day given as a date or its ISO text."""
    if not day:
        return None
    try:
        found = day if isinstance(day, date) else date.fromisoformat(str(day)[:10])
        if found.year > LAST_YEAR:
            raise Refused("date")
        return to_us(clocks.end_of_work(found, workspace.work_hours))
    except (ValueError, OverflowError):
        raise Refused("date") from None


__all__ = ["MAY", "OPEN", "Draft", "may", "raise_order", "step"]
