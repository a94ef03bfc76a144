"""What of the outbox a round of the sender asks, written once: SQLAlchemy takes longer to build these than a database to answer.

Each asks for `now` in microseconds, unless it says otherwise.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select

from alerts.store.tables import outbox

SOON, FAR = 60_000_000, 3_900_000_000
"""Microseconds: what is written by others meanwhile is not from the future; no try is put off for longer than an hour."""

_c = outbox.c
_now: BindParameter[int] = bindparam("now")
_waits = _c.state.in_(("waiting", "uncertain"))
_gone = and_(_c.state == "sending", _c.lease_until <= _now)

GONE = select(_c.id, _c.epoch).where(_gone).with_for_update(skip_locked=True)
"""Leases that ran out."""

_tried = outbox.alias("tried").c
_again = and_(_tried.state == "sending", _tried.tries > 1)
_failed = or_(and_(_tried.state.in_(("waiting", "uncertain")), _tried.tries > 0), _again)
IN_VAIN = select(_tried.receiver).where(_failed).distinct()
"""Receivers who have been tried and not reached by what still waits for them."""

_on_the_way = _c.state.in_(("waiting", "uncertain", "sending", "merged"))
_late = and_(_on_the_way, _c.fell_back.is_(False), _c.created_at < _now, _c.receiver.in_(IN_VAIN))
LATE = select(outbox).where(_late).order_by(_c.id)
"""All that waits for those, as far as nobody stands in for it yet."""

_back = and_(_waits, _c.due_at > _now, or_(_c.created_at > _now + SOON, and_(_c.tries > 0, _c.due_at > _now + FAR)))
IS_BACK = select(_c.id).where(_back).limit(1)
"""Whether the clock went back: there is a message from the future, or one whose next try is."""
_later = and_(_c.due_at > _now, or_(_c.due_at > _now + FAR, _c.created_at > _now + SOON))
AHEAD = select(outbox).where(_waits, _later).order_by(_c.id)
"""All that is due later than any wait from now on would be, or was written later than now."""


_other = outbox.alias("other").c
_same = or_(_other.episode_id == _c.episode_id, _other.order_id == _c.order_id)
_stuck = or_(
    _other.state == "sending", and_(_other.state.in_(("waiting", "uncertain")), _other.due_at > _now),
    and_(_other.state == "merged", _other.merged_into != _c.id),
)  # fmt: skip
_before = select(_other.id).where(_same, _other.receiver == _c.receiver, _other.id < _c.id, _stuck).exists()
_busy = select(_other.receiver).where(_other.state == "sending", func.coalesce(_other.epoch, -1) == bindparam("sender"))
_free = and_(_waits, _c.due_at <= _now, _c.receiver.not_in(_busy))
ANYTHING = select(_c.id).where(or_(_free, _gone, _late, _back)).limit(1)
"""Is there something to send by `sender`, to give up, to fall back from or to put right?"""

_due = and_(_free, ~_before)
_turn = func.row_number().over(partition_by=_c.receiver, order_by=_c.id).label("turn")
_turns = select(_c.id, _turn).where(_due).subquery()
_first = select(_turns.c.id).order_by(_turns.c.turn, _turns.c.id).limit(bindparam("most"))
LEASE = select(outbox).where(_c.id.in_(_first), _due).order_by(_c.id).with_for_update(skip_locked=True)
"""Rows whose time has come, of each receiver as many, `most` in all: none of a receiver whom `sender` (its epoch, -1 without
one) is telling, none before what the same receiver has not yet got on the same alert or order."""

_alone = _c.receiver.not_in(bindparam("alone", expanding=True))
_together = (_c.state == "waiting", _c.repeated.is_(False), _c.due_at <= bindparam("until"), _alone)
READY = select(outbox).where(*_together).order_by(_c.id).limit(bindparam("most")).with_for_update(skip_locked=True)
"""`most` of those due by `until` that may be put together: not what is for receivers who get each `alone`."""

BACKING_OFF = select(_c.receiver, func.max(_c.due_at)).where(_waits, _c.tries > 0, _c.due_at > _now).group_by(_c.receiver)
"""Receiver and when it is tried again, of those that could not be reached."""

_undelivered = (_c.state.in_(("waiting", "sending", "uncertain")), _c.tries > 0, _c.created_at < bindparam("before"))
FAILING = (
    select(_c.receiver, func.count(), func.min(_c.created_at))
    .where(*_undelivered, _c.kind != bindparam("but"))
    .group_by(_c.receiver)
    .order_by(_c.receiver)
)
"""Receiver, how many, the oldest, of what was tried, written `before` and has not arrived; `but` a kind."""
