"""What is kept back while a system is down: only what that system alone could say, and only while it is in the workspace."""

from dataclasses import replace

from alerts.store.tables import episode
from metrics.model import Measure, Source
from metrics.rulebook import Escalation
from metrics.store import runs
from metrics.store.runs import RunIn
from metrics.values import Values
from tests.alerts.small import DAY, Desk, text
from tests.alerts.test_telling import HOUR, MINUTE, NOW, fail, many, person, place, route, rows, send, tick, told


def test_a_source_that_left_the_workspace_holds_nothing_back(store):
    desk = Desk(store, place(route(), receivers=[person("administrator")]))
    fail(desk, 0, 10, 20, 30)
    tick(desk, NOW + 30 * MINUTE)
    many(desk, 0, {"a": 80}, at=NOW + 31 * MINUTE)
    assert ("chief", "firing", "held") in told(desk)
    renamed = replace(desk.workspace.sources["desk"], key="desk2")
    indicators = {key: replace(one, source="desk2") for key, one in desk.workspace.indicators.items()}
    desk.use(replace(desk.workspace, sources={"desk2": renamed}, indicators=indicators))
    tick(desk, NOW + DAY)
    tick(desk, NOW + DAY + MINUTE)
    assert [row.closed for row in rows(desk, episode)] == ["source_removed", ""]
    assert ("administrator", "source_removed", "waiting") in told(desk)
    assert ("chief", "released", "waiting") in told(desk)


def both(desk, other):
    """A run of each of two systems that report the same figure."""
    with desk.store.write() as connection:
        for minute in (0, 10, 20, 30):
            at = NOW + minute * MINUTE
            runs.add(connection, RunIn("other", "collect", at, at, other if minute else "ok"))
            runs.add(connection, RunIn("desk", "collect", at, at, "ok"))


def test_a_figure_another_system_reports_is_told_while_one_is_down(store):
    routed = place(route(escalate=(Escalation(HOUR, ("mayor",)),)), receivers=[person("administrator"), person("mayor")])
    other = Source("other", text("Other"), "http_json", "b", "observations", {}, {}, every=10 * MINUTE)
    observed = replace(routed.indicators["on_time"], source=None, feeds=("desk", "other"), measure=Measure("observed"))
    desk = Desk(
        store, replace(routed, sources={**routed.sources, "other": other}, indicators={**routed.indicators, "on_time": observed})
    )
    both(desk, "error")
    tick(desk, NOW + 30 * MINUTE)
    desk.store_figure("on_time", 0, Values(70, None, None), at=NOW + 31 * MINUTE)
    for hour in range(1, 60):
        tick(desk, NOW + hour * HOUR)
        send(desk, NOW + hour * HOUR)
    assert {("administrator", "firing", "sent"), ("chief", "firing", "sent"), ("mayor", "escalated", "sent")} <= {*told(desk)}
