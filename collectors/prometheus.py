"""What a Prometheus server answers to a PromQL query: now, or in steps since the last run; a back-fill asks for its days."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from collectors._errors import Failure, one_line
from collectors._http import HttpSettings, get
from collectors._json import at_path, parse
from collectors._payload import Payload, Want
from collectors._settings import Duration, settings_of
from metrics.model import Source

POINTS = 10_000
"""A server gives at most 11,000 points of a series at once."""


class SETTINGS(HttpSettings):
    query: str
    """PromQL. Rates of counters belong here: the server knows when a counter began anew."""
    step: Duration | None = None
    """Ask for a value at every such moment since the last run. None: for the value of now."""
    first: Duration = timedelta(days=1)
    """How far back the first run asks."""
    overlap: Duration = timedelta(minutes=10)
    """How much is asked again, for what came late."""
    max_samples: int = 50_000


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """Rows {label: ..., value, at}, `at` in seconds since 1970; NaN is missing. `mark`: {"until"}, in steps only."""
    settings = settings_of(source, SETTINGS)
    if settings.step is None:
        if want.until is not None and want.until < want.now:
            yield Payload((), "", {}, unchanged=True)
            return
        yield _asked(source, settings, want, "query", {"time": _seconds(want.now)}, {})
        return
    step = max(1.0, settings.step.total_seconds())
    low = want.since or _begin(settings, want)
    # Moments are multiples of the step, so that the same ones are asked again and not their neighbours.
    first, last = -(-low.timestamp() // step), (want.until or want.now).timestamp() // step
    if first > last:
        yield Payload((), "", {}, unchanged=True)
        return
    while first <= last:
        end = min(last, first + POINTS - 1)
        moments = {"start": f"{first * step:.3f}", "end": f"{end * step:.3f}", "step": f"{step:g}"}
        mark = {"until": datetime.fromtimestamp(end * step, UTC).isoformat()}
        yield _asked(source, settings, want, "query_range", moments, mark)
        first = end + 1


def _begin(settings: SETTINGS, want: Want) -> datetime:
    if "until" not in want.mark:
        return want.now - settings.first
    return datetime.fromisoformat(want.mark["until"]) - settings.overlap


def _asked(
    source: Source, settings: SETTINGS, want: Want, what: str, moments: Mapping[str, str], mark: Mapping[str, Any]
) -> Payload:
    asked = urlencode({"query": settings.query, **moments})
    answer = get(source.key, f"{settings.url.rstrip('/')}/api/v1/{what}?{asked}", settings, want)
    place = "the answer"
    document = parse(answer.body, place)
    if at_path(document, "status", place) != "success":
        words = one_line(document.get("error", "no success"), 200)
        raise Failure("http", f"{place}: Prometheus says: {words}", "try the query in its own page")
    kind, result = at_path(document, "data.resultType", place), at_path(document, "data.result", place)
    if kind not in ("vector", "matrix", "scalar") or not isinstance(result, list):
        what = f"{place}: a {one_line(kind, 20)}, which is no figure"
        raise Failure("schema_changed", what, "the query must give numbers")
    try:
        rows = list(_rows(kind, result, settings.max_samples))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Failure(
            "schema_changed", f"{place}: no samples as Prometheus writes them", "is this a Prometheus server?"
        ) from None
    # The moment is part of it: the same figures a minute later are new ones.
    digest = hashlib.sha256(answer.body + repr(sorted(moments.items())).encode()).hexdigest()
    return Payload(rows, digest, mark, answer.body[:300].decode("utf-8", "replace"))


def _rows(kind: str, result: list[Any], most: int) -> Iterator[Mapping[str, Any]]:
    series: list[Any] = [{"metric": {}, "value": result}] if kind == "scalar" else result
    count = 0
    for one in series:
        labels = {("metric" if name == "__name__" else str(name)): value for name, value in one["metric"].items()}
        for at, value in one["values"] if kind == "matrix" else [one["value"]]:
            count += 1
            if count > most:
                raise Failure("too_large", f"more than {most} samples", "aggregate in the query: sum by (...)")
            # Text, so that no digit is lost; an infinite one is refused by name where it is mapped.
            yield {**labels, "value": None if value == "NaN" else value, "at": float(at)}


def _seconds(at: datetime) -> str:
    return f"{at.timestamp():.3f}"
