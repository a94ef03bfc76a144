"""Rows -> a Batch, as the source's `map` declares. Pure: the same rows and `now` give the same batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors._errors import Failure, one_line
from collectors._fields import SKEW, BadField, Fields, Row, missing_words
from collectors._observations import observations
from collectors._records import records
from metrics.arrivals import Batch, ObservationIn, RecordIn, Refusal
from metrics.model import Source

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

TOO_MANY = 0.5
"""When more of a unit's rows than this are refused, the unit is not what the mapping describes: nothing of it is taken."""


def to_batch(
    source: Source,
    workspace: Workspace,
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    where: Callable[[int], str] = lambda index: f"row {index + 1}",
    columns: Sequence[str] | None = None,
    unsplit: int = 0,
) -> tuple[Batch, list[Refusal]]:
    """What one unit's rows say, and the rows that were not taken.

    `columns`: the header where the payload has one; a mapped column that is not in it is `schema_changed`, further ones are
    ignored. `unsplit`: rows that were refused before they came here. Failure also where one key has two different values, or
    where more than half of the rows are refused."""
    rows = rows if isinstance(rows, Sequence) else list(rows)
    fields = Fields(workspace, missing_words(source.mapping), now + SKEW)
    try:
        if source.gives == "records":
            one = records(source, workspace, fields)
            read: Callable[[Row], Iterable[Any]] = lambda row: (one(row),)  # noqa: E731
        else:
            read = observations(source, workspace, fields, now)
    except (KeyError, TypeError) as error:
        what = f"the mapping of {source.key} lacks or misspells {error}"
        raise Failure("settings", what, "run: python app.py check") from error
    _check_columns(fields.needed, rows, columns, source)
    personal = _personal(source)
    taken: dict[Any, Any] = {}
    first: dict[Any, int] = {}
    refusals: list[Refusal] = []
    key_of = _record_key if source.gives == "records" else _observation_key
    for index, row in enumerate(rows):
        try:
            for item in read(row):
                key = key_of(item)
                if taken.setdefault(key, item) is item:
                    first[key] = index
                elif taken[key] != item:
                    newer = _newer(taken[key], item)
                    if newer is None:
                        raise _twice(key, where(first[key]), where(index))
                    taken[key] = newer
        except BadField as bad:
            value = "" if bad.field in personal else bad.value
            refusals.append(Refusal(where(index), bad.field, bad.reason, value))
    if len(refusals) + unsplit > (len(rows) + unsplit) * TOO_MANY:
        what = f"{len(refusals) + unsplit} of {len(rows) + unsplit} rows were refused"
        if refusals:
            some = refusals[0]
            what += f"; the first: {some.place}: {some.field} {some.reason}" + (f" ({some.value})" if some.value else "")
        raise Failure("bad_input", what, "nothing of this unit was taken; compare the source with its mapping")
    found = tuple(taken.values())
    if source.gives == "records":
        return Batch(source.key, records=found), refusals
    return Batch(source.key, observations=found), refusals


def _record_key(record: RecordIn) -> str:
    return record.external_id


def _observation_key(o: ObservationIn) -> tuple[Any, ...]:
    return o.indicator, o.period_start, o.department, o.region, o.dims


def _newer(a: Any, b: Any) -> Any:
    """Of two states of one record in one unit, the one with the higher revision of the source; None where it does not say."""
    if a.source_rev == b.source_rev:
        return None
    return a if a.source_rev > b.source_rev else b


def _twice(key: Any, first: str, second: str) -> Failure:
    name = key if isinstance(key, str) else ", ".join(str(part) for part in key if part != "{}")
    return Failure(
        "bad_input",
        f"{one_line(name, 80)} stands twice with different values: {first} and {second}",
        "nothing of this unit was taken; the source must say which one holds",
    )


def _check_columns(
    needed: Iterable[str], rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None, source: Source
) -> None:
    if columns is not None:
        have: set[str] = set(columns)
        lost = [name for name in needed if name not in have]
    else:
        # In JSON a key without a value is often left out: only what no row can do without shows that the layout changed.
        if not rows:
            return
        have = {key for row in rows[:1000] for key in row}
        spec = source.mapping.get("id" if source.gives == "records" else "period")
        name = spec.get("field") if isinstance(spec, Mapping) else spec
        lost = [name] if name and name != "now" and name.split(".")[0] not in have and name not in have else []
    if lost:
        known = set(needed)
        added = [one_line(name, 40) for name in sorted(have - known)][:20]
        raise Failure(
            "schema_changed",
            f"missing: {', '.join(lost)}; not mapped: {', '.join(added) or 'nothing'}",
            "the source renamed or dropped a field: put the mapping right",
        )


def _personal(source: Source) -> frozenset[str]:
    """Names of the source's own fields that hold personal data: their values are in no message."""
    extra = source.mapping.get("extra") or ()
    if isinstance(extra, Mapping):
        fields = {name: spec.get("field", name) if isinstance(spec, Mapping) else spec for name, spec in extra.items()}
    else:
        fields = {name: name for name in (one.get("field") if isinstance(one, Mapping) else one for one in extra)}
    return frozenset(fields.get(name, name) for name in source.personal) | frozenset(source.personal)
