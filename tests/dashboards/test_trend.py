"""The line of an indicator carries the marks of the alerts and orders on this figure of this place."""

from dataclasses import replace

import alerts
from dashboards import _figures, _trend
from metrics import reading
from metrics.arrivals import Series
from tests.alerts.orders.test_desk import CHIEF, Office
from tests.alerts.small import START
from tests.dashboards import made


def test_it_marks_when_an_alert_was_raised_and_an_order_issued_whatever_happens_elsewhere(store, monkeypatch):
    """As many alerts and orders of other places as are looked at, all of them newer, hide none of this one."""
    monkeypatch.setattr(_trend, "MARKS", 1)
    office = Office(store)
    office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    office.put(3, 97)
    office.put(5, 80, "b")
    (other,) = [row for row in office.ask(CHIEF, alerts.inbox).rows if row.department == "b"]
    office.raise_order(CHIEF, 6.2, episode=other.id, lead="b")

    def marks(ask, department):
        series, setting = Series("on_time", "day", department), replace(made.setting("en"), now=ask.now)
        found = _trend.alert_marks(ask, series, setting)
        points = _trend.points(reading.trend(ask, series), made.indicator(), setting)
        drawn = str(_figures.trend(points, [], marks=found, lane="Alerts"))
        assert all(mark.text in drawn for mark in found)
        return [(mark.severity, mark.at.day) for mark in found]

    assert office.ask(CHIEF, marks, "a") == [("serious", START.day + 3), ("order", START.day + 3)]
    assert office.ask(CHIEF, marks, "b") == [("serious", START.day + 6), ("order", START.day + 6)]
    assert office.ask(CHIEF, marks, "_T") == []
