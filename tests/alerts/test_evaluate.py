"""Judging inside the door, on both engines: what becomes a row, and what must not."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from alerts.evaluate import evaluate
from alerts.store import episodes
from alerts.store.tables import alert_event, alert_input, alert_state, attempt, episode, outbox, rule_version
from metrics.arrivals import Batch
from metrics.ingest import ingest
from metrics.periods import to_us
from metrics.rulebook import Level
from metrics.store import head
from metrics.store.runs import RunIn
from metrics.tick import tick
from metrics.values import Values
from tests.alerts.small import DAY, LEVELS, START, Desk, indicator, rule, workspace
from tests.metrics import small as cases


def rows(desk, table):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def kinds(desk):
    return [row.kind for row in rows(desk, alert_event)]


def one_episode(desk):
    (found,) = rows(desk, episode)
    return found


def test_it_opens_an_episode_with_its_event_input_and_message_in_one_revision(store):
    desk = Desk(store)
    desk.put(0, 97)
    desk.put(1, 93.2)
    found = one_episode(desk)
    assert (found.rule, found.condition, found.severity, found.closed_at) == ("late", "FIRING", "reminder", None)
    assert Decimal(found.value) == Decimal("93.2")
    assert kinds(desk) == ["firing"]
    assert [row.kind for row in rows(desk, alert_input)] == ["data", "data"]
    (message,) = rows(desk, outbox)
    assert (message.receiver, message.channel, message.state, message.kind) == ("chief", "log", "waiting", "firing")
    assert message.subject == "[Reminder raised] on_time, Office A: 93.2%"
    with store.read() as connection:
        assert head.moved(connection, ["alerts"]) == found.revision


def test_it_rolls_everything_back_together__F02(store):
    desk = Desk(store)
    keep, desk.judge = desk.judge, None

    def fail(connection, changed, at):
        keep(connection, changed, at)
        raise RuntimeError("killed before the end of the transaction")

    desk.judge = fail
    with pytest.raises(RuntimeError, match="killed"):
        desk.put(1, 93)
    assert (rows(desk, episode), rows(desk, outbox), rows(desk, alert_input)) == ([], [], [])
    desk.judge = keep
    desk.put(1, 93)
    assert (len(rows(desk, episode)), len(rows(desk, outbox)), len(rows(desk, alert_input))) == (1, 1, 1)


def test_it_recovers_and_tells_exactly_those_who_were_told(store):
    desk = Desk(store)
    for day, value in enumerate((93, 97)):
        desk.put(day, value)
    assert (one_episode(desk).closed, one_episode(desk).condition) == ("recovered", "NORMAL")
    assert [(row.receiver, row.kind) for row in rows(desk, outbox)] == [("chief", "firing"), ("chief", "recovered")]


@pytest.mark.parametrize(("quiet", "closed"), [(timedelta(hours=1), ""), (None, "recovered")])
def test_a_source_of_cases_that_answers_and_tells_nothing_new_ends_no_alert__F20(store, quiet, closed):
    plain = cases.workspace()
    many = replace(rule(), key="many", indicator="opened", op=">", cut=(), levels=(Level("reminder", Decimal(1), Decimal(1)),))
    source = replace(plain.sources["cases"], quiet=quiet, max_age=timedelta(hours=1))
    here = replace(
        plain, sources={**plain.sources, "cases": source}, rules={"many": many}, receivers=workspace().receivers, routes={}
    )
    judges, newest = (evaluate(here),), cases.DAY + timedelta(hours=9)
    for day in range(3):
        now = cases.DAY + timedelta(days=day, hours=10)
        tick(store, here, judges, now)
        run = RunIn("cases", "collect", now, now, "ok", newest_period=newest)
        ingest(store, here, Batch("cases", [cases.case("1"), cases.case("2")]), judges, now, run=run)
    with store.read() as connection:
        (found,) = connection.execute(select(episode)).all()
    assert found.closed == closed


def test_it_never_recovers_from_missing_data__F20_F22_F23(store):
    desk = Desk(store)
    desk.put(0, 93)
    desk.put(1, None)
    desk.put(5, None)
    assert one_episode(desk).closed_at is None
    assert kinds(desk) == ["firing"]


def test_it_does_not_judge_a_period_before_it_settles__F24(store):
    desk = Desk(store)
    desk.put(0, 0, at=START + timedelta(hours=5))
    assert rows(desk, episode) == []


def test_it_never_judges_what_settled_before_the_rule_came_into_force(store):
    desk = Desk(store)
    desk.put(-40, 50, at=START + DAY)
    assert rows(desk, episode) == []
    assert rows(desk, alert_state) == []


def test_it_does_not_judge_fewer_than_min_n(store):
    desk = Desk(store, workspace(rule(min_n=30)))
    desk.put(0, 50, den=20)
    assert rows(desk, episode) == []
    desk.put(1, 50, den=30)
    assert one_episode(desk).condition == "FIRING"


def test_it_judges_series_apart(store):
    desk = Desk(store)
    desk.put(0, 93, "a")
    desk.put(0, 97, "b")
    desk.put(1, 97, "a")
    desk.put(1, 93, "b")
    assert [(row.closed, row.condition) for row in rows(desk, episode)] == [("recovered", "NORMAL"), ("", "FIRING")]


def test_it_raises_the_severity_in_the_same_episode_and_tells_again(store):
    desk = Desk(store)
    desk.put(0, 93)
    desk.put(1, 85)
    assert (one_episode(desk).severity, kinds(desk)) == ("serious", ["firing", "severity_up"])
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "severity_up"]


def test_it_retracts_when_a_correction_clears_the_breach__F37(store):
    desk = Desk(store)
    desk.put(0, 93)
    desk.put(0, 97, at=START + 3 * DAY)
    assert (one_episode(desk).closed, kinds(desk)) == ("corrected", ["firing", "corrected"])
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "corrected"]


def test_it_fires_by_correction_where_the_newest_period_breaches__F37(store):
    desk = Desk(store, workspace(rule(m=2, n=2)))
    for day, value in enumerate((97, 97, 93)):
        desk.put(day, value)
    desk.put(1, 92, at=START + 4 * DAY)
    found = one_episode(desk)
    assert (found.condition, found.by_correction) == ("FIRING", True)
    assert "Caused by a correction" in rows(desk, outbox)[0].body


def test_it_keeps_a_breach_that_only_history_shows_as_retro_and_pages_nobody__F37(store):
    desk = Desk(store)
    for day, value in enumerate((97, 97, 97)):
        desk.put(day, value)
    desk.put(1, 90.5, at=START + 4 * DAY)
    assert (one_episode(desk).closed, kinds(desk)) == ("retro", ["retro"])
    (told,) = rows(desk, outbox)
    assert (told.kind, told.state, told.held_by) == ("retro", "held", "digest"), "nobody is paged: it waits for the digest"
    desk.put(1, 90.4, at=START + 5 * DAY)
    assert len(rows(desk, episode)) == 1, "the same stretch of history is one episode"


def test_it_says_recovered_when_a_late_value_shows_that_it_had__F37(store):
    desk = Desk(store, workspace(rule(recover_count=2)))
    desk.put(0, 93)
    desk.put(2, 97)
    assert one_episode(desk).condition == "RECOVERING"
    desk.put(1, 97, at=START + 4 * DAY)
    assert one_episode(desk).closed == "recovered"


def test_it_closes_rule_changed_and_never_recovered_when_the_threshold_moves(store):
    desk = Desk(store)
    desk.put(0, 93)
    desk.use(workspace(rule(version=2, levels=(Level("reminder", Decimal(90), Decimal(91)),))))
    desk.put(0, 99, "b", at=START + 2 * DAY)
    assert [row.closed for row in rows(desk, episode)] == ["rule_changed"]
    assert [row.kind for row in rows(desk, outbox)] == ["firing", "rule_changed"]
    assert [row.number for row in rows(desk, rule_version)] == [1, 2]


def test_it_goes_on_in_the_same_episode_when_an_edited_rule_still_breaches(store):
    desk = Desk(store)
    desk.put(0, 93)
    desk.use(workspace(rule(version=2, m=3, n=3, for_=timedelta(days=30))))
    desk.put(0, 99, "b", at=START + 2 * DAY)
    assert (one_episode(desk).closed_at, one_episode(desk).condition) == (None, "FIRING")


def test_it_keeps_what_fires_when_the_definition_changes_and_starts_pending_afresh(store):
    place = workspace(rule(m=2, n=2))
    desk = Desk(store, place)
    for day in (0, 1):
        desk.put(day, 93, "a")
    desk.put(1, 93, "b")
    desk.use(replace(place, indicators={**place.indicators, "on_time": indicator(version=2)}))
    desk.put(2, 93, "a")
    desk.put(2, 93, "b")
    assert [(row.series_id, row.closed_at) for row in rows(desk, episode)] == [(1, None)]
    assert [row.condition for row in rows(desk, alert_state)] == ["FIRING", "PENDING"]


@pytest.mark.parametrize(("counted", "values"), [((2, 3), (92, 91)), ((1, 1), (95.5, 95.6))], ids=["breach", "dead band"])
def test_it_retracts_nothing_for_a_correction_under_a_newer_definition_that_shows_no_recovery(store, counted, values):
    m, n = counted
    place = workspace(rule(m=m, n=n))
    desk = Desk(store, place)
    desk.put(0, 93)
    desk.put(1, 93)
    desk.use(replace(place, indicators={**place.indicators, "on_time": indicator(version=2)}))
    desk.put(2, values[0])
    desk.put(2, values[1], at=START + 4 * DAY)
    assert (kinds(desk)[-1], one_episode(desk).closed_at) == ("firing", None)
    desk.put(2, 97, at=START + 5 * DAY)
    assert one_episode(desk).closed == "recovered"
    desk.put(3, 99)
    assert [row.condition for row in rows(desk, alert_state)] == ["NORMAL"]


def edit(desk, at, **given):
    """The rule as it is from an instant on."""
    desk.use(replace(desk.workspace, rules=workspace(rule(version=2, **given)).rules))
    with desk.store.write() as connection:
        head.take(connection, at, "definition")
        desk.judge(connection, [], at)


def redefine(desk):
    desk.use(replace(desk.workspace, indicators={**desk.workspace.indicators, "on_time": indicator(version=2)}))


def test_it_judges_a_late_figure_of_before_a_rule_had_more_levels_after_a_new_definition(store):
    desk = Desk(store, workspace(rule(levels=LEVELS[:1])))
    edit(desk, START + 3 * DAY, levels=LEVELS)
    desk.put(0, 80, at=START + 4 * DAY)
    assert one_episode(desk).severity == LEVELS[1].severity
    redefine(desk)
    desk.put(1, 80, at=START + 5 * DAY)
    assert (one_episode(desk).closed_at, one_episode(desk).severity) == (None, LEVELS[1].severity)


def test_it_opens_no_second_episode_for_a_late_figure_of_before_a_pause_after_a_new_definition(store):
    desk = Desk(store)
    desk.put(0, 80)
    redefine(desk)
    desk.put(0, None, at=START + 2 * DAY)
    assert one_episode(desk).closed_at is None, "nothing was judged by the new definition"
    edit(desk, START + 3 * DAY, paused=True)
    desk.put(1, 80, at=START + 4 * DAY)
    assert one_episode(desk).closed == "paused"


def test_it_reads_a_stock_as_it_stands(store):
    many = rule(indicator="overdue", op=">", levels=(Level("warning", Decimal(10), Decimal(5)),))
    desk = Desk(store, workspace(many))
    for hour, number in ((1, 8), (5, 11), (9, 7), (13, 5)):
        desk.store_figure("overdue", 0, Values(number), at=START + timedelta(hours=hour))
    assert kinds(desk) == ["firing", "recovered"]


def test_it_writes_nothing_for_the_same_value_again(store):
    desk = Desk(store)
    desk.put(0, 93)
    before = [rows(desk, table) for table in (alert_event, alert_input, outbox)]
    changes = desk.store_figure("on_time", 0, Values(930, 1000, 1000), at=START + 2 * DAY)
    assert changes == []
    assert [rows(desk, table) for table in (alert_event, alert_input, outbox)] == before


def test_it_does_not_judge_the_period_a_replay_began_in_not_even_after_a_correction(store):
    desk = Desk(store, kind="replay")
    desk.put(0, 50)
    desk.put(1, 97)
    desk.put(0, 60, at=START + 4 * DAY)
    assert rows(desk, episode) == []
    desk.put(1, 60, at=START + 5 * DAY)
    assert one_episode(desk).since == to_us(START + DAY)


def test_it_calls_nobody_in_a_replay(store):
    desk = Desk(store, workspace(rule(receivers=("post",))), kind="replay")
    desk.use(workspace(rule(receivers=("chief",))))
    desk.put(1, 93)
    (message,) = rows(desk, outbox)
    assert (message.channel, message.state, message.sent_at) == ("log", "sent", message.created_at)
    assert [row.outcome for row in rows(desk, attempt)] == ["sent"]


def test_it_cannot_hold_two_open_episodes_of_a_rule_and_series__F66(store):
    desk = Desk(store)
    desk.put(0, 93)
    again = {c.name: getattr(one_episode(desk), c.name) for c in episode.columns if c.name not in ("id", "seq")}
    with pytest.raises(IntegrityError), store.write() as connection:
        episodes.add(connection, again)


def test_it_costs_one_query_where_no_rule_is_on_what_changed(store):
    from sqlalchemy import event

    desk = Desk(store, workspace(rule(indicator="overdue", op=">")))
    desk.use(desk.workspace)
    desk.put(0, 93)
    asked = []
    with store.write() as connection:
        head.take(connection, START, "collect")
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        desk.judge(connection, [], START)
        assert len(asked) == 1, "the revision, the newest version of a rule, the edits in force, whether there are orders"
        connection.execute(text("SELECT 1"))
