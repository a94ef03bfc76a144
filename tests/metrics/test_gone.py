"""Too much that is gone at once from a complete source: a question for a person, on both engines."""

from metrics import ingest as door
from metrics import reading, verdict
from metrics.answers import Ask
from metrics.arrivals import Batch
from metrics.model import SYSTEM
from metrics.reading.freshness import in_question
from metrics.store import runs
from metrics.tables import record_version
from tests.metrics.small import NOW, case, put, workspace
from tests.metrics.test_walkthroughs import figure, rows


def test_when_too_much_is_gone_at_once_nothing_is_withdrawn(store):
    """What is new beside it is stored, and a person decides."""
    many = [case(str(number)) for number in range(30)]
    put(store, *many)
    put(store, *many[:18], case("new"), complete=True)
    put(store, *many[:18], case("new"), complete=True)
    assert figure(store, "opened").num == 31
    assert not any(row.withdrawn for row in rows(store, record_version))
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, NOW)
        (one,) = reading.held(ask)
        assert (one.kind, one.source, one.value, one.against, one.held, one.mine) == ("gone", "cases", 12, 30, True, False)
        assert [in_question(ask, workspace().indicators[key]) for key in ("open", "calls")] == [True, False]
        assert "12 of 30" in one.words


def test_what_is_gone_at_once_is_withdrawn_when_a_person_releases_it_and_stays_when_rejected(store):
    many = [case(str(number)) for number in range(40)]
    put(store, *many)

    def waiting():
        with store.read() as connection:
            return [one.id for one in reading.held(Ask(connection, workspace(), SYSTEM, NOW), waiting=True)]

    put(store, *many[:20], complete=True)
    (first,) = waiting()
    put(store, *many[:22], complete=True)
    assert waiting() == [first], "as it stands now, in one question"
    verdict.reject(store, workspace(), first, NOW, "boss", "the export broke")
    put(store, *many[:22], complete=True)
    assert (figure(store, "opened").num, waiting()) == (40, []), "asked once"
    put(store, *many, complete=True)
    put(store, *many[:22], complete=True)
    (second,) = waiting()
    seen = []
    verdict.release(
        store, workspace(), second, (lambda connection, changed, now: seen.extend(changed),), NOW, "boss", "they were test cases"
    )
    assert (figure(store, "opened").num, figure(store, "open", day=10).num, waiting()) == (22, 22, [])
    assert ("opened", 40, 22) in {(one.series.indicator, one.old.num, one.new.num) for one in seen}
    assert put(store, *many[:22], complete=True).revision is None


def test_what_was_gone_at_once_and_is_back_is_no_question_any_more(store):
    many = [case(str(number)) for number in range(40)]
    for some in (many, [], many):
        batch = Batch("cases", some, complete=True)
        door.ingest(store, workspace(), batch, (), NOW, run=runs.RunIn("cases", "collect", NOW, NOW, "ok"))
    with store.read() as connection:
        (one,) = reading.held(Ask(connection, workspace(), SYSTEM, NOW))
    assert (one.verdict, one.value) == ("replaced", 40)
