"""Real figures that were put right after they were published: what stands, and what stood then."""

import os
from collections import Counter
from datetime import UTC, timedelta

import pytest

from collectors._run import run_source
from metrics.asof import figures_as_of
from metrics.catalogue import load
from metrics.model import SYSTEM
from metrics.periods import to_us
from metrics.store import cells, doubts, head, schema, scope
from metrics.store.engine import connect
from tests.workspaces import italy

pytestmark = pytest.mark.realdata
SOAK = bool(os.environ.get("YUNCHA_SOAK"))
UNTIL = {"regioni": "20201231", "province": "20201231"} if SOAK else {"regioni": "20200331", "province": "20200410"}


@pytest.fixture(scope="module")
def told(realdata, tmp_path_factory):
    """(workspace, store, publications with the revision each left behind), everything collected in the order of publication."""
    folder = tmp_path_factory.mktemp("italy")
    data = realdata / "revisions" / "italy_covid"
    italy.make_workspace(folder / "workspace", data)
    workspace, faults = load(folder / "workspace")
    assert workspace is not None, "\n".join(map(str, faults))
    store = connect(f"sqlite:///{folder / 'yuncha.db'}")
    schema.migrate(store)
    published = italy.publications(data, UNTIL)
    begin = published[0].at.astimezone(UTC) - timedelta(hours=1)
    numbers = []
    for one in published:
        italy.write(one, folder / "published")
        row = run_source(workspace.sources[one.level], workspace, store, one.at.astimezone(UTC), (), kind="replay", since=begin)
        assert not row.error, row
        with store.read() as connection:
            numbers.append(head.newest(connection).number)
    yield workspace, store, list(zip(published, numbers, strict=True))
    store.close()


def figures(found, level):
    return {
        (region, start): values.num
        for ((_, region, _), start), values in found.items()
        if region.startswith(level[0]) and values.status != "M"
    }


def expected(values, measure):
    return {(where, start(day)): value for (where, day, name), value in values.items() if name == measure and value is not None}


def start(day: str) -> int:
    return to_us(italy.midnight(day).astimezone(UTC))


def test_the_latest_table_equals_the_published_end_state(told):
    workspace, store, published = told
    end: dict = {}
    for one, _ in published:
        end |= one.values
    with store.read() as connection:
        for level, measures in italy.MEASURES.items():
            days = sorted({start(one.day) for one, _ in published if one.level == level})
            for measure in measures:
                mine = {cell: value for cell, value in end.items() if cell[0].startswith(level[0])}
                found = cells.known(connection, f"{level}_{measure}", "day", 1, days)
                assert figures({key: one for key, one in found.items() if key[0][0] == "_T"}, level) == expected(mine, measure)


def test_as_of_each_commit_it_equals_what_was_published_then(told):
    workspace, store, published = told
    times = Counter((one.level, one.day) for one, _ in published)
    put_right = [(one, number) for one, number in published if times[one.level, one.day] > 1]
    assert len(put_right) >= 6
    with store.read() as connection:
        for one, number in put_right:
            for measure in italy.MEASURES[one.level]:
                found = figures_as_of(connection, workspace, f"{one.level}_{measure}", "day", [start(one.day)], number)
                shown = figures({key: value for key, value in found.items() if key[0][0] == "_T"}, one.level)
                assert shown == expected(one.values, measure), (one.at, measure)


def test_a_blank_that_became_0_is_a_correction(told):
    workspace, store, published = told
    day = start("20200311")
    known = [number for one, number in published if (one.level, one.day) == ("province", "20200311")]
    with store.read() as connection:
        before, after = (
            figures_as_of(connection, workspace, "province_totale_casi", "day", [day], number).get((("pc", "p994", "{}"), day))
            for number in (known[0], known[-1])
        )
    assert before is None or before.num is None
    assert after.num == 0


def test_falls_of_cumulative_series_are_noted_and_not_mended(told):
    workspace, store, published = told
    with store.read() as connection:
        noted = {
            (one.key[1], one.period_start, one.indicator.split("_", 1)[1])
            for one in doubts.every(connection, scope.of(SYSTEM, workspace.departments, workspace.regions), limit=10**6)
            if one.kind == "falls"
        }
    fell = {(where, start(day), measure) for where, day, measure in italy.falls([one for one, _ in published])}
    assert fell
    assert noted == fell
