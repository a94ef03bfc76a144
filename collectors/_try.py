"""A first look at a file or an address nobody has mapped yet: what it is, how its rows are reached, and a proposal for it."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collectors import _apart, _json, _table, collector
from collectors._errors import Failure
from collectors._http import HttpSettings, get
from collectors._net import origin
from collectors._payload import MAX_BYTES, Want
from collectors._propose import Proposal, propose
from collectors._shape import NOTES
from collectors.files import BOOKS
from metrics.model import Source

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

YEARS = (
    (r"(?P<period>\d{4})年", "year"), (r"(?P<period>\d{4}-Q[1-4])", "quarter"), (r"(?P<period>\d{4}年\d{1,2}月)", "month"),
    (r"(?P<period>\d{4}-\d{2})", "month"), (r"(?P<period>(?:19|20)\d{2})", "year"),
)  # fmt: skip
ROWS = re.compile(r"(^|\.)(records|rows|items|data|value|results?|features|list)$", re.IGNORECASE)
SAMPLE = re.compile(r"(#|[a-zA-Z_:][\w:]*(\{[^}]*\})?\s+[-+]?[\d.NI])")


def look(target: str, workspace: Workspace, now: datetime) -> tuple[Proposal, Sequence[Mapping[str, Any]]]:
    """The proposal, and the first rows it was made from. Failure or LookupError, in words, where none can be made."""
    web = re.match(r"https?://", target) is not None
    path = urlsplit(target).path if web else target
    stem = Path(path).stem or "new"
    key = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:40] or "new_source"
    key = f"s_{key}" if key[0].isdigit() else key
    while key in workspace.sources:
        key += "_2"
    settings, data = _web(target, workspace, now) if web else _file(Path(target))
    kind, settings, rows, what = _reached(data, settings, Path(path).name, web, workspace, now)
    if not rows:
        raise LookupError("there is not one row in it")
    made = propose(key, stem, kind, settings, rows, workspace, what)
    if web and len(rows) in (50, 100, 500, 1000, 5000) and "paging" not in settings:
        made.remarks.append(f"{len(rows)} rows may be one full page: say how to ask for the next (settings: paging).")
    if not web and kind == "http_json":
        made.remarks.append("This was a file: put the address at which the system gives it as `url`.")
    return made, rows[:5]


def _web(url: str, workspace: Workspace, now: datetime) -> tuple[dict[str, Any], bytes]:
    """Whoever runs this command names the host: it may be one of the private network."""
    _, host, port = origin(url)
    settings: dict[str, Any] = {"url": url}
    if re.fullmatch(r"localhost|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|[^.]+", host):
        settings["allow"] = [f"{host}:{port}"]
    want = Want(now, workspace.folder, zone=workspace.zone)
    return settings, get("try", url, HttpSettings.model_validate(settings), want).body


def _file(path: Path) -> tuple[dict[str, Any], bytes]:
    try:
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Failure("missing", f"{path} cannot be read: {error.strerror}", "name a file or an address") from None
    if len(data) > MAX_BYTES:
        raise Failure("too_large", f"{path} has more than {MAX_BYTES} bytes", "try with a part of it")
    return {"folder": str(path.resolve().parent), "pattern": glob.escape(path.name)}, data


def _reached(
    data: bytes, settings: dict[str, Any], name: str, web: bool, workspace: Workspace, now: datetime
) -> tuple[str, dict[str, Any], list[Mapping[str, Any]], str]:
    """The kind of source, its settings, the rows its collector makes of this very data, the field that says which figure."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if data.startswith(BOOKS):
        lines = list(_apart.workbook(data, name, None, 20_000))
        settings["format"] = "xls" if data.startswith(b"\xd0") else "xlsx"
        return _tabular(lines, settings, web, workspace, now)
    if start in (b"{", b"["):
        document = _json.parse(data, name)
        at, rows = _list_in(document)
        settings |= {"rows": at} if at else {}
        if each := _each(rows):
            settings["each"] = each
            rows = [{**{k: v for k, v in row.items() if k != each}, **one} for row in rows for one in row.get(each) or ()]
        _paging(document, at, rows, settings)
        if not web:
            settings = {key: value for key, value in settings.items() if key in ("rows", "each", "paging")}
            settings = {"url": f"https://host.example/{name}", **settings}
        return "http_json", settings, rows, ""
    text = _table.decode(data, "auto", name)
    first = [line for line in text.splitlines()[:30] if line.strip()]
    if web and first and all(SAMPLE.match(line) for line in first):
        return "openmetrics", *_metrics(settings, workspace, now), "metric"
    if web:
        raise LookupError("this address gives neither JSON nor metrics: save it as a file, and let it be dropped into a folder")
    return _tabular(list(_table.lines_of(text, name, max(",;\t|", key=text[:20_000].count))), settings, web, workspace, now)


def _tabular(
    lines: Sequence[tuple[int, list[Any]]], settings: dict[str, Any], web: bool, workspace: Workspace, now: datetime
) -> tuple[str, dict[str, Any], list[Mapping[str, Any]], str]:
    """Where the header stands, which columns are periods, and what the title says."""
    if web:
        raise LookupError("a table at an address: save it as a file, and let it be dropped into a folder")
    at, head = _header(lines)
    words = [" ".join(str(cell or "").split()) for cell in head]
    turned = _turned(words)
    kept = [word for word in words if word and not (turned and re.fullmatch(turned, word))]
    if at > lines[0][0]:
        settings["header"] = {"contains": (kept or words)[:3]}
    if turned:
        settings["unpivot"] = {"columns": turned, "value": "value"}
        titles = " ".join(str(cell) for line, cells in lines if line < at for cell in cells if cell)
        if re.search(r"[(（][^()（）]{1,12}[)）]|单位[：:]", titles):
            settings["from_title"] = {"unit": "unit"}
    notes = [str(cells[0]).strip()[:8] for line, cells in lines[-12:] if cells and line > at and _alone(cells, len(words))]
    if more := list(dict.fromkeys(one for one in notes if one and not one.startswith(NOTES))):
        settings["notes"] = [*NOTES, *more]
    return "files", settings, _collected("files", settings, workspace, now), "what" if turned and "<what>" in turned else ""


def _header(lines: Sequence[tuple[int, list[Any]]]) -> tuple[int, list[Any]]:
    """The first line as wide as the table, without a gap in its first half, and not of numbers."""
    some = [(line, cells) for line, cells in lines[:200] if _full(cells)]
    if not some:
        raise LookupError("there is no table in it")
    width = Counter(len(cells) for _, cells in some).most_common(1)[0][0]
    for line, cells in some[:50]:
        if len(cells) >= width and len(_full(cells)) > width / 2:
            return line, cells
    return some[0]


def _full(cells: Sequence[Any]) -> list[Any]:
    return [cell for cell in cells if cell is not None and str(cell).strip()]


def _alone(cells: Sequence[Any], width: int) -> bool:
    return len(_full(cells)) == 1 and len(cells) < width


def _turned(words: Sequence[str]) -> str | None:
    """The pattern of columns that are periods, where there are three or more; with `what` where each has several figures."""
    for pattern, _ in YEARS:
        if sum(re.fullmatch(pattern, word) is not None for word in words) >= 3:
            return pattern
    for pattern, _ in YEARS:
        both = rf"{pattern}\s+(?P<what>.+)"
        if sum(re.fullmatch(both, word) is not None for word in words) >= 3:
            return both
    return None


def _metrics(settings: dict[str, Any], workspace: Workspace, now: datetime) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
    """The metrics with one figure each: those are what one looks at first; the others need `by` and a person's choice."""
    rows = _collected("openmetrics", settings, workspace, now)
    count = Counter(str(row["metric"]) for row in rows)
    plain = [name for name in count if count[name] == 1][:6] or list(count)[:1]
    settings["metrics"] = plain
    return settings, [row for row in rows if row["metric"] in plain]


def _collected(kind: str, settings: Mapping[str, Any], workspace: Workspace, now: datetime) -> list[Mapping[str, Any]]:
    untouched = {"settle": "0s"} if kind == "files" else {}
    source = Source("try", {"zh": "", "en": ""}, kind, "_T", "records", {**settings, **untouched}, {})
    rows: list[Mapping[str, Any]] = []
    for payload in collector(kind).fetch(source, Want(now, workspace.folder, zone=workspace.zone)):
        if payload.error:
            raise payload.error
        rows += payload.rows
    return rows


def _list_in(document: Any) -> tuple[str, list[Mapping[str, Any]]]:
    """The longest list of objects in it, and its path."""
    found = sorted(_lists(document, "", 0), key=lambda one: (not ROWS.search(one[0]), -len(one[1]), len(one[0])))
    if not found:
        raise LookupError("there is no list of objects in this JSON")
    return found[0]


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        yield path, value
    elif isinstance(value, Mapping) and depth < 5:
        for name, inner in value.items():
            if "." not in name:
                yield from _lists(inner, f"{path}.{name}" if path else name, depth + 1)


def _each(rows: Sequence[Mapping[str, Any]]) -> str:
    """The one list of objects in nearly every row, such as the days of each series; `` where there is none, or several."""
    found = [
        name for name in dict.fromkeys(name for row in rows for name in row)
        if sum(_objects(row.get(name)) for row in rows) > 0.9 * len(rows)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else ""


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _paging(document: Any, at: str, rows: Sequence[Any], settings: dict[str, Any]) -> None:
    """What the answer says about further pages."""
    if not isinstance(document, Mapping):
        return
    inside = document
    for step in at.split(".")[:-1]:
        inside = inside[step]
    total, limit = inside.get("total", document.get("total")), inside.get("limit", document.get("limit"))
    if isinstance(total, int) and total <= len(rows):
        return
    for path in ("next", "links.next", "_links.next", "@odata.nextLink", "paging.next"):
        here: Any = document
        for step in [path] if path.startswith("@") else path.split("."):
            here = here.get(step) if isinstance(here, Mapping) else None
        if isinstance(here, str) and here and not path.startswith("@"):
            settings["paging"] = {"kind": "next", "next": path}
            return
    if isinstance(total, int) and isinstance(limit, int) and limit == len(rows) >= 10:
        settings["paging"] = {"kind": "offset", "size": limit, "size_param": "limit"}
