"""What people decide on, as it was known: disagreements, figures in question, rulings and definitions of an earlier revision."""

from datetime import timedelta

from metrics import definitions, reading, ruling, verdict
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import SYSTEM
from metrics.reading import at_revision
from metrics.ruling import Decision
from tests.metrics import small, test_verdict
from tests.metrics.small import DAY, NOW, calls
from tests.metrics.test_definitions import first, second

HOUR = timedelta(hours=1)


def asked(store, revision=None, workspace=None):
    with store.read() as connection:
        ask = Ask(connection, workspace or test_verdict.workspace(), SYSTEM, NOW + 9 * HOUR)
        yield ask if revision is None else at_revision(ask, revision)


def disagreements(store, revision=None):
    for ask in asked(store, revision):
        found = [
            ([(told.source, told.value, told.stands) for told in one.told], one.ruled and one.ruled.reason)
            for one in reading.conflicts(ask)
        ]
        history = ruling.history(ask.connection, ask.workspace, SYSTEM, ask.revision)
        return found, [(one.reason, one.ended_reason) for one in history]


def questions(store, revision=None):
    for ask in asked(store, revision):
        return [
            (one.value, one.verdict, one.reason, one.actor, one.good.value if one.good else None) for one in reading.held(ask)
        ]


def steps(store):
    """(what was said then, revision) after each step, an hour apart."""
    hours = iter(range(1, 20))

    def later():
        return NOW + next(hours) * HOUR

    def revision():
        with store.read() as connection:
            return reading.head(connection).number

    test_verdict.put(store, calls(7), now=later())
    yield revision()
    test_verdict.put(store, calls(9), source="calls2", now=later())
    yield revision()
    test_verdict.put(store, calls(70_000), now=later())
    yield revision()
    decision = Decision(Series("calls", "day", "a", "x1"), "calls2", DAY, DAY, "a recount")
    id, _ = ruling.decide(store, small.workspace(), decision, (), later(), "Li")
    yield revision()
    test_verdict.put(store, calls(8), now=later())
    yield revision()
    ruling.withdraw(store, small.workspace(), id, (), later(), "Li", "not so")
    yield revision()
    (waiting,) = test_verdict.waiting(store) or (None,)
    if waiting is not None:
        verdict.reject(store, test_verdict.workspace(), waiting.id, later(), "Li", "a slip")
    yield revision()


def test_what_was_said_at_every_revision_is_said_again(store):
    said = {number: (disagreements(store), questions(store)) for number in steps(store)}
    assert len({str(one) for one in said.values()}) >= 5, "each step changed something"
    again = {number: (disagreements(store, number), questions(store, number)) for number in said}
    assert again == said


def test_a_figure_that_was_decided_on_later_waited_then_and_nobody_decides_in_the_past(store):
    test_verdict.put(store, calls(7), now=NOW)
    test_verdict.put(store, calls(70_000), now=NOW + HOUR)
    with store.read() as connection:
        number = reading.head(connection).number
    (one,) = test_verdict.waiting(store)
    verdict.release(store, test_verdict.workspace(), one.id, (), NOW + 2 * HOUR, "Li", "it is so")
    assert questions(store) == [(70_000, "released", "it is so", "Li", None)]
    assert questions(store, number) == [(70_000, "", "", "", 7)]
    for ask in asked(store, number):
        assert [found.mine for found in reading.held(ask, waiting=True)] == [False]
    for ask in asked(store, number - 1):
        assert reading.held(ask) == []


def test_definitions_are_those_accepted_by_then_and_in_force_that_day(store):
    definitions.take_in(store, first(), NOW)
    small.put(store, calls(7), now=NOW)
    with store.read() as connection:
        before = reading.head(connection).number
    workspace = second()
    definitions.take_in(store, workspace, NOW + HOUR)
    for ask in asked(store, before, workspace):
        then = reading.defined(ask).workspace
        assert (then.indicators["calls"].version, len(then.versions["calls"])) == (1, 1)
        assert then.indicators["calls"].tolerance == 0
    for ask in asked(store, None, workspace):
        assert reading.defined(ask).workspace.indicators["calls"].version == 2
