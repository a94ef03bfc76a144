"""Boston's real requests, from the files to records, against the city's own figures."""

from collections import Counter, defaultdict

import pytest
from sqlalchemy import Row, select

from metrics.model import MAX
from metrics.periods import to_us
from metrics.tables import record
from metrics.tables import record_version as rv

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def records(boston) -> list[Row]:
    """Every case as it is kept."""
    columns = (record.c.external_id, rv.c.department_id, rv.c.region_id, rv.c.opened, rv.c.due, rv.c.closed, rv.c.extra)
    query = select(*columns).join(rv, rv.c.record_id == record.c.id).where(record.c.source == "requests", rv.c.known_to == MAX)
    with boston.store.read() as connection:
        return list(connection.execute(query))


def test_every_case_arrives_once(records: list[Row]) -> None:
    assert len(records) == 60_998
    assert len({one.external_id for one in records}) == 60_998


def test_it_counts_what_the_reference_counts(boston, records: list[Row], reference: dict[str, dict[str, str]]) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in records:
        own = counts[boston.workspace.departments.get(one.department_id).code]
        own["total"] += 1
        own["closed"] += one.closed is not None
        own["no_target"] += one.due is None
        own[{"ONTIME": "ontime", "OVERDUE": "overdue"}.get(one.extra.get("flag", ""), "no_flag")] += 1
    assert counts.keys() == reference.keys()
    for code, row in reference.items():
        assert {name: counts[code][name] for name in row if name not in ("Department", "ontime_rate_pct")} == {
            name: int(value) for name, value in row.items() if name not in ("Department", "ontime_rate_pct")
        }


def test_by_the_clock_far_fewer_were_on_time(boston, records: list[Row]) -> None:
    due = [one for one in records if one.due is not None and one.due <= to_us(boston.workspace.clock)]
    assert (sum(one.closed is not None and one.closed <= one.due for one in due), len(due)) == (26_717, 42_682)


def test_suspect_cases_are_there(records: list[Row]) -> None:
    assert sum(one.closed < one.opened for one in records if one.closed and one.opened) == 17


def test_a_ward_written_in_three_ways_is_one(boston, records: list[Row]) -> None:
    regions = boston.workspace.regions
    assert {place.id for code in ("Ward 3", "03", "3") if (place := regions.by_code(code))} == {"W03"}
    wards = Counter(one.region_id for one in records)
    assert wards["W03"] == 3_833 + 678 + 138
    assert wards["W_none"] == 9_501
