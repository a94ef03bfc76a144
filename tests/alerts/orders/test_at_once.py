"""Two who step at the same order at the same moment: two people, or a person and the tick."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import alerts
from alerts import orders
from alerts.orders.model import fold
from metrics.store import head
from tests.alerts.orders.test_desk import CHIEF, START, Office
from tests.alerts.small import DAY

lock_head = head.lock


@pytest.fixture
def raised(store):
    office = Office(store)
    return office, office.raise_order(CHIEF, 3.2, episode=office.alert().id)


def only_one_writes(store):
    return store.readers.dialect.name == "sqlite"


def test_of_two_who_saw_the_same_state_one_steps_and_the_other_is_told_to_read_again(raised, monkeypatch):
    office, id = raised
    seen, there = office.one(id).row.version, Barrier(1 if only_one_writes(office.store) else 2)

    def lock(connection, now):
        there.wait(10)
        return lock_head(connection, now)

    def note(words):
        with office.store.write() as connection:
            try:
                orders.step(connection, office.workspace, CHIEF, id, "noted", START + 4 * DAY, words, version=seen)
            except alerts.Changed:
                return "read again"
        return "done"

    monkeypatch.setattr(head, "lock", lock)
    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(note, ("one", "other"))) == ["done", "read again"]
    assert [one.kind for one in office.one(id).events] == ["drafted", "issued", "noted"]


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_the_tick_moves_an_order_as_it_is_once_it_may_write(raised, monkeypatch):
    office, id = raised

    def lock(connection, now):
        monkeypatch.setattr(head, "lock", lock_head)
        office.step(CHIEF, id, "withdrawn", 39.9)
        return lock_head(connection, now)

    monkeypatch.setattr(head, "lock", lock)
    office.tick(40)
    found = office.one(id)
    assert [one.kind for one in found.events] == ["drafted", "issued", "withdrawn"], "a light is of an open order only"
    assert fold(found.events) == found.row.order
