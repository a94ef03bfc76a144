"""Many alerts at once: written together, each whole."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select, update

from alerts.store import episodes
from alerts.store.tables import alert_event, episode, follow, outbox
from metrics.catalogue.tree import Tree
from metrics.model import TOTAL, Place
from metrics.periods import to_us
from metrics.store import head
from metrics.store.sheet import Sheet, Stamp
from metrics.values import Values
from tests.alerts.small import DAY, LEVELS, START, Desk, rule, text
from tests.alerts.test_telling import place, route

OFFICES = [f"o{number:02}" for number in range(60)]


def land(**more):
    """Sixty offices under one rule, and one more that only some of them come under."""
    offices = [Place(key, text(key), TOTAL, "department") for key in OFFICES]
    departments = Tree([Place(TOTAL, text("All"), None, "root"), *offices])
    worse = rule(key="worse", levels=LEVELS[1:], receivers=("chief",))
    return place(
        route(repeat=timedelta(hours=4)), rules=(rule(receivers=()), worse), departments=departments, **more
    )  # fmt: skip


def put(desk, day, rates):
    """Rates of one day by office, in one unit, as it ends. How many statements it took."""
    at = START + (day + 1) * DAY
    asked = []
    event.listen(desk.store.writers, "before_cursor_execute", look := lambda *given: asked.append(given[2]))
    with desk.store.write() as connection:
        taken = head.take(connection, at, "collect")
        sheet = Sheet(connection)
        cells = {
            ((office, TOTAL, "{}"), to_us(START + day * DAY)): Values(rate * 10, 1000, 1000) for office, rate in rates.items()
        }
        changes = sheet.put("on_time", "day", 1, cells, Stamp(taken.number, to_us(at)), to_us(at - DAY) + 1)
        sheet.flush()
        desk.judge(connection, changes, at)
    event.remove(desk.store.writers, "before_cursor_execute", look)
    return len(asked)


def rows(desk, table):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


@pytest.mark.parametrize(("before", "then", "kind"), [(99, 93, "firing"), (93, 99, "recovered")])
def test_it_writes_sixty_that_fire_or_recover_with_the_statements_of_two(store, before, then, kind):
    desk = Desk(store, land())
    for day in range(3):
        put(desk, day, dict.fromkeys(OFFICES, before))
    two = put(desk, 3, dict.fromkeys(OFFICES[:2], then))
    assert put(desk, 3, dict.fromkeys(OFFICES[2:], then)) <= two + 7  # of more than fifty two pages are read
    assert [one.kind for one in rows(desk, alert_event)].count(kind) == 60


def test_each_that_recovers_in_a_storm_is_told_to_those_who_were_told_of_it(store):
    """One never reached anybody: its message died."""
    desk = Desk(store, land())
    put(desk, 0, dict.fromkeys(OFFICES, 93))
    with desk.store.write() as connection:
        unheard = rows(desk, outbox)[7]
        connection.execute(update(outbox).where(outbox.c.id == unheard.id).values(state="dead"))
    put(desk, 1, {office: 96 + number % 4 for number, office in enumerate(OFFICES)})
    ended = {one.id: one for one in rows(desk, episode)}
    assert {(one.condition, one.closed) for one in ended.values()} == {("NORMAL", "recovered")}
    assert {one.closed_at for one in ended.values()} == {to_us(START + 2 * DAY)}
    events = {one.episode_id: one for one in rows(desk, alert_event) if one.kind == "recovered"}
    told = {one.episode_id: one for one in rows(desk, outbox) if one.kind == "recovered"}
    assert ended.keys() - told.keys() == {unheard.episode_id}
    for number, message in told.items():
        facts = json.loads(message.facts)
        value = str(96 + OFFICES.index(facts["place"]["en"]) % 4)
        assert (message.event_seq, message.receiver, message.group_key) == (events[number].seq, "chief", "service")
        assert (facts["value"], facts["recent"], Decimal(ended[number].value)) == (value, ["93", value], Decimal(value))


def test_each_of_a_storm_has_its_own_episode_event_message_and_trend(store):
    desk = Desk(store, land())
    for day in range(3):
        put(desk, day, {office: 99 - day for office in OFFICES if office != "o07" or day == 1})
    put(desk, 3, {office: 80 + number % 15 for number, office in enumerate(OFFICES)})
    found = rows(desk, episode)
    bad = [number for number in range(60) if 80 + number % 15 < 88]
    assert sorted(one.rule for one in found) == ["late"] * 60 + ["worse"] * len(bad)
    assert len({(one.rule, one.series_id) for one in found}) == len(found)
    assert {one.seq for one in found} == {1}
    events = {one.episode_id: one for one in rows(desk, alert_event)}
    messages = {one.episode_id: one for one in rows(desk, outbox)}
    assert sorted(one.episode_id for one in rows(desk, follow)) == sorted(one.id for one in found)
    for one in found:
        mine, told = events[one.id], messages[one.id]
        assert (mine.rule, mine.series_id, mine.kind, mine.value) == (one.rule, one.series_id, "firing", one.value)
        assert (told.event_seq, told.receiver, told.state) == (mine.seq, "chief", "waiting")
        facts = json.loads(told.facts)
        number = OFFICES.index(facts["place"]["en"])
        value = str(80 + number % 15)
        assert (facts["rule"], facts["value"], facts["path"]) == (one.rule, value, f"/alerts/{one.id}")
        assert Decimal(one.value) == Decimal(value)
        assert facts["recent"] == [*(["98"] if number == 7 else ["99", "98", "97"]), value]


def test_it_counts_the_episodes_of_each_on_its_own(store):
    desk = Desk(store, land())
    for day, some in enumerate((OFFICES[:1], OFFICES[:2], OFFICES[:3])):
        put(desk, 3 * day, dict.fromkeys(some, 93))
        put(desk, 3 * day + 1, dict.fromkeys(some, 99))
    assert sorted((one.series_id, one.seq) for one in rows(desk, episode)) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1)]


def test_it_tells_of_each_that_begins_to_flap_once(store):
    desk = Desk(store, land())
    for day in range(4):
        put(desk, day, dict.fromkeys(OFFICES[:3], 93 if day % 2 == 0 else 99))
    kinds = [(one.series_id, one.kind) for one in rows(desk, alert_event) if one.kind == "flapping"]
    assert kinds == [(1, "flapping"), (2, "flapping"), (3, "flapping")]


def test_it_gives_numbers_in_the_order_of_the_rows(store):
    desk = Desk(store, land())
    made = {
        "rule_version": 1, "condition": "NORMAL", "level": 0, "severity": "warning", "worst_severity": "warning",
        "since": 1, "fired_at": 1, "revision": 1, "closed_at": 2,
    }  # fmt: skip
    wanted = [("late", 3), ("worse", 1), ("late", 1), ("worse", 3)]
    with store.write() as connection:
        first = episodes.add_all(connection, [{**made, "rule": key, "series_id": number} for key, number in wanted])
        second = episodes.add_all(connection, [{**made, "rule": key, "series_id": number} for key, number in wanted[::-1]])
    found = {one.id: one for one in rows(desk, episode)}
    assert [(found[id].rule, found[id].series_id, found[id].seq) for id in first] == [(*one, 1) for one in wanted]
    assert [(found[id].rule, found[id].series_id, found[id].seq) for id in second] == [(*one, 2) for one in wanted[::-1]]


def test_a_storm_looks_up_its_own_rows_by_their_keys(sqlite_store):
    """What grows with the years is not looked through, by SQLite's own plan."""
    desk = Desk(sqlite_store, land())
    put(desk, 0, dict.fromkeys(OFFICES[:2], 93))
    asked = []
    event.listen(sqlite_store.writers, "before_cursor_execute", look := lambda *given: asked.append(given[2:4]))
    put(desk, 1, dict.fromkeys(OFFICES[:4], 80))
    put(desk, 2, dict.fromkeys(OFFICES[:4], 99))
    event.remove(sqlite_store.writers, "before_cursor_execute", look)
    plain = [(one, given[0] if isinstance(given, list) else given) for one, given in asked]
    wanted = [(one, given) for one, given in plain if one.startswith(("SELECT", "UPDATE"))]
    with sqlite_store.read() as connection:
        plans = {row[-1] for one, given in wanted for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given)}
    growing = ("episode", "alert_event", "alert_state", "alert_input", "outbox", "attempt", "follow", "chosen", "series")
    assert [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in growing] == []
    assert any("ix_alert_event_rule_series" in plan for plan in plans)
