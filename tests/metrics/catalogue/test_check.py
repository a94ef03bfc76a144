"""`check` names every fault of a workspace at once, each with file and line."""

from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from metrics.catalogue import accept, check, load, lock
from tests.metrics.catalogue.writing import SOUND, line_of, write

WORKSPACE = """\
    key: town
    name: {zh: 小镇, en: Town}
    zone: Asia/Shanghia            # bad-zone
    fields:
      - {key: service, name: {zh: 服务}}            # missing-translation
      - {key: works, name: {zh: 工程, en: Works}}
    boards:
      - {key: overview, name: {zh: 总览, en: Overview}, cards: [on_tme]}            # unknown-card
    receivers:
      - {key: office, name: {zh: 值班室, en: Duty office}, channel: log}
    regions:
      - {key: east, name: {zh: 东城, en: East}, level: city, parent: west}            # cycle-of-places
      - {key: west, name: {zh: 西城, en: West}, level: city, parent: east}
      - {key: north, name: {zh: 北城, en: North}, level: city}
    """
DEPARTMENTS = """\
    - {key: hotline, name: {zh: 热线办, en: Hotline}}
    - {key: roads, name: {zh: 市政局, en: Roads}, parent: rodes}            # unknown-parent
    """
SOURCES = """\
    - key: calls
      name: {zh: 热线, en: Calls}
      type: http_json
      department: hotlin            # unknown-department
      gives: records
      every: 10s
      secret: env:NOT_SET_ANYWHERE            # missing-secret
      map:
        id: id
        opned: opened            # unknown-key-in-map
        opened: opened
        closed: closed
    - key: meters
      name: {zh: 计量, en: Meters}
      type: openmetrics
      department: hotline
      gives: observations
      every: often            # bad-schedule
      map: {period: at, grain: day, values: [{indicator: load, num: value}]}
    - key: nightly
      name: {zh: 夜间, en: Nightly}
      type: files
      department: hotline
      gives: records
      every: 1h
      daily_at: 02:00            # two-schedules
      map: {id: id, opened: opened}
    """
INDICATORS = """\
    - key: on_time
      name: {zh: 按时办结率, en: Closed on time}
      field: service
      records: calls
      measure: {ratio: {of: {closed_by: due}, over: {due: in_period}}}            # unmapped-field
      unit: percent
      grains: [day]
      bettre: higher            # unknown-key
      better: higher
      target: 95
      owner: hotline
      basis: {zh: 办法, en: Rules}
      version: 1
    - key: received
      name: {zh: 受理量, en: Received}
      field: works
      records: cals            # unknown-source
      measure: {count: {opened: in_period}}
      unit: item
      unit: item            # duplicate-key
      by: [department]
      grains: [day]
      better: higher
      target: 90            # target-side
      bands: {watch: 95, off: 80}
      owner: hotline
      basis: {zh: 办法, en: Rules}
      version: 1
    - key: received            # duplicate-block
      name: {zh: 受理量, en: Received}
      field: works
      records: calls
      measure: {count: {opened: in_period}}
      unit: item
      grains: [day]
      better: none
      no_target: {zh: 无, en: None}
      owner: hotline
      basis: {zh: 办法, en: Rules}
      version: 1
    - key: egg
      name: {zh: 蛋, en: Egg}
      field: works
      measure: {derived_sum: [hen, received]}            # cycle
      unit: item
      grains: [day]
      better: none
      no_target: {zh: 无, en: None}
      owner: hotline
      basis: {zh: 办法, en: Rules}
      version: 1
    - key: hen
      name: {zh: 鸡, en: Hen}
      field: works
      measure: {derived_sum: [egg, received]}
      unit: item
      grains: [day]
      better: none
      no_target: {zh: 无, en: None}
      owner: hotline
      basis: {zh: 办法, en: Rules}
      version: 1
    - key: load
      name: {zh: 负载, en: Load}
      field: work            # unknown-field
      observations: meters
      measure: observed
      unit: percent
      grains: [day]
      better: lower
      target: 75
      owner: hotline
      basis: {zh: 办法, en: Rules}
      version: 1            # changed-meaning
    """
RULES = """\
    - key: few
      name: {zh: 偏少, en: Few}
      indicator: received
      by: city            # no-series
      levels:
        warning: {when: "< 80", until: ">= 70"}            # recovery-side
      receivers: [offce]            # unknown-receiver
      version: 1
    - key: heavy
      name: {zh: 过载, en: Heavy}
      indicator: lod            # unknown-indicator
      levels: {warning: {when: "> 80"}}
      version: 1
    """
LOCK = "- {indicator: load, version: 1, meaning: something else}\n"
FILES = {
    "workspace.yaml": WORKSPACE,
    "departments.yaml": DEPARTMENTS,
    "sources/calls.yaml": SOURCES,
    "indicators/all.yaml": INDICATORS,
    "rules/all.yaml": RULES,
    "definitions.lock": LOCK,
}
PLANTED = [
    ("bad-zone", "workspace.yaml", "bad-zone"),
    ("missing-translation", "workspace.yaml", "missing-translation"),
    ("unknown-reference", "workspace.yaml", "unknown-card"),
    ("cycle", "workspace.yaml", "cycle-of-places"),
    ("unknown-reference", "departments.yaml", "unknown-parent"),
    ("unknown-reference", "sources/calls.yaml", "unknown-department"),
    ("missing-secret", "sources/calls.yaml", "missing-secret"),
    ("unknown-key", "sources/calls.yaml", "unknown-key-in-map"),
    ("bad-schedule", "sources/calls.yaml", "bad-schedule"),
    ("bad-schedule", "sources/calls.yaml", "two-schedules"),
    ("unmapped-field", "indicators/all.yaml", "unmapped-field"),
    ("unknown-key", "indicators/all.yaml", "unknown-key"),
    ("unknown-reference", "indicators/all.yaml", "unknown-source"),
    ("duplicate-key", "indicators/all.yaml", "duplicate-key"),
    ("duplicate-key", "indicators/all.yaml", "duplicate-block"),
    ("target-side", "indicators/all.yaml", "target-side"),
    ("cycle", "indicators/all.yaml", "cycle"),
    ("unknown-reference", "indicators/all.yaml", "unknown-field"),
    ("changed-meaning", "indicators/all.yaml", "changed-meaning"),
    ("no-series", "rules/all.yaml", "no-series"),
    ("recovery-side", "rules/all.yaml", "recovery-side"),
    ("unknown-reference", "rules/all.yaml", "unknown-receiver"),
    ("unknown-reference", "rules/all.yaml", "unknown-indicator"),
]


@pytest.mark.parametrize(("id", "file", "marker"), PLANTED, ids=[planted[2] for planted in PLANTED])
def test_it_names_each_planted_fault_with_file_and_line(tmp_path: Path, id: str, file: str, marker: str) -> None:
    faults = check(write(tmp_path, FILES))
    wanted = (id, file, line_of(tmp_path, file, marker))
    assert wanted in {(one.id, one.file, one.line) for one in faults}, "\n".join(map(str, faults))


def test_it_names_nothing_that_was_not_planted(tmp_path: Path) -> None:
    faults = check(write(tmp_path, FILES))
    planted = {(file, line_of(tmp_path, file, marker)) for _, file, marker in PLANTED}
    indicators = (tmp_path / "indicators/all.yaml").read_text(encoding="utf-8").splitlines()
    other_half = {
        ("workspace.yaml", line_of(tmp_path, "workspace.yaml", "cycle-of-places") + 1),
        ("indicators/all.yaml", indicators.index("  measure: {derived_sum: [egg, received]}") + 1),
    }
    found = {(one.file, one.line) for one in faults}
    assert found - planted - other_half == set(), "\n".join(map(str, faults))


def test_a_faulty_workspace_is_not_loaded(tmp_path: Path) -> None:
    assert load(write(tmp_path, FILES))[0] is None


def test_a_hint_says_what_was_meant(tmp_path: Path) -> None:
    lines = [str(fault) for fault in check(write(tmp_path, FILES))]
    number = line_of(tmp_path, "indicators/all.yaml", "unknown-key")
    assert f"unknown-key indicators/all.yaml:{number} bettre is not a key here / did you mean better?" in lines
    assert any("did you mean Asia/Shanghai?" in line for line in lines)
    assert any("did you mean on_time?" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "old", "new", "id"),
    [
        ("indicators/all.yaml", "{count: {opened: in_period}}", "{count: {}}", "bad-measure"),
        ("indicators/all.yaml", "{count: {opened: in_period}}", "{count: {opened: in_period, closed: in_period}}", "bad-measure"),
        ("indicators/all.yaml", "{count: {opened: in_period}}", "{cuont: {opened: in_period}}", "unknown-key"),
        ("indicators/all.yaml", "{count: {opened: in_period}}", "{open: {opened: in_period}}", "bad-measure"),
        ("indicators/all.yaml", "{count: {", "{count: {area_code: 7, ", "unmapped-field"),
        ("indicators/all.yaml", "of: received, over: load", "of: received", "missing-key"),
        ("indicators/all.yaml", "of: received, over: load", "of: received, over: laod", "unknown-reference"),
        ("indicators/all.yaml", "of: received, over: load", "of: on_time, over: per_load", "cycle"),
        ("indicators/all.yaml", "by: [application]", "by: [aplication]", "unknown-reference"),
        ("indicators/all.yaml", "unit: item", "unit: items", "unknown-reference"),
        ("indicators/all.yaml", "observations: meters", "records: meters", "bad-measure"),
        ("indicators/all.yaml", "no_target: {zh: 无, en: None}", "decimals: 0", "no-target"),
        ("indicators/all.yaml", "settle_delay: 1d", "settle_delay: soon", "bad-value"),
        ("indicators/all.yaml", "month: [department*city]", "year: [department*city]", "no-series"),
        ("sources/calls.yaml", "daily_at: 02:00", "daily_at: 25:00", "bad-schedule"),
        ("sources/calls.yaml", "daily_at: 02:00", "every: 1h", "bad-schedule"),
        ("sources/calls.yaml", "every: 10s", "complete: true", "bad-schedule"),
        ("sources/calls.yaml", "weekday: mon", "quiet: 3d", "bad-schedule"),
        ("indicators/all.yaml", "measure: observed", "measure: observed\n          want: [nowhere]", "unknown-reference"),
        ("sources/calls.yaml", "personal: [caller]", "personal: [calle]", "unknown-reference"),
        ("sources/calls.yaml", "codes: {R: roads}", "codes: {R: rods}", "unknown-reference"),
        ("sources/calls.yaml", "indicator: load", "indicator: lod", "unknown-reference"),
        ("sources/calls.yaml", "every: 10s", "every: 10s\n          secret: hunter2", "bad-value"),
        ("sources/calls.yaml", "{field: due, format: iso}", "{field: due, format: iso, zone: Asia/Sichuan}", "bad-zone"),
        ("indicators/all.yaml", "by: [application]", "by: [city]", "unmapped-field"),
        ("indicators/all.yaml", "by: [application]", "by: [department]", "unmapped-field"),
        ("indicators/all.yaml", "decimals: 2\n          grains: [day]", "grains: [month]", "no-series"),
        ("rules/all.yaml", "m: 2", "m: 4", "bad-value"),
        ("rules/all.yaml", '">= 96"', '"> 96 or so"', "bad-value"),
        ("rules/all.yaml", "< serious", "> serious", "bad-value"),
        ("rules/all.yaml", "< serious", "< 99", "bad-value"),
        ("rules/all.yaml", "by: department", "by: department\n          grain: week", "no-series"),
        ("workspace.yaml", "map: on_time", "map: on_tine", "unknown-reference"),
        ("workspace.yaml", "zone: Asia/Shanghai", "zone: Asia/Shanghai\n        shapes: {city: shapes.geojson}", "missing-file"),
        ("workspace.yaml", "zone: Asia/Shanghai", "zone: Asia/Shanghai\n        clock: yesterday", "bad-value"),
        ("workspace.yaml", "key: town", "key: [town", "bad-yaml"),
        ("departments.yaml", "- {key: hotline", "- {kee: hotline", "unknown-key"),
    ],
)
def test_it_finds(tmp_path: Path, name: str, old: str, new: str, id: str) -> None:
    assert old in SOUND[name]
    faults = check(write(tmp_path, {name: SOUND[name].replace(old, new, 1)}))
    assert id in {fault.id for fault in faults if fault.file == name}, "\n".join(map(str, faults))


def test_settings_are_checked_against_their_type(tmp_path: Path) -> None:
    from pydantic import BaseModel, ConfigDict

    class Http(BaseModel):
        model_config = ConfigDict(extra="forbid")
        url: str

    settings = "every: 10s\n          settings:\n            url: http://x\n            pagign: 1"
    folder = write(tmp_path, {"sources/calls.yaml": SOUND["sources/calls.yaml"].replace("every: 10s", settings)})
    faults = load(folder, {"http_json": Http})[1]
    assert [(fault.id, fault.line) for fault in faults] == [("unknown-key", 9), ("unknown-reference", 22)]


def test_meaning_may_not_change_under_an_accepted_version(tmp_path: Path) -> None:
    folder = write(tmp_path)
    assert accept(folder, "first") == (["on_time v1", "received v1", "load v1", "per_load v1"], [])
    assert check(folder) == []
    old = SOUND["indicators/all.yaml"]
    write(folder, {"indicators/all.yaml": old.replace("target: 95", "target: 96")})
    assert check(folder) == [], "a target is not a meaning"
    meaning = old.replace("{closed_by: due}", "{closed: present}")
    write(folder, {"indicators/all.yaml": meaning})
    assert [(fault.id, fault.file, fault.line) for fault in check(folder)] == [("changed-meaning", "indicators/all.yaml", 15)]
    added, faults = accept(folder, " ")
    assert (added, [(fault.id, fault.file) for fault in faults]) == ([], [("no-reason", "indicators/all.yaml")])
    assert (folder / "indicators/all.yaml").read_text(encoding="utf-8") == dedent(meaning), "nothing is written"
    write(folder, {"indicators/all.yaml": meaning.replace("version: 1", "version: 2", 1)})
    assert [fault.id for fault in check(folder)] == ["changed-meaning"], "a raised version is accepted by a person too"
    write(folder)
    assert check(folder) == []


def test_accepting_raises_the_version_and_says_who_when_why_and_from_when(tmp_path: Path) -> None:
    folder = write(tmp_path)
    accept(folder, "first")
    changed = SOUND["indicators/all.yaml"].replace("{closed_by: due}", "{closed: present}")
    write(folder, {"indicators/all.yaml": changed})
    at = datetime(2026, 4, 1, 2, tzinfo=UTC)
    assert accept(folder, "late or not, it was closed", by="Wen", at=at, since=date(2026, 5, 1)) == (["on_time v2"], [])
    assert (folder / "indicators/all.yaml").read_text(encoding="utf-8") == dedent(changed.replace("version: 1", "version: 2", 1))
    workspace, faults = load(folder)
    assert faults == []
    assert workspace is not None
    first, second = workspace.versions["on_time"]
    assert (second.version, second.since, second.by, second.reason) == (2, date(2026, 5, 1), "Wen", "late or not, it was closed")
    assert second.at.startswith("2026-04-01T02:00")
    assert (first.indicator.version, first.hash != second.hash) == (1, True)
    assert [one.op for one in first.indicator.measure.of.conditions] == ["by"]
    assert [workspace.version_on("on_time", date(2026, month, 1)) for month in (4, 5, 6)] == [1, 2, 2]
    assert workspace.under("on_time", 1).indicators["on_time"] == first.indicator
    assert "closed_by: due" in first.text
    assert "closed: present" in second.text
    write(folder)
    assert [fault.id for fault in check(folder)] == ["changed-meaning"], "back to version 1"
    assert accept(folder, "again", at=at) == (["on_time v3"], [])


def test_yaml_is_never_code(tmp_path: Path) -> None:
    bad = SOUND["departments.yaml"].replace("hotline,", "!!python/object/apply:os.system ['touch pwned'],", 1)
    faults = check(write(tmp_path, {"departments.yaml": bad}))
    assert faults
    assert not Path("pwned").exists()


def test_an_unfolding_document_is_refused(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n" for before, after in zip("abcdef", "bcdefg", strict=True)
    )
    assert [fault.id for fault in check(write(tmp_path, {"workspace.yaml": bomb}))] == ["bad-yaml"]


METERS = SOUND["sources/calls.yaml"].split("- key: meters")[1]
TWO_VENDORS = {
    "sources/more.yaml": "        - key: meters2" + METERS,
    "indicators/all.yaml": SOUND["indicators/all.yaml"].replace("observations: meters", "observations: [meters, meters2]"),
}


def test_a_new_vendor_is_a_new_feed_and_no_new_meaning(tmp_path: Path) -> None:
    folder = write(tmp_path)
    accept(folder, "first")
    write(folder, TWO_VENDORS)
    assert check(folder) == []
    assert accept(folder, "a second vendor") == ([], [])
    workspace, _ = load(folder)
    assert [one.version for one in workspace.versions["load"]] == [1]
    write(folder, {"indicators/all.yaml": SOUND["indicators/all.yaml"].replace("decimals: 2", "decimals: 1")})
    assert [fault.id for fault in check(folder)] == ["changed-meaning"], "the scale is still a part of it"


def test_a_lock_from_when_vendors_were_part_of_the_meaning_is_good_and_so_is_a_database(tmp_path: Path) -> None:
    folder = write(tmp_path)
    accept(folder, "first")
    workspace, _ = load(folder)
    load_ = workspace.indicators["load"]
    assert lock.with_feeds(load_) != lock.meaning(load_)
    assert lock.with_feeds(workspace.indicators["on_time"]) == lock.meaning(workspace.indicators["on_time"])
    file = folder / lock.FILE
    file.write_text(file.read_text(encoding="utf-8").replace(lock.meaning(load_), lock.with_feeds(load_)), encoding="utf-8")
    write(folder, TWO_VENDORS)
    assert check(folder) == []
    assert accept(folder, "a second vendor") == ([], [])
    (found,) = load(folder)[0].versions["load"]
    assert (found.hash, found.before) == (lock.meaning(load_), lock.with_feeds(load_))
    write(folder, {"indicators/all.yaml": SOUND["indicators/all.yaml"].replace("decimals: 2", "decimals: 1")})
    assert [fault.id for fault in check(folder)] == ["changed-meaning"]
