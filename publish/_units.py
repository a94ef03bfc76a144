"""The units of one level with their figures, ranked within their peer groups, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from metrics import reading
from metrics.answers import Ask, State, Unit
from metrics.model import TOTAL
from publish import _answers, _parameters

Said = dict[str, Any]
Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_MAYBE_WHOLE: Schema = {"anyOf": [{"type": "integer"}, {"type": "null"}]}

PARAMETERS = (
    ("indicator", _TEXT, "key of an indicator"),
    ("by", _TEXT, "`department`, or a level of regions, by which its figures are cut"),
    ("grain", _TEXT, "else the first that is cut so"),
    ("under", _TEXT, "only units below this place of the same kind"),
)


def schema(observation: Schema) -> Schema:
    given = {
        "id": _TEXT, "name": {"type": "object", "additionalProperties": _TEXT},
        "peer": _TEXT | {"description": "the group it is ranked in"},
        "rank": _MAYBE_WHOLE | {"description": "1 is best, ties share it; null: not ranked, see `state`"},
        "rank_before": _MAYBE_WHOLE | {"description": "in the period before"},
        "of": _MAYBE_WHOLE | {"description": "how many are ranked in the group, out of scope too"},
        "climbed": _MAYBE_WHOLE | {"description": "places gained on the period before; lost: negative"},
        "state": {"type": "string", "enum": list(get_args(State))},
        "figure": {"anyOf": [observation, {"type": "null"}]},
    }  # fmt: skip
    return {"type": "object", "properties": given, "required": list(given), "additionalProperties": False}


def listed(ask: Ask, given: Mapping[str, str]) -> Said:
    """Ranked ones first, best first; then those nothing was due of, too few cases, nothing reported: apart, never ranked."""
    ask = _parameters.as_of(ask, given, datetime.now(UTC))
    indicator = _parameters.indicator(ask, _parameters.needed(given, "indicator"))
    ways = [cut[0] for cuts in indicator.cuts.values() for cut in cuts if len(cut) == 1]
    ways = [way for way in dict.fromkeys(ways) if way in ("department", *ask.workspace.regions.levels())]
    if not ways:
        raise _parameters.bad("indicator", "is not cut by units")
    by = _parameters.one_of(given, "by", ways, ways[0])
    grains = [grain for grain in indicator.grains if (by,) in indicator.cuts.get(grain, ())]
    grain: Any = _parameters.one_of(given, "grain", grains) if given.get("grain") else None
    tree = ask.workspace.departments if by == "department" else ask.workspace.regions
    under = given.get("under")
    if under is not None and under not in tree:
        raise _parameters.unknown("under", under)
    found = reading.units(ask, indicator.key, str(by), under or TOTAL, grain)
    if (cell := next((one.cell for one in found if one.cell is not None), None)) is not None:
        indicator = ask.workspace.meant(indicator.key, cell.version)
    about = {"indicator": indicator.key, "version": indicator.version, "unit": indicator.unit, "by": by}
    return {**about, "items": [_unit(one) for one in found], **_answers.stamp(ask)}


def _unit(one: Unit) -> Said:
    return {
        "id": one.place.id, "name": dict(one.place.name), "peer": one.place.peer, "rank": one.rank,
        "rank_before": one.rank_before, "of": one.of, "climbed": one.climbed, "state": one.state,
        "figure": _answers.cell(one.cell) if one.cell is not None else None,
    }  # fmt: skip
