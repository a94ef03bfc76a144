"""What besides the figure made a step of an alert: a correction, a newer definition, a person who changed the rule. In words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metrics import periods
from metrics.model import Grain
from metrics.rulebook import Rule


@dataclass(frozen=True, slots=True)
class Why:
    corrected: int | None = None
    """Start of the period whose value was corrected, came late or was taken back; the first of several."""
    definitions: tuple[int, int] | None = None
    """The version of the definition it was raised under, and the one its figures are of now; where they differ."""
    changed: str = ""
    """Thresholds before and after: `80→90`."""
    by: str = ""
    """Who changed the rule; empty where the workspace did."""

    def as_json(self) -> dict[str, Any]:
        """What is known, as plain values."""
        found = {"corrected": self.corrected, "definitions": self.definitions, "changed": self.changed, "by": self.by}
        known = {name: value for name, value in found.items() if value not in (None, "")}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()}

    @property
    def text(self) -> str:
        """As it is kept with the event; empty for nothing."""
        found = self.as_json()
        return json.dumps(found, ensure_ascii=False) if found else ""


NOTHING = Why()


def revive(given: Mapping[str, Any]) -> Why:
    both = given.get("definitions")
    return Why(given.get("corrected"), (both[0], both[1]) if both else None, given.get("changed", ""), given.get("by", ""))


def read(text: str) -> Why | None:
    """Of the text of an event; None where that is a text of another kind."""
    return revive(json.loads(text)) if text.startswith('{"') else None


def difference(old: Rule, new: Rule) -> str:
    """Thresholds that are others now, level by level: `80→90`; a level that was not there, or is not any more, is a dash."""
    before, after = ({one.severity: f"{one.threshold:,}" for one in rule.levels} for rule in (old, new))
    both = [(before.get(key, "–"), after.get(key, "–")) for key in dict.fromkeys((*before, *after))]
    return ", ".join(f"{a}→{b}" for a, b in both if a != b)


def words(why: Why, grain: Grain | None, zone: Any, lang: str) -> list[str]:
    """A sentence each."""
    zh, found = lang == "zh", []
    if why.changed:
        who = why.by or ("工作区" if zh else "the workspace")
        found.append(f"因{who}修改界线 {why.changed}" if zh else f"because {who} changed the threshold {why.changed}")
    elif why.by:
        found.append(f"因{why.by}修改规则" if zh else f"because {why.by} changed the rule")
    if why.definitions is not None:
        was, now = why.definitions
        said = f"口径：发生时为第 {was} 版，现为第 {now} 版", f"definition: version {was} when it was raised, version {now} now"
        found.append(said[0] if zh else said[1])
    if why.corrected is not None and grain is not None:
        period = periods.label(grain, periods.from_us(why.corrected), zone, lang)
        found.append(f"由 {period} 数据更正引起" if zh else f"caused by a correction of {period}")
    return found
