"""A workspace and its store, opened together: what the web server, the worker and most commands begin with."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

import alerts
from metrics import definitions, recount
from metrics.catalogue import Workspace, load
from metrics.store import schema
from metrics.store.engine import Store
from settings import Settings


def opened(settings: Settings, *, look_over: bool = False) -> tuple[Workspace, Store]:
    """The workspace and its store, migrated; SystemExit with every fault of the workspace, or with why there is no store."""
    workspace, faults = load(settings.workspace)
    if workspace is None:
        raise SystemExit("\n".join(str(fault) for fault in faults))
    try:
        idle_ms = int(settings.idle.total_seconds() * 1000)
        store = schema.opened(settings.data, settings.database_url, look_over=look_over, idle_ms=idle_ms)
        told = definitions.contradictions(store, workspace)
        if told:
            store.refuse("; ".join(told))
        else:
            now = datetime.now(UTC)
            definitions.take_in(store, workspace, now)
            recount.take_in(store, workspace, (alerts.evaluate(workspace),), now)
    except DBAPIError as error:
        raise SystemExit(str(schema.unusable(error))) from None
    except schema.Unusable as error:
        raise SystemExit(str(error)) from None
    return workspace, store


def collect_garbage_seldom() -> None:
    """Each revision, and each page, makes and drops tens of thousands of rows, none of them in a cycle: looking through them all
    the time was a tenth of a replay and half of a reading of a year. Storing 10,000 figures holds 100,000 objects at once."""
    gc.freeze()
    gc.set_threshold(150_000, 20, 20)
