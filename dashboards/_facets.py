"""The counts beside a list of cases, counted once for everybody who asks the same of the same revision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dashboards._live import scope
from dashboards._site import site
from metrics import reading
from metrics.answers import Ask, CaseQuery

KEPT = 600
"""Seconds a count is kept."""


def counted(ask: Ask, query: CaseQuery) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Only what is behind a figure changes by the hour (what is overdue): of that a count is of one minute."""
    revision = query.revision or reading.head(ask.connection).number
    at = query.evaluated_at or (ask.now.replace(second=0, microsecond=0) if query.indicator else None)
    asked = replace(query, sort="", revision=revision, evaluated_at=at)
    name = "facets:" + hashlib.sha256(f"{asked!r} {scope(ask.who)}".encode()).hexdigest()
    cache = site().cache
    kept = cache.get(name)
    if kept is None:
        kept = json.dumps(reading.facets(ask, query), ensure_ascii=False).encode()
        cache.set(name, kept, timeout=KEPT)
    return {key: [(value, number) for value, number in counts] for key, counts in json.loads(kept).items()}
