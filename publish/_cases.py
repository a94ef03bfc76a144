"""The sheet of a list of cases: the same list as on the screen, in the same order, masked in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from metrics import links, periods, reading
from metrics.answers import Ask, CaseQuery, CaseRow
from metrics.arrivals import Series
from metrics.model import Indicator, Source
from metrics.passport import Printed
from metrics.values import Values
from publish._figures import NotFound, known, marks
from publish._sheet import Again, Sheet, Value
from publish._words import named, words

AT_ONCE, AT_MOST = 5_000, 50_000
COLUMNS = (
    "id", "state", "category", "department", "region", "opened", "due", "closed", "entered", "worked", "overdue", "suspect",
)  # fmt: skip
KEYS = ("source", "indicator", "role", "grain", "period", "department", "region", "category", "state", "search",
        "sort", "rev", "at", "version")  # fmt: skip


def cases(ask: Ask, given: Mapping[str, str], lang: str, again: Again) -> Sheet:
    """The parameters of the page of cases; its rows up to AT_MOST, and a line that says so when there are more."""
    query = _query(ask, given)
    if ask.revision is not None:
        query = replace(query, revision=query.revision or ask.revision, evaluated_at=query.evaluated_at or ask.now)
    head = reading.head(ask.connection).number
    query = replace(query, revision=query.revision or head, evaluated_at=query.evaluated_at or ask.now)
    source = ask.workspace.sources[query.source]
    found = reading.cases(ask, query, 0, AT_ONCE, facets=False)
    length = min(found.total, AT_MOST)
    extra = sorted({*declared(source), *(key for row in found.rows for key in row.extra)})
    columns = [words(key, lang) for key in COLUMNS] + [named(source.labels.get(key, {}), lang) or key for key in extra]

    def instant(at: datetime | None) -> Value:
        return at.astimezone(ask.workspace.zone) if at else None

    def yes(word: bool) -> Value:
        return words("yes", lang) if word else None

    def line(row: CaseRow) -> list[Value]:
        return [
            row.external_id, row.state, row.category, _place(ask.workspace.departments, row.department, lang),
            _place(ask.workspace.regions, row.region, lang), instant(row.opened), instant(row.due), instant(row.closed),
            instant(row.entered), row.worked_days, yes(row.overdue), yes(row.suspect),
            *(_text(row.extra.get(key)) for key in extra),
        ]  # fmt: skip

    def lines() -> Iterator[list[Value]]:
        """A block at a time, each on a connection of its own: the revision is pinned, so they fit together."""
        yield from map(line, found.rows)
        for offset in range(AT_ONCE, length, AT_ONCE):
            with again() as later:
                block = reading.case_rows(later, query, offset, min(AT_ONCE, length - offset))
            yield from map(line, block)

    indicator = ask.workspace.indicators.get(query.indicator or "")
    what = f"{named(indicator.name, lang)} " if indicator else ""
    about = [(words("source", lang), named(source.name, lang))]
    if indicator:
        about.append((words("definition", lang), f"{indicator.key}, {words('version', lang, n=indicator.version)}, {query.role}"))
    about += known(replace(ask, revision=query.revision), lang)
    if length < found.total:
        about.append((words("mark", lang), words("cut", lang, n=found.total, m=length)))
    title = f"{what}{named(source.name, lang)} {words('cases', lang)}"
    return Sheet(title, about + marks(ask, lang), columns, lines(), printed=[_printed(query, indicator, found.total)])


def _printed(query: CaseQuery, indicator: Indicator | None, total: int) -> Printed:
    """The list itself, at its own revision and moment."""
    grain = query.grain if indicator is not None and query.grain else "all"
    series = Series(indicator.key if indicator is not None else "", grain, query.department, query.region)  # type: ignore[arg-type]
    start = periods.to_us(query.period_start) if query.period_start else 0
    at = periods.to_us(query.evaluated_at) if query.evaluated_at else 0
    version = indicator.version if indicator else 0
    return Printed(series, start, version, query.revision or 0, at, Values(None, n=total), urlencode(links.of_cases(query)))


def declared(source: Source) -> list[str]:
    """The further fields a source's map names: they are columns though the first block of cases holds none of them."""
    named_in = source.mapping.get("extra") or ()
    return [str(key) for key in named_in] if isinstance(named_in, (list, tuple, Mapping)) else []


def _query(ask: Ask, given: Mapping[str, str]) -> CaseQuery:
    own = {key: value for key, value in given.items() if key in KEYS}
    indicator = ask.workspace.indicators.get(own.get("indicator", ""))
    if own.get("indicator") and (indicator is None or not indicator.measure.from_records):
        raise NotFound("indicator")
    first = next((one.key for one in ask.workspace.sources.values() if one.gives == "records"), "")
    try:
        query = links.cases(own, (indicator.source if indicator else None) or first)
    except (links.BadQuery, OverflowError) as fault:
        raise NotFound(str(fault)) from fault
    if any(at is not None and not 1900 <= at.year < 2200 for at in (query.period_start, query.evaluated_at)):
        raise NotFound("period")
    if indicator is not None and (query.source != indicator.source or query.grain not in (None, *indicator.grains)):
        raise NotFound("grain")
    source = ask.workspace.sources.get(query.source)
    if source is None or source.gives != "records":
        raise NotFound("source")
    if query.department not in ask.workspace.departments or query.region not in ask.workspace.regions:
        raise NotFound("place")
    return query


def _place(tree: object, key: str, lang: str) -> str:
    try:
        return named(tree.get(key).name, lang)  # type: ignore[attr-defined]
    except (KeyError, LookupError):
        return key


def _text(value: object) -> Value:
    return value if value is None or isinstance(value, (int, str)) else str(value)
