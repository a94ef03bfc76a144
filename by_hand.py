"""What is done by hand at the command line: look a workspace over, collect, replay, let go of what is old, accept a meaning."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from metrics import catalogue
from metrics.answers import RunRow
from metrics.arrivals import Batch
from metrics.catalogue import Fault, load
from opening import collect_garbage_seldom, opened
from settings import Settings

WORST_FIRST = ("error", "refused", "ok", "unchanged")


def check(given: argparse.Namespace, settings: Settings) -> int:
    import alerts
    import collectors

    folder = given.folder or settings.workspace
    types = {kind: collectors.collector(kind).SETTINGS for kind in collectors.kinds()}
    faults = catalogue.check(folder, types)
    workspace, _ = load(folder, types)
    for receiver, what in alerts.faults(workspace) if workspace is not None else ():
        faults.append(Fault("bad-receiver", "workspace.yaml", 1, f"receiver {receiver}: {what}"))
    for file, line, what in alerts.untold(workspace) if workspace is not None else ():
        faults.append(Fault("told-to-nobody", file, line, what))
    for fault in faults:
        print(fault)
    print(f"{len(faults)} fault{'s' if len(faults) != 1 else ''}" if faults else "no fault")
    return 1 if faults else 0


def collect(given: argparse.Namespace, settings: Settings) -> int:
    import alerts
    from collectors._run import run_source
    from collectors._sample import samples

    workspace, store = opened(settings)
    if given.source not in workspace.sources:
        print(f"no source {given.source!r}; there are: {', '.join(workspace.sources)}", file=sys.stderr)
        return 2
    kind = "backfill" if given.since or given.until else "collect"
    source, would = workspace.sources[given.source], list[Batch]()
    made: list[RunRow] = []

    def told(row: RunRow) -> None:
        made.append(row)
        said = {"run": row.id or None, "outcome": row.outcome, "counts": dict(row.counts), "error": row.error, "hint": row.hint}
        print(json.dumps(said, ensure_ascii=False), flush=True)

    run_source(
        source, workspace, store, datetime.now(UTC), (alerts.evaluate(workspace),),
        dry_run=given.dry_run, since=given.since, until=given.until, kind=kind, each=told, show=would.append,
    )  # fmt: skip
    for line in samples(would, source):
        print(json.dumps(line, ensure_ascii=False))
    for refusal in [refusal for row in made for refusal in row.refusals][:20]:
        print(json.dumps(dict(refusal), ensure_ascii=False))
    outcome = min((row.outcome for row in made), key=WORST_FIRST.index)
    counts = sum((Counter(row.counts) for row in made), Counter[str]())
    print(json.dumps({"runs": len(made), "outcome": outcome, "counts": dict(counts)}, ensure_ascii=False))
    return 1 if outcome == "error" else 0


def replay(given: argparse.Namespace, settings: Settings) -> int:
    from metrics.replay import NotAllowed, resume_at
    from worker import Worker, say

    workspace, store = opened(settings)
    begin = given.begin or datetime.now(UTC) - timedelta(days=workspace.replay.days if workspace.replay else 45)
    try:
        with store.read() as connection:
            resume_at(connection, begin)
    except NotAllowed as error:
        print(error, file=sys.stderr)
        return 2
    worker = Worker(store, workspace, settings)
    collect_garbage_seldom()
    worker._beat()
    worker.replay(begin, lambda done: say("history", done))
    return 0


def retain(given: argparse.Namespace, settings: Settings) -> int:
    from metrics.retain import retain

    workspace, store = opened(settings)
    if workspace.retention is None:
        print("the workspace says nothing of `retention`: everything is kept")
        return 0
    done = retain(store, workspace, datetime.now(UTC), dry_run=given.dry_run)
    print(json.dumps({"dry_run": given.dry_run, "payloads": done.payloads, "figures": done.figures}))
    return 0


def definitions(given: argparse.Namespace, settings: Settings) -> int:
    if given.action == "accept":
        by = given.by or os.environ.get("USER") or os.environ.get("LOGNAME") or ""
        added, faults = catalogue.accept(settings.workspace, given.reason, by=by, at=datetime.now(UTC), since=given.since)
        for line in [*map(str, faults), *added]:
            print(line)
        if not faults and not added:
            print("nothing to accept: every definition means what it was accepted as")
        return 1 if faults else 0
    workspace, faults = load(settings.workspace)
    if workspace is None:
        print("\n".join(map(str, faults)), file=sys.stderr)
        return 1
    for indicator in workspace.indicators.values():
        print(f"{indicator.key}\tversion {indicator.version}\t{indicator.name['zh']}\t{indicator.name['en']}")
    return 0
