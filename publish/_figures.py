"""Sheets of figures: the periods of one series, and the units of one level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from metrics import links, periods, reading
from metrics.answers import Ask, Cell
from metrics.arrivals import Series
from metrics.model import TOTAL, Indicator
from metrics.passport import Printed, of_cell
from metrics.reading.coverage import reported
from metrics.store import scope
from publish import _marks
from publish._sheet import Again, Sheet, Value
from publish._words import level_name, named, unit_name, words

PERIODS = 400


class NotFound(Exception):
    """The address names something this workspace does not have, or that lies outside the asker's scope."""


def trend(ask: Ask, given: Mapping[str, str], lang: str, _: Again | None = None) -> Sheet:
    """`indicator`, `grain`, `department`, `region`, `ended_by`: every period of that series, none that ended later. `alike=1`:
    all by the newest version of the definition; `only=new`: only those since it came into force."""
    indicator, series = _series(ask, given)
    ask = replace(ask, alike=_said(given, "alike", "1"))
    found = reading.trend(ask, series, PERIODS, ended_by=_ended_by(given))
    if _said(given, "only", "new"):
        found = [cell for cell in found if cell.version == indicator.version]
    cells = reading.marked(ask, reading.since_first(found))
    told = reported(ask, indicator)
    title = " ".join([named(indicator.name, lang), place_name(ask, series, lang), *_span(ask, cells, lang)])
    heads = ("period", "value", "num", "den", "n", "apart", "status", *(_marks.COLUMNS if told else ()))
    columns = [words(key, lang) for key in heads]
    rows = [
        [
            periods.label(series.grain, cell.period_start, ask.workspace.zone, lang), *_numbers(cell, lang),
            *(_marks.values(cell, ask, lang) if told else ()),
        ]
        for cell in cells
    ]  # fmt: skip
    said = about(ask, indicator, cells, place_name(ask, series, lang), lang)
    said += [
        (
            words("mark", lang),
            words("crosses", lang, period=_span(ask, [after], lang)[0], before=before.version, after=after.version),
        )
        for before, after in zip(cells, cells[1:], strict=False)
        if before.version != after.version and before.revision and after.revision
    ]
    said += _marks.said(cells, ask, lang)
    settled = [cell for cell in cells if cell.settled and cell.value is not None]
    main = (settled or cells)[-1] if cells else None
    return Sheet(title, said, columns, rows, line=1, printed=_printed(ask, [main, *cells]) if main else ())


def units(ask: Ask, given: Mapping[str, str], lang: str, _: Again | None = None) -> Sheet:
    """`indicator`, `grain`, `by` (a level), `department`, `region`, `ended_by`, `alike`: the units of that level, best first."""
    indicator, series = _series(ask, given)
    ask = replace(ask, alike=_said(given, "alike", "1"))
    level = given.get("by") or "department"
    if level not in ("department", *ask.workspace.regions.levels()):
        raise NotFound(level[:16])
    under, other = (series.department, series.region) if level == "department" else (series.region, series.department)
    try:
        found = reading.units(ask, indicator.key, level, under, series.grain, other=other, ended_by=_ended_by(given))
    except (KeyError, LookupError, ValueError) as fault:
        raise NotFound(level) from fault
    cells = [unit.cell for unit in found if unit.cell is not None]
    told = reported(ask, indicator)
    heads = ("rank", "climbed", "peer", "name", "value", "num", "den", "n", "apart", "status", *(_marks.COLUMNS if told else ()))
    columns = [words(key, lang) for key in heads]
    nothing: list[Value] = [None, None, None, None, None, words("M", lang), *([None] * len(_marks.COLUMNS) if told else ())]

    def numbers(cell: Cell) -> list[Value]:
        return [*_numbers(cell, lang), *(_marks.values(cell, ask, lang) if told else ())]

    rows = [
        [unit.rank, unit.climbed, unit.place.peer or None, named(unit.place.name, lang),
         *(numbers(unit.cell) if unit.cell else nothing)]
        for unit in found
    ]  # fmt: skip
    title = " ".join(
        [named(indicator.name, lang), place_name(ask, series, lang), level_name(level, lang), *_span(ask, cells, lang)]
    )
    said = about(ask, indicator, cells, place_name(ask, series, lang), lang)
    said += _marks.said(cells, ask, lang)
    whole = cells and reading.printed(ask, series, cells[0].period_start)
    printed = [whole if whole and whole.said else None, *_printed(ask, [unit.cell for unit in found])]
    return Sheet(title, said, columns, rows, printed=printed)


def about(ask: Ask, indicator: Indicator, cells: Sequence[Cell], place: str, lang: str) -> list[tuple[str, str]]:
    """What stands above every sheet of figures."""
    workspace = ask.workspace
    feeds = [key for key in (indicator.source, *indicator.feeds) if key is not None and key in workspace.sources]
    sources = [named(workspace.sources[key].name, lang) for key in feeds]
    said = [
        (
            words("definition", lang),
            f"{indicator.key}, {words('version', lang, n=indicator.version)}: {named(indicator.basis, lang)}",
        ),
        (words("unit", lang), unit_name(indicator.unit, workspace.units, lang)),
        (words("source", lang), ", ".join(dict.fromkeys(sources))),
        (words("place", lang), place),
    ]
    if cells:
        said += [
            (words("period", lang), " – ".join(_span(ask, cells, lang))),
            (words("evaluated", lang), _written(ask, max(cell.evaluated_at for cell in cells))),
        ]
    return said + known(ask, lang) + marks(ask, lang)


def known(ask: Ask, lang: str) -> list[tuple[str, str]]:
    """As known at which revision, and when that was: what a sheet has is what was known then, and nothing later."""
    number = ask.revision or reading.head(ask.connection).number
    when = _written(ask, reading.known_at(ask.connection, number)) if number else ""
    return [(words("revision", lang), str(number)), (words("known", lang), when)]


def marks(ask: Ask, lang: str) -> list[tuple[str, str]]:
    said = [(words("made", lang), _written(ask, ask.workspace.now(datetime.now(UTC)) if ask.revision else ask.now))]
    return [*said, (words("mark", lang), words("demo", lang))] if ask.workspace.demo else said


def place_name(ask: Ask, series: Series, lang: str) -> str:
    trees = ((ask.workspace.regions, series.region), (ask.workspace.departments, series.department))
    said = [named(tree.get(key).name, lang) for tree, key in trees if key != TOTAL]
    return " ".join(said) or named(ask.workspace.regions.get(TOTAL).name, lang)


def _printed(ask: Ask, cells: Sequence[Cell | None]) -> list[Printed | None]:
    newest = reading.head(ask.connection)
    number, at = (newest.number, ask.workspace.now(newest.at)) if ask.revision is None else (ask.revision, ask.now)
    found = [of_cell(cell, number, periods.to_us(at)) if cell is not None else None for cell in cells]
    return [one if one is not None and one.said else None for one in found]


def _series(ask: Ask, given: Mapping[str, str]) -> tuple[Indicator, Series]:
    indicator = ask.workspace.indicators.get(given.get("indicator", ""))
    if indicator is None:
        raise NotFound(given.get("indicator", "")[:64])
    own_department, own_region = reading.opening(ask)
    department, region = given.get("department") or own_department, given.get("region") or own_region
    if department not in ask.workspace.departments or region not in ask.workspace.regions:
        raise NotFound(f"{department} {region}"[:64])
    if not scope.of(ask.who, ask.workspace.departments, ask.workspace.regions).holds(department, region):
        raise NotFound(f"{department} {region}"[:64])
    grain = given.get("grain") or indicator.grains[0]
    if grain not in indicator.grains:
        raise NotFound(grain[:16])
    return indicator, Series(indicator.key, grain, department, region)


def _said(given: Mapping[str, str], name: str, yes: str) -> bool:
    """Whether a parameter that has one value was given."""
    if given.get(name, "") not in ("", yes):
        raise NotFound(name)
    return bool(given.get(name))


def _ended_by(given: Mapping[str, str]) -> datetime | None:
    try:
        at = links.instant(given["ended_by"], "ended_by") if given.get("ended_by") else None
    except (links.BadQuery, OverflowError) as fault:
        raise NotFound("ended_by") from fault
    if at is not None and not 1900 < at.year < 2200:
        raise NotFound("ended_by")
    return at


def _numbers(cell: Cell, lang: str) -> list[Value]:
    """An empty value is followed by why it is empty."""
    value = None if cell.value is None else round(cell.value, 4).normalize()
    why = cell.status if cell.value is not None or cell.status in ("M", "N", "S", "L") else "nothing"
    said = words("only_rate", lang) if cell.only_rate and why == "A" else words(why, lang)
    return [value, cell.num, cell.den, cell.n, cell.apart, said]


def _span(ask: Ask, cells: Sequence[Cell], lang: str) -> list[str]:
    """The first and the last period of these figures, as people write them; one when they are the same."""
    ends = (min(cells, key=_start), max(cells, key=_start)) if cells else ()
    said = [periods.label(one.series.grain, one.period_start, ask.workspace.zone, lang) for one in ends]
    return list(dict.fromkeys(said))


def _start(cell: Cell) -> datetime:
    return cell.period_start


def _written(ask: Ask, instant: datetime) -> str:
    return instant.astimezone(ask.workspace.zone).strftime("%Y-%m-%d %H:%M:%S %z")
