"""Definitions as they were known: at a revision the version that was in force that day, of those accepted by then."""

from __future__ import annotations

from dataclasses import replace

from metrics import periods
from metrics.answers import Ask
from metrics.store import definitions


def defined(ask: Ask) -> Ask:
    """The same question in the workspace of then: no version that was accepted later. The first version of each is taken as known
    from the beginning, as it is in force from the beginning."""
    if ask.revision is None:
        return ask
    accepted: dict[str, int] = {}
    for (key, number), row in definitions.known(ask.connection).items():
        if row.revision <= ask.revision:
            accepted[key] = max(number, accepted.get(key, 0))
    day = periods.local_date(ask.now, ask.workspace.zone)
    found, versions = {}, {}
    for key, indicator in ask.workspace.indicators.items():
        newest = accepted.get(key, indicator.version)
        found[key] = ask.workspace.under(key, min(ask.workspace.version_on(key, day), newest)).indicators[key]
        versions[key] = tuple(one for one in ask.workspace.versions.get(key, ()) if one.version <= newest)
    return replace(ask, workspace=replace(ask.workspace, indicators=found, versions=versions))
