"""The sheet of a list of cases: the same list as on the screen, in the same order, masked in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from metrics import links, reading
from metrics.answers import Ask, CaseQuery
from metrics.catalogue.sources import extra_names
from metrics.model import Indicator
from metrics.passport import Printed
from metrics.reading.coded_lists import of_list
from publish import _lists
from publish._figures import NotFound, known, marks
from publish._sheet import Again, Sheet
from publish._words import named, words

COLUMNS = (
    "id", "state", "category", "department", "region", "opened", "due", "closed", "entered", "worked", "overdue", "suspect",
)  # fmt: skip
KEYS = ("source", "indicator", "role", "grain", "period", "department", "region", "category", "state", "search",
        "sort", "rev", "at", "version")  # fmt: skip


def cases(ask: Ask, given: Mapping[str, str], lang: str, again: Again) -> Sheet:
    """The parameters of the page of cases; every row of the list, as known at the revision the sheet says."""
    query = _query(ask, given)
    if ask.revision is not None:
        query = replace(query, revision=query.revision or ask.revision, evaluated_at=query.evaluated_at or ask.now)
    head = reading.head(ask.connection).number
    query = replace(query, revision=query.revision or head, evaluated_at=query.evaluated_at or ask.now)
    source = ask.workspace.sources[query.source]
    indicator = ask.workspace.indicators.get(query.indicator or "")
    what = f"{named(indicator.name, lang)} " if indicator else ""
    about = [(words("source", lang), named(source.name, lang))]
    if indicator:
        about.append((words("definition", lang), f"{indicator.key}, {words('version', lang, n=indicator.version)}, {query.role}"))
    about += known(replace(ask, revision=query.revision), lang) + marks(ask, lang)
    read = reading.whole_list(ask, query, again)
    title = f"{what}{named(source.name, lang)} {words('cases', lang)}"
    head_of = Sheet(title, about, (), (), lang=lang)

    def finish() -> Sheet:
        found = read()
        first = next(found.blocks, None)
        blocks = chain([first] if first else [], found.blocks)
        extra = sorted({*extra_names(source.mapping), *(first.extra if first else ())})
        columns = [words(key, lang) for key in COLUMNS] + [named(source.labels.get(key, {}), lang) or key for key in extra]
        return replace(
            head_of, about=[*about, (words("count", lang), str(found.total))], columns=columns, many=found.total,
            rows=_lists.values(blocks, extra, ask.workspace, lang), lines=_lists.lines(blocks, extra, ask.workspace, lang),
            printed=[_printed(ask, query, indicator, found.total)],
        )  # fmt: skip

    return replace(head_of, finish=finish)


def _printed(ask: Ask, query: CaseQuery, indicator: Indicator | None, total: int) -> Printed:
    """The list itself, at its own revision and moment."""
    grain: Any = query.grain if indicator is not None and query.grain else "all"
    return of_list(ask, query, grain, indicator.version if indicator else 0, total)


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
    whole = indicator is None or indicator.measure.stock or (query.grain or indicator.grains[0]) == "all"
    if query.period_start is None and not whole:  # what of no period lies behind a figure is unknown, not empty
        raise NotFound("period")
    if (query.revision or 0) > reading.head(ask.connection).number:  # 0: of a figure that no revision changed, the newest
        raise NotFound("rev")
    source = ask.workspace.sources.get(query.source)
    if source is None or source.gives != "records":
        raise NotFound("source")
    if query.department not in ask.workspace.departments or query.region not in ask.workspace.regions:
        raise NotFound("place")
    return query
