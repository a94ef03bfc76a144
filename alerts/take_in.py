"""Taking judged values in: each (rule, series) moves on from where it stood, and what happened is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from alerts import record
from alerts.course import Era, advance, renewed
from alerts.judge import State, Value
from alerts.record import Single
from alerts.stamp import Stamp
from alerts.store import episodes, states
from alerts.store.states import Kept
from alerts.telling import KeptBack
from alerts.transition import Subject
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import Indicator
from metrics.rulebook import Rule


@dataclass(frozen=True, slots=True)
class Case:
    """New values of one series under one rule, and how to come by all the values it ever had."""

    rule: Rule
    indicator: Indicator
    """By the version of its definition that is in force for the newest of the values."""
    series_id: int
    series: Series
    arrivals: Callable[[State], Mapping[int, Value | None]]
    """By period start; None: there is no judged value any more. Given where the course stands."""
    history: Callable[[int], list[Value]]
    """Every judged value up to and with the period that starts then."""
    delay: int = 0
    """Microseconds from the end of a period until it settles; 0 for a reading."""
    ended: Callable[[State], str] | None = None
    """Why it is over where the value is on the safe side again and nothing has recovered; empty where it has. Given where the
    course stood."""


def take_in(
    connection: Connection,
    workspace: Workspace,
    in_force: Mapping[str, Sequence[Era]],
    cases: Sequence[Case],
    stamp: Stamp,
    kind: str = "data",
) -> bool:
    """Judge the cases. Whether anything was written at all."""
    kept = states.of_series(connection, (case.series_id for case in cases))
    fresh: list[Kept] = []
    known: list[Kept] = []
    alone: list[Single] = []
    inputs: list[dict[str, Any]] = []
    news = False
    back = KeptBack(connection, stamp.at)
    for case in cases:
        pair = (case.rule.key, case.series_id)
        before = kept.get(pair)
        state, begun = (before.state, before.begun) if before else (State(), State())
        under = max(before.under, case.indicator.version) if before else case.indicator.version
        afresh = before is not None and before.under < under
        if afresh:
            state = begun = renewed(state)
        era = in_force[case.rule.key]
        arrivals = case.arrivals(state)
        if not any(value is None or value.end + case.delay >= era[0].since for value in arrivals.values()):
            continue
        until = state.last.start if state.last else 0
        after, found = advance(
            era, state, arrivals, partial(case.history, max(until, *arrivals)),
            partial(episodes.known, connection, *pair), grain=case.rule.grain, delay=case.delay, now=stamp.now,
            begun=begun, afresh=afresh,
        )  # fmt: skip
        if case.ended and any(step.reason == "recovered" for step in found) and (why := case.ended(state)):
            found = [replace(step, reason=why) if step.reason == "recovered" else step for step in found]
        inputs.append(_input(case, arrivals, stamp, kind))
        if found:
            news = True
        definition = after.last.definition if after.last else case.indicator.version
        subject = Subject(era[-1].rule, era[-1].id, case.series_id, case.series, definition, era)
        if found or after.condition != "NORMAL":
            single = record.steps(connection, workspace, subject, state, after, found, stamp, back)
            alone += [single] if single else []
        (known if before else fresh).append(Kept(*pair, after, era[-1].id, definition, under, begun))
    record.singles(connection, workspace, alone, stamp, back)
    states.save(connection, fresh, known, stamp.revision)
    episodes.add_inputs(connection, inputs)
    if news:
        episodes.touch(connection, stamp.revision)
    return bool(inputs)


def _input(case: Case, arrivals: Mapping[int, Value | None], stamp: Stamp, kind: str) -> dict[str, Any]:
    newest = case.indicator.version
    body = {
        str(start): v and [v.end, str(v.value), v.n, *([v.definition] if v.definition != newest else [])]
        for start, v in arrivals.items()
    }
    return {
        "kind": kind, "rule": case.rule.key, "series_id": case.series_id, "at": stamp.at, "revision": stamp.revision,
        "body": json.dumps({"values": body, "definition": newest}),
    }  # fmt: skip
