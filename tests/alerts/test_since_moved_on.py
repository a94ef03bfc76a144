"""A correction in the middle of an open alert moves its beginning on; what was told of it was true all the same."""

from datetime import timedelta

import pytest

from alerts.store.tables import episode
from tests.alerts.small import DAY, START, Desk
from tests.alerts.test_telling import HOUR, rows, send

CORRECTED = START + 4 * DAY + timedelta(hours=2)


@pytest.fixture
def desk(store):
    """Three bad days, told; the second one was a mistake."""
    found = Desk(store)
    for day, rate in enumerate((99, 80, 80, 80)):
        found.put(day, rate)
    send(found, START + 4 * DAY + HOUR)
    found.put(2, 97, at=CORRECTED)
    return found


def test_it_has_recovered_where_its_first_period_stays_bad(desk):
    desk.put(3, 97, at=CORRECTED + HOUR)
    assert [row.closed for row in rows(desk, episode)] == ["recovered"]
    assert [row.kind for row in rows(desk)] == ["firing", "recovered"]


def test_it_is_retracted_where_none_of_its_periods_was_bad(desk):
    desk.put(1, 97, at=CORRECTED + HOUR)
    desk.put(3, 97, at=CORRECTED + 2 * HOUR)
    assert [row.closed for row in rows(desk, episode)] == ["corrected"]


def test_nothing_is_known_only_now_after_a_correction_elsewhere(desk):
    desk.put(4, 99)
    desk.put(0, 98, at=START + 5 * DAY + 2 * HOUR)
    assert [row.closed for row in rows(desk, episode)] == ["recovered"]
