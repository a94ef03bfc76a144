"""What cannot be followed for one order stops neither the other orders, nor the tick, nor the storing of figures."""

from dataclasses import replace

import alerts
from alerts.orders import evidence
from alerts.store.tables import outbox
from metrics.catalogue.tree import Tree
from tests.alerts.orders.test_desk import CHIEF, Office
from tests.alerts.small import DAY, START
from tests.alerts.test_telling import rows


def test_an_order_whose_region_is_in_the_workspace_no_more_is_still_told_of(store):
    office = Office(store)
    office.raise_order(CHIEF, 3.2, episode=office.alert().id, region="x")
    regions = [place for place in office.workspace.regions if place.id != "x"]
    office.use(replace(office.workspace, regions=Tree(regions)))
    for day in (4, 5, 6):
        office.tick(day)
    office.put(2, 99, at=START + 6 * DAY)
    assert {"order_yellow", "order_corrected"} <= {row.kind for row in rows(office, outbox)}


def test_a_fault_of_one_order_is_its_own(store, monkeypatch):
    office = Office(store)
    office.put(2, 80)
    office.put(2, 80, "b")
    raised = {one.series.department: one.id for one in office.ask(CHIEF, alerts.inbox).rows}
    broken, sound = (office.raise_order(CHIEF, 3.2, episode=raised[lead], lead=lead) for lead in ("a", "b"))
    follow = evidence._follow

    def faulty(connection, workspace, row, now, revision):
        if row.id == broken:
            raise KeyError("a fault")
        return follow(connection, workspace, row, now, revision)

    monkeypatch.setattr(evidence, "_follow", faulty)
    office.put(3, 99)
    office.put(3, 99, "b")
    goods = {id: office.one(id).row.good for id in (broken, sound)}
    assert goods == {broken: 0, sound: 1}
