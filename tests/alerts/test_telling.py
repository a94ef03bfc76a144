"""Who is told, when and how often: routes, rosters, grouping, silences, escalation, stand-ins, digests."""

import json
import re
from dataclasses import replace
from datetime import time, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

import alerts
from alerts import matter, telling
from alerts.store import holds
from alerts.store.tables import alert_event, attempt, episode, outbox
from metrics.arrivals import Series
from metrics.model import TOTAL
from metrics.periods import to_us
from metrics.rulebook import Escalation, Match, Receiver, Roster, Route
from metrics.store import head, runs
from metrics.store.runs import RunIn
from metrics.store.sheet import Sheet, Stamp
from metrics.values import Values
from tests.alerts.servers import Post, Web, free_port
from tests.alerts.small import DAY, START, Desk, rule, text, workspace

NOW = START + DAY
"""A Monday, 00:00: what is judged for Sunday 1 March settles."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HOOK = "http://127.0.0.1:{}/hook"


def person(key, **more):
    return Receiver(key, text(key), "log", {}, "en", **more)


def hook(url, key="hook", **more):
    return Receiver(key, text(key), "webhook", {"url": url}, "en", **more)


def route(key="service", receivers=("chief",), **more):
    given = {"match": Match(), "group_wait": timedelta(0), **more}
    return Route(key, text(key), receivers=tuple(receivers), **given)


def place(*routes, receivers=(), rosters=(), rules=(), **more):
    return workspace(
        *(rules or (rule(receivers=()),)), receivers=receivers, routes={one.key: one for one in routes},
        rosters={one.key: one for one in rosters}, **more,
    )  # fmt: skip


def rows(desk, table=outbox):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(table.primary_key.columns.values()[0])))


def told(desk):
    return [(row.receiver, row.kind, row.state) for row in rows(desk)]


def tick(desk, at, **how):
    with desk.store.write() as connection:
        return alerts.tick(connection, desk.workspace, at, **how)


def send(desk, at, **how):
    return alerts.send_due(desk.store, desk.workspace, at, {"env:GROUP": "t0ken"}.get, jitter=lambda least, most: most, **how)


def many(desk, day, rates, at=None):
    """The on-time rate of one day of many offices, in one revision."""
    at = at or START + (day + 1) * DAY
    start = to_us(START + day * DAY)
    with desk.store.write() as connection:
        taken = head.take(connection, at, "collect")
        given = {((office, TOTAL, "{}"), start): Values(rate * 10, 1000, 1000) for office, rate in rates.items()}
        sheet = Sheet(connection)
        changes = sheet.put("on_time", "day", 1, given, Stamp(taken.number, to_us(at)), to_us(at - DAY) + 1)
        sheet.flush()
        desk.judge(connection, changes, at)


# Routes


@pytest.mark.parametrize(("match", "meant"), [
    (Match(), True), (Match(fields=("service",)), True), (Match(fields=("other",)), False),
    (Match(departments=("a",)), True), (Match(departments=("b",)), False), (Match(departments=(TOTAL,)), True),
    (Match(levels=("reminder",)), True), (Match(levels=("serious",)), False), (Match(rules=("late",)), True),
    (Match(indicators=("overdue",)), False), (Match(regions=("x",)), False), (Match(about="data"), False),
])  # fmt: skip
def test_it_tells_by_field_department_region_level_and_rule(match, meant):
    here = place(route(match=match))
    about = matter.of_series(here, here.rules["late"], "reminder", Series("on_time", "day", "a"), 1)
    assert [one.key for one in telling.routes(here, about)] == (["service"] if meant else [])


def test_it_tells_a_receiver_of_several_routes_once(store):
    desk = Desk(store, place(route(), route("other"), rules=(rule(receivers=("chief",)),)))
    desk.put(0, 93)
    assert told(desk) == [("chief", "firing", "waiting")]


def test_it_waits_for_working_hours_where_the_route_keeps_them(store):
    office = ((time(9), time(12)), (time(13, 30), time(17, 30)))
    desk = Desk(store, place(route(hours="working"), hours=office))
    desk.put(4, 93, at=START + 5 * DAY + 18 * HOUR)
    assert rows(desk)[0].due_at == to_us(START + 8 * DAY + 9 * HOUR), "Friday evening waits for Monday, 9 o'clock"
    assert send(desk, START + 6 * DAY).sent == 0
    assert send(desk, START + 8 * DAY + 9 * HOUR).sent == 1
    assert rows(desk, attempt)[0].outcome == "sent"


def test_it_tells_who_is_on_duty_now_and_who_stands_in_while_nobody_is(store):
    night = Roster("night", text("Night"), otherwise="chief")
    desk = Desk(store, place(route(receivers=("night",)), receivers=[person("wang")], rosters=[night]))
    desk.put(0, 93)
    with store.write() as connection:
        shift = {"roster": "night", "receiver": "wang", "begins": to_us(NOW + HOUR), "ends": to_us(NOW + 9 * HOUR),
                 "author": "Chief", "made_at": to_us(NOW)}  # fmt: skip
        holds.add_shift(connection, shift)
    desk.put(0, 93, "b", at=NOW + 2 * HOUR)
    assert [row[0] for row in told(desk)] == ["chief", "wang"]


def test_it_tells_who_is_on_duty_when_it_is_told_not_who_was_when_it_happened(store):
    duty = Roster("duty", text("Duty"), otherwise="chief")
    office = ((time(9), time(12)), (time(13, 30), time(17, 30)))
    here = place(
        route(receivers=("duty",), hours="working"), hours=office, rosters=[duty], receivers=[person("fri"), person("mon")]
    )
    desk = Desk(store, here)
    with store.write() as connection:
        for who, day in (("fri", 5), ("mon", 8)):
            shift = {"roster": "duty", "receiver": who, "begins": to_us(START + day * DAY),
                     "ends": to_us(START + (day + 1) * DAY), "author": "Chief", "made_at": to_us(START)}  # fmt: skip
            holds.add_shift(connection, shift)
    desk.put(4, 93, at=START + 5 * DAY + 18 * HOUR)
    assert [row[0] for row in told(desk)] == ["mon"]


# Grouping, storms, outages


def test_it_puts_what_comes_within_the_group_wait_in_one_message__F76(store, caplog):
    desk = Desk(store, place(route(group_wait=timedelta(seconds=30)), receivers=[person("chief")]))
    many(desk, 0, {f"d{n}": 90 for n in range(300)})
    assert send(desk, NOW + timedelta(seconds=5)).sent == 0
    assert send(desk, NOW + timedelta(seconds=31)).sent == 1
    assert {row.state for row in rows(desk)} == {"sent"}
    carriers = [row for row in rows(desk) if row.merged_into is None]
    assert len(carriers) == 1
    assert carriers[0].subject == "[Reminder] 300 alerts: Reminder 300"
    assert all(f"/alerts/{row.id}" in carriers[0].body for row in rows(desk, episode))


def test_it_names_every_open_alert_once_and_the_rest_in_a_digest_after_an_hour_without_receiver__F73(store):
    """500 transitions, three receivers by three channels, two groups: one message each, and one digest a receiver."""
    nobody = free_port()
    routes = (
        route("mild", ("hook", "mail"), match=Match(levels=("reminder",))),
        route("grave", ("hook", "robot"), match=Match(levels=("serious",))),
    )
    desk = Desk(store, place(*routes, receivers=by_three_channels(HOOK.format(nobody), nobody)))
    many(desk, 0, {f"d{n}": 80 if n < 50 else 93 for n in range(300)})
    assert (send(desk, NOW + MINUTE).sent, send(desk, NOW + 20 * MINUTE).sent) == (0, 0)
    many(desk, 1, {f"d{n}": 99 for n in range(20, 220)}, at=NOW + 30 * MINUTE + DAY)
    assert len([one for one in rows(desk, alert_event) if one.kind in ("firing", "recovered")]) == 500
    back = NOW + DAY + 62 * MINUTE
    with Web().serving() as web, Web().serving() as platform, Post().serving() as post:
        platform.answers = [(200, {}, b'{"code": 0}')] * 2
        here = {one.key: one for one in by_three_channels(web.url, post.port, platform.url)}
        desk.use(replace(desk.workspace, receivers={**desk.workspace.receivers, **here}))
        send(desk, back)
        assert send(desk, back + HOUR).sent == 0
    assert len(rows(desk)) == 500 + 420 + 80
    assert {row.state for row in rows(desk)} == {"sent"}, "nothing is lost"
    standing = {row.id: row.worst_severity for row in rows(desk, episode) if row.closed_at is None}
    grave = {number for number, severity in standing.items() if severity == "serious"}
    assert (len(standing), len(grave)) == (100, 20)
    told = {
        "hook": [one["json"]["body"] for one in web.got],
        "mail": [message_from_bytes(one.content, policy=policy.default).get_content() for one in post.mails],
        "robot": [one["json"]["content"]["text"] for one in platform.got],
    }
    mild = set(standing) - grave
    for receiver, named, over in (("hook", [mild, grave], 200), ("mail", [mild], 170), ("robot", [grave], 30)):
        *groups, digest = told[receiver]
        assert sorted(map(in_words, groups), key=len) == sorted(named, key=len), receiver
        assert (digest.count("recovered"), "minutes late" in digest) == (over, True), receiver
        assert not in_words(digest) & set(standing), receiver


def by_three_channels(url, port, platform="http://127.0.0.1:9/hook"):
    post = {"host": "127.0.0.1", "port": port, "to": "desk@example.org", "sender": "yuncha@example.org"}
    group = {"base": platform.removesuffix("/hook"), "token": "env:GROUP"}
    return hook(url), Receiver("mail", text("Mail"), "smtp", post, "en"), Receiver("robot", text("Robot"), "feishu", group, "en")


def in_words(body):
    """Numbers of the alerts a message leads to."""
    return {int(number) for number in re.findall(r"/alerts/(\d+)", body)}


def test_it_keeps_id_and_words_of_a_message_of_several_that_may_have_arrived__F04(store):
    desk = Desk(store, place(route()))
    many(desk, 0, {"a": 93, "b": 93})
    with store.write() as connection:
        from alerts.gather import gather

        gather(connection, desk.workspace, NOW)
        from alerts.store import outbox as store_outbox

        store_outbox.lease(connection, to_us(NOW), to_us(NOW + MINUTE), 40, None)
    first = next(row for row in rows(desk) if row.state == "sending")
    many(desk, 0, {"c": 93}, at=NOW + 2 * MINUTE)
    assert send(desk, NOW + 3 * MINUTE).sent == 2
    again = next(row for row in rows(desk) if row.id == first.id)
    assert (again.message_id, again.body, again.repeated) == (first.message_id, first.body, True)
    assert [row.state for row in rows(desk)] == ["sent"] * 3


# Sources down, silences, flapping


def fail(desk, *minutes):
    with desk.store.write() as connection:
        for minute in minutes:
            at = NOW + minute * MINUTE
            runs.add(connection, RunIn("desk", "collect", at, at, "error" if minute else "ok"))


def test_a_route_of_working_hours_calls_nobody_at_night_with_the_end_of_an_alert_or_of_a_silence(store):
    office = ((time(9), time(12)), (time(13, 30), time(17, 30)))
    desk = Desk(store, place(route(hours="working"), hours=office))
    desk.put(4, 93, at=START + 5 * DAY + 10 * HOUR)  # a Friday
    send(desk, START + 5 * DAY + 11 * HOUR)
    desk.put(5, 99, at=START + 6 * DAY + 3 * HOUR)
    silence(desk, START, START + 6 * DAY + 4 * HOUR)
    desk.put(4, 85, "b", at=START + 6 * DAY)
    tick(desk, START + 6 * DAY + 4 * HOUR)
    late = {row.kind: row.due_at for row in rows(desk) if row.kind in ("recovered", "released")}
    assert late == dict.fromkeys(("recovered", "released"), to_us(START + 8 * DAY + 9 * HOUR))


def test_it_says_nothing_of_indicators_whose_source_is_down_and_says_it_when_the_source_is_back(store):
    desk = Desk(store, place(route(), receivers=[person("administrator")]))
    fail(desk, 0, 10, 20, 30)
    tick(desk, NOW + 30 * MINUTE)
    many(desk, 0, {"a": 90, "b": 90}, at=NOW + 31 * MINUTE)
    assert told(desk) == [("administrator", "firing", "waiting"), ("chief", "firing", "held"), ("chief", "firing", "held")]
    many(desk, 1, {"b": 99}, at=NOW + DAY)
    with store.write() as connection:
        at = NOW + DAY + MINUTE
        runs.add(connection, RunIn("desk", "collect", at, at, "ok"))
    tick(desk, NOW + DAY + 2 * MINUTE)
    tick(desk, NOW + DAY + 3 * MINUTE)
    chief = [(row.kind, row.state) for row in rows(desk) if row.receiver == "chief"]
    assert chief == [("firing", "dropped"), ("firing", "dropped"), ("released", "waiting")], "of what still stands, once"


def test_it_tells_the_owner_of_the_data_of_a_silent_source_and_no_leader(store):
    desk = Desk(store, place(route(), receivers=[person("desk-a", department="a")]))
    fail(desk, 0, 10, 20, 30)
    tick(desk, NOW + 30 * MINUTE)
    assert [row[0] for row in told(desk)] == ["desk-a"]


def silence(desk, begins, ends, **match):
    with desk.store.write() as connection:
        made = {"match": json.dumps(match), "begins": to_us(begins), "ends": to_us(ends), "reason": "works", "author": "chief",
                "author_name": "Chief", "made_at": to_us(begins), "needs_second": False}  # fmt: skip
        return holds.add_silence(connection, made)


def test_it_goes_on_judging_under_a_silence_and_tells_once_at_its_end_with_the_true_beginning(store):
    desk = Desk(store, place(route()))
    silence(desk, START, NOW + 2 * DAY, departments=["a"])
    desk.put(0, 93)
    desk.put(1, 85)
    assert [row.kind for row in rows(desk, alert_event)] == ["firing", "severity_up"]
    assert {row[2] for row in told(desk)} == {"held"}
    tick(desk, NOW + 2 * DAY)
    (message,) = [row for row in rows(desk) if row.state == "waiting"]
    assert (message.kind, message.receiver) == ("released", "chief")
    assert "Since: 2026-03-01 00:00" in message.body
    desk.put(3, 99)
    assert told(desk)[-1] == ("chief", "recovered", "waiting")


def test_it_says_nothing_of_what_began_and_ended_under_a_silence(store):
    desk = Desk(store, place(route()))
    silence(desk, START, NOW + 5 * DAY)
    desk.put(0, 93)
    desk.put(1, 99)
    tick(desk, NOW + 6 * DAY)
    assert told(desk) == [("chief", "firing", "dropped")]


def test_its_last_word_on_an_alert_that_began_and_ended_while_it_flapped_is_its_end(store):
    desk = Desk(store, place(route()))
    for day, rate in enumerate((93, 99, 93, 99, 93, 99)):
        desk.put(day, rate)
    last = rows(desk, episode)[-1]
    assert [(row.kind, row.held_by) for row in rows(desk) if row.episode_id == last.id] == [
        ("firing", "flapping"), ("recovered", "flapping")
    ]  # fmt: skip
    tick(desk, START + 9 * DAY)
    send(desk, START + 9 * DAY + MINUTE)
    (digest,) = [row for row in rows(desk) if row.subject.startswith("[Digest]")]
    assert digest.body.splitlines()[-1].endswith("recovered")


def test_it_counts_what_was_pending_and_cleared_for_flapping__row_3(store):
    """Without a word, until it fires: then that it flaps is the one message."""
    desk = Desk(store, place(route(), rules=(rule(m=2, n=2, receivers=()),)))
    for day, rate in enumerate((93, 99, 93, 99, 93, 99)):
        desk.put(day, rate)
    assert [row.kind for row in rows(desk, alert_event)] == ["pending", "cleared"] * 3
    assert told(desk) == []
    desk.put(6, 93)
    desk.put(7, 93)
    assert told(desk) == [("chief", "flapping", "waiting"), ("chief", "firing", "held")]
    desk.put(8, 99)
    desk.put(9, 93)
    desk.put(10, 99)
    with store.read() as connection:
        (flaps,) = holds.all_flapping(connection)
    assert flaps.last_edge == to_us(START + 11 * DAY), "it has not been quiet"


@pytest.mark.parametrize(("language", "words"), [("en", "was beyond its limit, known only now"), ("zh", "曾超出界限，事后才知")])
def test_what_only_history_shows_is_in_the_next_digest_and_nowhere_else(store, language, words):
    calling = route(escalate=(Escalation(HOUR, ("mayor",)),))
    desk = Desk(store, place(calling, receivers=[person("mayor")]))
    chief = replace(desk.workspace.receivers["chief"], language=language)
    desk.workspace = replace(desk.workspace, receivers={**desk.workspace.receivers, "chief": chief})
    desk.put(0, 97)
    desk.put(1, 97)
    desk.put(0, 80, at=START + 3 * DAY)
    night = START + 3 * DAY + 8 * HOUR
    tick(desk, night)
    send(desk, night)
    assert told(desk) == [("chief", "retro", "held")]
    morning = night + HOUR
    tick(desk, morning)
    send(desk, morning)
    assert told(desk) == [("chief", "retro", "sent")]
    (one,) = rows(desk)
    assert one.subject.startswith(("[Digest]", "【摘要】"))
    assert words in one.body
    tick(desk, morning + 3 * DAY)
    assert len(rows(desk)) == 1, "nobody is called"


def test_nobody_reads_of_what_history_shows_while_history_is_made(store):
    desk = Desk(store, place(route()), kind="replay")
    for day in range(4):
        desk.put(day, 97)
    desk.put(2, 80, at=START + 5 * DAY)
    assert [row.closed for row in rows(desk, episode)] == ["retro"]
    assert rows(desk) == []


def test_it_tells_once_that_an_alert_flaps_and_the_rest_in_the_digest_until_it_is_quiet(store):
    desk = Desk(store, place(route()))
    for day, rate in enumerate((93, 99, 93, 99, 93, 99)):
        desk.put(day, rate)
        send(desk, START + (day + 1) * DAY + MINUTE)
        tick(desk, START + (day + 1) * DAY + MINUTE)
    kinds = [row.kind for row in rows(desk) if row.merged_into is None and row.held_by == ""]
    assert kinds == ["firing", "recovered", "firing", "flapping"]
    desk.put(6, 80)
    assert ("chief", "firing", "held") in told(desk)
    desk.put(7, 99)
    at = START + 12 * DAY
    tick(desk, at)
    send(desk, at)
    last = rows(desk)[-1]
    assert last.state in ("sent", "merged")
    digests = [row for row in rows(desk) if row.subject.startswith("[Digest]")]
    assert digests
    with store.read() as connection:
        assert holds.all_flapping(connection)
    tick(desk, START + 30 * DAY)
    with store.read() as connection:
        assert holds.all_flapping(connection) == []
