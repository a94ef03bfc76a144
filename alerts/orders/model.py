"""What a supervision order is and how it moves: `after(order, event)` is pure, and the rows of events are the order.

    DRAFT -issued-> ISSUED -signed-> IN_PROGRESS -answered-> AWAITING_EVIDENCE -recovered-> CLOSED by data
    AWAITING_EVIDENCE -returned-> IN_PROGRESS;  CLOSED -relapsed-> IN_PROGRESS
    any open one -overridden-> CLOSED by word, -withdrawn-> WITHDRAWN

Instants are epoch microseconds. Limits are instants the caller computed from working days and put into the event's `data`, so
that folding the rows again gives the same order whatever becomes of the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

State = Literal["DRAFT", "ISSUED", "IN_PROGRESS", "AWAITING_EVIDENCE", "CLOSED", "WITHDRAWN"]
Light = Literal["", "blue", "yellow", "red"]
LIMITS = ("sign_due", "answer_due", "recover_due", "expected")
OPEN = ("DRAFT", "ISSUED", "IN_PROGRESS", "AWAITING_EVIDENCE")
RUNNING = OPEN[1:]
SYSTEM = "="
"""Who takes the steps that follow from data or time alone."""
GIVEN = ("returned", "extended", "suspended", "resumed", "reminded", "kept")
"""Steps that only a supervisor takes: with one of them an answer has been read."""
CAUSES = ("capacity", "process", "coordination", "system", "data", "outside", "other")
"""Why it came to this, as an answer has to say."""

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "edited": ("DRAFT",),
    "issued": ("DRAFT",), "signed": ("ISSUED",), "answered": ("IN_PROGRESS",), "returned": ("AWAITING_EVIDENCE",),
    "extended": RUNNING, "suspended": RUNNING, "resumed": RUNNING, "reminded": RUNNING, "noted": (*OPEN, "CLOSED", "WITHDRAWN"),
    "overridden": RUNNING, "withdrawn": OPEN, "recovered": ("AWAITING_EVIDENCE",), "relapsed": ("CLOSED",),
    "joined": RUNNING, "basis_corrected": RUNNING, "kept": RUNNING, "light": RUNNING, "attached": OPEN,
}  # fmt: skip
"""From which states a step may be taken."""


class Refused(ValueError):
    """A step that this order does not allow now; the text is a key of the interface: `order.refused.<id>`."""


@dataclass(frozen=True, slots=True)
class Event:
    """One step: a row that is never changed."""

    kind: str
    at: int
    actor: str
    name: str
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """An order as its events made it."""

    state: State
    made_at: int
    issued_at: int | None = None
    signed_at: int | None = None
    answered_at: int | None = None
    """Of the answer that stands; a returned one does not."""
    first_answer: int | None = None
    sign_due: int | None = None
    answer_due: int | None = None
    recover_due: int | None = None
    expected: int | None = None
    """The day by which the department says it will have recovered."""
    since: int | None = None
    """Periods count as evidence from here on: issued, or relapsed."""
    suspended_until: int | None = None
    stopped: Mapping[str, int] | None = None
    """While suspended: when the clocks were stopped (`at`), and the limits as they were then: what an early end goes on from."""
    extended_to: int | None = None
    basis_corrected: bool = False
    returns: int = 0
    relapses: int = 0
    joined: int = 0
    closed: Literal["", "data", "word"] = ""
    closed_at: int | None = None
    light: Light = ""
    reminded: int = 0
    reminded_at: int | None = None
    late_to_sign: bool = False
    late_to_answer: bool = False
    answer_waits: bool = False
    """The answer that stands was given since the supervisor last took a step."""
    sign_days: int | None = None
    """Of a draft: working days to sign, from when it is issued."""

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def due(self) -> int | None:
        """The limit that runs now: to sign, to answer, to recover."""
        if self.state == "ISSUED":
            return self.sign_due
        if self.state == "IN_PROGRESS":
            return self.answer_due
        if self.state == "AWAITING_EVIDENCE":
            given = [one for one in (self.recover_due, self.expected) if one is not None]
            return min(given) if given else None
        return None

    def answers_late(self, at: int) -> bool:
        """Whether an answer came late, or has not come though its limit is past; nobody has to sign first for that."""
        waits = self.state in ("ISSUED", "IN_PROGRESS") and self.suspended_until is None
        return self.late_to_answer or (waits and self.answer_due is not None and at > self.answer_due)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def begun(event: Event) -> WorkOrder:
    """The order its first event makes."""
    if event.kind != "drafted":
        raise Refused("state")
    return WorkOrder("DRAFT", event.at, sign_days=event.data.get("sign_days"))


def after(order: WorkOrder, event: Event) -> WorkOrder:
    """The order after a step. Raises Refused where the step is not one this state allows, or lacks what it must say."""
    moved = _after(order, event)
    read = event.data.get("by") == "supervisor" or (event.kind in GIVEN and event.actor != SYSTEM)
    waits = moved.state == "AWAITING_EVIDENCE" and (event.kind == "answered" or (order.answer_waits and not read))
    return replace(moved, answer_waits=waits, stopped=_still_stopped(order, moved, event))


def _still_stopped(order: WorkOrder, moved: WorkOrder, event: Event) -> Mapping[str, int] | None:
    """A limit set while the clocks stand still is not one of those the suspension moved."""
    if moved.suspended_until is None:
        return None
    if order.suspended_until is None or moved.stopped is None:
        return moved.stopped
    kept = {name: at for name, at in moved.stopped.items() if name == "at" or getattr(moved, name) == getattr(order, name)}
    return kept | event.data.get("stopped", {})


def _after(order: WorkOrder, event: Event) -> WorkOrder:
    if order.state not in ALLOWED.get(event.kind, ()):
        raise Refused("state")
    if event.kind in ("returned", "extended", "suspended", "overridden", "withdrawn", "kept", "noted") and not event.text.strip():
        raise Refused("reason")
    data, at = event.data, event.at
    match event.kind:
        case "edited":
            return replace(order, sign_days=data.get("sign_days", order.sign_days))
        case "issued":
            return replace(order, state="ISSUED", issued_at=at, since=at, **_limits(data, "sign_due", "answer_due"))
        case "signed":
            late = order.sign_due is not None and at > order.sign_due
            return replace(order, state="IN_PROGRESS", signed_at=at, late_to_sign=late, light="", **_limits(data, "answer_due"))
        case "answered":
            return _answered(order, event)
        case "returned":
            limits = _limits(data, "answer_due")
            return replace(
                order, state="IN_PROGRESS", answered_at=None, expected=None, returns=order.returns + 1, light="",
                extended_to=None, **limits,
            )  # fmt: skip
        case "extended":
            return _extended(order, event)
        case "suspended":
            if int(data.get("until", 0)) <= at or order.suspended_until is not None:
                raise Refused("until")
            return _moved(replace(order, suspended_until=int(data["until"]), stopped=data.get("stopped"), light=""), data)
        case "resumed":
            if order.suspended_until is None:
                raise Refused("state")
            return _moved(replace(order, suspended_until=None), data)
        case "basis_corrected":
            return replace(order, basis_corrected=True)
        case "kept":
            return replace(order, basis_corrected=False)
        case "reminded":
            return replace(order, reminded=order.reminded + 1, reminded_at=at)
        case "joined":
            return replace(order, joined=order.joined + 1)
        case "light":
            return replace(order, light=data["light"])
        case "overridden":
            return replace(
                order, state="CLOSED", closed="word", closed_at=at, light="", suspended_until=None,
                late_to_answer=order.answers_late(at),
            )  # fmt: skip
        case "recovered":
            return replace(order, state="CLOSED", closed="data", closed_at=at, light="", suspended_until=None)
        case "withdrawn":
            return replace(order, state="WITHDRAWN", closed_at=at, light="", suspended_until=None)
        case "relapsed":
            return replace(
                order, state="IN_PROGRESS", closed="", closed_at=None, answered_at=None, expected=None, since=at,
                relapses=order.relapses + 1, extended_to=None, recover_due=None, **_limits(data, "answer_due"),
            )  # fmt: skip
    return order  # noted, attached: words and papers move nothing


def fold(events: Iterable[Event]) -> WorkOrder:
    """The order that all its rows make."""
    rows = iter(events)
    order = begun(next(rows))
    for event in rows:
        order = after(order, event)
    return order


def _answered(order: WorkOrder, event: Event) -> WorkOrder:
    data = event.data
    if data.get("cause") not in CAUSES:
        raise Refused("cause")
    if not event.text.strip():
        raise Refused("measure")
    if data.get("expected") is None or int(data["expected"]) <= event.at:
        raise Refused("expected")
    first = order.first_answer if order.first_answer is not None else event.at
    late = order.late_to_answer or (order.answer_due is not None and event.at > order.answer_due)
    return replace(
        order, state="AWAITING_EVIDENCE", answered_at=event.at, first_answer=first, expected=int(data["expected"]), light="",
        late_to_answer=late, extended_to=None, **_limits(data, "recover_due"),
    )  # fmt: skip


def _extended(order: WorkOrder, event: Event) -> WorkOrder:
    """The limit that runs now is put off to a day that must lie behind it, and still be to come."""
    to = int(event.data.get("to", 0))
    if order.due is None or to <= max(order.due, event.at):
        raise Refused("extension")
    match order.state:
        case "ISSUED":
            return replace(order, sign_due=to, extended_to=to, light="")
        case "IN_PROGRESS":
            return replace(order, answer_due=to, extended_to=to, light="")
    recover = max(to, order.recover_due or to)
    return replace(order, recover_due=recover, expected=to if order.expected else None, extended_to=to, light="")


def _moved(order: WorkOrder, data: Mapping[str, Any]) -> WorkOrder:
    """Limits shifted by a suspension, or back where it ends early."""
    return replace(order, **_limits(data, *LIMITS))


def _limits(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}
