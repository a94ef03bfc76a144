"""More is gone from a complete collection than is believed: the rest of it is stored, and a person decides on what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from metrics import periods, recompute
from metrics.catalogue.workspace import Workspace
from metrics.indicators import fold
from metrics.indicators import records as from_records
from metrics.store import doubts, gone, records
from metrics.store import series as series_store
from metrics.store.doubts import Doubted
from metrics.store.records import Stored, TooManyGone, Version

KIND = gone.KIND


def look(
    connection: Connection, workspace: Workspace, source: str, stored: Stored, revision: int, run_id: int | None, now: datetime
) -> bool:
    """Write down what a complete collection lacks, or that it lacks it no longer; whether that is news.

    TooManyGone where nothing is computed from these cases: nobody could be asked."""
    ids, waiting = sorted(row["record_id"] for row in stored.lacking), gone.waiting(connection, source)
    words = f"{len(ids)} of {stored.known} known records are gone from it at once"
    if not ids:
        if waiting is not None:
            doubts.decide(connection, [waiting], "replaced", "", "", periods.to_us(now))
        return waiting is not None
    if waiting is None:
        waiting = _ask(connection, workspace, source, words, revision, run_id, now)
    elif gone.of(connection, waiting) == ids:
        return False
    gone.recount(connection, waiting, len(ids), stored.known, words)
    gone.put(connection, waiting, ids)
    return True


def _ask(
    connection: Connection, workspace: Workspace, source: str, words: str, revision: int, run_id: int | None, now: datetime
) -> int:
    of_these = from_records.over(workspace, source)
    if not of_these:
        raise TooManyGone(words)
    indicator, grain = of_these[0], of_these[0].grains[0]
    number = series_store.ensure(connection, indicator.key, grain, [fold.WHOLE])[fold.WHOLE]
    start = recompute.current_start(workspace, grain, workspace.now(now))
    doubts.add(
        connection,
        [
            {
                "series_id": number, "source": source, "period_start": start, "version": indicator.version, "num": 0, "den": None,
                "n": None, "status": "A", "source_rev": 0, "kind": KIND, "words": words, "held": True, "against": "",
                "run_id": run_id, "revision": revision, "at": periods.to_us(now),
            }
        ],
    )  # fmt: skip
    made = gone.waiting(connection, source)
    assert made is not None
    return made


def withdraw(connection: Connection, one: Doubted, revision: int, at: datetime) -> Sequence[tuple[Version | None, Version]]:
    """A person says that they are gone indeed."""
    return records.withdraw(connection, one.source, gone.of(connection, one.id), revision, periods.to_us(at), one.run_id)
