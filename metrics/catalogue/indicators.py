"""Indicator blocks into Indicators, and the faults only their whole shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from metrics.catalogue.amounts import may_be_added, may_be_divided
from metrics.catalogue.blocks import Here
from metrics.catalogue.faults import nearest
from metrics.catalogue.grammar import IndicatorBlock
from metrics.catalogue.measures import INSTANTS, measure
from metrics.catalogue.sources import mapped
from metrics.catalogue.workspace import Workspace
from metrics.model import Cut, Grain, Indicator, Measure, Part, Plausible, Source

_GRAINS = get_args(Grain)


def indicator(one: IndicatorBlock, here: Here, workspace: Workspace) -> Indicator | None:
    """Checked against all of the workspace but other indicators; None when its measure cannot be read."""
    for key, known, kind in ((one.field, workspace.fields, "field"), (one.unit, workspace.units, "unit")):
        if key not in known:
            here.at(kind).unknown(kind, key, known)
    if one.owner not in workspace.departments:
        here.at("owner").unknown("department", one.owner, (place.id for place in workspace.departments))
    how = measure(one.measure, here.at("measure"))
    sources = _sources(one, how, here, workspace.sources)
    cuts = _cuts(one, here, _dimensions(workspace, sources))
    if how is None:
        here.faults.broken.add(one.key)
        return None
    _uses_what_is_mapped(how, sources, one, here)
    _has_anchors(how, one, here)
    _has_an_event(how, one, here)
    _cuts_are_told(cuts, sources, workspace, here)
    if how.kind == "observed":
        _is_reported(one, sources, here)
        _wants(one, cuts, workspace, here)
    elif one.want:
        here.at("want").fault("bad-measure", "who is to report is said of figures that a source reports")
    elif not one.additive:
        here.at("additive").fault("bad-measure", "what does not add up is said of figures that a source reports")
    elif one.plausible is not None:
        here.at("plausible").fault("plausible", "only a figure that a source reports is looked at before it is believed")
    bands = {name: value for name, value in one.bands.model_dump().items() if value is not None}
    found = Indicator(
        key=one.key, name=one.name.text(), field=one.field, unit=one.unit, better=one.better, grains=tuple(one.grains), cuts=cuts,
        measure=how, source=sources[0].key if sources else None, owner=one.owner, basis=one.basis.text(), version=one.version,
        version_reason=one.version_reason, decimals=one.decimals, target=one.target,
        no_target=one.no_target.text() if one.no_target else None, bands=bands, min_n=one.min_n,
        settle_delay=one.settle_delay or timedelta(0), provisional=one.provisional or timedelta(0),
        feeds=tuple(source.key for source in sources) if how.kind == "observed" else (), tolerance=one.tolerance,
        coverage=one.coverage,
        plausible=Plausible(**one.plausible.model_dump()) if one.plausible else None,
        beside=one.beside, made_of=one.made_of.text() if one.made_of else None, attribute=one.attribute, additive=one.additive,
        want=tuple(one.want), file=f"indicators/{here.file}", line=here.line,
    )  # fmt: skip
    _target_and_bands(found, here)
    return found


def check_references(found: Mapping[str, tuple[Indicator, Here]], workspace: Workspace) -> dict[str, Indicator]:
    """Checks what indicators say of each other; without those that are derived from themselves."""
    for one, here in found.values():
        if one.beside and one.beside not in found:
            here.at("beside").unknown("indicator", one.beside, found)
        for key in one.measure.inputs:
            if key not in found:
                here.at("measure").unknown("indicator", key, found)
        _has_people(one, here, workspace)
    sound: dict[str, Indicator] = {}
    for key, (one, here) in found.items():
        circle = _circle(key, found)
        if circle:
            here.at("measure").fault("cycle", f"{' -> '.join(circle)}: an indicator is derived from itself")
            here.faults.broken.add(key)
            continue
        sound[key] = one
        for grain in one.grains:
            for input_key in one.measure.inputs:
                if input_key in found:
                    _inputs_have(found[input_key][0], grain, one.cuts.get(grain, ()), here)
                    may_be_divided(one, found[input_key][0], grain, here)
        may_be_added(one, [found[key][0] for key in one.measure.inputs if key in found], here)
    return sound


def _inputs_have(source: Indicator, grain: Grain, cuts: tuple[Cut, ...], here: Here) -> None:
    if grain not in source.grains:
        here.at("grains").fault("no-series", f"{source.key} has no grain {grain}", f"it has {', '.join(source.grains)}")
        return
    for cut in cuts:
        if cut and cut not in source.cuts[grain]:
            here.at("by").fault("no-series", f"{source.key} is not cut by {'*'.join(cut)} at grain {grain}")


def _has_people(one: Indicator, here: Here, workspace: Workspace) -> None:
    """Figures per head need the people of every place they are made for."""
    if one.measure.kind != "per_head":
        return
    spot = here.at("measure", "per_head")
    if workspace.population is None:
        spot.fault(
            "missing-key", "population is missing in workspace.yaml", "population: {file: population.csv, source: {zh: , en: }}"
        )
        return
    levels = workspace.regions.levels()
    for grain, cuts in one.cuts.items():
        if any(name not in levels for cut in cuts for name in cut):
            hint = f"by: {', '.join(levels)}" if levels else "leave by: out"
            here.at("by").fault("bad-measure", f"grain {grain}: people are counted by region, not otherwise", hint)
        for level in {name for cut in cuts for name in cut if name in levels}:
            lack = [place.id for place in workspace.regions.at_level(level) if workspace.population.of(place.id, None) is None]
            if lack:
                spot.fault("unknown-reference", f"no population of {', '.join(lack[:3])}", "add it to the file of population:")


def _circle(key: str, found: Mapping[str, tuple[Indicator, Here]]) -> list[str]:
    """The way from an indicator back to itself, if there is one."""
    todo = [[key]]
    while todo:
        path = todo.pop()
        for after in found[path[-1]][0].measure.inputs:
            if after == key:
                return [*path, key]
            if after in found and after not in path:
                todo.append([*path, after])
    return []


def _sources(one: IndicatorBlock, how: Measure | None, here: Here, known: Mapping[str, Source]) -> list[Source]:
    keys = [one.records] if one.records else list(one.observations)
    wanted = "records" if one.records else "observations"
    if one.records and one.observations:
        here.at("observations").fault("bad-measure", "an indicator reads records or observations, not both")
    if how is not None:
        needs = "records" if how.from_records else "observations" if how.kind == "observed" else ""
        if needs and not keys:
            here.fault("missing-key", f"{needs} is missing: which source?", f"add {needs}: ...")
        elif keys and needs != wanted:
            hint = f"use {needs}:" if needs else "leave it out"
            here.at(wanted).fault("bad-measure", f"{how.kind} does not read {wanted}", hint)
    for key in keys:
        if key not in known:
            here.at(wanted).unknown("source", key, known)
        elif known[key].gives != wanted:
            here.at(wanted).fault("bad-measure", f"{key} gives {known[key].gives}, not {wanted}")
    return [known[key] for key in keys if key in known]


def _dimensions(workspace: Workspace, sources: list[Source]) -> list[str] | None:
    """What figures may be cut by; None for derived ones, which are checked against their inputs."""
    shared = ["department", *workspace.regions.levels()]
    if not sources:
        return None
    own = [mapped(one) - {*INSTANTS} if one.gives == "records" else frozenset(one.mapping.get("dims") or {}) for one in sources]
    return shared + sorted(frozenset.intersection(*own))


def _cuts(one: IndicatorBlock, here: Here, known: list[str] | None) -> dict[Grain, tuple[Cut, ...]]:
    """`by` as a list holds for every grain; as a mapping, each grain has its own. The total is not listed: it always exists."""
    cuts: dict[Grain, tuple[Cut, ...]] = {grain: () for grain in one.grains}
    if isinstance(one.by, dict):
        for grain, listed in one.by.items():
            if grain not in _GRAINS:
                here.at("by", grain).fault("unknown-key", f"{grain} is not a grain", nearest(grain, _GRAINS))
            elif grain not in cuts:
                here.at("by", grain).fault("no-series", f"{one.key} has no grain {grain}", "add it to grains")
            else:
                cuts[grain] = _cut_list(listed, here.at("by", grain), known)
    else:
        listed = _cut_list(one.by, here.at("by"), known)
        cuts = {grain: listed for grain in one.grains}
    return cuts


def _cut_list(listed: Any, here: Here, known: list[str] | None) -> tuple[Cut, ...]:
    if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
        here.fault("bad-value", "by is a list such as [department, city, department*city]")
        return ()
    found = [cut(text) for text in listed]
    for n, one in enumerate(found):
        for name in one:
            if known is not None and name not in known:
                here.at(n).unknown("dimension", name, known)
    return tuple(dict.fromkeys(one for one in found if one))


def cut(text: str) -> Cut:
    """`department*city` as a Cut; "" or `total` is the total."""
    return tuple(name.strip() for name in text.split("*")) if text.strip() not in ("", "total") else ()


def _parts(how: Measure) -> list[tuple[str, Part]]:
    return [(name, part) for name, part in (("over", how.over), ("of", how.of), ("apart", how.apart)) if part is not None]


def _uses_what_is_mapped(how: Measure, sources: list[Source], one: IndicatorBlock, here: Here) -> None:
    if not sources or not how.from_records:
        return
    known = mapped(sources[0])
    used: list[str] = ["opened", "closed"] if how.field in ("worked_days", "elapsed") else [how.field] if how.field else []
    if how.kind == "distinct" and how.field in ("department", "region"):
        used = []  # every case has them
    used += ["due"] if how.kind == "overdue" else []
    for _, part in _parts(how):
        used += [part.anchor] if part.anchor else []
        for condition in part.conditions:
            used += [condition.field] + ([str(condition.value)] if condition.op in ("by", "before") else [])
            used += [condition.value[0]] if condition.op == "after" and isinstance(condition.value, tuple) else []
    for field in dict.fromkeys(used):
        if field not in known:
            what = f"{field} is not mapped by source {sources[0].key}"
            here.at("measure").fault("unmapped-field", what, nearest(field, known))


def _has_anchors(how: Measure, one: IndicatorBlock, here: Here) -> None:
    if how.stock or not how.from_records or set(one.grains) == {"all"}:
        return
    for name, part in _parts(how):
        if part.anchor is None and name != "of":
            kind = how.kind
            where = here.at("measure", kind) if kind == "count" else here.at("measure", kind, name)
            where.fault("bad-measure", "which period does a record belong to?", "add opened, due, closed or entered: in_period")


def _has_an_event(how: Measure, one: IndicatorBlock, here: Here) -> None:
    if one.attribute == "at_event" and not any(part.anchor for _, part in _parts(how)):
        what = f"{how.kind} counts at no event, so a case is where it is"
        here.at("attribute").fault("bad-measure", what, "at_event is for cases counted when opened, due, closed or entered")


def _cuts_are_told(cuts: Mapping[Grain, tuple[Cut, ...]], sources: list[Source], workspace: Workspace, here: Here) -> None:
    """A cut by place needs a source that says the place."""
    used = {name for listed in cuts.values() for one in listed for name in one}
    for source in sources:
        if not source.mapping.get("region") and used & set(workspace.regions.levels()):
            here.at("by").fault("unmapped-field", f"region is not mapped by source {source.key}", "map region: in the source")
        if source.gives == "observations" and not source.mapping.get("department") and "department" in used:
            here.at("by").fault(
                "unmapped-field", f"department is not mapped by source {source.key}", "map department: in the source"
            )


def _is_reported(one: IndicatorBlock, sources: list[Source], here: Here) -> None:
    for source in sources:
        if source.sends and source.mapping.get("grain") in (None, *one.grains):
            continue
        values = source.mapping.get("values") or ()
        if not source.sends and not any(isinstance(value, Mapping) and value.get("indicator") == one.key for value in values):
            here.at("observations").fault("unmapped-field", f"{source.key} does not report {one.key}", "add it to map: values")
        elif source.mapping.get("grain") not in one.grains:
            what = f"{source.key} reports by {source.mapping.get('grain')}, which is not a grain of {one.key}"
            here.at("grains").fault("no-series", what, "add it to grains")


def _wants(one: IndicatorBlock, cuts: Mapping[Grain, tuple[Cut, ...]], workspace: Workspace, here: Here) -> None:
    if one.want == ["all"]:
        if not any(len(cut) == 1 for listed in cuts.values() for cut in listed):
            here.at("want").fault("bad-measure", "all of whom?", "by: [city], or name who is to report")
        return
    for n, id in enumerate(one.want):
        if id not in workspace.regions and id not in workspace.departments:
            here.at("want", n).unknown("place", id, [place.id for place in (*workspace.regions, *workspace.departments)])


def _target_and_bands(one: Indicator, here: Here) -> None:
    if one.target is None and one.no_target is None:
        here.fault("no-target", f"{one.key} has neither a target nor a reason for none", "add target: or no_target: {zh: , en: }")
    if one.better == "none":
        if one.bands:
            here.at("bands").fault("target-side", "bands need a direction", "better: higher or lower")
        return
    sign = 1 if one.better == "higher" else -1
    marks = [("target", one.target), *((name, one.bands.get(name)) for name in ("watch", "off", "serious"))]
    given = [(name, value * sign) for name, value in marks if value is not None]
    for (milder, above), (worse, below) in zip(given, given[1:], strict=False):
        if below > above:
            spot = here.at("target") if milder == "target" else here.at("bands", worse)
            what = f"{worse} lies on the good side of {milder}, though {one.better} is better"
            spot.fault("target-side", what, "from best to worst: target, watch, off, serious")
