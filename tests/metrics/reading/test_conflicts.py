"""Sources that disagree are found among years of figures in which they agree, without reading those."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from metrics.answers import Ask
from metrics.model import Principal
from metrics.reading.conflicts import conflicts
from metrics.store import observations
from tests.metrics import small
from tests.metrics.small import DAY, NOW, calls, put

BOSS = Principal("boss", "boss", frozenset({"supervisor"}))


def found(store, **more):
    """The conflicts, how many statements it took and how many figures were read."""
    known = dict(small.workspace().indicators)
    known["calls"] = replace(known["calls"], **more)
    with store.read() as connection:
        statements: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        disputed = conflicts(Ask(connection, replace(small.workspace(), indicators=known), BOSS, NOW))
    return disputed, len(statements)


@pytest.fixture
def read(monkeypatch):
    """The figures that were read from the database."""
    rows = []
    plain = observations._reported
    monkeypatch.setattr(observations, "_reported", lambda row: rows.append(row) or plain(row))
    return rows


def both(store, days, **differing):
    """Two sources that agree on all of these days, but for those named."""
    for source, add in (("calls", 0), ("calls2", 1)):
        told = [calls(10 + day + add * differing.get(f"d{day}", 0), region, day) for day in days for region in ("x1", "y1")]
        put(store, *told, source=source)


def test_figures_that_agree_are_not_read_and_cost_no_query_each(store, read):
    both(store, range(-3, 0))
    few = found(store)
    both(store, range(-60, -3), d_5=0)
    assert found(store) == few == ([], few[1])
    assert read == []


def test_only_what_differs_is_read_and_by_as_many_queries_however_many_there_are(store, read):
    both(store, range(-40, 0), **{"d-9": 4})
    disputed, statements = found(store)
    assert [(one.series.region, one.difference, one.period_start) for one in disputed] == [
        (region, 4, DAY - timedelta(days=9)) for region in ("x1", "y1")
    ]
    assert [told.value for told in disputed[0].told] == [1, 5]
    assert len(read) == 4
    both(store, range(-40, 0), **{f"d{day}": 4 for day in range(-40, 0)})
    assert (len(found(store)[0]), found(store)[1]) == (80, statements)


def test_what_is_tolerated_is_not_read_either(store, read):
    both(store, range(-2, 0), **{"d-1": 4})
    assert found(store, tolerance=Decimal(4))[0] == []
    assert read == []
    assert len(found(store, tolerance=Decimal("3.5"))[0]) == 2
    assert [one.difference for one in found(store, tolerance=Decimal("0.3"), decimals=1)[0]] == [Decimal("0.4")] * 2


def test_rates_are_compared_as_rates(store, read):
    put(store, calls(50, den=100), source="calls")
    put(store, calls(25, den=50), source="calls2")
    assert found(store, unit="percent")[0] == []
    put(store, calls(26, den=50), source="calls2")
    assert [one.difference for one in found(store, unit="percent", tolerance=Decimal(1))[0]] == [2]
    put(store, calls(None, status="M"), source="calls2")
    assert found(store, unit="percent")[0] == []
