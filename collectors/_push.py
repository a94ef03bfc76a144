"""A request of a system that sends its data: what it is answered. The same key again gets the same answer, and stores nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from collectors import _json
from collectors._errors import Failure, one_line
from collectors._sent import batch as batch_of
from collectors._take import Door, refuse, take
from metrics.arrivals import Batch, Refusal, RevisionKind
from metrics.ingest import Ingested
from metrics.model import Source
from metrics.store import receipts
from metrics.store.receipts import Receipt

MAX_BYTES = 5 * 1024 * 1024
MAX_ITEMS = 10_000
MAX_KEY = 128
SHOWN = 1_000
"""Faults of one answer; all are counted."""
KEPT = timedelta(days=30)
"""How long the same Idempotency-Key is known."""


@dataclass(frozen=True)
class Answer:
    status: int
    said: Mapping[str, Any]
    again: bool = False
    """It was given before, to the same key."""


def push(door: Door, source: Source, body: bytes, key: str | None, now: datetime, *, kind: RevisionKind = "push") -> Answer:
    """`body`: {"items": [...], "complete": false}. All of it is stored, or nothing, and every fault is named.

    kind: of the revision; `replay` while history is made.
    """
    sha, actor = hashlib.sha256(body).hexdigest(), f"source:{source.key}"
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        return problem(400, "bad_key", f"Idempotency-Key has 1 to {MAX_KEY} printable ASCII characters")
    if (before := _before(door, source, key, sha)) is not None:
        return before
    try:
        items, complete = _items(body, source)
    except Failure as failure:
        refuse(door, source, failure, (), now, kind="push", actor=actor, sha=sha)
        return problem(413 if failure.kind == "too_large" else 400, failure.kind, failure.what, failure.hint)
    made, faults = batch_of(source, door.workspace, items, now, pointer)
    if faults:
        return _refused(door, source, items, faults, now, actor, sha)
    answers: list[Answer] = []

    def keep(connection: Any, done: Ingested) -> None:
        answers[:] = [Answer(200, _said(done))]
        if key is not None:
            receipts.forget(connection, source.key, now - KEPT)
            receipts.keep(connection, source.key, key, Receipt(sha, json.dumps(answers[0].said)), now)

    whole = Batch(source.key, made.records, made.observations, complete)
    try:
        take(door, source, whole, now, kind=kind, actor=actor, sha=sha, beside=keep, seen=items)
    except Failure as failure:
        refuse(door, source, failure, (), now, kind="push", actor=actor, sha=sha, counts={"rows": len(items)})
        return problem(422, failure.kind, failure.what, failure.hint)
    except IntegrityError:
        # The same key came in twice at once and the other one was faster; nothing of this one was stored.
        found = _before(door, source, key, sha)
        if found is None:
            raise
        return found
    return answers[0]


def too_large(door: Door, source: Source, now: datetime) -> Answer:
    """A body nobody read to its end."""
    failure = Failure("too_large", f"the body has more than {MAX_BYTES} bytes", "send it in several parts")
    refuse(door, source, failure, (), now, kind="push", actor=f"source:{source.key}")
    return problem(413, failure.kind, failure.what, failure.hint)


def pointer(index: int, field: str) -> str:
    """RFC 6901: where in the body it stands."""
    path = f"/items/{index}"
    for step in field.split(", ")[0].split(".") if field else ():
        path += "/" + one_line(step, 60).replace("~", "~0").replace("/", "~1")
    return path


def problem(status: int, id: str, message: str, hint: str = "", faults: Sequence[Refusal] = ()) -> Answer:
    said: dict[str, Any] = {"error": {"id": id, "code": status, "message": message, "hint": hint}}
    if faults:
        said["faults"] = [{"place": one.place, "reason": one.reason, "value": one.value} for one in faults[:SHOWN]]
        said["total"] = len(faults)
    return Answer(status, said)


def _before(door: Door, source: Source, key: str | None, sha: str) -> Answer | None:
    if key is None:
        return None
    with door.store.read() as connection:
        found = receipts.find(connection, source.key, key)
    if found is None:
        return None
    if found.sha256 != sha:
        return problem(422, "key_used", "this Idempotency-Key was used for another body", "a new key for what is new")
    return Answer(200, json.loads(found.answer), again=True)


def _items(body: bytes, source: Source) -> tuple[list[Any], bool]:
    said = _json.parse(body, "the body")
    if not isinstance(said, Mapping) or not isinstance(said.get("items"), list):
        raise Failure("bad_input", "the body is no object with a list of items", 'send {"items": [...]}')
    if unknown := [one_line(name, 40) for name in said if name not in ("items", "complete")]:
        raise Failure("bad_input", f"the body has {', '.join(unknown[:5])}, which is not known", "items and complete are")
    complete, items = said.get("complete", False), said["items"]
    if not isinstance(complete, bool):
        raise Failure("bad_input", "complete is neither true nor false", "leave it out")
    if complete and not source.complete:
        raise Failure("bad_input", "complete: this source is not declared to send everything it holds", "leave it out")
    if not items and not complete:
        raise Failure("bad_input", "items is empty", "send at least one")
    if len(items) > MAX_ITEMS:
        raise Failure("too_large", f"{len(items)} items, more than {MAX_ITEMS}", "send them in several requests")
    return items, complete


def _refused(
    door: Door, source: Source, items: Sequence[Any], faults: Sequence[Refusal], now: datetime, actor: str, sha: str
) -> Answer:
    rows = len({one.place.split("/")[2] for one in faults})
    what = f"{len(faults)} faults in {rows} of {len(items)} items; nothing was stored"
    first = faults[0]
    failure = Failure("bad_input", f"{what}; the first: {first.place} {first.reason}", "the system that sends must mend it")
    counts = {"rows": len(items), "refused": rows}
    refuse(door, source, failure, faults, now, kind="push", actor=actor, sha=sha, counts=counts)
    return problem(422, "bad_items", what, "mend these places and send the whole again", faults)


def _said(done: Ingested) -> dict[str, Any]:
    return {"run": done.run_id, "revision": done.revision, "counts": dict(done.counts)}
