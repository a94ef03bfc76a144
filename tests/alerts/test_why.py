"""Why an alert is as it is, besides its figure: in its messages, on its page, in both languages."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

import alerts
from alerts import editing, why
from alerts.why import Why
from metrics.answers import Ask
from metrics.model import SYSTEM
from metrics.periods import to_us
from metrics.rulebook import Level, Receiver
from tests.alerts.small import DAY, START, Desk, indicator, rule, text, workspace
from tests.alerts.test_editing import CHIEF, NOW, draft, reminders, save, tried
from tests.alerts.test_telling import place, route, rows, send, tick

MILD = (Level("reminder", Decimal(95), Decimal(96)),)
LI = Receiver("li", text("Li"), "log", {}, "zh")


def both(*rules, **more):
    return workspace(*(rules or (rule(levels=MILD, receivers=("chief", "li")),)), receivers=[LI], **more)


def last_words(desk):
    """Of the newest message to each: the one in English, the one in Chinese."""
    bodies = {row.receiver: row.body for row in rows(desk)}
    return bodies["chief"], bodies["li"]


def course(desk, id=1):
    with desk.store.read() as connection:
        return alerts.one(Ask(connection, desk.workspace, SYSTEM, NOW), id)


def said(event, lang="en"):
    return why.words(event.why, "day", ZoneInfo("UTC"), lang)


def test_it_says_who_changed_the_threshold_from_what_to_what(store):
    desk = Desk(store, both())
    desk.put(0, 93)
    id = draft(desk, editing.Proposal(reminders(90, 91)))
    tried(desk, id)
    save(desk, id)
    english, chinese = last_words(desk)
    assert "Because Chief changed the threshold 95→90" in english
    assert "因Chief修改界线 95→90" in chinese
    closed = course(desk).events[-1]
    assert (closed.kind, closed.actor, closed.text) == ("rule_changed", CHIEF.name, "")
    assert said(closed) == ["because Chief changed the threshold 95→90"]


def test_it_says_that_the_workspace_did_where_no_person_changed_it(store):
    desk = Desk(store, both())
    desk.put(0, 93)
    desk.use(both(rule(version=2, levels=(Level("reminder", Decimal(90), Decimal(91)),))))
    desk.put(0, 99, "b", at=START + 2 * DAY)
    english, chinese = last_words(desk)
    assert "Because the workspace changed the threshold 95→90" in english
    assert "因工作区修改界线 95→90" in chinese


def redefined(store, **more):
    desk = Desk(store, both(**more))
    desk.put(0, 93)
    desk.use(replace(desk.workspace, indicators={**desk.workspace.indicators, "on_time": indicator(version=2)}))
    return desk


def test_it_names_both_definitions_of_an_alert_that_was_raised_under_an_earlier_one(store):
    desk = redefined(store)
    assert course(desk).definitions == (1, 2), "before anything is judged by the new one"
    desk.put(1, 99)
    english, chinese = last_words(desk)
    assert "Definition: version 1 when it was raised, version 2 now" in english
    assert "口径：发生时为第 1 版，现为第 2 版" in chinese
    assert said(course(desk).events[-1]) == ["definition: version 1 when it was raised, version 2 now"]
    assert course(desk).definitions is None, "it is over"


def test_it_names_both_where_it_tells_again_of_one_that_was_not_judged_since(store):
    desk = Desk(store, place(route(repeat=timedelta(hours=4))))
    desk.put(0, 93)
    send(desk, START + DAY)
    desk.use(replace(desk.workspace, indicators={**desk.workspace.indicators, "on_time": indicator(version=2)}))
    tick(desk, START + DAY + timedelta(hours=5))
    assert [row.kind for row in rows(desk)] == ["firing", "repeated"]
    assert "version 1 when it was raised, version 2 now" in rows(desk)[-1].body


def test_it_names_the_period_whose_correction_raised_or_ended_it(store):
    desk = Desk(store, both(rule(m=2, n=2, levels=MILD, receivers=("chief", "li"))))
    desk.put(0, 99)
    desk.put(1, 93)
    desk.put(0, 93, at=START + 3 * DAY)
    english, chinese = last_words(desk)
    assert "Caused by a correction of 1 Mar 2026" in english
    assert "由 2026年3月1日 数据更正引起" in chinese
    desk.put(1, 97, at=START + 4 * DAY)
    english, _ = last_words(desk)
    assert "Caused by a correction of 2 Mar 2026" in english
    assert said(course(desk).events[-1], "zh") == ["由 2026年3月2日 数据更正引起"]


@pytest.mark.parametrize("made", [
    Why(), Why(corrected=to_us(START)), Why(definitions=(1, 3)), Why(changed="95→90", by="Chief"), Why(by="Chief"),
])  # fmt: skip
def test_it_is_kept_with_its_event_and_read_back(made):
    assert (why.read(made.text) or why.NOTHING) == made


def test_what_a_person_writes_is_never_read_as_a_reason(store):
    desk = Desk(store, both())
    desk.put(0, 93)
    with store.write() as connection:
        alerts.acknowledge(connection, desk.workspace, CHIEF, 1, '{"by": "the mayor"', NOW)
    assert course(desk).events[-1].text == '{"by": "the mayor"'


def test_a_text_of_another_kind_is_none_of_its():
    assert why.read("timeout") is None


def test_it_says_level_by_level_which_thresholds_are_others():
    old = rule(levels=(*MILD, Level("serious", Decimal(88), Decimal(90))))
    assert why.difference(old, rule(levels=(*MILD, Level("serious", Decimal(85), Decimal(90))))) == "88→85"
    assert why.difference(old, rule(levels=MILD)) == "88→–"
    assert why.difference(old, old) == ""
