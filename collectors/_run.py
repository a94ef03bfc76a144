"""One attempt at one source: the only place where a source's faults are caught. They become a Run, never an exception.

A source that fails stops no other one, is logged once when it is lost and once when it is back, and stores nothing by half.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from collectors import _seen, collector
from collectors._auth import redacted
from collectors._errors import Failure, one_line
from collectors._payload import Want, merged
from collectors._settings import secret_of
from collectors._unit import Asked, Unit, units
from metrics import ingest
from metrics.answers import RunRow
from metrics.arrivals import Batch, RevisionKind
from metrics.model import Source
from metrics.store import excerpts, leases, payloads, records, runs
from metrics.store.runs import GOOD, RunIn

if TYPE_CHECKING:
    from metrics.catalogue import Workspace
    from metrics.store.engine import Store

log = logging.getLogger("yuncha.collectors")
TRIES = 5
REFUSALS = 200
"""Kept on a Run, in words; all are counted."""


def run_source(
    source: Source,
    workspace: Workspace,
    store: Store,
    now: datetime,
    judges: Sequence[ingest.Judge],
    *,
    dry_run: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    kind: RevisionKind = "collect",
    epoch: int | None = None,
    each: Callable[[RunRow], None] = lambda row: None,
    show: Callable[[Batch], None] | None = None,
) -> RunRow:
    """Ask the source, map what it gives and store it through the one door. `now`: aware UTC, the time of knowledge.

    since, until: only cases that were open, or closed or due, at `since` or later; that were closed and due before `until`;
    only observations of periods that ended after `since`, and by `until`. A replay has its own first instant as `since`.
    A dry run stores nothing and writes no Run; `show` gets each batch that would be stored. Every unit has a Run of its own:
    `each` is told of it, the last one is given back. Raises only what is not the source's fault: `leases.Fenced`, and what the
    database raises when it is away."""
    with store.read() as connection:
        before = runs.last(connection, source.key, 1)
        known = {} if dry_run or kind == "backfill" else runs.last_mark(connection, source.key)
        if kind == "replay" and since is None:
            since = runs.first_started(connection) or now
    attempt = _Attempt(source, workspace, store, now, judges, kind, epoch, dry_run, since, until, each, show)
    attempt.go_on_from(known)
    try:
        attempt.secret = secret = secret_of(source, workspace.folder)
        made = attempt.work(Want(now, workspace.folder, since, until, attempt.place, workspace.zone, secret))
    except (leases.Fenced, DBAPIError):
        raise
    except Failure as failure:
        made = attempt.failed(failure)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a collector is an extension: whatever it raises is its own fault, and only its own
        trace = redacted(traceback.format_exc(), attempt.secret)
        log.error("collecting %s went wrong in the collector itself\n%s", source.key, trace)
        what = f"the collector {source.type} broke: {type(error).__name__}"
        made = attempt.failed(Failure("bug", what, "report it with the log of this minute"))
    _tell(source, before[0].outcome if before else None, made)
    return made


@dataclass
class _Attempt:
    """One attempt, and where the source's next one goes on from."""

    source: Source
    workspace: Workspace
    store: Store
    now: datetime
    judges: Sequence[ingest.Judge]
    kind: RevisionKind
    epoch: int | None
    dry_run: bool
    since: datetime | None
    until: datetime | None
    each: Callable[[RunRow], None]
    show: Callable[[Batch], None] | None = None

    def __post_init__(self) -> None:
        self.began = time.perf_counter()
        self.meaning = fingerprint(self.source)
        self.bounds = [one.isoformat() if one else "" for one in (self.since, self.until)]
        self.place: dict[str, Any] = {}
        self.sha = ""
        self.secret: str | None = None

    def go_on_from(self, known: Mapping[str, Any]) -> None:
        """A place that was reached under another mapping is none: everything is asked for again."""
        if known.get("of") == self.meaning:
            self.place = known.get("place", {})
            self.sha = known.get("sha", "") if known.get("bounds") == self.bounds else ""

    def work(self, want: Want) -> RunRow:
        """Every unit in turn; the last one's Run tells how the whole attempt ended."""
        made: RunRow | None = None
        try:
            fetch = collector(self.source.type).fetch
        except LookupError as error:
            raise Failure("settings", str(error), "run: python app.py check") from None
        payloads = fetch(self.source, want)
        for unit in units(payloads, Asked(self.source, self.workspace, self.now, self.since, self.until), self.sha):
            place, sha = merged(self.place, unit.patch), unit.sha or self.sha
            made = self.store_unit(unit, place, sha)
            self.place, self.sha = place, sha
        return made or self.note(self.entry("unchanged", {}))

    def store_unit(self, unit: Unit, place: dict[str, Any], sha: str) -> RunRow:
        outcome = "error" if unit.failure else "refused" if unit.refusals else "ok" if unit.batch else "unchanged"
        entry = self.entry(outcome, unit.counts, unit.failure, unit, place, sha)
        if unit.batch is None or not (unit.batch.records or unit.batch.observations or unit.batch.complete):
            noted = self.note(entry)
            self.keep_bad(noted.id, unit, unit.failure)
            return noted
        if self.dry_run:
            if self.show is not None:
                self.show(unit.batch)
            return self.told(_row(0, entry))
        for tries in range(1, TRIES + 1):
            try:
                done = ingest.ingest(
                    self.store, self.workspace, unit.batch, self.judges, self.now, run=entry, kind=self.kind, epoch=self.epoch,
                    beside=self.keeping(unit),
                )  # fmt: skip
                self.keep_bad(done.run_id, unit, unit.failure)
                return self.read(done.run_id)
            except records.TooManyGone as error:
                what = f"the source gives everything, but {error}"
                raise Failure("suspect", what, "ask its owner; nothing was withdrawn") from None
            except OperationalError:
                # Another writer was in the way (a lock, a deadlock): the whole unit again, nothing of it was stored.
                if tries == TRIES:
                    raise
                time.sleep(random.uniform(0, 0.1 * 2**tries))
        raise AssertionError("not reached")

    def keeping(self, unit: Unit) -> ingest.Beside | None:
        """Beside the data, in its transaction: how the payload began, for the passports of its figures and for the day when
        another one cannot be taken."""
        good = unit.good
        if good is None:
            return None

        def keep(connection: Connection, done: ingest.Ingested) -> None:
            if done.revision is not None:
                made = _seen.of_payload(self.source, good, self.secret, done.run_id, self.now)
                excerpts.keep(connection, self.source.key, made)
                if self.kind == "collect":
                    payloads.keep(connection, self.source.key, True, made)

        return keep

    def keep_bad(self, run_id: int, unit: Unit | None, failure: Failure | None) -> None:
        """Beside the last good one on the page of the source."""
        if self.kind != "collect" or self.dry_run or failure is None:
            return
        bad = unit.bad if unit else None
        made = _seen.of_payload(self.source, bad, self.secret, run_id, self.now) if bad else None
        made = made or _seen.of_failure(self.source, failure, self.secret, run_id, self.now)
        if made is not None:
            with self.store.write() as connection:
                payloads.keep(connection, self.source.key, False, made)

    def failed(self, failure: Failure) -> RunRow:
        made = self.note(self.entry("error", {}, failure))
        self.keep_bad(made.id, None, failure)
        return made

    def note(self, entry: RunIn) -> RunRow:
        return self.told(_row(0, entry)) if self.dry_run else self.read(ingest.note(self.store, entry, self.now, self.kind))

    def read(self, run_id: int) -> RunRow:
        with self.store.read() as connection:
            found = runs.one(connection, run_id)
        assert found is not None
        return self.told(found)

    def told(self, row: RunRow) -> RunRow:
        self.each(row)
        return row

    def entry(
        self, outcome: str, counts: Mapping[str, int], failure: Failure | None = None, unit: Unit | None = None,
        place: dict[str, Any] | None = None, sha: str | None = None,
    ) -> RunIn:  # fmt: skip
        took = timedelta(seconds=time.perf_counter() - self.began) if self.kind != "replay" else timedelta(0)
        mark: dict[str, Any] = {
            "of": self.meaning, "bounds": self.bounds, "place": self.place if place is None else place,
            "sha": self.sha if sha is None else sha,
        }  # fmt: skip
        if self.since is not None and self.kind == "backfill":
            mark["backfill_since"] = self.since.isoformat()
        return RunIn(
            source=self.source.key, kind=self.kind, started=self.now, ended=self.now + took, outcome=outcome, counts=counts,
            payload_hash=(unit.sha or None) if unit else None, error_class=failure.kind if failure else "",
            error=self.clean(one_line(failure.what, 1000)) if failure else "", hint=failure.hint if failure else "",
            refusals=[{name: self.clean(text) for name, text in asdict(one).items()} for one in unit.refusals[:REFUSALS]]
            if unit else (), mark=mark,
            newest_period=unit.newest if unit else None,
        )  # fmt: skip

    def clean(self, text: str) -> str:
        """A system may give back in an answer what it was asked with."""
        return redacted(text, self.secret)


def fingerprint(source: Source) -> str:
    """Of everything that decides what a payload comes to: after a change of the mapping all is fetched and mapped again."""
    said = json.dumps([source.type, source.gives, source.settings, source.mapping, source.complete], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _tell(source: Source, before: str | None, made: RunRow) -> None:
    good, was_good = made.outcome in GOOD, before is None or before in GOOD
    if was_good and not good:
        log.warning("source %s is lost: %s: %s", source.key, made.error_class, one_line(made.error))
    elif good and not was_good:
        log.info("source %s is back", source.key)


def _row(id: int, entry: RunIn) -> RunRow:
    return RunRow(
        id, entry.source, entry.kind, entry.started, entry.ended, entry.outcome, entry.counts, entry.payload_hash,
        entry.error_class, entry.error, entry.hint, entry.refusals,
    )  # fmt: skip
