"""Properties 1 and 2 of alerting.md over random histories: late, corrected, repeated, missing, small; edits, pauses, restarts,
new definitions."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from alerts import course, judge, rules
from alerts.course import OPEN, Era, Known, advance, fold
from alerts.judge import State, Value
from alerts.store import versions
from alerts.store.states import of_series
from alerts.store.tables import alert_event, alert_input, episode, outbox, rule_version
from metrics.periods import to_us
from metrics.rulebook import Level
from metrics.store import head
from metrics.store.engine import connect
from metrics.tables import series
from tests.alerts.small import DAY, START, Desk, indicator, rule, workspace

pytestmark = pytest.mark.property
NUMBERS = count()
DAYS = 12
HIGHER = (Level("reminder", Decimal(90), Decimal(91)),)
EDITS = (
    {}, {"m": 2, "n": 3}, {"levels": HIGHER}, {"for_": timedelta(days=3)}, {"recover_count": 2, "min_n": 50},
    {"paused": True}, {"m": 2, "n": 4, "for_": timedelta(days=2), "recover_for": timedelta(days=2)},
)  # fmt: skip

rates = st.sampled_from([None, 80, 88, 89, 91, 93, 95, "95.5", 96, 99])
puts = st.tuples(st.just("put"), st.integers(0, DAYS), rates, st.sampled_from([40, 1000, 1000]))
edits = st.tuples(st.just("edit"), st.sampled_from(range(len(EDITS))))
rare = st.sampled_from([("restart",), ("definition",)])
steps = st.one_of(puts, puts, puts, st.tuples(st.just("pass"), st.integers(1, 4)), edits, rare)
histories = st.tuples(st.sampled_from(range(len(EDITS))), st.lists(steps, max_size=25))


class Stores:
    """A store for a hundred histories, then a new one: what a rule costs grows with the rules there are."""

    def __init__(self, template, folder):
        self.template, self.folder, self.now, self.used = template, folder, None, 0

    def one(self):
        if self.used % 100 == 0:
            self.close()
            path = self.folder / "yuncha.db"
            for left in self.folder.iterdir():
                left.unlink()
            shutil.copy(self.template, path)
            self.now = connect(f"sqlite:///{path}")
        self.used += 1
        return self.now

    def close(self):
        if self.now is not None:
            self.now.close()


@pytest.fixture(scope="module")
def stores(sqlite_template, tmp_path_factory):
    made = Stores(sqlite_template, tmp_path_factory.mktemp("properties"))
    yield made
    made.close()


class Lived:
    """One random history, lived through the real judge on a real database, under a rule and a department of its own."""

    def __init__(self, store, history):
        number = next(NUMBERS)
        self.store, self.key, self.department = store, f"r{number}", f"d{number}"
        first, actions = history
        self.definition, self.begun = 1, State()
        self.desk = Desk(store, self._place(first))
        self.final: dict[int, Value | None] = {}
        edit = first
        today = 3
        for minute, action in enumerate(actions, 1):
            now = START + today * DAY + timedelta(minutes=minute)
            match action:
                case ("put", day, rate, den):
                    day = min(day, today - 1)
                    self.desk.put(day, rate, self.department, den=den, at=now)
                    self.final[day] = value(day, rate, den)
                case ("pass", days):
                    today += days
                case ("definition",):
                    self.definition += 1
                    self.final, self.begun = {}, self.state()
                    self.desk.use(self._place(edit))
                case ("edit", edit):
                    self.desk.use(self._place(edit))
                    with store.write() as connection:
                        head.take(connection, now, "definition")
                        self.desk.judge(connection, [], now)
                    if not self.settled_anew():  # what it closed was not open when the first value under the new definition came
                        self.begun = self.state()
                case _:
                    self.desk.use(self.desk.workspace)

    def _place(self, edit):
        place = workspace(rule(key=self.key, **EDITS[edit]))
        return replace(place, indicators={**place.indicators, "on_time": indicator(version=self.definition)})

    def rows(self, table, *order):
        with self.store.read() as connection:
            return list(connection.execute(select(table).where(table.c.rule == self.key).order_by(*order)))

    def state(self):
        with self.store.read() as connection:
            mine = connection.execute(select(series.c.id).where(series.c.department_id == self.department)).scalars().all()
            kept = next(iter(of_series(connection, mine).values()), None)
        return kept.state if kept else State()

    def settled_anew(self):
        """Has anything been judged under the newest definition?"""
        mine = self.rows(alert_input, alert_input.c.seq)
        return any(json.loads(one.body).get("definition") == self.definition for one in mine)

    def eras(self):
        with self.store.read() as connection:
            kept = [one for one in versions.every(connection) if one.rule == self.key]
        return [Era(rules.revive(one.rule, one.number, one.body), one.since, one.id) for one in kept]


def value(day, rate, den):
    if rate is None:
        return None
    num = int(Decimal(str(rate)) * den / 100)
    return Value(to_us(START + day * DAY), to_us(START + (day + 1) * DAY), Decimal(num) / Decimal(den) * 100, n=den)


@given(history=histories)
def test_it_holds_properties_1_and_2_and_keeps_its_promises(stores, history):
    lived = Lived(stores.one(), history)
    stands_where_a_fresh_fold_over_the_final_values_stands(lived)
    is_the_fold_of_its_recorded_inputs(lived)
    keeps_its_promises_about_episodes_and_messages(lived)


def stands_where_a_fresh_fold_over_the_final_values_stands(lived):
    """Property 2, for any order of arrivals, corrections and repeats; from what was open when the definition changed."""
    kept = lived.state()
    if lived.settled_anew():
        state, _ = fold(lived.eras(), [one for one in lived.final.values() if one], "day", 0, START, lived.begun)
    else:
        state, _ = kept, "nothing was judged under the newest definition yet"
    assert (kept.condition, kept.breach_since, kept.breach_count) == (state.condition, state.breach_since, state.breach_count)
    assert kept.level == state.level


def is_the_fold_of_its_recorded_inputs(lived):
    """Property 1: `alert_input` in order of seq gives exactly the live rows."""
    state, episodes = refold(lived)
    assert lived.state() == state
    live = [(row.since, row.closed, row.closed_at is None) for row in lived.rows(episode, episode.c.seq)]
    assert live == [(one["since"], one["closed"], one["open"]) for one in episodes]


def keeps_its_promises_about_episodes_and_messages(lived):
    eras = {era.id: era.rule for era in lived.eras()}
    episodes = lived.rows(episode, episode.c.seq)
    still_open = [row for row in episodes if row.closed_at is None]
    assert len(still_open) == int(lived.state().condition in OPEN), "an episode is open exactly while it fires"
    for event in lived.rows(alert_event, alert_event.c.seq):
        if event.kind == "recovered":
            assert judge.safe(eras[event.rule_version], Decimal(event.value)), "nothing recovers without judged data"
    for row in episodes:
        with lived.store.read() as connection:
            told = [one.kind for one in connection.execute(select(outbox).where(outbox.c.episode_id == row.id))]
        assert told.count("firing") == (0 if row.closed == "retro" else 1)
        assert told.count("retro") == int(row.closed == "retro"), "of the past only in the digest"
        ends = [kind for kind in told if kind not in ("firing", "severity_up", "flapping", "retro")]
        assert len(ends) == int(row.closed not in ("", "retro")), "told once of the end, in the digest while it flaps"


def refold(lived):
    """The recorded inputs alone, in order of seq, in memory: state and episodes as they should stand."""
    with lived.store.read() as connection:
        kept = {row.id: row for row in connection.execute(select(rule_version).where(rule_version.c.rule == lived.key))}
    known = sorted(kept.values(), key=lambda row: row.number)
    all_eras = [Era(rules.revive(row.rule, row.number, row.body), row.since, row.id) for row in known]
    state, values, episodes = State(), {}, []
    definition, begun = 1, State()

    def history():
        return sorted((one for one in values.values() if one), key=lambda one: one.start)

    def recorded():
        return [
            Known(place, min(one["since"], one["raised"]), one["last"], one["level"], one["open"])
            for place, one in enumerate(episodes)
        ]

    for entry in lived.rows(alert_input, alert_input.c.seq):
        eras = [era for era in all_eras if era.since <= entry.at]
        body = json.loads(entry.body)
        if entry.kind == "rule":
            before = state
            state, closed = judge.edited(eras[-1].rule, state)
            if closed and before.condition in OPEN:
                reason = "paused" if eras[-1].rule.paused else "rule_changed"
                next(one for one in episodes if one["open"]).update(open=False, closed=reason)
            continue
        arrivals = {int(start): _value(int(start), given, body["definition"]) for start, given in body["values"].items()}
        afresh = body["definition"] != definition
        if afresh:
            definition, values = body["definition"], {}
            state = begun = course.renewed(state)
        values |= arrivals
        how = {"grain": "day", "delay": 0, "now": START, "begun": begun, "afresh": afresh}
        state, found = advance(eras, state, arrivals, history, recorded, **how)
        for step in found:
            _apply(episodes, step)
        if episodes and state.condition in OPEN:
            mine = next(one for one in episodes if one["open"])
            mine |= {"last": state.last.start, "level": max(state.level, 0), "since": state.breach_since}
    return state, episodes


def _value(start, given, definition):
    """The version of the definition stands beside a value that is not by the one of the input."""
    if given is None:
        return None
    end, value, n, *other = given
    return Value(start, end, Decimal(value), n=n, definition=other[0] if other else definition)


def _apply(episodes, step: course.Step):
    last = (step.last or step.event.value).start
    if step.kind in ("open", "retro"):
        since = step.event.since if step.event.since is not None else step.event.at
        closed = "retro" if step.kind == "retro" else ""
        made = {"since": since, "last": last, "level": step.event.level, "open": not closed, "closed": closed}
        # What was told of it stays of the period it was raised for, wherever a correction moves its beginning.
        episodes.append({**made, "raised": since if closed else step.event.value.start})
    elif step.kind == "close":
        mine = next(one for one in episodes if one["open"])
        mine |= {"open": False, "closed": step.reason, "last": last}
    elif step.reason in ("severity_up", "severity_down"):
        next(one for one in episodes if one["open"])["level"] = step.event.level
