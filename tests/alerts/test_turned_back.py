"""A clock that goes back two hours holds no message up for two hours."""

from datetime import time, timedelta

from alerts.store.tables import attempt
from tests.alerts.servers import Web, free_port
from tests.alerts.small import DAY, START, Desk
from tests.alerts.test_telling import HOOK, HOUR, NOW, hook, place, route, rows, send, told


def test_it_tells_at_once_what_was_due_by_the_clock_as_it_was__F17(store):
    desk = Desk(store, place(route(group_wait=timedelta(seconds=30))))
    desk.put(0, 93, at=NOW + 2 * HOUR)
    assert send(desk, NOW).sent == 1
    desk.put(0, 93, "b", at=NOW + timedelta(seconds=1))
    assert send(desk, NOW + timedelta(seconds=2)).sent == 0, "what comes now waits for its group as ever"


def test_it_tries_at_once_again_what_was_put_off_by_the_clock_as_it_was__F17(store):
    desk = Desk(store, place(route(receivers=("away",)), receivers=[hook(HOOK.format(free_port()), "away", single=True)]))
    desk.put(0, 93)
    desk.put(0, 93, "b")
    assert send(desk, NOW + 2 * HOUR).later == 2
    with Web().serving() as web:
        desk.use(place(route(receivers=("away",)), receivers=[hook(web.url, "away", single=True)]))
        assert send(desk, NOW + timedelta(minutes=1)).sent == 2
    assert [one.outcome for one in rows(desk, attempt)] == ["temporary", "sent", "sent"]


def test_it_goes_on_waiting_for_working_hours__F17(store):
    office = ((time(9), time(17)),)
    desk = Desk(store, place(route(hours="working"), hours=office))
    desk.put(4, 93, at=START + 5 * DAY + 18 * HOUR)
    assert send(desk, START + 5 * DAY + 16 * HOUR).sent == 0
    assert told(desk) == [("chief", "firing", "waiting")]
    assert send(desk, START + 8 * DAY + 9 * HOUR).sent == 1
