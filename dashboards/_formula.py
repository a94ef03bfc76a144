"""A measure in words: the formula a reader sees beside a figure, made from the same value the figure is computed by."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards import _format as fmt
from dashboards._text import catalogue, name, t
from metrics.catalogue.population import Population
from metrics.model import Condition, Indicator, Part, Source


def formula(
    indicator: Indicator,
    indicators: Mapping[str, Indicator],
    source: Source | None,
    lang: str,
    population: Population | None = None,
) -> str:
    """`期内到期，且办结时间不晚于期限 ÷ 期内到期`. Names of fields and values are those of the source."""
    measure = indicator.measure
    names = [name(indicators[key].name, lang) if key in indicators else key for key in measure.inputs]
    over = part(measure.over, source, lang)
    of = part(measure.of, source, lang, beyond=measure.over)
    return t(
        f"formula.{measure.kind}",
        lang,
        over=over,
        of=of,
        field=_field(measure.field, source, lang),
        a=names[0] if names else "",
        b=names[-1] if names else "",
        all=t("formula.plus", lang).join(names),
        p=f"{measure.number:,f}" if measure.number is not None else "",
        year=_years(population) if population is not None else "",
        people=name(population.source, lang) if population is not None else "",
    )


def _years(population: Population) -> str:
    """The years people were counted in, the newest last."""
    counted = sorted({year for _, year in population.counts})
    return f"{counted[0]}–{counted[-1]}" if len(counted) > 1 else str(counted[0]) if counted else ""


def part(part: Part | None, source: Source | None, lang: str, beyond: Part | None = None) -> str:
    """Which cases count. With `beyond` only what this part adds to that one, where it adds anything."""
    if part is None:
        return ""
    conditions = [c for c in part.conditions if beyond is None or c not in beyond.conditions]
    if beyond is not None and conditions and part.anchor == beyond.anchor:
        if len(conditions) == 1 and (conditions[0].field, conditions[0].op, conditions[0].value) == ("closed", "by", "due"):
            return t("formula.on_time", lang)
        return t("formula.and", lang).join(_condition(c, source, lang) for c in conditions)
    return t("formula.and", lang).join(
        [t(f"formula.{part.anchor or 'case'}", lang), *(_condition(c, source, lang) for c in conditions)]
    )


def _condition(condition: Condition, source: Source | None, lang: str) -> str:
    if condition.op == "after" and isinstance(condition.value, tuple):
        since, seconds = condition.value
        long = fmt.age(float(seconds), lang)
        return t("formula.after", lang, f=_field(condition.field, source, lang), v=_field(since, source, lang), long=long)
    values = condition.value if isinstance(condition.value, tuple) else (str(condition.value),)
    if condition.op in ("before", "by"):
        shown = _own(values[0], lang)
    else:
        shown = t("formula.or", lang).join(label(source, f"{condition.field}.{v}", v, lang) for v in values)
    return t(f"formula.{condition.op}", lang, f=_field(condition.field, source, lang), v=shown)


def _field(key: str, source: Source | None, lang: str) -> str:
    return label(source, key, _own(key, lang), lang) if key else ""


def _own(key: str, lang: str) -> str:
    """The interface's word for a field every record has; else the key itself."""
    said = next((k for k in (f"formula.f.{key}", f"formula.{key}") if k in catalogue()), None)
    return t(said, lang) if said else key


def label(source: Source | None, key: str, otherwise: str, lang: str) -> str:
    """The name a source gives to a field (`key`) or to a value (`field.value`, or the value alone)."""
    if source is None:
        return otherwise
    for given in (key, key.partition(".")[2]):
        if given and given in source.labels:
            return name(source.labels[given], lang)
    return otherwise
