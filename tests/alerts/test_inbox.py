"""What people read of alerts, by who asks; and taking one on, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

import alerts
from metrics.answers import Ask
from metrics.model import Principal
from metrics.rulebook import Receiver
from metrics.store import head
from tests.alerts.small import DAY, START, Desk, rule, text, workspace

NOW = START + 9 * DAY
CHIEF = Principal("u1", "Chief", frozenset({"supervisor"}))
CLERK_A = Principal("u2", "Clerk", frozenset({"staff"}), departments=("a",))
CLERK_B = Principal("u3", "Other", frozenset({"staff"}), departments=("b",))
VIEWER = Principal("u4", "Viewer", frozenset({"viewer"}))
ANYONE = Principal(None, "anonymous", frozenset({"viewer"}))


@pytest.fixture
def desk(store):
    """A: serious and open. B: a reminder that has recovered."""
    made = Desk(store)
    made.put(0, 93, "b")
    made.put(1, 97, "b")
    made.put(2, 80, "a")
    return made


def asked(desk, who, question, *args, **how):
    with desk.store.read() as connection:
        return question(Ask(connection, desk.workspace, who, NOW), *args, **how)


def acknowledge(desk, who, id, comment="mine", **how):
    with desk.store.write() as connection:
        return alerts.acknowledge(connection, desk.workspace, who, id, comment, NOW, **how)


def test_it_lists_what_is_open_worst_first(desk):
    desk.put(3, 93, "b")
    page = asked(desk, CHIEF, alerts.inbox)
    assert [(row.department, row.severity, row.condition) for row in page] == [
        ("a", "serious", "FIRING"), ("b", "reminder", "FIRING"),
    ]  # fmt: skip
    row = page.rows[0]
    assert (row.indicator, row.field, row.value, row.threshold, row.op) == ("on_time", "service", 80, 88, "<")
    assert (row.since, row.fired_at) == (START + 2 * DAY, START + 3 * DAY)
    assert (row.department_name["en"], row.rule_name["en"], row.unattended) == ("Office A", "Too late", True)


def test_it_shows_closed_ones_after_open_ones_when_asked(desk):
    assert [row.closed for row in asked(desk, CHIEF, alerts.inbox, open_only=False)] == ["", "recovered"]


def test_it_filters_by_severity_field_and_place_and_pages(desk):
    desk.put(3, 93, "b")
    assert asked(desk, CHIEF, alerts.inbox, severity="serious").total == 1
    assert asked(desk, CHIEF, alerts.inbox, field="none").total == 0
    assert [row.department for row in asked(desk, CHIEF, alerts.inbox, department="b")] == ["b"]
    assert asked(desk, CHIEF, alerts.inbox, region="x").total == 0
    second = asked(desk, CHIEF, alerts.inbox, limit=1, offset=1)
    assert (second.total, [row.department for row in second]) == (2, ["b"])


def test_it_shows_only_what_lies_in_the_scope_of_who_asks(desk):
    assert asked(desk, CLERK_A, alerts.inbox).total == 1
    assert asked(desk, CLERK_B, alerts.inbox).total == 0
    (row,) = asked(desk, CHIEF, alerts.inbox)
    assert asked(desk, CLERK_B, alerts.one, row.id) is None
    assert asked(desk, CLERK_B, alerts.counts).open == 0
    with pytest.raises(alerts.NotFound):
        acknowledge(desk, CLERK_B, row.id)


def test_it_tells_the_whole_course_of_one_alert(desk):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    acknowledge(desk, CLERK_A, row.id, "on it")
    found = asked(desk, CHIEF, alerts.one, row.id)
    assert [(event.kind, event.actor, event.text) for event in found.events] == [
        ("firing", "", ""), ("acknowledged", "Clerk", "on it"),
    ]  # fmt: skip
    (told,) = found.deliveries
    assert (told.receiver_name["en"], told.state, told.kind) == ("Chief", "waiting", "firing")
    assert (found.rule_version, [level.severity for level in found.levels]) == (1, ["reminder", "serious"])


def test_it_is_acknowledged_once_and_the_second_learns_who_was_first__F78(desk):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    assert acknowledge(desk, CLERK_A, row.id, "on it").first
    second = acknowledge(desk, CHIEF, row.id, "me too")
    assert (second.first, second.by, second.comment) == (False, "Clerk", "on it")
    assert acknowledge(desk, CLERK_A, row.id, "on it").first, "a double click is no second step"
    (now,) = asked(desk, CHIEF, alerts.inbox)
    assert (now.handling, now.acknowledged_by, now.comment, now.version) == ("ACKED", "Clerk", "on it", row.version + 1)
    assert len(asked(desk, CHIEF, alerts.one, row.id).events) == 2


def test_of_two_at_the_same_moment_one_is_first_and_the_other_learns_it__F78(desk):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    together = Barrier(2)

    def take(who):
        together.wait(10)
        return acknowledge(desk, who, row.id, who.name)

    with ThreadPoolExecutor(2) as both:
        made = list(both.map(take, (CLERK_A, CHIEF)))
    assert sorted(one.first for one in made) == [False, True]
    assert {one.by for one in made} == {one.comment for one in made}
    assert len({one.by for one in made}) == 1
    assert [one.kind for one in asked(desk, CHIEF, alerts.one, row.id).events] == ["firing", "acknowledged"]


def test_it_takes_a_revision_and_touches_alerts_when_acknowledged(desk):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    acknowledge(desk, CHIEF, row.id)
    with desk.store.read() as connection:
        assert head.moved(connection, ["alerts"]) == head.newest(connection).number


def test_it_refuses_a_step_on_a_row_that_somebody_changed(desk):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    with pytest.raises(alerts.Changed):
        acknowledge(desk, CHIEF, row.id, version=row.version + 5)


@pytest.mark.parametrize("who", [VIEWER, ANYONE])
def test_it_lets_neither_a_viewer_nor_a_stranger_acknowledge(desk, who):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    with pytest.raises(alerts.NotAllowed):
        acknowledge(desk, who, row.id)


def test_it_still_notifies_of_worse_and_of_the_end_after_an_acknowledgement(desk):
    desk.put(23, 93, "b")
    rows = {row.department: row for row in asked(desk, CHIEF, alerts.inbox)}
    acknowledge(desk, CHIEF, rows["b"].id)
    desk.put(24, 80, "b")
    desk.put(25, 99, "b")
    told = asked(desk, CHIEF, alerts.one, rows["b"].id).deliveries
    assert [one.kind for one in told] == ["firing", "severity_up", "recovered"]
    assert asked(desk, CHIEF, alerts.one, rows["b"].id).row.handling == "ACKED", "handling stays as history"


def dismiss(desk, who, id, reason="announced", **how):
    with desk.store.write() as connection:
        return alerts.dismiss(connection, desk.workspace, who, id, reason, NOW, **how)


def test_a_supervisor_dismisses_it_once_with_a_reason_and_the_second_learns_who_was_first(desk):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    with pytest.raises(ValueError, match="reason"):
        dismiss(desk, CHIEF, row.id, " ")
    with pytest.raises(alerts.Changed):
        dismiss(desk, CHIEF, row.id, version=row.version + 5)
    assert dismiss(desk, CHIEF, row.id).first
    second = dismiss(desk, Principal("u9", "Deputy", frozenset({"supervisor"})), row.id, "me too")
    assert (second.first, second.by, second.comment) == (False, "Chief", "announced")
    (now,) = asked(desk, CHIEF, alerts.inbox)
    assert (now.handling, now.dismissed_by, now.dismissed_at, now.reason) == ("DISMISSED", "Chief", NOW, "announced")
    assert (now.unattended, asked(desk, CHIEF, alerts.counts).unacknowledged) == (False, 0), "somebody has looked"
    events = [(one.kind, one.actor, one.text) for one in asked(desk, CHIEF, alerts.one, row.id).events]
    assert events == [("firing", "", ""), ("dismissed", "Chief", "announced")]
    with desk.store.read() as connection:
        assert head.moved(connection, ["alerts"]) == head.newest(connection).number


@pytest.mark.parametrize("who", [CLERK_A, VIEWER, ANYONE, Principal("u5", "Admin", frozenset({"administrator"}))])
def test_nobody_but_a_supervisor_dismisses_an_alert(desk, who):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    with pytest.raises(alerts.NotAllowed):
        dismiss(desk, who, row.id)


def test_a_dismissed_alert_tells_of_worse_and_of_the_end_and_may_still_be_taken_on(desk):
    desk.put(23, 93, "b")
    rows = {row.department: row for row in asked(desk, CHIEF, alerts.inbox)}
    dismiss(desk, CHIEF, rows["b"].id)
    desk.put(24, 80, "b")
    assert acknowledge(desk, CHIEF, rows["b"].id, "after all").first
    assert dismiss(desk, CHIEF, rows["b"].id, "again").comment == "announced", "once"
    desk.put(25, 99, "b")
    found = asked(desk, CHIEF, alerts.one, rows["b"].id)
    assert [one.kind for one in found.deliveries] == ["firing", "severity_up", "recovered"]
    assert (found.row.handling, found.row.acknowledged_by, found.row.reason) == ("ACKED", "Chief", "announced")


def test_what_is_over_is_not_dismissed(desk):
    (over,) = (row for row in asked(desk, CHIEF, alerts.inbox, open_only=False) if not row.open)
    with pytest.raises(alerts.Changed):
        dismiss(desk, CHIEF, over.id)


def test_it_keeps_who_has_looked_and_moves_nothing(desk):
    (row,) = asked(desk, CHIEF, alerts.inbox)
    for who, new in ((CLERK_A, True), (CLERK_A, False), (CHIEF, True), (ANYONE, False), (CLERK_B, False)):
        with desk.store.write() as connection:
            assert alerts.seen(connection, desk.workspace, who, row.id, NOW) is new
    (now,) = asked(desk, CHIEF, alerts.inbox)
    assert (now.seen_by, now.handling, now.unattended, now.version) == (2, "NEW", False, row.version)
    assert {one.name for one in asked(desk, CHIEF, alerts.one, row.id).seen} == {"Clerk", "Chief"}


def test_it_counts_for_the_first_line_of_the_overview(desk):
    desk.put(3, 93, "b")
    found = asked(desk, CHIEF, alerts.counts)
    assert (found.open, found.serious, found.reminder, found.unacknowledged, found.unattended) == (2, 1, 1, 2, 2)


def test_it_says_what_waits_in_the_outbox(desk):
    with desk.store.read() as connection:
        found = alerts.outbox_state(connection)
    assert (found.waiting, found.oldest_waiting, found.dead) == (3, START + DAY, 0)


def test_it_names_each_receiver_in_its_language(store):
    both = Receiver("zh", text("Zh"), "log", {}, "zh")
    desk = Desk(store, workspace(rule(receivers=("chief", "zh")), receivers=[both]))
    desk.put(0, 93)
    (row,) = asked(desk, CHIEF, alerts.inbox)
    assert len(asked(desk, CHIEF, alerts.one, row.id).deliveries) == 2
    assert row.fired_at - row.since == timedelta(days=1)
