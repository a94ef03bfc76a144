"""A long list of cases leaves in pieces, block after block on connections of their own, as one list at one revision."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from metrics.answers import Ask
from metrics.model import SYSTEM, Source
from publish import _cases, csv
from publish._sheet import Sheet
from tests.metrics.small import NOW, case, put, workspace


@pytest.fixture
def many(store):
    put(store, *(case(f"{n:03}", day=n % 5, extra={"z": "1"} if n == 24 else {}) for n in range(25)))
    return store


def sheet(store, again=None) -> Sheet:
    with store.read() as connection:
        ask = Ask(connection, workspace(), SYSTEM, NOW)

        @contextmanager
        def later():
            with store.read() as other:
                yield replace(ask, connection=other)

        return _cases.cases(ask, {"source": "cases", "sort": "external_id"}, "zh", again or later)


def test_it_reads_on_while_it_is_written_and_misses_none(many, monkeypatch):
    monkeypatch.setattr(_cases, "AT_ONCE", 10)
    made = sheet(many)
    put(many, case("zzz"), case("000", closed=1))
    rows = list(made.rows)
    assert [row[0] for row in rows] == [f"{n:03}" for n in range(25)]
    assert rows[0][7] is None, "what came after the first block belongs to another revision"


def test_it_ends_at_its_most_and_says_so(many, monkeypatch):
    monkeypatch.setattr(_cases, "AT_ONCE", 10)
    monkeypatch.setattr(_cases, "AT_MOST", 12)
    made = sheet(many)
    assert len(list(made.rows)) == 12
    assert any("25" in words and "12" in words for _, words in made.about)


def test_a_short_list_asks_once(many):
    def never():
        raise AssertionError("asked again")

    assert len(list(sheet(many, never).rows)) == 25


def test_csv_leaves_in_pieces():
    drawn = []

    def rows():
        for n in range(50_000):
            drawn.append(n)
            yield ["x" * 20, n]

    pieces = csv.write(Sheet("t", [], ["a", "b"], rows()))
    first = next(pieces)
    assert len(first) < 2 * csv.PIECE
    assert len(drawn) < 5_000
    assert (first + b"".join(pieces)).count(b"\n") == 50_003


def test_a_field_of_the_map_is_a_column_though_the_first_cases_lack_it():
    source = Source("s", {}, "files", "a", "records", {}, {"extra": {"title": "事项"}})
    assert _cases.declared(source) == ["title"]
    assert _cases.declared(replace(source, mapping={"extra": ["a", "b"]})) == ["a", "b"]
    assert _cases.declared(replace(source, mapping={})) == []
