"""Eighteen versions of one file as a government published it: points of knowledge, whose columns are not always the same.

A version that says nothing new of what is watched leaves a Run and no revision.
"""

import csv
import re
import shutil
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from collectors._run import run_source
from metrics.asof import figures_as_of
from metrics.catalogue import load
from metrics.periods import from_us, starts, to_us
from metrics.store import head, schema
from metrics.store.engine import connect

pytestmark = pytest.mark.realdata
VOLUME = re.compile(r"(\d{4})-Q(\d) Vol\.")
SINCE, UNTIL = datetime(2012, 10, 1, tzinfo=UTC), datetime(2017, 10, 1, tzinfo=UTC)
SOURCE = """
- key: services
  name: {zh: 服务, en: Services}
  type: files
  department: gds
  gives: observations
  every: 1d
  settings:
    folder: ../published
    settle: 0s
    header: {contains: [Slug]}
    unpivot: {columns: '(?P<quarter>\\d{4}-Q\\d) Vol\\.', value: volume}
  map:
    missing: ["", "-"]
    period: {field: quarter, format: "%Y-Q%q"}
    grain: quarter
    department: {value: gds}
    dims: {service: Slug}
    values:
      - {indicator: volume, num: {field: volume, thousands: ","}}
"""
INDICATOR = """
- key: volume
  name: {zh: 办理量, en: Transactions}
  field: service
  unit: item
  better: none
  grains: [quarter]
  by: [service]
  observations: services
  measure: observed
  owner: gds
  basis: {zh: 公开数据, en: Published data}
  no_target: {zh: 不设, en: none}
  version: 1
"""


@pytest.fixture
def place(tmp_path):
    for name in ("sources", "indicators"):
        (tmp_path / "workspace" / name).mkdir(parents=True)
    (tmp_path / "published").mkdir()
    (tmp_path / "workspace" / "workspace.yaml").write_text(
        "key: uk\nname: {zh: 英国, en: UK}\nzone: UTC\nfields: [{key: service, name: {zh: 服务, en: Service}}]\n", "utf-8"
    )
    (tmp_path / "workspace" / "departments.yaml").write_text("- {key: gds, name: {zh: 数字局, en: GDS}}\n", "utf-8")
    (tmp_path / "workspace" / "indicators" / "volume.yaml").write_text(INDICATOR, "utf-8")
    return tmp_path


def opened(place: Path, source: str):
    (place / "workspace" / "sources" / "services.yaml").write_text(source, "utf-8")
    workspace, faults = load(place / "workspace")
    assert workspace is not None, "\n".join(map(str, faults))
    store = connect(f"sqlite:///{place / 'yuncha.db'}")
    schema.migrate(store)
    return workspace, store


def versions(realdata: Path) -> list[tuple[datetime, Path]]:
    files = sorted((realdata / "revisions" / "uk_services").glob("services_*.csv"))
    days = [datetime.strptime(file.name[9:19], "%Y-%m-%d").replace(tzinfo=UTC) for file in files]
    return [(day + timedelta(minutes=number), file) for number, (day, file) in enumerate(zip(days, files, strict=True))]


def publish(file: Path, place: Path) -> None:
    shutil.copy(file, place / "published" / "services.csv")


def plainly(file: Path) -> dict[tuple[str, int], int | None]:
    """(service, start of the quarter) -> volume, as the file says."""
    found: dict[tuple[str, int], int | None] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
        slug = header.index("Slug")
        quarters = [(at, VOLUME.fullmatch(name)) for at, name in enumerate(header) if VOLUME.fullmatch(name)]
        for row in rows:
            for at, named in quarters:
                start = datetime(int(named[1]), int(named[2]) * 3 - 2, 1, tzinfo=UTC)
                text = row[at].strip().replace(",", "")
                found[row[slug], to_us(start)] = int(text) if text not in ("", "-") else None
    return found


def test_eighteen_versions_are_eighteen_points_of_knowledge(place, realdata):
    workspace, store = opened(place, SOURCE)
    known: dict = {}
    then = []
    for at, file in versions(realdata):
        publish(file, place)
        row = run_source(workspace.sources["services"], workspace, store, at, ())
        assert not row.error, (file.name, row.error)
        known |= plainly(file)
        with store.read() as connection:
            then.append((head.newest(connection).number, file.name, dict(known)))
    assert len(then) == 18
    told = [expected for _, _, expected in then]
    assert [number for number, _, _ in then] == [1 + sum(a != b for a, b in pairwise(told[: at + 1])) for at in range(18)]
    quarters = [to_us(one) for one in starts("quarter", SINCE, UNTIL, workspace.zone)]
    with store.read() as connection:
        for number, name, expected in then:
            found = figures_as_of(connection, workspace, "volume", "quarter", quarters, number)
            said = {(dims, start): one.num for ((department, _, dims), start), one in found.items() if department == "gds"}
            shown = {place: value for place, value in said.items() if value is not None}
            wanted = {(f'{{"service":"{slug}"}}', start): value for (slug, start), value in expected.items() if value is not None}
            assert shown == wanted, (name, [str(from_us(start)) for _, start in set(shown) ^ set(wanted)][:5])
    store.close()


def test_a_column_that_was_renamed_is_told_with_the_difference_and_nothing_is_emptied(place, realdata):
    workspace, store = opened(place, SOURCE.replace("service: Slug", "service: Slug, short: Short service name"))
    (first, before), (then, after), *_ = versions(realdata)
    publish(before, place)
    row = run_source(workspace.sources["services"], workspace, store, first, ())
    with store.read() as connection:
        number = head.newest(connection).number
    assert not row.error
    publish(after, place)
    row = run_source(workspace.sources["services"], workspace, store, then, ())
    assert row.error_class == "schema_changed"
    assert "Short service name" in row.error
    assert "not mapped: " in row.error
    with store.read() as connection:
        assert figures_as_of(connection, workspace, "volume", "quarter", [to_us(SINCE)], 10**9) == figures_as_of(
            connection, workspace, "volume", "quarter", [to_us(SINCE)], number
        )
    store.close()
