"""Why a figure changed, where somebody said why: who ruled or released it, its source, or who counted the people."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator


def why(reasons: Mapping[tuple[int, str], str], workspace: Workspace, indicator: Indicator, revision: int, moment: int) -> str:
    """Of `store.changed.reasons`: that of the figure, else of what it is made of; moment: of the revision, in microseconds."""
    keys, asked = [indicator.key], list(indicator.measure.inputs)
    while asked:
        key = asked.pop()
        keys.append(key)
        asked += workspace.indicators[key].measure.inputs
    return next((reasons[number, key] for key in (*keys, "") for number in (revision, -moment) if (number, key) in reasons), "")
