"""Random kill -9 of a process that judges and sends, before a receiver that records: nothing lost, at most one repeat a kill."""

import multiprocessing
import os
import random
import shutil
import time
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

import alerts
from alerts.store.tables import alert_event, episode, outbox
from metrics.rulebook import Receiver
from metrics.store.engine import connect
from tests.alerts.servers import Web
from tests.alerts.small import DAY, START, Desk, rule, text, workspace

KILLS = 200 if os.environ.get("YUNCHA_SOAK") else 14
SECOND = timedelta(seconds=1)


def place(url):
    hook = Receiver("hook", text("Hook"), "webhook", {"url": url}, "en", single=True)
    return workspace(rule(receivers=("hook",)), receivers=[hook])


def at(life, step=0):
    """Lives are two days apart, so that what the one before left leased is free."""
    return START + (2 * life + 3) * DAY + step * SECOND


def live(database_url, url, life):
    """As a worker does: figures come in and are judged, what waits is sent; for ever, until it is killed."""
    store = connect(database_url)
    desk = Desk(store, place(url))
    for step in count():
        office = f"d{life}-{step}"
        desk.put(2 * life, 93, office, at=at(life, step))
        if step % 3:
            desk.put(2 * life + 1, 99, office, at=at(life, step))
        alerts.send_due(store, desk.workspace, at(life, step))


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    """A file, as most run it; single crash points are tried on both engines in test_sender.py."""
    shutil.copy(sqlite_template, tmp_path / "yuncha.db")
    return f"sqlite:///{tmp_path / 'yuncha.db'}"


def test_it_loses_nothing_and_repeats_at_most_once_a_kill__F06(database_url):
    seed = int(os.environ.get("YUNCHA_SEED") or random.randrange(10**6))
    dice = random.Random(seed)
    fork = multiprocessing.get_context("fork")
    with Web().serving() as web:
        store = connect(database_url)
        desk = Desk(store, place(web.url))
        store.close()  # no connection is shared with a child
        for life in range(KILLS):
            wanted = len(web.got) + dice.randint(1, 5)
            child = fork.Process(target=live, args=(database_url, web.url, life), daemon=True)
            child.start()
            until = time.monotonic() + 60
            while len(web.got) < wanted and time.monotonic() < until:
                time.sleep(0.01)  # of another process: there is no clock of its to inject
            time.sleep(dice.uniform(0, 0.05))
            child.kill()
            child.join()
        again = connect(database_url)
        for step in range(200):
            found = alerts.send_due(again, desk.workspace, at(KILLS, 300 * step))
            if not (found.sent or found.later):
                break
        with again.read() as connection:
            messages = list(connection.execute(select(outbox)))
            events = [row.kind for row in connection.execute(select(alert_event))]
            open_ones = Counter((row.rule, row.series_id) for row in connection.execute(select(episode)) if row.closed_at is None)
        again.close()
    told = Counter(one["json"]["id"] for one in web.got)
    repeats = sum(number - 1 for number in told.values())
    print(f"{KILLS} kills, {len(events)} transitions, {repeats} duplicates (seed {seed})")
    assert {row.state for row in messages} == {"sent"}
    assert set(told) == {row.message_id for row in messages}, "each message has arrived"
    assert Counter(row.kind for row in messages) == Counter(events), "each transition is a message"
    assert repeats <= KILLS
    for id, number in told.items():
        marks = [one["json"]["repeated"] for one in web.got if one["json"]["id"] == id] if number > 1 else []
        assert all(marks[1:]), "a repeat is marked"
    assert max(open_ones.values(), default=1) == 1
