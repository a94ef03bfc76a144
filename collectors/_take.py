"""Data that was sent to us, stored whole through the one door with its Run, or refused whole with a Run that says why."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from collectors import _seen
from collectors._errors import Failure, one_line
from collectors._run import REFUSALS, TRIES
from collectors._unit import reached
from metrics import ingest
from metrics.arrivals import Batch, Refusal, RevisionKind
from metrics.ingest import Ingested
from metrics.model import Source
from metrics.store import excerpts, records
from metrics.store.runs import RunIn

if TYPE_CHECKING:
    from metrics.catalogue import Workspace
    from metrics.store.engine import Store


@dataclass(frozen=True)
class Door:
    """Where what was sent goes in: one workspace's store, with its judges."""

    store: Store
    workspace: Workspace
    judges: Sequence[ingest.Judge]


def take(
    door: Door, source: Source, batch: Batch, now: datetime, *, kind: RevisionKind, actor: str, sha: str,
    beside: ingest.Beside | None = None, seen: Sequence[Any] = (),
) -> Ingested:  # fmt: skip
    """All of it as one revision. Failure where everything a source holds came, and too much of it is gone.

    seen: what was sent, as it came: its beginning is kept beside the data, without personal values."""

    def kept(connection: Connection, done: Ingested) -> None:
        if done.revision is not None and seen:
            excerpts.keep(connection, source.key, _seen.of_sent(source, seen, done.run_id, now))
        if beside is not None:
            beside(connection, done)

    rows = len(batch.records) + len(batch.observations)
    entry = RunIn(
        source.key, kind, now, now, "ok", {"rows": rows}, payload_hash=sha, mark={"by": actor},
        newest_period=reached(batch.records, batch.observations, door.workspace.zone, now),
    )  # fmt: skip
    for tries in range(1, TRIES + 1):
        try:
            return ingest.ingest(
                door.store, door.workspace, batch, door.judges, now, run=entry, kind=kind, actor=actor[:64], beside=kept
            )
        except records.TooManyGone as error:
            raise Failure("suspect", f"this is to be everything, but {error}", "nothing was stored; send the whole") from None
        except OperationalError:
            # Another writer was in the way: the whole of it again, nothing of it was stored.
            if tries == TRIES:
                raise
            time.sleep(random.uniform(0, 0.1 * 2**tries))
    raise AssertionError("not reached")


def refuse(
    door: Door, source: Source, failure: Failure, faults: Sequence[Refusal], now: datetime, *, kind: RevisionKind, actor: str,
    sha: str = "", counts: Mapping[str, int] | None = None,
) -> int:  # fmt: skip
    """The Run that tells of what was not taken; its number."""
    entry = RunIn(
        source.key, kind, now, now, "error", counts or {}, payload_hash=sha or None, error_class=failure.kind,
        error=one_line(failure.what, 1000), hint=failure.hint, refusals=[asdict(one) for one in faults[:REFUSALS]],
        mark={"by": actor},
    )  # fmt: skip
    return ingest.note(door.store, entry, now, kind)
