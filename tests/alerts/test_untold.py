"""What would be told to nobody is told to the administrator, and `check` names it."""

import pytest

import alerts
from alerts.store import holds
from metrics.periods import to_us
from metrics.rulebook import Escalation, Match, Receiver, Roster
from tests.alerts.small import DAY, START, Desk, rule, text
from tests.alerts.test_telling import HOUR, NOW, hook, person, place, route, told


def said(workspace):
    return [what for _, _, what in alerts.untold(workspace)]


def test_it_names_a_level_that_no_route_meets():
    serious = route(match=Match(levels=("serious",)))
    assert said(place(serious)) == [
        "rule late: nobody is told of its level reminder, by itself or by a route: name `receivers`, or a route"
    ]
    assert said(place(serious, rules=(rule(),))) == []
    assert said(place(route(match=Match(departments=("a",))))) == [], "of some offices, at least"
    assert len(said(place(route(match=Match(fields=("other",)))))) == 2
    assert len(said(place(route(match=Match(about="data"))))) == 2
    assert said(place(rules=(rule(receivers=(), kind="stale"),))) == [], "told to whose data it is"


def test_it_names_a_roster_that_may_be_empty():
    (what,) = said(place(route(), rosters=[Roster("night", text("Night")), Roster("day", text("Day"), "chief")]))
    assert "roster night" in what


def test_it_asks_for_another_way_to_the_first_line_of_a_route_that_calls_others():
    steps = (Escalation(2 * HOUR, ("mayor",)),)
    mayor, chief = person("mayor"), Receiver("away", text("Away"), "webhook", {"url": "http://x"}, "en", fallback="chief")
    (what,) = said(place(route(receivers=("hook",), escalate=steps), receivers=[hook("http://x"), mayor]))
    assert "receiver hook is the first line" in what
    assert said(place(route(receivers=("away",), escalate=steps), receivers=[chief, mayor])) == []
    assert said(place(route(receivers=("hook",)), receivers=[hook("http://x")])) == []


@pytest.mark.parametrize("why", ["no route", "nobody on duty", "on duty and gone"])
def test_it_tells_the_administrator_what_would_be_told_to_nobody(store, why):
    meant = route(match=Match(departments=("b",))) if why == "no route" else route(receivers=("night",))
    desk = Desk(store, place(meant, receivers=[person("administrator")], rosters=[Roster("night", text("Night"))]))
    if why == "on duty and gone":
        with store.write() as connection:
            shift = {"roster": "night", "receiver": "wang", "begins": to_us(START), "ends": to_us(NOW + DAY), "author": "Chief",
                     "made_at": to_us(START)}  # fmt: skip
            holds.add_shift(connection, shift)
    desk.put(0, 93)
    assert told(desk) == [("administrator", "firing", "waiting")]
