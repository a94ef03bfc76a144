"""Paths of screens that messages point to."""

from __future__ import annotations

from urllib.parse import urlencode

from metrics.arrivals import Series
from metrics.model import TOTAL
from metrics.rulebook import Rule


def figure(rule: Rule, series: Series) -> str:
    """The indicator's page at this very figure."""
    given = {"grain": series.grain, "department": series.department, "region": series.region}
    return f"/indicator/{rule.indicator}?{urlencode({k: v for k, v in given.items() if v != TOTAL})}"
