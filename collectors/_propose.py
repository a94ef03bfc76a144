"""Rows nobody has mapped yet -> the YAML of a source that would take them, to be read and mended by a person. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import yaml

from collectors import _profile
from collectors._parse import Unreadable, instants
from collectors._profile import WHEN, Column
from metrics.model import Grain
from metrics.periods import bounds

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

HINTS = {
    "id": r"^_?id$|编号|文号|number$|_?id$|^key$|reference|slug|code",
    "opened": r"open|creat|receiv|start|submit|issue|report|受理|收到|登记|立项|申请|date|time|data",
    "due": r"due|target|deadline|limit|期限|应办|应答复|截止",
    "closed": r"clos|complet|end|finish|resolv|办结|答复|完成|反馈",
    "category": r"type|category|class|kind|类",
    "state": r"stat(e|us)|状态",
}
FOLLOWED = re.compile(r"clos|complet|finish|resolv|due|deadline|办结|答复|完成|反馈|期限", re.IGNORECASE)
"""Dates by which something is followed through: rows with them are cases, not figures."""
PERSON = re.compile(
    r"name|phone|mobile$|tel\b|e-?mail|address|contact|姓名|电话|手机|身份证|住址|地址|联系|申请人", re.IGNORECASE
)
GRAINS: Mapping[Grain, timedelta] = {
    "year": timedelta(days=360), "quarter": timedelta(days=89), "month": timedelta(days=28), "tenday": timedelta(days=8),
    "week": timedelta(days=7), "day": timedelta(days=1), "hour": timedelta(hours=1), "minute5": timedelta(0),
}  # fmt: skip
"""And the least that can lie between two of them."""
MOST_VALUES, MOST_EXTRA, LONGEST_DIM = 6, 30, 60


@dataclass
class Proposal:
    source: dict[str, Any]
    indicators: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def yaml(self) -> tuple[str, str]:
        """Of the source, and of its indicators (`` where it gives cases)."""
        head = "".join(f"# {one}\n" for one in self.remarks)
        return head + _dump([self.source]), _dump(self.indicators) if self.indicators else ""


def propose(
    key: str, name: str, kind: str, settings: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], workspace: Workspace,
    what: str = "",
) -> Proposal:  # fmt: skip
    """`rows`: as the collector of this kind gives them with these settings; `what`: the field that says which figure a row is.
    LookupError, in words, where nothing fits."""
    found = [one for one in _profile.columns(rows, workspace.zone) if one.kind != "none"]
    if kind == "openmetrics":
        found = [replace(one, kind="instant", form="epoch") if one.name == "at" else one for one in found]
    department = next((place.id for place in workspace.departments if place.id != "_T"), "_T")
    source: dict[str, Any] = {
        "key": key, "name": {"zh": name, "en": name}, "type": kind, "department": department, "gives": "records",
        "every": "1d", "settings": dict(settings), "map": {},
    }  # fmt: skip
    made = Proposal(source, remarks=["Proposed from a look at the data: read it, put names, department and schedule right."])
    some = rows[: _profile.LOOKED_AT]
    id, dates = _id(found, len(some)), [one for one in found if one.kind == "instant"]
    wide = "unpivot" in settings or bool(what)
    cases = not wide and id is not None and id.kind != "instant" and bool(dates)
    if cases and (any(FOLLOWED.search(one.name) for one in dates) or max(_rank(one) for one in dates) < 2):
        assert id is not None
        _records(made, found, id, dates, some, workspace)
    elif not _observations(made, found, dates, some, key, what, workspace):
        if wide or id is None or not dates:
            have = ", ".join(f"{one.name} ({one.kind})" for one in found[:20])
            raise LookupError(f"no column tells cases apart and none says a period with figures; there are: {have}")
        _records(made, found, id, dates, some, workspace)
    return made


def _records(
    made: Proposal, found: Sequence[Column], id: Column, dates: Sequence[Column], rows: Any, workspace: Workspace
) -> None:
    spec: dict[str, Any] = {"id": id.name}
    left = list(dates)
    for part in ("due", "closed", "opened"):
        chosen = next((one for one in left if re.search(HINTS[part], one.name, re.IGNORECASE)), None)
        if chosen is None and part == "opened" and left:
            chosen = left[0]
        if chosen is not None:
            spec[part] = _at(chosen)
            left.remove(chosen)
    used = {id.name, *(one["field"] for one in spec.values() if isinstance(one, dict))}
    for part, limit in (("category", 100), ("state", 40)):
        fits = [one for one in found if one.kind == "text" and one.name not in used and one.longest <= limit]
        chosen = next((one for one in fits if re.search(HINTS[part], one.name, re.IGNORECASE) and one.distinct <= 200), None)
        if chosen is not None:
            spec[part] = chosen.name
            used.add(chosen.name)
    for part, column in _places(found, rows, workspace).items():
        spec[part] = column
        used.add(column)
    extra = [one.name for one in found if one.name not in used and one.kind in ("text", "number", "instant")][:MOST_EXTRA]
    if extra:
        spec["extra"] = extra
    made.source["map"] = spec
    if personal := [name for name in extra if PERSON.search(name)]:
        made.source["personal"] = personal
        made.remarks.append(f"Looks personal, so it is masked: {', '.join(personal)}.")


def _at(one: Column) -> dict[str, str]:
    return {"field": one.name, "format": one.form} | ({"zone": "UTC"} if one.form.endswith("+00") else {})


def _observations(
    made: Proposal, found: Sequence[Column], dates: Sequence[Column], rows: Sequence[Mapping[str, Any]], key: str,
    what: str, workspace: Workspace,
) -> bool:  # fmt: skip
    """False where no column says a period, or nothing tells the figures of one period apart."""
    named = _named(found)
    period = max(dates, key=lambda one: (_rank(one), one.there, one.distinct), default=None)
    if "unpivot" in made.source["settings"]:
        period = named["period"]
    figures = [one for one in found if one.kind == "number" and one.name not in ("unit",) and not _is_id(one)]
    figures = [named["value"]] if "value" in named and (what or "unpivot" in made.source["settings"]) else figures[:MOST_VALUES]
    if period is None or not figures:
        return False
    words = [one.name for one in found if one.kind == "text" and one.usual <= LONGEST_DIM and one.name not in ("unit", what)]
    fixed = [period.name, *([what] if what else [])]
    apart = _profile.telling_apart(rows, fixed, words)
    if apart is None:
        numbers = [one.name for one in found if one.kind == "number" and one.decimals == 0 and one not in figures]
        apart = _profile.telling_apart(rows, fixed, [*words, *numbers])
    if apart is None:
        return False
    grain = _grain(rows, period, [*apart, *fixed[1:]], workspace)
    if grain is None:
        return False
    spec: dict[str, Any] = {"period": _at(period), "grain": grain}
    places = {part: column for part, column in _places(found, rows, workspace).items() if column in apart}
    spec |= places
    split = {f"dim{n}": column for n, column in enumerate((one for one in apart if one not in places.values()), 1)}
    if split:
        spec["dims"] = split
    spec["values"] = []
    whats = list(dict.fromkeys(str(row.get(what)) for row in rows)) if what else [None]
    for one in whats[:MOST_VALUES]:
        for column in figures:
            seen = column if one is None else _of(column.name, [row for row in rows if str(row.get(what)) == one], workspace)
            where = {} if one is None else {what: one}
            _value(made, spec["values"], seen, where, f"{key}_{len(made.indicators) + 1}", grain, [*split], rows, key, workspace)
    if len(whats) > MOST_VALUES:
        made.remarks.append(f"Of {len(whats)} kinds of figures the first {MOST_VALUES} are mapped.")
    made.source |= {"gives": "observations", "map": spec}
    return bool(spec["values"])


def _value(
    made: Proposal, values: list[Any], column: Column, where: Mapping[str, str], key: str, grain: str, split: Sequence[str],
    rows: Sequence[Mapping[str, Any]], source: str, workspace: Workspace,
) -> None:  # fmt: skip
    if column.kind != "number":
        return
    num: dict[str, Any] = {"field": column.name}
    num |= {"percent": True} if column.percent else {}
    num |= {"unit": column.unit} if column.unit else {}
    value: dict[str, Any] = {"indicator": key, "num": num if len(num) > 1 else column.name}
    if where:
        value["where"] = dict(where)
    titled = next((str(row["unit"]) for row in rows if row.get("unit")), "") if "unit" in (rows[0] if rows else {}) else ""
    if titled and titled != "%":
        value |= {"counts": titled, "unit_field": "unit"}
    values.append(value)
    said = " ".join((*(where.values() or [column.name]), *([f"({titled})"] if titled else [])))
    made.indicators.append(
        {
            "key": key, "name": {"zh": said, "en": said}, "field": next(iter(workspace.fields), "work"),
            "observations": [source], "measure": "observed", "by": {grain: list(split)}, "grains": [grain],
            "unit": "percent" if column.percent or titled == "%" or "%" in said else "count", "decimals": column.decimals,
            "better": "none", "no_target": {"zh": "未定", "en": "not set yet"}, "owner": made.source["department"],
            "basis": {"zh": "待补", "en": "to be written"}, "version": 1,
        }
    )  # fmt: skip


def _of(name: str, rows: Sequence[Mapping[str, Any]], workspace: Workspace) -> Column:
    """The value column, as it is among the rows of one kind of figure."""
    return _profile.columns([{name: row.get(name)} for row in rows], workspace.zone)[0]


def _named(found: Sequence[Column]) -> dict[str, Column]:
    return {one.name: one for one in found}


def _id(found: Sequence[Column], rows: int) -> Column | None:
    """A column that has another value in every row; by name if one is named so."""
    unique = [
        one for one in found
        if one.there == one.distinct == rows and one.longest <= 200 and one.decimals == 0 and one.kind != "nested"
    ]  # fmt: skip
    hinted = [one for one in unique if re.search(HINTS["id"], one.name, re.IGNORECASE)]
    texts = [one for one in unique if one.kind == "text"]
    return next(iter([*hinted, *texts, *unique]), None) if rows > 1 or hinted else None


def _is_id(one: Column) -> bool:
    return re.search(r"^_?id$|_id$|编号|^lat|^lon|rank", one.name, re.IGNORECASE) is not None


def _rank(one: Column) -> int:
    """How much a column's name sounds like the period of a figure rather than the time of its writing."""
    name = one.name.lower()
    said = 2 if re.search(r"period|timestamp|start_at|date|quarter|month|时期|月份|年份", name) else bool(WHEN.search(name))
    return said - 3 * ("update" in name)


def _grain(rows: Sequence[Mapping[str, Any]], period: Column, apart: Sequence[str], workspace: Workspace) -> str | None:
    """The coarsest that is no longer than what lies between two periods, and in which no two rows fall together."""
    read, seen = instants(period.form, workspace.zone), []
    for row in rows:
        try:
            at = read(str(row.get(period.name)).strip())
        except Unreadable:
            continue
        if at is not None:
            seen.append((at, tuple(str(row.get(name)) for name in apart)))
    instants_ = sorted({at for at, _ in seen})
    gap = min((later - earlier for earlier, later in itertools.pairwise(instants_)), default=timedelta(days=1))
    if period.form == "epoch" and len(instants_) == 1:
        return "hour"  # what an exporter says now
    for grain, least in GRAINS.items():
        if grain == "tenday" and any(bounds(grain, at, workspace.zone)[0] != at for at in instants_):
            continue  # days of the 1st, 11th and 21st only: other spacings are weeks or days
        keys = {(bounds(grain, at, workspace.zone)[0], rest) for at, rest in seen}
        if gap >= least and len(keys) == len(seen):
            return grain
    return None


def _places(found: Sequence[Column], rows: Sequence[Mapping[str, Any]], workspace: Workspace) -> dict[str, str]:
    """Columns whose values are departments or regions of this workspace."""
    made: dict[str, str] = {}
    for part, tree in (("department", workspace.departments), ("region", workspace.regions)):
        for one in found:
            if one.kind != "text" or one.name in made.values():
                continue
            values = {str(row.get(one.name)).strip() for row in rows[:500] if row.get(one.name)}
            if values and all(tree.by_code(value) is not None for value in values):
                made[part] = one.name
                break
    return made


def _dump(value: Any) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=130, default_flow_style=None))
