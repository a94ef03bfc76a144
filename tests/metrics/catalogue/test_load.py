"""Loading a sound workspace, and what its texts become."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from metrics.catalogue import Workspace, load
from metrics.model import Condition, Part
from metrics.rulebook import Level
from tests.metrics.catalogue.writing import SOUND, write


@pytest.fixture
def town(tmp_path: Path) -> Workspace:
    workspace, faults = load(write(tmp_path))
    assert not faults, "\n".join(map(str, faults))
    assert workspace is not None
    return workspace


def changed(tmp_path: Path, name: str, old: str, new: str) -> tuple[Workspace | None, list[str]]:
    assert old in SOUND[name]
    workspace, faults = load(write(tmp_path, {name: SOUND[name].replace(old, new)}))
    return workspace, [fault.id for fault in faults]


def test_it_reads_an_indicator_over_records(town: Workspace) -> None:
    one = town.indicators["on_time"]
    assert one.measure.over == Part("due")
    assert one.measure.of == Part("due", (Condition("closed", "by", "due"),))
    assert one.measure.apart == Part("opened", (Condition("due", "missing"),))
    assert one.cuts == {"day": (("department",), ("city",)), "month": (("department", "city"),)}
    assert one.bands == {"watch": 95, "off": 92, "serious": Decimal("88.5")}
    assert (one.source, one.feeds, one.settle_delay) == ("calls", (), timedelta(days=1))


def test_it_reads_observed_and_derived_indicators(town: Workspace) -> None:
    assert town.indicators["load"].feeds == ("meters",)
    assert town.indicators["load"].cuts == {"day": (("application",),)}
    assert town.indicators["per_load"].measure.inputs == ("received", "load")
    assert town.indicators["per_load"].source is None


def test_it_reads_sources(town: Workspace) -> None:
    calls, meters = town.sources["calls"], town.sources["meters"]
    assert (calls.every, calls.daily_at, calls.max_age) == (timedelta(seconds=10), None, timedelta(minutes=1))
    assert (meters.daily_at, meters.weekday, meters.max_age) == ("02:00", 0, timedelta(days=8))
    assert (calls.file, calls.line) == ("sources/calls.yaml", 1)


def test_it_reads_rules_with_bands_for_thresholds(town: Workspace) -> None:
    rule = town.rules["late"]
    assert (rule.grain, rule.cut, rule.op, rule.m, rule.n) == ("day", ("department",), "<", 2, 3)
    assert rule.levels == (
        Level("warning", Decimal(95), Decimal(96)),
        Level("serious", Decimal("88.5"), Decimal("88.5")),
    )
    assert (rule.for_, rule.recover_count, rule.recover_for) == (timedelta(hours=2), 2, timedelta(hours=1))
    assert rule.owner == "hotline"


def test_it_names_the_root_after_the_workspace(town: Workspace) -> None:
    assert town.departments.get("_T").name == {"zh": "小镇", "en": "Town"}
    assert town.regions.up_to("east_1", "city") == "east"


def test_the_clock_stands_for_now(tmp_path: Path, town: Workspace) -> None:
    real = datetime(2026, 1, 1, tzinfo=UTC)
    assert town.now(real) == real
    clock = "zone: Asia/Shanghai\n        clock: 2016-01-12T23:00"
    clocked, _ = changed(tmp_path, "workspace.yaml", "zone: Asia/Shanghai", clock)
    assert clocked is not None
    assert clocked.now(real) == datetime(2016, 1, 12, 15, tzinfo=UTC)


def test_a_clock_may_name_its_zone(tmp_path: Path) -> None:
    clock = "zone: Asia/Shanghai\n        clock: 2016-01-12T23:00 America/New_York"
    clocked, _ = changed(tmp_path, "workspace.yaml", "zone: Asia/Shanghai", clock)
    assert clocked is not None
    assert clocked.clock == datetime(2016, 1, 13, 4, tzinfo=UTC)


def test_it_extends_the_calendar_of_a_country(tmp_path: Path) -> None:
    own = "zone: Asia/Shanghai\n        calendar: {country: CN, holidays: [2027-02-08], workdays: [2027-02-07]}"
    workspace, _ = changed(tmp_path, "workspace.yaml", "zone: Asia/Shanghai", own)
    assert workspace is not None
    assert not workspace.calendar.is_workday(date(2027, 2, 8))
    assert workspace.calendar.is_workday(date(2027, 2, 7))
    assert workspace.calendar.is_workday(date(2026, 10, 10)), "a Saturday worked in exchange"


def test_a_missing_secret_is_told_but_does_not_stop_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLS_TOKEN", raising=False)
    with_secret = SOUND["sources/calls.yaml"].replace("every: 10s", "every: 10s\n          secret: env:CALLS_TOKEN")
    workspace, faults = load(write(tmp_path, {"sources/calls.yaml": with_secret}))
    assert [(fault.id, fault.line) for fault in faults] == [("missing-secret", 7)]
    assert workspace is not None
    monkeypatch.setenv("CALLS_TOKEN", "x")
    assert load(tmp_path)[1] == []


def test_settings_stay_as_written(tmp_path: Path) -> None:
    """What stands in the environment is looked up by the collector, so that nothing of it is kept."""
    settings = "every: 10s\n          settings: {url: 'http://${CALLS_HOST:-localhost}/x'}"
    workspace, ids = changed(tmp_path, "sources/calls.yaml", "every: 10s", settings)
    assert ids == []
    assert workspace is not None
    assert workspace.sources["calls"].settings == {"url": "http://${CALLS_HOST:-localhost}/x"}


def test_regions_may_come_from_a_csv_file(tmp_path: Path) -> None:
    rows = (
        "key,name_zh,name_en,level,parent,code,earlier_parents,earlier_codes,aliases,lon,lat\n"
        "zy,资阳市,Ziyang,city,,512000,,,,104.6,30.1\ncd,成都市,Chengdu,city,,510100,,,,104.1,30.7\n"
        "jy,简阳市,Jianyang,county,cd,510185,zy@2016-05-03,512081@2016-05-03,简阳|Jianyang City,,\n"
    )
    text = SOUND["workspace.yaml"]
    text = text[: text.index("        regions:")] + "        regions: {file: regions.csv}\n"
    sources = SOUND["sources/calls.yaml"]
    workspace, faults = load(write(tmp_path, {"workspace.yaml": text, "sources/calls.yaml": sources, "regions.csv": rows}))
    assert not faults, "\n".join(map(str, faults))
    assert workspace is not None
    regions = workspace.regions
    assert [regions.parent("jy", on) for on in (None, date(2016, 5, 3), date(2016, 5, 4))] == ["cd", "zy", "cd"]
    assert regions.get("cd").lon == pytest.approx(104.1)
    found = regions.by_code("512081", date(2016, 1, 1))
    assert found is not None
    assert found.id == "jy"


def test_a_broken_row_of_a_csv_file_is_named(tmp_path: Path) -> None:
    rows = "key,name_zh,level,lon\neast,东城,city,x\n"
    text = SOUND["workspace.yaml"]
    text = text[: text.index("        regions:")] + "        regions: {file: regions.csv}\n"
    _, faults = load(write(tmp_path, {"workspace.yaml": text, "regions.csv": rows}))
    assert {(fault.id, fault.file, fault.line) for fault in faults} >= {
        ("missing-translation", "regions.csv", 2),
        ("bad-value", "regions.csv", 2),
    }
