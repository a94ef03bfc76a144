"""A question as the query of a URL and back: pages, exports and the API open exactly the list that stands behind a figure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from metrics.answers import CaseQuery, Cell
from metrics.model import TOTAL, Indicator

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""What no key, category or search holds; PostgreSQL takes no NUL."""
ROLES = ("over", "of", "apart", "missed")


class BadQuery(ValueError):
    """A query that cannot be read; the message names the parameter."""


def instant(text: str, name: str = "at") -> datetime:
    """`2026-11-21T16:00:00Z` (any offset), as aware UTC."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise BadQuery(f"{name}: not an instant: {text[:40]}") from None
    if at.tzinfo is None:
        raise BadQuery(f"{name}: without an offset: {text[:40]}")
    return at.astimezone(UTC)


def text(at: datetime) -> str:
    """An instant for a URL, exact to the microsecond."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def of_cases(query: CaseQuery) -> dict[str, str]:
    """The query's parameters; what has its default is left out."""
    found = {
        "source": query.source,
        "indicator": query.indicator or "",
        "role": query.role if query.indicator else "",
        "grain": query.grain or "",
        "period": text(query.period_start) if query.period_start else "",
        "department": "" if query.department == TOTAL else query.department,
        "region": "" if query.region == TOTAL else query.region,
        "category": query.category or "",
        "state": query.state or "",
        "search": query.search,
        "sort": "" if query.sort == "-opened" else query.sort,
        "rev": str(query.revision) if query.revision is not None else "",
        "at": text(query.evaluated_at) if query.evaluated_at else "",
        "version": str(query.version) if query.version is not None else "",
    }
    return {key: value for key, value in found.items() if value}


def parameters(kept: str) -> dict[str, str]:
    """The parameters of a query that was kept as text."""
    return dict(parse_qsl(kept))


def cases(asked: Mapping[str, str], source: str = "") -> CaseQuery:
    """The query that parameters say; `source` is the one taken where they name none."""
    for name, value in asked.items():
        if CONTROL.search(value):
            raise BadQuery(f"{name}: holds a control character")
    role = asked.get("role") or "over"
    if role not in ROLES:
        raise BadQuery(f"role: one of {', '.join(ROLES)}")
    numbers = {name: asked.get(name) or "" for name in ("rev", "version")}
    for name, number in numbers.items():
        if number and not (number.isdecimal() and len(number) < 19):
            raise BadQuery(f"{name}: not a number")
    return CaseQuery(
        source=asked.get("source") or source,
        indicator=asked.get("indicator") or None,
        role=role,  # type: ignore[arg-type]
        grain=asked.get("grain") or None,
        period_start=instant(asked["period"], "period") if asked.get("period") else None,
        department=asked.get("department") or TOTAL,
        region=asked.get("region") or TOTAL,
        category=asked.get("category") or None,
        state=asked.get("state") or None,
        search=(asked.get("search") or "")[:100],
        sort=asked.get("sort") or "-opened",
        revision=int(numbers["rev"]) if numbers["rev"] else None,
        evaluated_at=instant(asked["at"]) if asked.get("at") else None,
        version=int(numbers["version"]) if numbers["version"] else None,
    )


def behind(cell: Cell, indicator: Indicator, role: str) -> CaseQuery:
    """The cases behind one figure, at the figure's own revision and moment, by its own definition."""
    return CaseQuery(
        source=indicator.source or "",
        indicator=indicator.key,
        role=role,  # type: ignore[arg-type]
        grain=cell.series.grain,
        period_start=cell.period_start,
        department=cell.series.department,
        region=cell.series.region,
        revision=cell.revision,
        evaluated_at=cell.evaluated_at,
        version=cell.version,
    )
