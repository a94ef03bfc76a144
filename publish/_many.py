"""Many figures in one answer, for programs: all indicators of one place, and who stands best over several periods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from metrics import links, periods
from metrics.answers import Ask
from metrics.model import Grain, Indicator
from metrics.reading import many, standing
from metrics.reading.cards import recent
from metrics.reading.many import Ranked
from metrics.values import Values, display
from publish import _answers, _parameters

Said = dict[str, Any]
Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_WHOLE: Schema = {"type": "integer"}
_MAYBE_WHOLE: Schema = {"anyOf": [_WHOLE, {"type": "null"}]}
_MAYBE_NUMBER: Schema = {"anyOf": [{"type": "number"}, {"type": "null"}]}

OF_TOP = (
    ("indicator", _TEXT, "key of an indicator whose figures add up over periods"),
    ("by", _TEXT, "a cut of the indicator, such as `city` or `department,city`; else the finest"),
    ("grain", _TEXT, "else the first that is cut so"),
    ("periods", _WHOLE, "how many of the last settled periods together, else 7"),
    ("limit", _WHOLE, "how many at most, else 10"),
)
MOST_PERIODS = 100


def schema_of_latest(observation: Schema) -> Schema:
    given = {"indicator": _TEXT, "unit": _TEXT, "grain": _TEXT, "figure": observation}
    return {"type": "object", "properties": given, "required": list(given), "additionalProperties": False}


def schema_of_top() -> Schema:
    given = {
        "rank": _WHOLE | {"description": "1 is best, ties share it; among all units of the cut, out of scope too"},
        "of": _WHOLE | {"description": "how many are ranked"},
        "department": _TEXT, "region": _TEXT, "dims": _TEXT, "value": _MAYBE_NUMBER, "num": _WHOLE,
        "den": _MAYBE_WHOLE, "n": _MAYBE_WHOLE, "periods": _WHOLE | {"description": "of how many periods there is a figure"},
    }  # fmt: skip
    return {"type": "object", "properties": given, "required": list(given), "additionalProperties": False}


def latest(ask: Ask, given: Mapping[str, str]) -> Said:
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    field = given.get("field")
    if field is not None and field not in ask.workspace.fields:
        raise _parameters.unknown("field", field)
    department, region = _parameters.place_asked(ask, given)
    keys = [key for key, one in ask.workspace.indicators.items() if field in (None, one.field)]
    items = [
        {
            "indicator": cell.series.indicator,
            "unit": ask.workspace.meant(cell.series.indicator, cell.version).unit,
            "grain": cell.series.grain,
            "figure": _answers.cell(cell),
        }
        for cell in many.figures(ask, keys, (department, region, "{}"))
    ]
    return {"department": department, "region": region, "items": items, **_answers.stamp(ask)}


def top(ask: Ask, given: Mapping[str, str]) -> Said:
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    indicator = _parameters.indicator(ask, _parameters.needed(given, "indicator"))
    known = ("department", *ask.workspace.regions.levels())
    cuts = [cut for cuts in indicator.cuts.values() for cut in cuts if cut and set(cut) <= set(known)]
    if not cuts:
        raise _parameters.bad("indicator", "is not cut by units")
    ways = {",".join(cut): cut for cut in cuts}
    by = ways[_parameters.one_of(given, "by", list(ways)) or max(ways, key=lambda way: len(ways[way]))]
    grains = [grain for grain in indicator.grains if by in indicator.cuts.get(grain, ())]
    grain: Grain = _parameters.one_of(given, "grain", grains, grains[0])  # type: ignore[assignment]
    starts = recent(ask, indicator, grain, _parameters.whole(given, "periods", 7, 1, MOST_PERIODS))
    indicator = standing.meant(ask, indicator, grain, starts[-1])
    if not many.adds_up(indicator):
        raise _parameters.bad("indicator", "does not add up over periods", "units gives one period")
    found = many.top(ask, indicator, grain, by, starts, _parameters.whole(given, "limit", 10, 1, 1_000))
    end = periods.bounds(grain, periods.from_us(starts[-1]), ask.workspace.zone)[1]
    about = {"indicator": indicator.key, "version": indicator.version, "unit": indicator.unit, "grain": grain, "by": ",".join(by)}
    about |= {"since": links.text(periods.from_us(starts[0])), "until": links.text(end), "periods": len(starts)}
    return {**about, "items": [_unit(indicator, one) for one in found], **_answers.stamp(ask)}


def _unit(indicator: Indicator, ranked: Ranked) -> Said:
    one = ranked.unit
    department, region, dims = one.key
    value = display(indicator, Values(one.num, one.den, one.n))
    return {
        "rank": ranked.rank, "of": ranked.of, "department": department, "region": region, "dims": dims,
        "value": _answers.number(value), "num": one.num, "den": one.den, "n": one.n, "periods": one.periods,
    }  # fmt: skip
