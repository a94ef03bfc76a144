"""Boston's real requests, from the files to records, against the city's own figures."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from collectors import files
from collectors._mapping import to_batch
from collectors._payload import Want
from metrics.catalogue import Workspace
from metrics.model import RecordIn

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def boston(workspaces: Path) -> Workspace:
    from metrics.catalogue import load

    workspace, faults = load(workspaces / "boston311")
    assert workspace is not None, "\n".join(map(str, faults))
    return workspace


@pytest.fixture(scope="module")
def records(boston: Workspace, realdata: Path) -> list[RecordIn]:
    source = boston.sources["requests"]
    found: list[RecordIn] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YUNCHA_REALDATA", str(realdata))
        assert boston.clock is not None
        for payload in files.fetch(source, Want(now=boston.clock, base=boston.folder, zone=boston.zone)):
            batch, refusals = to_batch(source, boston, payload.rows, boston.clock, columns=payload.columns)
            assert not refusals
            assert not payload.refusals
            found.extend(batch.records)
    return found


@pytest.fixture(scope="module")
def reference(realdata: Path) -> dict[str, dict[str, str]]:
    with (realdata / "boston311" / "boston311_2015_reference_by_department.csv").open(encoding="utf-8") as stream:
        return {row["Department"]: row for row in csv.DictReader(stream)}


def test_every_case_arrives_once(records: list[RecordIn]) -> None:
    assert len(records) == 60_998
    assert len({record.external_id for record in records}) == 60_998


def test_it_counts_what_the_reference_counts(
    boston: Workspace, records: list[RecordIn], reference: dict[str, dict[str, str]]
) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        own = counts[boston.departments.get(record.department).code]
        own["total"] += 1
        own["closed"] += record.closed is not None
        own["no_target"] += record.due is None
        own[{"ONTIME": "ontime", "OVERDUE": "overdue"}.get(record.extra.get("flag", ""), "no_flag")] += 1
    assert counts.keys() == reference.keys()
    for code, row in reference.items():
        assert {name: counts[code][name] for name in row if name not in ("Department", "ontime_rate_pct")} == {
            name: int(value) for name, value in row.items() if name not in ("Department", "ontime_rate_pct")
        }


def test_by_the_clock_far_fewer_were_on_time(boston: Workspace, records: list[RecordIn]) -> None:
    assert boston.clock is not None
    due = [record for record in records if record.due is not None and record.due <= boston.clock]
    kept = [record for record in due if record.closed is not None and record.due is not None and record.closed <= record.due]
    assert (len(kept), len(due)) == (26_717, 42_682)


def test_suspect_cases_are_there(records: list[RecordIn]) -> None:
    assert sum(record.closed < record.opened for record in records if record.closed and record.opened) == 17


def test_a_ward_written_in_three_ways_is_one(boston: Workspace, records: list[RecordIn]) -> None:
    assert {place.id for code in ("Ward 3", "03", "3") if (place := boston.regions.by_code(code))} == {"W03"}
    wards = Counter(record.region for record in records)
    assert wards["W03"] == 3_833 + 678 + 138
    assert wards["W_none"] == 9_501
