"""Rules changed on screen: tried on the past by the judge itself, saved with a reason, a serious one by two people."""

import os
from decimal import Decimal
from random import Random
from time import process_time

import pytest
from sqlalchemy import insert, select

from alerts import dry_run, editing
from alerts.course import SEVERITIES, Era, fold
from alerts.editing import Changed, Invalid, NotAllowed, Proposal
from alerts.evaluate import Reader
from alerts.store.states import window
from alerts.store.tables import alert_event, episode, outbox, rule_version
from metrics.model import TOTAL, Principal
from metrics.periods import to_us
from metrics.rulebook import Level
from metrics.tables import chosen, series
from tests.alerts.small import DAY, START, Desk, rule, workspace

CHIEF = Principal("chief", "Chief", frozenset({"supervisor"}))
OTHER = Principal("other", "Other", frozenset({"supervisor"}))
NOW = START + 20 * DAY
MILD = (Level("reminder", Decimal(95), Decimal(96)),)


def reminders(threshold, recovery=None):
    return [Level("reminder", Decimal(threshold), Decimal(threshold if recovery is None else recovery))]


@pytest.fixture
def desk(store):
    made = Desk(store, workspace(rule(levels=MILD)))
    for day, rate in enumerate((93, 94, 91, 92, 97, 99)):
        made.put(day, rate)
    for day, rate in enumerate((99, 94, 97)):
        made.put(day, rate, "b")
    return made


def draft(desk, proposal, who=CHIEF):
    with desk.store.write() as connection:
        return editing.draft(connection, desk.workspace, who, "late", proposal, NOW)


def tried(desk, id, who=CHIEF):
    return editing.try_on(desk.store, desk.workspace, who, id, NOW, 60)


def save(desk, id, who=CHIEF, reason="too many", at=NOW):
    with desk.store.write() as connection:
        return editing.save(connection, desk.workspace, who, id, reason, at)


def rows(desk, table):
    with desk.store.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def test_it_says_how_often_and_for_whom_it_would_have_fired_before_it_is_saved(desk):
    trial = tried(desk, draft(desk, Proposal(reminders(92, 93))))
    assert (trial.finished, trial.times, trial.before) == (True, 1, 2)
    (place,) = trial.places
    assert (place["department"], place["times"], place["worst"]) == ("a", 1, "reminder")


def test_it_counts_every_place_and_names_those_it_would_have_fired_for_most_often(desk, monkeypatch):
    monkeypatch.setattr(dry_run, "PLACES", 1)
    monkeypatch.setattr(dry_run, "BATCH", 1)
    for day, rate in enumerate((93, 99, 93, 99), 3):
        desk.put(day, rate, "b")
    trial = tried(desk, draft(desk, Proposal(reminders(94, 95))))
    assert (trial.finished, trial.where, trial.times) == (True, 2, 3)
    assert [(one["department"], one["times"]) for one in trial.places] == [("b", 2)], "a came first"


def test_it_fires_on_the_past_as_often_as_it_did(desk):
    """The rule in force, tried on what it lived through, comes to its own episodes."""
    trial = tried(desk, draft(desk, Proposal(reminders(90))))
    assert trial.before == len(rows(desk, episode))


GRAVER = (*MILD, Level("warning", Decimal(93), Decimal(95)), Level("serious", Decimal(91), Decimal(91)))


@pytest.mark.parametrize(
    "given",
    [{}, {"m": 2, "n": 3}, {"recover_count": 2, "min_n": 40}, {"levels": GRAVER}, {"levels": GRAVER, "op": "<=", "m": 2, "n": 4},
     {"for_": 2 * DAY, "recover_for": 2 * DAY}, {"levels": GRAVER, "for_": DAY, "recover_for": 3 * DAY, "recover_count": 2}],
)  # fmt: skip
def test_what_it_passes_over_changes_nothing_of_what_judge_says(store, given):
    """Random figures, missing ones, some of too few cases: as many firings as the course folded value by value."""
    chance, watched = Random(5), rule(**{"levels": MILD, **given})
    desk = Desk(store, workspace(watched))
    with store.write() as connection:
        for number in range(1, 31):
            made = {"indicator": "on_time", "grain": "day", "department_id": f"d{number}", "region_id": TOTAL, "dims": "{}"}
            connection.execute(insert(series), made)
            figures = [
                {"series_id": number, "period_start": to_us(START + day * DAY), "version": 1, "revision": 1, "evaluated_at": 0,
                 "status": chance.choice("AAAAAAM"), "num": chance.randrange(90, 101) * den, "den": den * 100, "n": den}
                for day in range(40) if chance.random() < 0.9 and (day + number) % 20 > 4
                for den in (chance.choice((20, 50, 90)),)
            ]  # fmt: skip
            connection.execute(insert(chosen), figures)
    reader, indicator, now = Reader(desk.workspace), desk.workspace.indicators["on_time"], START + 41 * DAY
    with store.read() as connection:
        trial = dry_run.begin(connection, desk.workspace, watched, now)
        trial = dry_run.advance(connection, desk.workspace, watched, watched, trial, now, 60)
        kept = [[(at, reader.value(indicator, "day", at, one)) for at, one in window(connection, number, 1, to_us(now))]
                for number in range(1, 31)]  # fmt: skip
    runs = [fold([Era(watched, 0)], [v for _, v in sorted(mine) if v is not None], "day", 0, now)[1] for mine in kept]
    assert trial.times == trial.before == sum(map(len, runs)) > 20
    worst = [max((one.worst for one in mine), key=SEVERITIES.index) for mine in runs if mine]
    assert sorted(one["worst"] for one in trial.places) == sorted(worst)


def test_it_is_saved_with_who_when_and_why_and_judges_at_once(desk):
    desk.put(6, 94)
    id = draft(desk, Proposal(reminders(90, 91)))
    with pytest.raises(Invalid, match="dry-run"):
        save(desk, id)
    tried(desk, id)
    with pytest.raises(Invalid, match="reason"):
        save(desk, id, reason=" ")
    assert save(desk, id) == "active"
    assert [row.kind for row in rows(desk, alert_event)][-1] == "rule_changed"
    assert [row.kind for row in rows(desk, outbox)][-1] == "rule_changed"
    with desk.store.read() as connection:
        newest, first = editing.history(connection, desk.workspace, "late")
    assert (newest.author, newest.reason, newest.number, newest.since) == ("Chief", "too many", 2, NOW)
    assert (newest.trial.times, first.author) == (0, "")
    desk.put(20, 92, at=NOW + DAY)
    assert rows(desk, episode)[-1].closed_at is not None, "92 is good enough now"
    desk.put(21, 89, at=NOW + 2 * DAY)
    assert rows(desk, episode)[-1].closed_at is None
    assert len(rows(desk, rule_version)) == 2


def test_it_needs_a_second_person_for_a_serious_rule(store):
    desk = Desk(store, workspace(rule()))
    desk.put(0, 85)
    proposal = Proposal([Level("reminder", Decimal(80), Decimal(81)), Level("serious", Decimal(70), Decimal(71))])
    id = draft(desk, proposal)
    tried(desk, id)
    assert save(desk, id) == "proposed"
    assert rows(desk, episode)[0].closed_at is None, "nothing has changed yet"
    with store.write() as connection, pytest.raises(NotAllowed):
        editing.confirm(connection, desk.workspace, CHIEF, id, NOW)
    with store.write() as connection:
        assert editing.confirm(connection, desk.workspace, OTHER, id, NOW)
        assert not editing.confirm(connection, desk.workspace, OTHER, id, NOW), "once"
    assert rows(desk, episode)[0].closed == "rule_changed"
    with store.read() as connection:
        newest = editing.history(connection, desk.workspace, "late")[0]
    assert (newest.author, newest.second) == ("Chief", "Other")


def test_it_is_not_confirmed_once_another_rule_is_in_force_than_it_was_tried_against(desk):
    graver = [*MILD, Level("serious", Decimal(70), Decimal(71))]
    first = draft(desk, Proposal(graver))
    tried(desk, first)
    assert save(desk, first) == "proposed"
    second = draft(desk, Proposal(reminders(94, 95)), OTHER)
    tried(desk, second, OTHER)
    assert save(desk, second, OTHER, "milder") == "active"
    with desk.store.write() as connection, pytest.raises(Changed):
        editing.confirm(connection, desk.workspace, OTHER, first, NOW + DAY)
    with desk.store.read() as connection:
        assert editing.in_force(connection, desk.workspace, "late").levels == tuple(reminders(94, 95))
        newest = editing.history(connection, desk.workspace, "late")[0]
        assert (newest.author, newest.second, newest.reason) == ("Other", "", "milder")
        assert [row.id for row in editing.proposals(connection)] == [first], "to be refused or taken back"


def test_the_one_put_in_force_last_counts_not_the_one_drafted_last(desk):
    first, second = (draft(desk, Proposal(reminders(n)), who) for n, who in ((94, CHIEF), (90, OTHER)))
    tried(desk, first)
    tried(desk, second, OTHER)
    save(desk, second, OTHER, at=NOW)
    again = draft(desk, Proposal(MILD), OTHER)
    tried(desk, again, OTHER)
    save(desk, again, OTHER, at=NOW + DAY)
    assert save(desk, first, at=NOW + 2 * DAY) == "active"
    with desk.store.read() as connection:
        assert editing.in_force(connection, desk.workspace, "late").levels == tuple(reminders(94))
        assert editing.history(connection, desk.workspace, "late")[0].author == "Chief"


def test_it_can_be_refused(store):
    desk = Desk(store, workspace(rule()))
    id = draft(desk, Proposal(reminders(80)))
    tried(desk, id)
    save(desk, id)
    with store.write() as connection:
        assert editing.refuse(connection, OTHER, id, NOW)
        assert not editing.confirm(connection, desk.workspace, OTHER, id, NOW)


@pytest.mark.parametrize("who", [
    Principal(None, "", frozenset({"viewer"})), Principal("x", "X", frozenset({"staff"})),
    Principal("x", "X", frozenset({"administrator"})), Principal("x", "X", frozenset({"supervisor"}), ("a",)),
])  # fmt: skip
def test_it_is_for_a_supervisor_of_the_whole_only(desk, who):
    with pytest.raises(NotAllowed):
        draft(desk, Proposal(reminders(90)), who)


def test_it_does_not_take_another_ones_draft(desk):
    id = draft(desk, Proposal(reminders(90)))
    with pytest.raises(NotAllowed):
        tried(desk, id, OTHER)
    with pytest.raises(NotAllowed):
        save(desk, id, OTHER)


@pytest.mark.parametrize(("proposal", "fault"), [
    (Proposal([]), "no-level"), (Proposal(reminders(90, 89)), "recovery-side"),
    (Proposal(reminders(90), m=3, n=2), "m-of-n"),
    (Proposal([*reminders(90), Level("serious", Decimal(92), Decimal(93))]), "order"),
])  # fmt: skip
def test_it_refuses_what_could_not_be_a_rule(proposal, fault):
    place = workspace(rule(levels=MILD))
    with pytest.raises(Invalid, match=fault):
        editing.changed(place.rules["late"], proposal)


@pytest.mark.parametrize("text", ["", "abc", "NaN", "1e400", "９０%"])
def test_it_reads_thresholds_as_people_write_them(text):
    if text == "９０%":
        assert editing.number(text) == 90
        return
    with pytest.raises(Invalid):
        editing.number(text)


def test_it_refuses_to_change_nothing(desk):
    with pytest.raises(Invalid, match="same"):
        draft(desk, Proposal(MILD))


def test_it_gives_way_to_a_rule_changed_in_the_workspace_afterwards(desk):
    id = draft(desk, Proposal(reminders(90)))
    tried(desk, id)
    save(desk, id)
    desk.use(workspace(rule(levels=(Level("reminder", Decimal(93), Decimal(94)),))))
    desk.put(20, 92, at=NOW + DAY)
    assert rows(desk, episode)[-1].closed_at is None
    assert [row.author for row in rows(desk, rule_version)] == ["", "Chief", ""]


def fill(store, many, periods, grain, step):
    """Series with a random walk of figures, straight into the tables."""
    same = {"indicator": "on_time", "grain": grain, "region_id": TOTAL, "dims": "{}"}
    with store.write() as connection:
        connection.execute(
            insert(series),
            [{**same, "department_id": f"d{n}"} for n in range(many)],
        )
        starts = [to_us(START + place * step) for place in range(periods)]
        every = {"version": 1, "den": 1000, "n": 1000, "status": "A", "revision": 1, "evaluated_at": 0}
        for first in range(0, many, 1000):
            figures = [
                every | {"series_id": number + 1, "period_start": starts[place], "num": 900 + number % 100 + 13 * place % 7}
                for number in range(first, min(first + 1000, many))
                for place in range(periods)
            ]
            connection.execute(insert(chosen), figures)


SIZES = [(5000, 13, 2.0)] if not os.environ.get("YUNCHA_SOAK") else [(5000, 13, 2.0), (20_000, 90, 15.0)]


@pytest.mark.parametrize(("many", "periods", "limit"), SIZES)
def test_it_tries_a_rule_on_the_past_within_its_time(sqlite_template, tmp_path, many, periods, limit):
    import shutil

    from metrics.store.engine import connect

    shutil.copy(sqlite_template, tmp_path / "y.db")
    store = connect(f"sqlite:///{tmp_path / 'y.db'}")
    place = workspace(rule(levels=MILD))
    desk = Desk(store, place)
    fill(store, many, periods, "day", DAY)
    now = START + (periods + 1) * DAY
    with store.write() as connection:
        id = editing.draft(connection, desk.workspace, CHIEF, "late", Proposal(reminders("91.5")), now)
    begun, steps = process_time(), 0  # of this process: others may run beside it
    trial = None
    while trial is None or not trial.finished:
        trial = editing.try_on(store, desk.workspace, CHIEF, id, now)
        steps += 1
    took = process_time() - begun
    store.close()
    print(f"{many} series over {periods} periods: {took:.2f} s in {steps} steps, would have fired {trial.times} times")
    assert trial.times > 0
    assert took < limit
