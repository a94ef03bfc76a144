"""A small sound workspace, written to a folder, to plant faults in."""

from pathlib import Path
from textwrap import dedent

SOUND = {
    "workspace.yaml": """\
        key: town
        name: {zh: 小镇, en: Town}
        zone: Asia/Shanghai
        fields:
          - {key: service, name: {zh: 服务, en: Services}}
        boards:
          - {key: overview, name: {zh: 总览, en: Overview}, cards: [on_time, received], map: on_time, rank: on_time}
        receivers:
          - {key: office, name: {zh: 值班室, en: Duty office}, channel: log}
        regions:
          - {key: east, name: {zh: 东城, en: East}, level: city, code: "01"}
          - {key: east_1, name: {zh: 东一, en: East One}, level: county, parent: east}
        """,
    "departments.yaml": """\
        - {key: hotline, name: {zh: 热线办, en: Hotline}}
        - {key: roads, name: {zh: 市政局, en: Roads}, parent: hotline}
        """,
    "sources/calls.yaml": """\
        - key: calls
          name: {zh: 热线, en: Calls}
          type: http_json
          department: hotline
          gives: records
          every: 10s
          map:
            id: id
            department: {field: unit, codes: {R: roads}}
            region: area
            opened: {field: opened, format: iso}
            due: {field: due, format: iso}
            closed: {field: closed, format: iso}
            state: state
            extra: [minutes, caller]
          personal: [caller]
        - key: meters
          name: {zh: 计量, en: Meters}
          type: openmetrics
          department: roads
          gives: observations
          daily_at: 02:00
          weekday: mon
          map:
            period: {field: at, format: iso}
            grain: day
            values: [{indicator: load, num: value}]
            dims: {application: app}
        """,
    "indicators/all.yaml": """\
        - key: on_time
          name: {zh: 按时办结率, en: Closed on time}
          field: service
          records: calls
          measure: {ratio: {of: {closed_by: due}, over: {due: in_period}, apart: {due: missing, opened: in_period}}}
          by: {day: [department, city], month: [department*city]}
          unit: percent
          grains: [day, month]
          better: higher
          target: 95
          bands: {watch: 95, off: 92, serious: 88.5}
          settle_delay: 1d
          owner: hotline
          basis: {zh: 办法, en: Rules}
          version: 1
        - key: received
          name: {zh: 受理量, en: Received}
          field: service
          records: calls
          measure: {count: {opened: in_period}}
          by: [department]
          unit: item
          grains: [day]
          better: none
          no_target: {zh: 无, en: None}
          owner: hotline
          basis: {zh: 办法, en: Rules}
          version: 1
        - key: load
          name: {zh: 负载, en: Load}
          field: service
          observations: meters
          measure: observed
          by: [application]
          unit: percent
          decimals: 2
          grains: [day]
          better: lower
          target: 75
          owner: roads
          basis: {zh: 办法, en: Rules}
          version: 1
        - key: per_load
          name: {zh: 单位负载, en: Per load}
          field: service
          measure: {derived_ratio: {of: received, over: load}}
          unit: percent
          grains: [day]
          better: none
          no_target: {zh: 无, en: None}
          owner: roads
          basis: {zh: 办法, en: Rules}
          version: 1
        """,
    "rules/all.yaml": """\
        - key: late
          name: {zh: 超期, en: Late}
          indicator: on_time
          by: department
          levels:
            warning: {when: "< 95", until: ">= 96"}
            serious: {when: "< serious"}
          m: 2
          n: 3
          for: 2h
          recover: {count: 2, for: 1h}
          receivers: [office]
          version: 1
        """,
}


def write(folder: Path, changes: dict[str, str] | None = None) -> Path:
    """The sound workspace with some of its files replaced."""
    for name, text in {**SOUND, **(changes or {})}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    return folder


def line_of(folder: Path, name: str, marker: str) -> int:
    """The line on which `# marker` stands."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.endswith(f"# {marker}"))
