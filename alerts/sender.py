"""Sending what waits in the outbox: leased, told outside any transaction, and what became of it written at once.

Every attempt is a row. A sender that dies leaves its lease behind: whether it told is uncertain, so it is told once more, marked.
"""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from alerts import fallback, turned_back, unsent
from alerts.channels import Unknown, channel
from alerts.channels._http import keeping
from alerts.channels._message import DEADLINE, Failed, Message, Permanent, Temporary, Uncertain
from alerts.gather import carries, gather
from alerts.store import outbox
from alerts.wording import REPEATED
from metrics.catalogue.workspace import Workspace
from metrics.periods import from_us, to_us
from metrics.store import leases
from metrics.store.engine import Store

log = logging.getLogger("yuncha.alerts")
LEASE = timedelta(seconds=120)
ROUND = 40
"""Messages of one round: what the slowest receiver leaves undone waits for the next."""
BUDGET = 60.0
"""Seconds a round spends on one receiver; well within the lease."""
FIRST, LONGEST = 5.0, 300.0
GIVE_UP = timedelta(days=3)
LATE = timedelta(minutes=10)
SECRETS = ("password", "secret", "token", "sign")

Secrets = Callable[[str], str | None]


@dataclass(frozen=True)
class Sent:
    """What a round did."""

    sent: int = 0
    later: int = 0
    dead: int = 0


def send_due(
    store: Store,
    workspace: Workspace,
    now: datetime,
    secrets: Secrets | None = None,
    *,
    epoch: int | None = None,
    jitter: Callable[[float, float], float] = random.uniform,
    patience: float | None = None,
) -> Sent:
    """Tell what is due, receivers side by side so that a slow one delays nobody else. Raises Fenced where `epoch` is past.

    patience: seconds the round waits for its slowest receivers; whoever takes longer is told in the background, is in no later
    round until that has ended, and is not counted. None: as long as it takes.
    """
    begun = monotonic()
    with store.read() as connection:
        if not outbox.anything(connection, to_us(now), epoch):
            return Sent()
    with store.write() as connection:
        if epoch is not None:
            leases.fence(connection, epoch)
        outbox.expire(connection, to_us(now))
        turned_back.put_right(connection, workspace, now)
        fallback.late(connection, workspace, now)
        unsent.watch(connection, workspace, now)
        gather(connection, workspace, now)
        rows = outbox.lease(connection, to_us(now), to_us(now + LEASE), ROUND, epoch)
        closed = outbox.closing(connection, [row.episode_id for row in rows if row.episode_id is not None]) if rows else {}
    if not rows:
        return Sent()
    by_receiver: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_receiver.setdefault(row.receiver, []).append(row)
    job = _Round(store, workspace, now, begun, secrets or resolve, epoch, jitter, closed)
    pool = ThreadPoolExecutor(max_workers=len(by_receiver), thread_name_prefix="tell")
    running = [pool.submit(job.tell, mine) for mine in by_receiver.values()]
    ended, others = wait(running, patience)
    pool.shutdown(wait=False)
    for each in others:
        each.add_done_callback(_note)
    done = [one for each in ended for one in each.result()]
    return Sent(done.count("sent"), done.count("waiting") + done.count("uncertain"), done.count("dead"))


def resolve(reference: str) -> str | None:
    """A secret by its reference: `env:NAME` or `file:PATH`."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        return os.environ.get(name)
    if kind == "file":
        return Path(name).read_text(encoding="utf-8").strip() if Path(name).is_file() else None
    return None


def faults(workspace: Workspace) -> list[tuple[str, str]]:
    """(receiver, what is wrong) of every receiver that could not be told: unknown channel, bad settings, a secret in the open."""
    found = []
    for receiver in workspace.receivers.values():
        try:
            settings = channel(receiver.channel).Settings(**receiver.settings)
        except (Unknown, ValidationError) as fault:
            found.append((receiver.key, _words(fault)))
            continue
        for name in SECRETS:
            given = getattr(settings, name, "")
            if given and not given.startswith(("env:", "file:")):
                found.append((receiver.key, f"{name} must be a reference: env:NAME or file:PATH"))
    return found


@dataclass(frozen=True)
class _Round:
    store: Store
    workspace: Workspace
    now: datetime
    begun: float
    secrets: Secrets
    epoch: int | None
    jitter: Callable[[float, float], float]
    closed: Mapping[int, int]

    def tell(self, rows: list[Row[Any]]) -> list[str]:
        """All messages to one receiver, oldest first. After a failure that may pass, the others wait with the first."""
        done: list[str] = []
        pause: float | None = None
        with keeping():
            for row in rows:
                if pause is not None or monotonic() - self.begun > BUDGET - DEADLINE:
                    self._put_back(row, pause or FIRST)
                    done.append("waiting")
                    continue
                outcome, detail, values = self._attempt(row)
                if outcome == "temporary":
                    pause = (values["due_at"] - to_us(self.now)) / 1_000_000
                self._settle(row, outcome, detail, values)
                done.append(values["state"])
        return done

    def _settle(self, row: Row[Any], outcome: str, detail: str, values: dict[str, Any]) -> None:
        until, then = to_us(self.now + LEASE), to_us(self._then())
        if outcome == "sent" and not carries(row):
            with self.store.write_one() as connection:
                outbox.sent(connection, row, then, detail, self.epoch, until)
            return
        with self.store.write() as connection:
            mine = outbox.settle(connection, row, then, outcome, detail, values, self.epoch, until, carries(row))
            if mine and values["state"] == "dead":
                fallback.dead(connection, self.workspace, row.id, self._then())

    def _attempt(self, row: Row[Any]) -> tuple[str, str, dict[str, Any]]:
        freed = {"lease_until": None, "epoch": None}
        try:
            said = self._send(row)
        except Uncertain as fault:
            if row.repeated:
                return "uncertain", fault.detail, {**freed, "state": "dead", "error": f"uncertain twice: {fault.detail}"[:1000]}
            later = self._later(row, None)
            return "uncertain", fault.detail, {
                **freed, "state": "uncertain", "repeated": True, "due_at": later, "error": fault.detail[:1000],
            }  # fmt: skip
        except Permanent as fault:
            return "permanent", fault.detail, {**freed, "state": "dead", "error": fault.detail[:1000]}
        except Temporary as fault:
            state = {**freed, "state": "waiting", "due_at": self._later(row, fault.after), "error": fault.detail[:1000]}
            if self.now - from_us(row.created_at) > GIVE_UP:
                state |= {"state": "dead", "error": f"given up after {GIVE_UP.days} days: {fault.detail}"[:1000]}
            return "temporary", fault.detail, {**state, "repeated": row.repeated or fault.perhaps}
        return "sent", said, {**freed, "state": "sent", "sent_at": to_us(self._then()), "error": ""}

    def _send(self, row: Row[Any]) -> str:
        receiver = self.workspace.receivers.get(row.receiver)
        if receiver is None:
            raise Permanent(f"the receiver {row.receiver} is no longer in the workspace")
        try:
            module = channel(receiver.channel)
            settings = module.Settings(**receiver.settings)
        except (Unknown, ValidationError) as fault:
            raise Permanent(_words(fault)) from fault
        found: dict[str, str] = {}
        for name in SECRETS:
            reference = getattr(settings, name, "")
            if not reference:
                continue
            known = self.secrets(reference)
            if known is None:
                raise Temporary(f"the secret {reference} is not there")
            found[name] = known
        secret = next(iter(found.values()), None)
        settings = settings.model_copy(update={name: value for name, value in found.items() if name in ("token", "sign")})
        try:
            return module.send(self._message(row, receiver.language, settings.link), settings, secret)
        except Failed:
            raise
        except Exception as fault:
            # A fault of a channel must neither lose a message nor stop the others.
            raise Temporary(f"{type(fault).__name__}: {fault}", perhaps=True) from fault

    def _message(self, row: Row[Any], language: str, link: str) -> Message:
        zh = language.startswith("zh")
        mark = REPEATED["zh" if zh else "en"] if row.repeated else ""
        facts = json.loads(row.facts)
        lines = [row.body]
        due = datetime.fromisoformat(facts["due"]) if facts.get("due") else from_us(row.created_at)
        late = self.now - max(from_us(row.created_at), due)
        if late >= LATE and "group" not in facts:
            minutes = int(late.total_seconds() // 60)
            lines.append(f"延迟 {minutes} 分钟送达" if zh else f"Delivered {minutes} minutes late")
            if row.kind in outbox.TOLD and row.episode_id in self.closed:
                lines.append("现已关闭" if zh else "Closed by now")
        lines.append(f"{'查看：' if zh else 'Look: '}{link.rstrip('/')}{facts['path']}")
        if facts.get("figure_path"):
            lines.append(f"{'指标：' if zh else 'Figure: '}{link.rstrip('/')}{facts['figure_path']}")
        lines.append(f"{'消息编号：' if zh else 'Message: '}{row.message_id} {mark}".rstrip())
        return Message(
            row.message_id, f"{row.subject}{mark}", "\n".join(lines), facts, bool(row.repeated), from_us(row.created_at), language
        )

    def _later(self, row: Row[Any], after: float | None) -> int:
        """Full jitter, 5 s doubling up to 5 min; never earlier than the other side asked."""
        most = min(LONGEST, FIRST * 2 ** min(row.tries, 10))
        seconds = max(self.jitter(0.0, most), 1.0, after or 0.0)
        return to_us(self._then() + timedelta(seconds=seconds))

    def _put_back(self, row: Row[Any], wait: float) -> None:
        with self.store.write() as connection:
            outbox.put_back(connection, row, to_us(self.now + timedelta(seconds=wait)), to_us(self.now + LEASE))

    def _then(self) -> datetime:
        """The given now, plus what has passed since."""
        return self.now + timedelta(seconds=monotonic() - self.begun)


def _note(ended: Future[list[str]]) -> None:
    """Of a receiver nobody waited for: its rows keep their leases, and are uncertain when those run out."""
    if fault := ended.exception():
        log.error("telling in the background failed", exc_info=fault)


def _words(fault: Exception) -> str:
    if isinstance(fault, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in fault.errors())
    return str(fault)
