"""Writing down what judging found: episodes, events and the messages that go with them, all on the connection that stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from alerts import flapping, outbox, telling, transition
from alerts.course import SEVERITIES, Step
from alerts.judge import State
from alerts.message import Facts
from alerts.outbox import DIGEST
from alerts.stamp import Stamp
from alerts.store import episodes
from alerts.store.outbox import told_of
from alerts.store.pairs import Pair
from alerts.telling import KeptBack
from alerts.transition import Subject
from alerts.windows import shown_of_each
from metrics.catalogue.workspace import Workspace


@dataclass(frozen=True)
class Single:
    """A step that came alone: an episode that begins or ends."""

    subject: Subject
    before: State
    step: Step
    stands: Mapping[str, Any] = field(default_factory=dict)
    """Where it stands by now, if nothing follows."""


def steps(
    connection: Connection, workspace: Workspace, subject: Subject, before: State, after: State, found: Sequence[Step],
    stamp: Stamp, back: KeptBack,
) -> Single | None:  # fmt: skip
    """Record each step in order; `before` and `after` are the states around all of them.

    Where all there is is a beginning or an end it is given back, to be written with the others of the batch.
    """
    stands = transition.standing(subject, after) if after.condition in ("FIRING", "RECOVERING") else {}
    for number, step in enumerate(found, 1):
        of_then = subject
        if subject.eras:
            era = subject.eras[step.era]
            of_then = replace(subject, rule=era.rule, rule_version=era.id)
        match step.kind:
            case "open" | "close" if len(found) == 1:
                return Single(of_then, before, step, stands)
            case "open":
                last = number == len(found)
                _open_all(connection, workspace, [Single(of_then, before, step, stands if last else {})], stamp, back)
                stands = {} if last else stands
            case "retro":
                _retro(connection, workspace, of_then, before, step, stamp, back)
            case "close":
                close(connection, workspace, of_then, before, step, stamp)
            case _:
                _move(connection, workspace, of_then, before, step, stamp, back)
    if stands:
        episodes.stand(connection, subject.rule.key, subject.series_id, stands)
    return None


def singles(connection: Connection, workspace: Workspace, found: Sequence[Single], stamp: Stamp, back: KeptBack) -> None:
    """A storm opens or closes hundreds at once: their rows are written together."""
    _open_all(connection, workspace, [one for one in found if one.step.kind == "open"], stamp, back)
    _close_all(connection, workspace, [one for one in found if one.step.kind == "close"], stamp)


def close(connection: Connection, workspace: Workspace, subject: Subject, before: State, step: Step, stamp: Stamp) -> None:
    """End the open episode; those who were told of it are told why it ended."""
    _close_all(connection, workspace, [Single(subject, before, step)], stamp)


def _open_all(connection: Connection, workspace: Workspace, openings: Sequence[Single], stamp: Stamp, back: KeptBack) -> None:
    if not openings:
        return
    rows = [transition.episode(one.subject, one.step, stamp) for one in openings]
    numbers = episodes.add_all(
        connection, [{**row, "condition": "FIRING", **one.stands} for row, one in zip(rows, openings, strict=True)]
    )
    begun = list(zip(openings, rows, numbers, strict=True))
    events = [transition.event(one.subject, "firing", row["severity"], one.step, stamp, number) for one, row, number in begun]
    seqs = episodes.add_events(connection, events)
    recent = _recent(connection, workspace, [(one.subject, one.step) for one in openings])
    turns = _turns(connection, [one.subject for one in openings], stamp)
    told: list[outbox.Told] = []
    following = []
    for (one, row, number), seq in zip(begun, seqs, strict=True):
        subject, severity, pair = one.subject, row["severity"], _pair(one.subject)
        facts = transition.facts(
            connection, workspace, subject, number, severity, one.step, one.before, stamp, stamp.at, row["since"], recent[pair]
        )
        flaps = _flaps(connection, workspace, subject, one.step, facts, stamp, turns[pair])
        about = subject.matter(workspace, severity)
        letters = telling.firing(connection, workspace, about, subject.direct(workspace), stamp.at, back=back, flaps=flaps)
        told.append((facts, letters, seq))
        following.append((about, number))
    outbox.tell_all(connection, workspace, told, stamp)
    telling.start_following(connection, workspace, following, stamp.at)


def _close_all(connection: Connection, workspace: Workspace, found: Sequence[Single], stamp: Stamp) -> None:
    rows = episodes.all_opened(connection, [_pair(one.subject) for one in found])
    ends = [
        (replace(one, step=_under(one.step, row, one.subject)), row)
        for one in found
        if (row := rows.get(_pair(one.subject))) is not None
    ]
    if not ends:
        return
    changes = {}
    for one, row in ends:
        values = {"condition": "NORMAL", "closed_at": stamp.at, "closed": one.step.reason, **transition.last(one.step)}
        changes[row.id] = values | {"by_correction": row.by_correction or one.step.by_correction}
    episodes.change_all(connection, changes)
    events = [transition.event(one.subject, one.step.reason, row.severity, one.step, stamp, row.id) for one, row in ends]
    seqs = episodes.add_events(connection, events)
    recent = _recent(connection, workspace, [(one.subject, one.step) for one, _ in ends])
    turns = _turns(connection, [one.subject for one, _ in ends], stamp)
    what: list[tuple[Facts, bool]] = []
    for one, row in ends:
        pair = _pair(one.subject)
        facts = transition.facts(
            connection, workspace, one.subject, row.id, row.severity, one.step, one.before, stamp, row.fired_at, row.since,
            recent[pair],
        )  # fmt: skip
        what.append((facts, _flaps(connection, workspace, one.subject, one.step, facts, stamp, turns[pair])))
    told = told_of(connection, [row.id for _, row in ends])
    letters = [
        (facts, telling.ended(workspace, told.get(facts.episode, ()), stamp.at, flaps), seq)
        for (facts, flaps), seq in zip(what, seqs, strict=True)
    ]
    outbox.tell_all(connection, workspace, letters, stamp)


def _retro(
    connection: Connection, workspace: Workspace, subject: Subject, before: State, step: Step, stamp: Stamp, back: KeptBack
) -> None:
    """Only history breached: kept under the version of then, closed. Nobody is paged: those who would have been told read of it
    in the next digest, and of history being made nobody does."""
    values = {**transition.episode(subject, step, stamp), "condition": "NORMAL", "closed_at": stamp.at, "closed": "retro"}
    number = episodes.add(connection, values)
    seq = episodes.add_event(connection, transition.event(subject, "retro", values["severity"], step, stamp, number))
    if stamp.replay:
        return
    facts = transition.facts(
        connection, workspace, subject, number, values["severity"], step, before, stamp, stamp.at, values["since"], ()
    )
    about = subject.matter(workspace, values["worst_severity"])
    meant = telling.firing(connection, workspace, about, subject.direct(workspace), stamp.at, back=back, flaps=False)
    letters = [replace(one, held_by=one.held_by or DIGEST) for one in meant]
    outbox.tell(connection, workspace, facts, letters, seq, stamp)


def _move(
    connection: Connection, workspace: Workspace, subject: Subject, before: State, step: Step, stamp: Stamp, back: KeptBack
) -> None:
    row = episodes.opened(connection, subject.rule.key, subject.series_id)
    severity = subject.severity(step.event.level)
    step = _under(step, row, subject)
    number = row.id if row else None
    seq = episodes.add_event(connection, transition.event(subject, step.reason, severity, step, stamp, number))
    if step.reason == "cleared":
        flapping.counted(connection, _pair(subject), subject.rule.grain, stamp.at)
    if row is not None and step.reason in ("recovering", "relapsed"):
        facts = _facts(connection, workspace, subject, row, row.severity, step, before, stamp)
        _turned(connection, workspace, subject, step, facts, stamp)
    if row is None or step.reason not in ("severity_up", "severity_down"):
        return
    bound = subject.threshold(step.event.level)
    values = {"level": step.event.level, "severity": severity, "threshold": bound, **transition.last(step)}
    values["worst_severity"] = max(row.worst_severity, severity or "", key=SEVERITIES.index)
    episodes.change(connection, row.id, values)
    if step.reason == "severity_up":
        facts = _facts(connection, workspace, subject, row, str(severity), step, before, stamp)
        about = subject.matter(workspace, str(severity))
        direct = subject.direct(workspace)
        letters = telling.firing(connection, workspace, about, direct, stamp.at, severity_up=True, back=back)
        outbox.tell(connection, workspace, facts, letters, seq, stamp)
        if row.handling == "NEW":  # whoever took it on hears that it is worse, and has it
            telling.start_following(connection, workspace, [(about, row.id)], stamp.at)


def _under(step: Step, row: Row[Any] | None, subject: Subject) -> Step:
    """Of an episode that was raised under an earlier definition, each step names both."""
    if row is None or row.definition in (0, subject.definition):
        return step
    return replace(step, why=replace(step.why, definitions=(row.definition, subject.definition)))


def _turned(connection: Connection, workspace: Workspace, subject: Subject, step: Step, facts: Facts, stamp: Stamp) -> bool:
    turn = _turns(connection, [subject], stamp)[_pair(subject)]
    return _flaps(connection, workspace, subject, step, facts, stamp, turn)


def _turns(connection: Connection, subjects: Iterable[Subject], stamp: Stamp) -> dict[Pair, flapping.Turn]:
    by_grain: dict[str, list[Pair]] = {}
    for subject in subjects:
        by_grain.setdefault(subject.rule.grain, []).append(_pair(subject))
    found: dict[Pair, flapping.Turn] = {}
    for grain, pairs in by_grain.items():
        found |= flapping.turned(connection, pairs, grain, stamp.at)
    return found


def _flaps(
    connection: Connection, workspace: Workspace, subject: Subject, step: Step, facts: Facts, stamp: Stamp, turn: flapping.Turn
) -> bool:
    """The condition has turned once more: where it flaps from now on, that is told once, and the turns only in the digest."""
    if turn != "begins":
        return turn == "flaps"
    about = subject.matter(workspace, facts.severity)
    told = telling.closing(connection, workspace, about, facts.episode, stamp.at)
    meant = telling.firing(connection, workspace, about, subject.direct(workspace), stamp.at)
    letters = {one.receiver: replace(one, held_by="" if one.held_by == "flapping" else one.held_by) for one in (*meant, *told)}
    event = transition.event(subject, "flapping", facts.severity, step, stamp, facts.episode)
    seq = episodes.add_event(connection, event)
    outbox.tell(connection, workspace, replace(facts, kind="flapping"), letters.values(), seq, stamp)
    return True


def _facts(
    connection: Connection, workspace: Workspace, subject: Subject, row: Row[Any], severity: str, step: Step, before: State,
    stamp: Stamp,
) -> Facts:  # fmt: skip
    recent = _recent(connection, workspace, [(subject, step)])[_pair(subject)]
    return transition.facts(
        connection, workspace, subject, row.id, severity, step, before, stamp, row.fired_at, row.since, recent
    )  # fmt: skip


def _recent(
    connection: Connection, workspace: Workspace, found: Sequence[tuple[Subject, Step]]
) -> dict[Pair, tuple[Decimal, ...]]:
    """The figures of the last periods of each, newest last, for the trend in words."""
    trends = [
        (subject, step)
        for subject, step in found
        if subject.rule.indicator in workspace.indicators and subject.rule.kind == "threshold" and not step.by_correction
    ]
    wanted = [(subject.series_id, subject.series, step.event.value.start) for subject, step in trends]
    shown = shown_of_each(connection, workspace, wanted)
    recent: dict[Pair, tuple[Decimal, ...]] = {_pair(subject): () for subject, _ in found}
    return recent | {_pair(subject): shown[subject.series_id, step.event.value.start] for subject, step in trends}


def _pair(subject: Subject) -> Pair:
    return subject.rule.key, subject.series_id
