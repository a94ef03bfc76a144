"""The schedule root: one leader by lease; each second what is due, computed from rows, is collected, judged and sent."""

from __future__ import annotations

import importlib
import json
import logging
import os
import socket
import threading
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

import alerts
from collectors import _duties
from collectors._run import run_source
from metrics import again, definitions, ingest, retain, ruling, schedule
from metrics.catalogue.workspace import Workspace
from metrics.model import Source
from metrics.replay import STEP, NotAllowed, replay
from metrics.store import asks, leases, runs
from metrics.store.asks import Asked
from metrics.store.engine import Store
from metrics.tick import tick
from settings import Settings

log = logging.getLogger("yuncha.worker")
SENDING = timedelta(seconds=0.1)
"""How often the outbox is looked at: one question where nothing waits."""
PATIENCE = 1.0
"""Seconds a round of messages waits for its slowest receiver before the others get theirs."""
LOOK = timedelta(seconds=20)
"""How often the people of a demonstration look, when live."""
FILL_AGAIN = timedelta(minutes=10)
HISTORY = timedelta(days=366)
"""What is back-filled before the replayed days."""


class Worker:
    """One process that collects. Only the holder of the lease works; the others wait to take over."""

    def __init__(self, store: Store, workspace: Workspace, settings: Settings) -> None:
        self.store, self.workspace, self.settings = store, workspace, settings
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self.epoch: int | None = None
        self.stopping = threading.Event()
        self.judges: tuple[ingest.Judge, ...] = (alerts.evaluate(workspace),)
        self._pool = ThreadPoolExecutor(settings.collectors, thread_name_prefix="collect")
        self._running: dict[str, Future[object]] = {}
        self._sending = threading.Lock()
        self._history: threading.Thread | None = None
        self._ready = False
        self._people = _named(settings.after_step)
        self._looked = datetime.min.replace(tzinfo=UTC)

    def run(self) -> int:
        """Until `stopping` is set: 0; 1 where the schedule itself died, for whoever starts processes to start another."""
        scheduler = BackgroundScheduler(timezone=UTC)
        every = self.settings.tick.total_seconds()
        quiet = {"max_instances": 1, "coalesce": True, "misfire_grace_time": 3600}
        scheduler.add_job(self._beat, "interval", seconds=max(every, self.settings.lease.total_seconds() / 5), **quiet)
        scheduler.add_job(self._each_second, "interval", seconds=every, **quiet)
        scheduler.add_job(self._send, "interval", seconds=min(every, SENDING.total_seconds()), **quiet)
        self._beat()
        scheduler.start()
        try:
            while not self.stopping.wait(every):
                if not _ticks():
                    log.critical("the schedule has died; this worker ends")
                    return 1
            return 0
        finally:
            if _ticks():  # one that died may have died with a lock in its hand
                scheduler.shutdown(wait=False)
            self._pool.shutdown(wait=False, cancel_futures=True)
            if self.epoch is not None:
                with self.store.write() as connection:
                    leases.release(connection, self.epoch)

    def _beat(self) -> None:
        """Take or keep the lease; by the real clock, whatever the workspace's says."""
        try:
            with self.store.write() as connection:
                epoch = leases.acquire(connection, self.holder, datetime.now(UTC), self.settings.lease)
        except Exception:
            log.exception("the lease could not be renewed")
            return
        if epoch != self.epoch:
            log.info("this worker leads (epoch %s)" if epoch is not None else "another worker leads%.0s", epoch)
        self.epoch = epoch

    def _each_second(self) -> None:
        if self.epoch is None or self.stopping.is_set():
            return
        try:
            if not self._ready:
                self._first()
            now = datetime.now(UTC)
            with self.store.read() as connection:
                started = runs.last_started(connection, self.workspace.sources)
                paused, asked = asks.pauses(connection, now), asks.waiting(connection)
            running = [source for source in self.workspace.sources.values() if source.key not in paused]
            for source in schedule.due(running, started, self.workspace.zone, now):
                self._collect_soon(source, now)
            for one in asked:
                self._do(one, now)
            tick(self.store, self.workspace, self.judges, now, epoch=self.epoch)
            ruling.carry_on(self.store, self.workspace, self.judges, now, epoch=self.epoch)
            again.carry_on(self.store, self.workspace, self.judges, now, epoch=self.epoch)
            definitions.recompute_history(self.store, self.workspace, now, self.epoch)
            with self.store.write() as connection:
                alerts.tick(connection, self.workspace, now, epoch=self.epoch)
            alerts.remind(self.store, self.workspace, now, _duties.deadlines, _duties.missing, epoch=self.epoch)
            retain.when_due(self.store, self.workspace, now, epoch=self.epoch)
            if now - self._looked >= LOOK:
                self._looked = now
                self._people(self.store, self.workspace, now, "person")
        except leases.Fenced:
            self.epoch = None
        except Exception:
            # One bad round must not end the schedule: the next second tries again from rows.
            log.exception("a round of the schedule failed")

    def _collect_soon(self, source: Source, now: datetime) -> None:
        going = self._running.get(source.key)
        if going is None or going.done():
            self._running[source.key] = self._pool.submit(self.collect, source, now)

    def _do(self, one: Asked, now: datetime) -> None:
        """What a person asked for, once its source is not being collected anyway."""
        source = self.workspace.sources.get(one.source)
        going = self._running.get(one.source)
        if going is not None and not going.done():
            return
        with self.store.write() as connection:
            if self.epoch is not None:
                leases.fence(connection, self.epoch)
            if not asks.take(connection, one.id, now) or source is None:
                return
        how = {"kind": "backfill", "since": one.since, "until": one.until} if one.kind == "backfill" else {}
        self._running[one.source] = self._pool.submit(self.collect, source, now, **how)

    def collect(self, source: Source, now: datetime, **how: object) -> object:
        """One attempt at a source; its faults become a Run, never an exception here."""
        try:
            return run_source(source, self.workspace, self.store, now, self.judges, epoch=self.epoch, **how)
        except leases.Fenced:
            self.epoch = None
        except Exception:
            log.exception("collecting %s failed", source.key)
        return None

    def _send(self) -> None:
        if self.epoch is None or self.stopping.is_set() or not self._sending.acquire(blocking=False):
            return
        try:
            while not self.stopping.is_set():  # more may wait than one round takes
                now = datetime.now(UTC)
                if not alerts.send_due(self.store, self.workspace, now, epoch=self.epoch, patience=PATIENCE).sent:
                    break
        except Exception:
            log.exception("the sender failed")
        finally:
            self._sending.release()

    def _first(self) -> None:
        """Before the first live round: the replayed days, where the workspace asks for them and the store is still empty."""
        plan = self.workspace.replay
        if plan is not None:
            self.replay(datetime.now(UTC) - timedelta(days=plan.days), lambda done: say("history", done))
            if self._history is None:
                self._history = threading.Thread(target=self._back_fill, daemon=True)
                self._history.start()
        self._ready = True

    def replay(self, begin: datetime, progress: Callable[[float], None]) -> None:
        """From `begin` up to the present moment, which moves on meanwhile."""
        plan = self.workspace.replay
        assert plan is not None
        with self.store.read() as connection:
            since = runs.first_started(connection) or begin
        try:
            while not self.stopping.is_set():
                end = datetime.now(UTC)
                for step in replay(
                    self.store, self.workspace, begin, end,
                    advance=lambda instant: advance(plan.advance, instant), judges=self.judges, epoch=self.epoch,
                    collect=lambda source, instant: self.collect(source, instant, kind="replay", since=since),
                    after_step=self._after_step,
                ):  # fmt: skip
                    progress(step.done)
                    if self.stopping.is_set():
                        return
                if datetime.now(UTC) - end < timedelta(minutes=2):
                    break
        except NotAllowed:
            log.info("the store holds live data; nothing is replayed")
        advance(plan.advance, None)

    def _after_step(self, instant: datetime) -> None:
        """In a replay a source's interval is the step."""
        with self.store.write() as connection:
            alerts.tick(connection, self.workspace, instant, kind="replay", step=STEP, epoch=self.epoch)
        owing = {"deadlines": _duties.deadlines, "missing": _duties.missing}
        alerts.remind(self.store, self.workspace, instant, **owing, kind="replay", epoch=self.epoch)
        self._people(self.store, self.workspace, instant, "replay")

    def _back_fill(self) -> None:
        """The months before, newest first, beside the live work; each month of each source is a unit that is done once. What a
        source did not give while it was out of order it is asked for again."""
        with self.store.read() as connection:
            first = runs.first_started(connection)
        if first is None:
            return
        months = [
            (first - timedelta(days=30 * i), first - timedelta(days=30 * (i - 1))) for i in range(1, HISTORY.days // 30 + 1)
        ]
        while self._fill(months) and not self.stopping.wait(FILL_AGAIN.total_seconds()):
            pass

    def _fill(self, months: Sequence[tuple[datetime, datetime]]) -> bool:
        """Whether anything is still to be asked for."""
        with self.store.read() as connection:
            done = runs.backfilled(connection)
        asked = False
        for number, (since, until) in enumerate(months, start=1):
            for source in self.workspace.sources.values():
                if self.stopping.is_set():
                    return False
                if source.sends or since.isoformat() in done.get(source.key, ()):
                    continue
                asked = True
                self.collect(source, datetime.now(UTC), kind="backfill", since=since, until=until)
            if asked:
                say("back-fill", number / len(months))
        return asked


def _ticks() -> bool:
    """Whether APScheduler's thread lives."""
    return any(one.name == "APScheduler" for one in threading.enumerate())


def _named(function: str) -> Callable[..., object]:
    """`module:function`; without one, a function that does nothing."""
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name) if name else lambda *_: None


def advance(url: str | None, instant: datetime | None) -> None:
    """Ask the simulated systems to move on to an instant; None: to follow the real clock from now on."""
    if url is None:
        return
    to = instant.isoformat() if instant is not None else "live"
    request = urllib.request.Request(url, data=json.dumps({"to": to}).encode(), headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def say(what: str, done: float) -> None:
    """A line of progress for whoever started the worker."""
    print(json.dumps({"progress": what, "done": round(done, 3)}), flush=True)
