"""The figures around an order or an alert stay with it, however long ago it was."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

import alerts
from alerts import orders
from dashboards import _alert_figure, _order, _order_course
from metrics.model import TOTAL
from metrics.periods import to_us
from metrics.store import head
from metrics.store.sheet import Sheet, Stamp
from metrics.values import Values
from tests.alerts import small
from tests.alerts.orders.test_desk import CHIEF, CLERK, Office
from tests.alerts.small import DAY, START
from tests.dashboards import made

FIVE = timedelta(minutes=5)


@pytest.fixture
def office(store):
    return Office(store)


def order_page(office, id, day):
    """What the course and the chart of an order say on a day."""

    def said(ask):
        detail, setting = orders.one(ask, id), replace(made.setting("en"), now=ask.now)
        figures = _order.figures(detail, ask)
        drawn, _ = _order.data(detail, figures, ask, setting)
        return made.words(_order_course.course(detail, figures, ask, setting)), made.words(drawn)

    return office.ask(CHIEF, said, at=START + day * DAY)


def alert_page(office, id, day):
    def said(ask):
        return made.words(_alert_figure.around(alerts.one(ask, id), ask, replace(made.setting("en"), now=ask.now)))

    return office.ask(CHIEF, said, at=START + day * DAY)


def test_it_shows_the_same_course_and_figures_of_a_closed_order_whatever_comes_after(office):
    id = office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    office.step(CLERK, id, "signed", 3.5)
    office.answer(id, 3.6)
    for day in range(3, 8):
        office.put(day, 97 if day % 2 else 91)
    office.step(CHIEF, id, "overridden", 8.5)
    before = order_page(office, id, 9)
    for rate in ("80.0", "91.0", "97.0"):
        assert rate in before[1]
    assert before[0].count("97.0%") == 3, "of three days"
    for day in range(8, 88):
        office.put(day, 99)
    assert order_page(office, id, 89) == before


def test_it_shows_the_breach_of_an_old_alert_and_leads_to_what_is_behind_it(office):
    id = office.alert().id
    office.put(3, 97)
    before = alert_page(office, id, 5)
    assert "80.0" in before
    for day in range(4, 94):
        office.put(day, 99)
    after = alert_page(office, id, 95)
    assert after == before
    assert "Open 30 that missed" in after


def test_it_says_how_many_figures_it_leaves_out_of_too_many_and_shows_the_first_and_the_last(store):
    """A month of five minutes is as many as nobody reads."""
    fast = small.indicator(grains=("minute5",), cuts={"minute5": (("department",),)})
    desk = Office(store, small.workspace(indicators={"on_time": fast}))
    end = START + 400 * FIVE
    values = {(("a", TOTAL, "{}"), to_us(START + n * FIVE)): Values(n, 1000, 1000) for n in range(400)}
    with store.write() as connection:
        sheet, taken = Sheet(connection), head.take(connection, end, "collect")
        sheet.put("on_time", "minute5", 1, values, Stamp(taken.number, to_us(end)), to_us(end))
        sheet.flush()
    id = desk.raise_order(CHIEF, 20 * FIVE / DAY, indicator="on_time", department="a", grain="minute5", threshold=Decimal(95))
    left = 400 - 2 - 60 - 180  # two before the eighteen before it was drafted
    course, drawn = order_page(desk, id, 400 * FIVE / DAY)
    for said in (course, drawn):
        assert f"{left} more periods in between" in said
    assert "2.1%" in course, "the first after it was drafted"
    assert "39.9%" in course, "the newest"
    assert "15.0%" not in course
    assert course.index("5.9%") < course.index("more periods") < course.index("23.0%")
