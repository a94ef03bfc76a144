"""A long list of cases leaves whole and in pieces, each read on a connection of its own, as one list at one revision."""

import csv as reader
import io
import re
import weakref
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import flask
import openpyxl
import pytest
from sqlalchemy import event

from metrics import periods, reading
from metrics.answers import Ask
from metrics.model import SYSTEM, Principal
from metrics.reading.lists import NotAsCounted
from metrics.store import lists
from publish import _cases, _routes, _texts, csv, xlsx
from publish._sheet import Sheet
from tests.metrics.small import DAY, NOW, case, put, workspace

AWAY = {"phone": "13812345678", "n": 5, "more": "=1+1", "odd": [1, 2]}
A_MONTH = {"indicator": "opened", "grain": "month", "period": "2026-02-28T16:00:00Z"}
SORTS = ("-opened", "opened", "-due", "closed", "external_id", "-state", "entered", "worked_days", "nothing")


class Held(list):
    """Rows that say when they are let go."""


def rows():
    """Some without a due day, some closed before they were opened, many on one day."""
    for n in range(60):
        day = 1 if n < 30 else n % 7
        more = {"category": f"@{n % 3}", "state": 'open, "so"' if n % 5 else ""}
        more["extra"] = {**AWAY, "n": n} if n % 4 else {"caller": "王小明"} if n % 8 else {}
        closed = None if n % 3 else n % 4 - 1
        id = f"{'=' if n % 10 == 3 else ''}{n:03}"
        yield case(id, "ab"[n % 2], ("x1", "y1")[n % 3 > 1], day, n % 6 or None, closed, **more)


@pytest.fixture
def many(store, monkeypatch):
    monkeypatch.setattr(lists, "BLOCK", 7)
    monkeypatch.setattr(lists, "MOST", 12)
    put(store, *rows())
    return store


def asking(store, who=SYSTEM):
    """The question, and how it is asked again."""
    sources = {**workspace().sources}
    sources["cases"] = replace(sources["cases"], personal=("phone", "caller"), mapping={"extra": ["never", "caller", *AWAY]})
    own = replace(workspace(), sources=sources)

    @contextmanager
    def again():
        with store.read() as other:
            yield Ask(other, own, who, NOW)

    return again


def sheet(store, who=SYSTEM, again=None, **given) -> Sheet:
    again = again or asking(store, who)
    with again() as ask:
        return _cases.cases(ask, {"source": "cases", **given}, "zh", again)


def table(made: Sheet):
    lines = list(reader.reader(io.StringIO(b"".join(csv.write(made)).decode("utf-8-sig"))))
    return lines[lines.index([]) + 1 :]


@pytest.mark.parametrize("more", [{}, A_MONTH, {"department": "a", "search": "2"}], ids=len)
def test_it_holds_every_case_of_the_list_in_its_order(many, more):
    again = asking(many)
    for sort in SORTS:
        with again() as ask:
            query = replace(_cases._query(ask, {"source": "cases", "sort": sort, **more}), revision=1, evaluated_at=NOW)
            wanted = reading.cases(ask, query, 0, 1_000, facets=False).rows
        made = sheet(many, sort=sort, **more).whole()
        assert made.many == len(wanted) > 0
        assert [row[0] for row in made.rows] == [one.external_id for one in wanted], sort


def test_lines_say_what_the_values_say(many):
    """What is quick says exactly what the plain way says, cell by cell: masked, harmless, and empty where nothing is."""
    whole = sheet(many).whole()
    assert b"".join(csv.write(sheet(many).whole())) == b"".join(csv.write(replace(sheet(many).whole(), lines=None)))
    plain = table(replace(sheet(many).whole(), lines=None))
    assert table(whole) == plain
    assert len(plain) == 61
    by_id = {row[0]: dict(zip(plain[0], row, strict=True)) for row in plain}
    assert by_id["'=003"]["more"] == "'=1+1"
    assert {row["phone"] for row in by_id.values()} <= {"138****5678", "", "phone"}
    assert by_id["004"]["caller"] == "王*"
    assert by_id["010"]["n"] == "10"
    assert by_id["000"]["never"] == ""
    assert "是" in {row["日期存疑"] for row in by_id.values()}


def test_it_reads_on_while_it_is_written_and_stays_at_its_revision(many):
    pieces = sheet(many, sort="external_id").whole()
    first = next(iter(pieces.rows))
    put(many, case("zzz"), case("004", closed=9), now=NOW + timedelta(hours=1))
    rest = list(pieces.rows)
    assert [first[0], *(row[0] for row in rest)] == sorted(one.external_id for one in rows())
    assert next(row for row in rest if row[0] == "004")[7] is None, "what came meanwhile belongs to another revision"


@pytest.mark.parametrize("sort", ["-opened", "state"])
def test_it_holds_nobody_s_case_but_the_asker_s(many, sort):
    who = Principal("c", "c", frozenset({"viewer"}), regions=("x",))
    assert {row[4] for row in sheet(many, who, sort=sort).whole().rows} == {"x1"}
    held = table(sheet(many, who, sort=sort))
    assert {row[4] for row in held[1:]} == {"x1"}
    assert len(held) == 41


def test_sorted_by_no_date_sqlite_puts_it_in_order_on_disk_and_the_connection_is_as_before(many):
    """In memory a million cases took 50 MB; PostgreSQL sorts on disk by itself and is asked for nothing."""
    on_sqlite = many.readers.dialect.name == "sqlite"

    def kept(connection):
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("temp_store", "cache_size")] if on_sqlite else []

    seen = []

    def look(connection, _cursor, statement, *_given):
        if statement.startswith("SELECT record_version.record_id"):
            seen.append(kept(connection.connection.driver_connection))

    event.listen(many.readers, "before_cursor_execute", look)
    table(sheet(many, sort="external_id"))
    event.remove(many.readers, "before_cursor_execute", look)
    assert seen == [[1, -4000] if on_sqlite else []]
    with many.read() as connection:
        assert kept(connection.connection.driver_connection) == ([2, -64000] if on_sqlite else [])


def test_nothing_personal_leaves_in_any_line(many):
    text = b"".join(csv.write(sheet(many))).decode()
    assert "138****5678" in text
    assert "王*" in text
    assert AWAY["phone"] not in text
    assert "王小明" not in text


def test_what_a_list_says_first_it_says_before_anything_is_read(many):
    asked = []

    def never():
        asked.append(1)
        raise RuntimeError("no database")

    with asking(many)() as ask:
        made = _cases.cases(ask, {"source": "cases"}, "zh", never)
    first = next(csv.write(made)).decode("utf-8-sig")
    assert not asked
    assert "修订,1" in first


def test_whoever_goes_away_leaves_no_connection_behind(many, monkeypatch):
    """By the address, as a browser takes it: whether it goes away after the first piece or in the middle of the rows."""
    monkeypatch.setattr(csv, "PIECE", 100)
    monkeypatch.setattr(_routes, "current", lambda: SYSTEM)
    server = flask.Flask("t")
    _routes.install(server, many, workspace())
    made, blocks = [], lists.read
    monkeypatch.setattr(lists, "read", lambda *given: made.append(Held(blocks(*given))) or made[-1])
    pool = many.readers.pool
    for pieces in (1, 3):
        answer = server.test_client().get("/export/cases.csv?source=cases", buffered=False)
        taken = iter(answer.response)
        for _ in range(pieces):
            assert next(taken)
            assert pool.checkedout() == 0
        rows = [weakref.ref(one) for one in made]
        made.clear()
        answer.close()
        assert pool.checkedout() == 0
        assert next(taken, None) is None
        assert bool(rows) == (pieces > 1)
        assert [one() for one in rows if one() is not None] == [], "rows are held after nobody wants them"


def test_a_list_that_breaks_off_says_so_and_breaks_off(many, caplog):
    looks, again = [], asking(many)

    @contextmanager
    def failing():
        looks.append(1)
        if len(looks) > 3:
            raise OSError("the disk is gone")
        with again() as ask:
            yield ask

    with again() as ask:
        made = _cases.cases(ask, {"source": "cases"}, "zh", failing)
    got = []
    with pytest.raises(OSError, match="disk"):
        got.extend(csv.write(made))
    lines = b"".join(got).decode().splitlines()
    number = re.fullmatch("导出中断（编号 (.{8})）：此文件不完整，请重新导出", lines[-1])[1]
    assert [number in one.getMessage() for one in caplog.records] == [True]
    assert "the disk is gone" in caplog.text
    assert 7 < len(lines) < 60


def test_a_case_that_is_missing_breaks_it_off(many):
    """The count above the list is that of its rows, or there is no whole file."""
    made = sheet(many, sort="state").whole()
    with many.write() as connection:
        connection.exec_driver_sql("DELETE FROM record_version WHERE record_id = 17")
    with pytest.raises((KeyError, NotAsCounted)):
        list(made.rows)


def test_a_field_nobody_told_of_is_named_at_the_end(store, monkeypatch):
    monkeypatch.setattr(lists, "BLOCK", 2)
    put(store, *(case(f"{n}", day=n, extra={"z": "1"} if n == 5 else {}) for n in range(6)))
    lines = table(sheet(store, sort="opened"))
    assert "z" not in lines[0]
    assert lines[-1] == ["另有未列出的字段：z"]
    assert len(lines) == 8


def test_a_spreadsheet_that_has_no_room_for_all_says_so(many, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST", 30)
    made = b"".join(xlsx.write(sheet(many)))
    lines = list(openpyxl.load_workbook(io.BytesIO(made)).active.iter_rows(values_only=True))
    held = len(lines) - lines.index((None,) * len(lines[0])) - 2
    assert len(lines) <= 30
    assert any(f"共 60 行，此处为前 {held} 行" in str(line[1]) for line in lines), (held, lines[:10])


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


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia"]
)
def test_an_instant_is_written_as_people_there_write_it(zone):
    write, moments = _texts.instants(ZoneInfo(zone)), [periods.to_us(DAY) - n * 9_997_123_456_789 for n in range(300)]
    told = [periods.from_us(us).astimezone(ZoneInfo(zone)).isoformat(" ", "seconds")[:19] for us in moments]
    assert write([*moments, None]) == [*told, ""]
