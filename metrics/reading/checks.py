"""What is looked at of a number that was taken away, and what came of it: values; pages and programs have the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from metrics.reading.entered import versions
from metrics.values import display

if TYPE_CHECKING:
    from metrics.reading.passports import Passport

What = Literal["again", "settled", "final", "recomputing", "coverage", "rows", "versions", "late", "agree", "doubt"]
ANSWERED = ("released", "settled", "replaced", "resolved")
"""Verdicts after which a doubt is none."""


@dataclass(frozen=True)
class Check:
    what: What
    """`again`: summed again it is the same. `settled`, `final`: its period had ended, its source will not revise it.
    `recomputing`: nothing decided of it is still to be carried out. `coverage`: all that should have reported had. `rows`: its
    runs refused none. `versions`: one version of the definition. `late`: it came in time. `agree`: no other source said
    otherwise. `doubt`: nothing was doubted, or somebody answered."""
    passed: bool
    said: Mapping[str, Any]
    """What was found: the other value, how many of how many, how many rows or sources, the doubt and its verdict."""


def checks(one: Passport) -> Sequence[Check]:
    """Of what was let go of only what still can be looked at."""
    cell, found = one.cell, list[Check]()
    if one.reproduced is not None:
        found.append(Check("again", one.reproduced, {"value": display(one.indicator, one.again)}))
    if not (one.indicator.measure.stock or cell.series.grain == "all"):
        found.append(Check("settled", cell.settled, {}))
    if cell.status == "P":
        found.append(Check("final", False, {}))
    if one.recomputing:
        found.append(Check("recomputing", False, {}))
    if cell.want and cell.have is not None:
        found.append(Check("coverage", cell.have >= cell.want, {"have": cell.have, "want": cell.want}))
    if one.let_go:
        return found
    refused = sum(behind.run.counts.get("refused", 0) for behind in one.runs)
    found.append(Check("rows", not refused, {"n": refused}))
    mixed = versions(one.entered)
    if len(mixed) > 1:
        found.append(Check("versions", False, {"versions": " + ".join(f"v{version}" for version in mixed)}))
    if cell.late is not None:
        found.append(Check("late", False, {"when": cell.late}))
    aside = sum(not entry.used for entry in one.entered)
    if aside:
        found.append(Check("agree", False, {"n": aside}))
    if not one.indicator.measure.from_records and not one.indicator.measure.inputs:
        for doubt in one.doubts:
            found.append(Check("doubt", doubt.verdict in ANSWERED, {"words": doubt.words, "verdict": doubt.verdict}))
        if not one.doubts:
            found.append(Check("doubt", True, {}))
    return found
