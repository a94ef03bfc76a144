"""One leader: the lease row. Every scheduled write carries the leader's epoch, checked inside the write."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from metrics.periods import from_us, to_us
from metrics.tables import lease

_KEEP = update(lease).where(lease.c.id == 1, lease.c.epoch == bindparam("mine")).values(epoch=bindparam("mine"))


class Fenced(RuntimeError):
    """Another worker has taken the lease: this one must stop writing."""


def ensure(connection: Connection) -> None:
    if connection.execute(select(lease.c.id)).first() is None:
        connection.execute(insert(lease).values(id=1, epoch=0, holder="", until=0, beat=0))


def acquire(connection: Connection, holder: str, now: datetime, length: timedelta) -> int | None:
    """Take the lease if it is free or run out, or keep it; the epoch, or None while another holds it."""
    row = connection.execute(select(lease).where(lease.c.id == 1).with_for_update()).one()
    moment, until = to_us(now), to_us(now + length)
    if row.holder == holder:  # late, but nobody else took it
        connection.execute(update(lease).where(lease.c.id == 1).values(until=until, beat=moment))
        return int(row.epoch)
    if row.until > moment:
        return None
    epoch = int(row.epoch) + 1
    connection.execute(update(lease).where(lease.c.id == 1).values(epoch=epoch, holder=holder, until=until, beat=moment))
    return epoch


def release(connection: Connection, epoch: int) -> None:
    connection.execute(update(lease).where(lease.c.id == 1, lease.c.epoch == epoch).values(until=0))


def fence(connection: Connection, epoch: int) -> None:
    """Refuse the write of an epoch that is no longer the newest."""
    kept = connection.execute(_KEEP, {"mine": epoch})
    if kept.rowcount != 1:
        raise Fenced("another worker has taken over; nothing was written")


def heartbeat(connection: Connection) -> datetime | None:
    """When the leader last said that it lives."""
    beat = connection.execute(select(lease.c.beat).where(lease.c.id == 1)).scalar()
    return from_us(beat) if beat else None
