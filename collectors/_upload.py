"""A form that was handed in: its faults by cell, or what it would change, and then the same door as everything else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from collectors import _duties, _form, _sent
from collectors._duties import Duty
from collectors._errors import Failure, one_line
from collectors._take import Door, refuse, take
from metrics.arrivals import Batch, ObservationIn, Refusal, RevisionKind
from metrics.ingest import Ingested
from metrics.model import Source
from metrics.values import Values


@dataclass(frozen=True)
class Change:
    """One figure of the form beside what is known."""

    one: ObservationIn
    before: Values | None
    now: Values
    kind: Literal["new", "changed", "same"]


@dataclass(frozen=True)
class Checked:
    rows: Sequence[Mapping[str, Any]]
    lines: Sequence[int]
    faults: Sequence[Refusal]
    """`place` is a cell."""
    changes: Sequence[Change]


def check(door: Door, source: Source, data: bytes, name: str, now: datetime) -> Checked:
    """Nothing is stored. Failure for what is not the form of this source."""
    name = one_line(name, 80)
    found = _form.lines(data, name)
    with door.store.read() as connection:
        owes = _duties.duties(connection, source, door.workspace, now)
    rows, lines = _form.rows(found, owes, door.workspace)
    if not rows:
        raise Failure("missing", f"{name} holds no figure", "fill in the shaded cells, then hand it in")
    return again(door, source, rows, lines, now)


def again(door: Door, source: Source, rows: Sequence[Mapping[str, Any]], lines: Sequence[int], now: datetime) -> Checked:
    """The same rows looked at anew: what they would change may have changed since."""
    made, faults = _sent.batch(source, door.workspace, rows, now, lambda index, field: _form.cell_of(lines[index], field))
    faults = [*faults, *_not_owed(door, source, rows, lines, now)]
    faults.sort(key=lambda one: (int(one.place[1:] or 0), one.place))
    if faults:
        return Checked(rows, lines, faults, ())
    since = min(one.period_start for one in made.observations)
    with door.store.read() as connection:
        known = _duties.given(connection, source, since)
    changes = []
    for one in made.observations:
        before, values = known.get(_duties.spot(one)), Values(one.num, one.den, one.n, None, one.status)
        kind: Literal["new", "changed", "same"] = "new" if before is None else "same" if before == values else "changed"
        changes.append(Change(one, before, values, kind))
    return Checked(rows, lines, (), changes)


def store(door: Door, source: Source, checked: Checked, now: datetime, who: str, *, kind: RevisionKind = "upload") -> Ingested:
    """Through the one door, as one revision, in the name of who handed it in. kind: `replay` while history is made."""
    made, faults = _sent.batch(source, door.workspace, checked.rows, now, lambda index, field: "")
    assert not faults
    batch = Batch(source.key, observations=made.observations)
    return take(door, source, batch, now, kind=kind, actor=who, sha=sha(checked), seen=checked.rows)


def refused(door: Door, source: Source, failure: Failure, faults: Sequence[Refusal], now: datetime, who: str) -> int:
    """The Run that tells of a form that was not taken."""
    return refuse(door, source, failure, faults, now, kind="upload", actor=who, counts={"refused": len(faults)} if faults else {})


def sha(checked: Checked) -> str:
    said = json.dumps([dict(row) for row in checked.rows], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def _not_owed(
    door: Door, source: Source, rows: Sequence[Mapping[str, Any]], lines: Sequence[int], now: datetime
) -> list[Refusal]:
    """A rate without its denominator, and a place this office has no line for: sound for the store, wrong in this form."""
    mine = {one.key: one for one in _sent.owed(source, door.workspace)}
    levels = {place.id for place in door.workspace.regions.at_level(_level(source))}
    found = []
    for row, line in zip(rows, lines, strict=True):
        one = mine.get(str(row.get("indicator", "")))
        if one is not None and one.unit == "percent" and "num" in row and "den" not in row:
            found.append(Refusal(_form.cell_of(line, "den"), "den", "a rate has a denominator"))
        place = door.workspace.regions.by_code(str(row["region"])) if row.get("region") else None
        if place is not None and levels and place.id not in levels:
            found.append(Refusal(_form.cell_of(line, "place"), "region", "is no unit of this form", str(row["region"])))
    return found


def _level(source: Source) -> str:
    return str(source.settings.get("regions", ""))


def open_duties(owes: Sequence[Duty], now: datetime) -> tuple[int, int]:
    """(still owed, of these past their deadline)."""
    missing = [one for one in owes if one.given is None]
    return len(missing), sum(one.deadline < now for one in missing)
