"""Every real file: loaded through a declared mapping, or refused with class and place. docs/tried.md is what came of it."""

import csv
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatch
from glob import escape
from pathlib import Path

import pytest
from sqlalchemy import func, select

import collectors
from collectors._payload import Want
from collectors._run import run_source
from collectors._unit import Asked, units
from metrics.catalogue import load
from metrics.tables import feed, observation, record, record_version, series
from tests.collectors.offices_there import BACKDROP, build, served

pytestmark = pytest.mark.realdata
PAGE = Path(__file__).resolve().parents[2] / "docs" / "tried.md"
NOW = datetime(2026, 12, 31, tzinfo=UTC)
REFUSED = {"-09B", "-12", "-14", "-16", "-17", "-18", "-19A", "-19B"}
"""Examples of SDMX-CSV that hold no figure: attributes alone, and deletions."""


@pytest.fixture(scope="module")
def there(realdata, tmp_path_factory):
    """(workspace, its sources by key) over the real files."""
    files = served(realdata / "payloads")
    before = {name: os.environ.get(name) for name in ("OFFICES_DATA", "OFFICES_URL")}
    os.environ.update(OFFICES_DATA=str(realdata), OFFICES_URL=files.url)
    types = {kind: collectors.collector(kind).SETTINGS for kind in collectors.kinds()}
    workspace, faults = load(build(tmp_path_factory.mktemp("offices") / "offices"), types)
    assert not faults, "\n".join(str(one) for one in faults)
    yield workspace
    files.close()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def tried(source, workspace):
    """(units, refusals, records, figures) of one source, stored nowhere."""
    payloads = collectors.collector(source.type).fetch(source, Want(NOW, workspace.folder, zone=workspace.zone))
    made = list(units(payloads, Asked(source, workspace, NOW), ""))
    batches = [unit.batch for unit in made if unit.batch is not None]
    return made, [r for b in batches for r in b.records], [o for b in batches for o in b.observations]


def what_happened(source, workspace) -> str:
    made, records, figures = tried(source, workspace)
    failure = next((unit.failure for unit in made if unit.failure is not None), None)
    if failure is not None:
        return f"refused: `{failure.kind}`: {failure.what}"
    rows, bad = sum(unit.counts["rows"] for unit in made), sum(unit.counts.get("refused", 0) for unit in made)
    blank = sum(one.num is None for one in figures)
    took = f"{len(records)} records" if records else f"{len(figures)} figures"
    first = next((one for unit in made for one in unit.refusals), None)
    return f"loaded: {rows} rows, {took}" + (f", of them {blank} blank" if blank else "") + (
        f"; {bad} rows refused, the first: {first.place}: {first.field} {first.reason}" if first else "")  # fmt: skip


def one_file(source, path: str):
    """The source, told to read this very file."""
    if source.type == "files":
        name = path.rpartition("/")[2]
        folder = f"${{OFFICES_DATA}}/{path.rpartition('/')[0]}"
        return replace(source, settings={**source.settings, "folder": folder, "pattern": escape(name)})
    kept = {key: value for key, value in source.settings.items() if key not in ("paging", "params")}
    return replace(source, settings={**kept, "url": f"${{OFFICES_URL}}/{path.removeprefix('payloads/')}"})


def nearest(path: str, workspace):
    """The source to which a file is offered: its own, or the one that reads its neighbours."""
    sources, name = workspace.sources, path.rpartition("/")[2]
    for source in sources.values():
        folder, pattern = source.settings.get("folder", ""), source.settings.get("pattern") or "*.csv"
        own = f"{folder.removeprefix('${OFFICES_DATA:-.}/')}/{pattern}"
        if source.type == "files" and source.key != "sdmx" and fnmatch(path, own):
            return source
        if source.type != "files" and source.settings["url"].endswith("/" + path.removeprefix("payloads/")):
            return source
    if name.startswith("bike_counts"):
        return sources["bike_counts"]
    if "/prometheus/" in path and not name.startswith("LICENSE"):
        return sources["nodes"]
    if name.endswith((".json", ".jsonld")) or "/socrata/" in path:
        for part, key in (("/ckan_dcat/", "datastore_canada"), ("/odata/", "trippin"), ("/socrata/", "bike_counts"), ("", "kpi")):
            if part in path:
                return sources[key]
    return sources["sdmx"] if path.startswith("payloads/") else sources["foia"]


def test_each_real_file_is_loaded_or_refused_with_class_and_place(there, realdata):
    lines, happened = [], {}
    for path in sorted(one for folder in ("foia", "messy", "payloads", "permits") for one in (realdata / folder).rglob("*")):
        if path.is_file():
            name = path.relative_to(realdata).as_posix()
            source = one_file(nearest(name, there), name)
            happened[name] = what_happened(source, there)
            lines.append(f"| `{name}` | `{source.type}` | {happened[name].replace('|', chr(92) + '|')} |")
    loaded = {name for name, what in happened.items() if what.startswith("loaded")}
    head_, _, _ = PAGE.read_text(encoding="utf-8").partition("| file |")
    table = "| file | collector | what happened |\n|---|---|---|\n" + "\n".join(lines) + "\n"
    if os.environ.get("YUNCHA_WRITE_DOCS"):
        PAGE.write_text(head_ + table, encoding="utf-8")
    assert {name for name in happened if not name.startswith("payloads/")} - loaded == {"messy/LICENSE_RenJiyi163_MIT.txt"}
    backdrop = {name for name in happened if BACKDROP in name}
    assert len(backdrop & loaded) == 48
    assert backdrop - loaded == {f"payloads/{BACKDROP}/fixture_for_spec.json"}
    sdmx = {name for name in happened if name.endswith(".csv") and "/sdmx/" in name}
    assert {name[name.rindex("-") : -4] for name in sdmx - loaded} == REFUSED
    others = loaded - backdrop - sdmx - {name for name in happened if not name.startswith("payloads/")}
    assert {name.removeprefix("payloads/") for name in others} == {
        "ckan_dcat/datastore_search_data.gov.sg.json", "ckan_dcat/datastore_search_data.ontario.ca.json",
        "ckan_dcat/datastore_search_open.canada.ca.json", "odata/TripPin_result_20.json", "prometheus/e2e-output.txt",
        "prometheus/e2e-output-openbsd.txt", "prometheus/e2e-output-freebsd.txt", "socrata/bike_counts_page_1.json",
        "socrata/bike_counts_page_2.json",
    }  # fmt: skip
    assert PAGE.read_text(encoding="utf-8") == head_ + table


def test_the_unit_in_a_title_is_honoured(there, realdata):
    _, _, figures = tried(there.sources["provinces"], there)
    found = {(one.indicator, one.region, one.period_start.year): one.num for one in figures}
    assert found["product", "p11", 2024] == 4_967_020_000_000 * 100  # 49670.2 亿元, in fen
    assert found["employed", "p11", 2024] == 7_636_000 * 100  # 763.6 万人
    assert found["population", "p11", 2024] == 22_470 * 100  # as the sample counted them: 人
    assert found["growth", "p11", 2024] == -470  # -4.7 %
    assert found["product", "p11", 2023] != found["product", "p11", 2022]
    assert len(figures) == 31 * (19 + 3 * 20)


def test_what_is_stored_is_what_a_plain_reader_finds(there, module_store, realdata):
    """messy/, permits/ and foia/ through the door; compared with the standard library's reader."""
    for key in ("foia", "permits", "italy_notes", "provinces"):
        row = run_source(there.sources[key], there, module_store, NOW, ())
        assert (row.outcome, row.error) == ("ok", ""), key
    plain = _plain(realdata / "foia" / "doj_foia_2017_cleaned.csv")
    permits = _plain(realdata / "permits" / "burlington_building_permits.csv")
    of_product = observation.join(feed, feed.c.id == observation.c.feed_id).join(series, series.c.id == feed.c.series_id)
    with module_store.read() as connection:
        counted = dict(connection.execute(select(record.c.source, func.count()).group_by(record.c.source)).all())
        both = record_version.join(record, record_version.c.record_id == record.c.id)
        of_permits = select(record_version.c.extra).select_from(both).where(record.c.source == "permits")
        value = connection.execute(of_permits).scalars().all()
        figures = connection.execute(select(func.count()).select_from(observation)).scalar()
        product = select(func.sum(observation.c.num)).select_from(of_product).where(series.c.indicator == "product")
        worth = connection.execute(product).scalar()
    assert counted == {"foia": len(plain), "permits": len(permits), "italy_notes": 1617}
    totals = [json.loads(one)["value"] if isinstance(one, str) else one["value"] for one in value]
    assert sum(Decimal(str(one)) for one in totals) == sum(Decimal(one["CONSTRUCTVALUE"]) for one in permits)
    text = (realdata / "messy" / "分省年度数据.csv").read_bytes().decode("gb18030")
    cells = [one for line in text.splitlines()[4:35] for one in line.split(",")[1:] if one]
    assert worth == sum(Decimal(one) for one in cells) * 10**10
    assert figures == 31 * (19 + 3 * 20)


def _plain(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))
