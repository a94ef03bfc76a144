"""What is urgent waits for no older message, and what is over calls nobody earlier."""

from datetime import time

from metrics.rulebook import Match
from tests.alerts.small import DAY, START, Desk
from tests.alerts.test_telling import HOUR, MINUTE, place, route, rows, send, silence, tick, told

OFFICE = ((time(9), time(12)), (time(13, 30), time(17, 30)))
FRIDAY, SATURDAY, MONDAY = START + 5 * DAY + 18 * HOUR, START + 6 * DAY + 10 * HOUR, START + 8 * DAY + 9 * HOUR


def two_levels(desk):
    """Mild ones in working hours, grave ones at once; a mild one on Friday evening."""
    mild = route("mild", match=Match(levels=("reminder",)), hours="working")
    grave = route("grave", match=Match(levels=("serious",)))
    desk.use(place(mild, grave, hours=OFFICE))
    desk.put(4, 93, at=FRIDAY)
    assert send(desk, FRIDAY + HOUR).sent == 0


def test_it_tells_at_once_of_an_alert_that_rises_while_its_milder_word_waits_for_working_hours(store):
    desk = Desk(store)
    two_levels(desk)
    desk.put(5, 80, at=SATURDAY)
    for minutes in (0, 1):
        send(desk, SATURDAY + minutes * MINUTE)
    assert told(desk) == [("chief", "firing", "sent"), ("chief", "severity_up", "sent")]
    assert rows(desk)[0].sent_at <= rows(desk)[1].sent_at, "nobody reads that it rose before that it began"


def test_it_tells_at_once_at_the_end_of_a_silence_what_rose_under_it(store):
    desk = Desk(store)
    two_levels(desk)
    silence(desk, FRIDAY + HOUR, SATURDAY + HOUR)
    desk.put(5, 80, at=SATURDAY)
    assert send(desk, SATURDAY).sent == 0
    tick(desk, SATURDAY + HOUR)
    send(desk, SATURDAY + HOUR)
    send(desk, SATURDAY + HOUR + MINUTE)
    assert [row[1:] for row in told(desk)] == [("firing", "sent"), ("severity_up", "dropped"), ("released", "sent")]


def test_it_calls_nobody_outside_working_hours_to_say_that_it_is_over(store):
    desk = Desk(store)
    two_levels(desk)
    desk.put(5, 99, at=SATURDAY)
    assert send(desk, SATURDAY).sent == 0
    assert send(desk, MONDAY).sent == 1
