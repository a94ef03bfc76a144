"""Versions of definitions on both engines: the past by the version in force for it, like with like beside it, no event."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from metrics import definitions, reading
from metrics.answers import Ask, CaseQuery
from metrics.arrivals import Batch, Series
from metrics.catalogue import Meaning
from metrics.ingest import ingest
from metrics.links import behind
from metrics.model import SYSTEM, Condition, Measure, Part
from metrics.reading import at_revision
from metrics.reading.entered import versions
from metrics.store import cells
from metrics.store.runs import RunIn
from metrics.tables import definition, revision, wake
from tests.metrics import small
from tests.metrics.small import DAY, NOW, calls, case

SINCE = date(2026, 3, 5)
"""The fourth day: day=3."""
CLOSED_AT_ALL = replace(small.ON_TIME, of=Part(None, (Condition("closed", "present"),)))


def meaning(one, since=None, hash=""):
    return Meaning(one.version, since, "", "Wen", "", f"v{one.version}", hash or f"{one.key}{one.version}", one)


def first():
    made = small.workspace()
    return replace(made, versions={key: (meaning(one),) for key, one in made.indicators.items()})


def second(*, since=SINCE):
    """The same town after `on_time` and `calls` came to mean something else."""
    made = first()
    for key, change in (("on_time", {"measure": CLOSED_AT_ALL}), ("calls", {"tolerance": 1})):
        was = made.indicators[key]
        new = replace(was, version=2, **change)
        told = {**made.versions, key: (meaning(was), meaning(new, since))}
        made = replace(made, indicators={**made.indicators, key: new}, versions=told)
    return made


def put(store, workspace, *rows, source="cases", now=NOW, judges=()):
    records = [row for row in rows if hasattr(row, "external_id")]
    batch = Batch(source, records, [row for row in rows if row not in records])
    return ingest(store, workspace, batch, judges, now, run=RunIn(source, "collect", now, now, "ok"))


def moved(store, now=NOW, **since):
    """The new catalogue comes, as when the product is started with it."""
    workspace = second(**since)
    taken = definitions.take_in(store, workspace, now)
    definitions.recompute_history(store, workspace, now)
    return workspace, taken


def line(store, workspace, key, *, alike=False, at=None, region="_T"):
    """Day -> (num, den, version) of the figures there are."""
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, NOW, alike=alike)
        ask = at_revision(ask, at) if at else ask
        found = reading.trend(ask, Series(key, "day", "_T", region))
    return {(one.period_start - DAY).days: (one.num, one.den, one.version) for one in found if one.revision}


def test_definition_v2_from_a_period_on_leaves_the_past_as_it_was_and_stands_beside_it(store):
    """The walk-through `definition v2 from period X`."""
    assert definitions.take_in(store, first(), NOW) is None, "a first catalogue is no news"
    put(store, first(), *(case(f"{day}", day=day, due=0, closed=1) for day in range(6)))
    before = line(store, first(), "on_time")
    seen = []
    workspace, taken = moved(store)
    assert taken is not None
    assert {day: found for day, found in before.items() if day < 3} == {0: (0, 1, 1), 1: (0, 1, 1), 2: (0, 1, 1)}
    in_force = {day: (int(day >= 3), 1, 1 + (day >= 3)) for day in range(6)}
    assert line(store, workspace, "on_time") == in_force
    assert line(store, workspace, "on_time", alike=True) == {day: (1, 1, 2) for day in range(6)}
    assert line(store, workspace, "on_time", at=taken - 1) == before, "as it was known then, by the definition of then"
    put(store, workspace, case("late", day=1, due=0, closed=1), judges=(lambda connection, changed, now: seen.extend(changed),))
    assert line(store, workspace, "on_time")[1] == (0, 2, 1), "what comes late is late for both"
    assert line(store, workspace, "on_time", alike=True)[1] == (2, 2, 2)
    assert {change.version for change in seen if change.series.indicator == "on_time"} == {1, 2}
    with store.read() as connection:
        kinds = [row.kind for row in connection.execute(select(revision).order_by(revision.c.number))]
        assert connection.execute(select(wake).where(wake.c.kind == "definition")).all() == []
    assert kinds == ["collect", *["definition"] * 3, "collect"], "told, days and months computed anew, then what came late"


def test_the_new_version_is_written_once_with_who_accepted_it(store):
    definitions.take_in(store, first(), NOW)
    workspace, taken = moved(store)
    assert definitions.take_in(store, workspace, NOW) is None
    with store.read() as connection:
        rows = {(row.indicator, row.version): row for row in connection.execute(select(definition))}
        actor = connection.execute(select(revision.c.actor).where(revision.c.number == taken)).scalar()
    assert (rows["on_time", 2].revision, rows["on_time", 1].revision, actor) == (taken, 0, "Wen")
    assert rows["on_time", 2].from_period > 0


def test_another_catalogue_does_not_write(store):
    definitions.take_in(store, second(), NOW)
    assert definitions.contradictions(store, second()) == []
    assert definitions.contradictions(store, first()) == [
        "on_time is v1 here, and v2 was accepted in the database", "calls is v1 here, and v2 was accepted in the database",
    ]  # fmt: skip
    one = second().indicators["on_time"]
    other = replace(second(), versions={**second().versions, "on_time": (meaning(one, SINCE, "silently"),)})
    told = definitions.contradictions(store, other)
    assert told == ["on_time v2 means something else here than in the database"]
    store.refuse(told[0])
    with pytest.raises(OperationalError, match="means something else"):
        put(store, other, calls(1), source="calls")
    store.refused.clear()


def test_a_database_from_when_vendors_were_part_of_a_meaning_is_written_on(store):
    definitions.take_in(store, first(), NOW)
    one = first().indicators["calls"]
    same = replace(meaning(one, hash="without its vendors"), before="calls1")
    assert definitions.contradictions(store, replace(first(), versions={**first().versions, "calls": (same,)})) == []
    other = replace(same, before="something else")
    assert len(definitions.contradictions(store, replace(first(), versions={**first().versions, "calls": (other,)}))) == 1


def test_reported_figures_stay_under_the_version_they_were_reported_under(store):
    definitions.take_in(store, first(), NOW)
    put(store, first(), *(calls(10 + day, day=day) for day in range(5)), source="calls")
    workspace, _ = moved(store)
    assert {day: found[2] for day, found in line(store, workspace, "calls").items()} == {0: 1, 1: 1, 2: 1, 3: 2, 4: 2}
    put(store, workspace, calls(99, day=1), calls(98, day=4), source="calls")
    found = line(store, workspace, "calls")
    assert (found[1], found[4]) == ((99, None, 1), (98, None, 2))


def test_two_versions_in_one_sum_are_named(store):
    definitions.take_in(store, first(), NOW)
    put(store, first(), calls(10, "x1", day=4), calls(7, "y1", day=4), source="calls")
    workspace, _ = moved(store)
    put(store, workspace, calls(12, "x1", day=4), source="calls")
    assert line(store, workspace, "calls")[4] == (19, None, 2)
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, NOW)
        found = reading.entered(ask, Series("calls", "day"), DAY + timedelta(days=4))
        mixed = reading.passport(ask, reading.printed(ask, Series("calls", "day"), DAY + timedelta(days=4)), None)
    assert sorted((one.cell.num, one.cell.version) for one in found) == [(7, 1), (12, 2)]
    assert versions(found) == [1, 2] == versions(mixed.entered)
    put(store, workspace, calls(7, "y1", day=4), source="calls")
    with store.read() as connection:
        found = reading.entered(Ask(connection, workspace, SYSTEM, NOW), Series("calls", "day"), DAY + timedelta(days=4))
    assert versions(found) == [2], "once all of them report under the new one there is no mark"


def test_a_change_over_the_break_compares_like_with_like_or_says_why_not(store):
    definitions.take_in(store, first(), NOW)
    put(store, first(), *(case(f"{day}", day=day, due=0, closed=1) for day in (2, 3)))
    put(store, first(), calls(10, day=2), source="calls")
    workspace, _ = moved(store)
    put(store, workspace, calls(12, day=3), source="calls")
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, DAY + timedelta(days=4, hours=2))
        on_time, reported = reading.card(ask, "on_time"), reading.card(ask, "calls")
        line = reading.trend(ask, Series("on_time", "day"))
        period, _ = reading.changes(ask, Series("on_time", "day"), line[-2], line)
    assert (on_time.cell.num, on_time.cell.version, on_time.on_period.amount) == (1, 2, 0), "both by version 2: 100 % and 100 %"
    assert period.change.amount == 0
    assert [one.version for one in line[-3:-1]] == [1, 2]
    assert (reported.cell.num, reported.on_period, reported.no_period) == (12, None, "version"), "the earlier is another thing"


def test_a_passport_of_before_opens_under_the_definition_of_then(store):
    definitions.take_in(store, first(), NOW)
    put(store, first(), case("1", day=4, due=0, closed=1))
    series, day = Series("on_time", "day"), DAY + timedelta(days=4)
    with store.read() as connection:
        printed = reading.printed(Ask(connection, first(), SYSTEM, NOW), series, day)
    workspace, _ = moved(store)
    put(store, workspace, case("2", day=4, due=0, closed=1))
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, NOW)
        then, now = reading.passport(ask, printed, None), reading.printed(ask, series, day)
    assert (then.cell.num, then.cell.den, then.cell.version, then.indicator.measure) == (0, 1, 1, small.ON_TIME)
    assert (then.again.num, then.again.den) == (0, 1)
    assert (now.values.num, now.values.den, now.version) == (2, 2, 2)


def test_a_measure_that_learns_a_new_word_means_what_it_meant():
    from metrics.catalogue.lock import meaning as hashed

    one = small.workspace().indicators["on_time"]
    assert hashed(one) == hashed(replace(one, target=None, name={"zh": "x", "en": "x"}))
    assert hashed(one) != hashed(replace(one, measure=CLOSED_AT_ALL))
    assert hashed(one) != hashed(replace(one, measure=Measure("count", Part("due"))))


def test_who_reports_a_figure_is_no_part_of_what_it_means():
    from metrics.catalogue.lock import meaning as hashed

    calls, opened = small.workspace().indicators["calls"], small.workspace().indicators["opened"]
    assert hashed(calls) == hashed(replace(calls, source="calls2", feeds=("calls2", "calls", "calls3")))
    assert hashed(opened) != hashed(replace(opened, source="calls")), "cases of another system are other cases"


def test_the_cases_behind_a_figure_are_counted_by_its_own_definition(store):
    definitions.take_in(store, first(), NOW)
    put(store, first(), *(case(f"{day}", day=day, due=0, closed=1) for day in range(6)))
    workspace, _ = moved(store)
    with store.read() as connection:
        ask = Ask(connection, workspace, SYSTEM, NOW)
        for day, version in ((1, 1), (4, 2)):
            query = CaseQuery("cases", "on_time", "of", "day", DAY + timedelta(days=day))
            found = {given: reading.cases(ask, replace(query, version=given)).total for given in (None, 1, 2)}
            cell = reading.card(ask, "on_time", ended_by=DAY + timedelta(days=day + 1)).cell
            assert found == {None: version - 1, 1: 0, 2: 1}
            listed = reading.cases(ask, behind(cell, workspace.indicators["on_time"], "of")).total
            assert (cell.version, cell.num) == (version, listed)


def test_chosen_of_both_versions_stands_side_by_side(store):
    definitions.take_in(store, first(), NOW)
    put(store, first(), case("1", day=0, due=0, closed=1))
    workspace, _ = moved(store)
    with store.read() as connection:
        for version, num in ((1, 0), (2, 1)):
            found = cells.known(connection, "on_time", "day", version, [int(DAY.timestamp() * 1e6)])
            assert found[("_T", "_T", "{}"), int(DAY.timestamp() * 1e6)].num == num
    assert workspace.version_on("on_time", SINCE) == 2
