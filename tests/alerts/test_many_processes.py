"""Eight processes call the door of one PostgreSQL at once, with the same figures: a rule opens one episode and says so once."""

import multiprocessing
import os
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

import alerts
from alerts.store.tables import alert_event, episode
from metrics.arrivals import Batch, ObservationIn
from metrics.ingest import ingest
from metrics.model import Measure
from metrics.rulebook import Level, Rule
from metrics.store import head
from metrics.store.engine import connect
from metrics.store.runs import RunIn
from metrics.tables import observation, revision
from tests.metrics import small
from tests.metrics.small import DAY

PROCESSES, ROUNDS, AT_ONCE = 8, 2, 50
INDICATORS, RULES = (500, 20) if os.environ.get("YUNCHA_SOAK") else (10, 10)


def workspace():
    """Every figure is of the whole province; every rule looks at one figure, each at a threshold of its own."""
    made = [
        small.indicator(f"i{n:03}", Measure("observed"), "calls", feeds=("calls",), grains=("day",), cuts={"day": ()})
        for n in range(INDICATORS)
    ]
    rules = [
        Rule(f"{one.key}.r{n:02}", {"zh": "r", "en": "r"}, one.key, "day", (), ">", (_level(n),), 1, owner="a")
        for one in made
        for n in range(RULES)
    ]
    return replace(small.workspace(), indicators={one.key: one for one in made}, rules={one.key: one for one in rules})


def _level(number: int) -> Level:
    return Level("warning", Decimal(10 + number), Decimal(5))


def call(url: str, number: int, started) -> None:
    """What each process does: the same figures as the others, all beyond every threshold, none exactly the same."""
    store, laid_out = connect(url), workspace()
    judges = (alerts.evaluate(laid_out),)
    keys = list(laid_out.indicators)
    started.wait()
    for turn in range(ROUNDS):
        now = DAY + timedelta(days=1, minutes=turn)  # the rules come into force as the day ends
        for spot in range(0, len(keys), AT_ONCE):
            value = 100 + number * ROUNDS + turn
            rows = [ObservationIn(key, "day", DAY, value) for key in keys[spot : spot + AT_ONCE]]
            run = RunIn("calls", "collect", now, now, "ok")
            while True:
                try:
                    ingest(store, laid_out, Batch("calls", (), rows), judges, now, run=run)
                    break
                except OperationalError:  # the lock took too long: the whole unit again, as a worker does
                    continue
    store.close()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_each_rule_opens_one_episode_whoever_calls(database_url):
    fork = multiprocessing.get_context("fork")
    started = fork.Barrier(PROCESSES)
    many = [fork.Process(target=call, args=(database_url, number, started)) for number in range(PROCESSES)]
    for one in many:
        one.start()
    for one in many:
        one.join(60 if RULES == 10 else 3_000)
    assert [one.exitcode for one in many] == [0] * PROCESSES
    store = connect(database_url)
    with store.read() as connection:

        def count(*query) -> int:
            return connection.execute(select(func.count()).select_from(*query[:1]).where(*query[1:])).scalar_one()

        assert count(episode) == INDICATORS * RULES
        assert count(episode, episode.c.closed_at.is_(None)) == INDICATORS * RULES
        pairs = select(episode.c.rule, episode.c.series_id).distinct().subquery()
        assert count(pairs) == INDICATORS * RULES
        assert count(alert_event, alert_event.c.kind == "firing") == INDICATORS * RULES
        units = PROCESSES * ROUNDS * -(-INDICATORS // AT_ONCE)
        assert head.newest(connection).number == count(revision) == units  # no two told the same: each is a revision of its own
        assert count(observation) == INDICATORS * PROCESSES * ROUNDS
    store.close()
    print(f"{PROCESSES} processes, {INDICATORS * RULES} rules, {units} units: one episode each")
