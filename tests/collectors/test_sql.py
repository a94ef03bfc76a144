import socket
import sqlite3
import time

import pytest
from sqlalchemy import create_engine, make_url, text

from collectors import _databases, sql
from collectors._errors import Failure
from collectors._payload import merged
from metrics.model import Source
from tests.collectors.conftest import NOW, a_source, one

MAKE = "CREATE TABLE permits (id INTEGER PRIMARY KEY, dept TEXT, opened TEXT, changed TEXT)"
ROWS = [(1, "tax", "2026-03-01 09:00:00", "2026-03-01 10:00:00"), (2, "tax", "2026-03-01 09:00:00", "2026-03-02 08:00:00")]
CHANGES = {"field": "changed", "format": "%Y-%m-%d %H:%M:%S", "overlap": "1m"}


@pytest.fixture(
    params=[
        "sqlite", pytest.param("postgres", marks=pytest.mark.postgres), pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)  # fmt: skip
def url(request, tmp_path):
    """A department's database of two rows."""
    if request.param == "mariadb":
        server = request.getfixturevalue("mariadb_server")
        with server.owner("permits", MAKE) as cursor:
            cursor.executemany("INSERT INTO permits VALUES (%s, %s, %s, %s)", ROWS)
        yield server.url("permits")
        return
    if request.param == "sqlite":
        with sqlite3.connect(tmp_path / "permits.db") as made:
            made.execute(MAKE)
            made.executemany("INSERT INTO permits VALUES (?, ?, ?, ?)", ROWS)
        yield "sqlite:///permits.db"
        return
    databases = request.getfixturevalue("postgres_databases")
    database = databases.make()
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text(MAKE))
        for row in ROWS:
            connection.execute(text("INSERT INTO permits VALUES (:a, :b, :c, :d)"), dict(zip("abcd", row, strict=True)))
    engine.dispose()
    yield database.render_as_string(hide_password=False)
    _databases._postgresql.cache_clear()
    databases.drop(database)


def from_query(url: str, query: str, **more) -> Source:
    return a_source("sql", {"url": url, "query": query, **more})


def count(url, base) -> int:
    made = make_url(url)
    if made.get_backend_name() == "mysql":
        made = made.set(drivername="mysql+pymysql")
    engine = create_engine(f"sqlite:///{base / made.database}" if made.get_backend_name() == "sqlite" else made)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM permits")).scalar()
    engine.dispose()
    return found


def test_it_reads_rows_by_column(url, want):
    payload = one(sql.fetch(from_query(url, "SELECT id, dept, opened FROM permits ORDER BY id"), want()))
    assert payload.columns == ["id", "dept", "opened"]
    assert [row["id"] for row in payload.rows] == [1, 2]
    assert payload.where(1) == "line 2" or payload.where(1) == "row 2"


def test_it_asks_from_the_newest_change_on(url, want):
    source = from_query(url, "SELECT * FROM permits WHERE changed >= :since AND changed < :until ORDER BY id", since=CHANGES)
    first = one(sql.fetch(source, want()))
    assert len(first.rows) == 2
    assert first.mark["since"] == "2026-03-02T00:00:00+00:00"
    assert [row["id"] for row in one(sql.fetch(source, want(mark=merged({}, first.mark)))).rows] == [2]


def test_it_asks_a_back_fill_by_its_window(url, want):
    window = "SELECT * FROM permits WHERE changed >= :since AND changed < :until"
    source = from_query(url, "SELECT * FROM permits WHERE changed >= :since", window=window, since=CHANGES)
    assert [row["id"] for row in one(sql.fetch(source, want(until=NOW.replace(day=2, hour=0)))).rows] == [1]


def test_it_gives_the_same_hash_for_the_same_rows(url, want):
    source = from_query(url, "SELECT * FROM permits ORDER BY id")
    assert one(sql.fetch(source, want())).sha256 == one(sql.fetch(source, want())).sha256


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM permits",
        "DELETE FROM permits RETURNING id",
        "SELECT 1; DELETE FROM permits",
        "SELECT 1; COMMIT; DELETE FROM permits",
        "UPDATE permits SET dept = 'x'",
        "DROP TABLE permits",
        "WITH x AS (DELETE FROM permits RETURNING id) SELECT * FROM x",
        "COPY permits TO PROGRAM 'true'",
        "CREATE TABLE more (id INTEGER)",
        "ATTACH '/tmp/other.db' AS other",
        "PRAGMA writable_schema = 1",
        "SET default_transaction_read_only = off",
        "SELECT * FROM nowhere",
        "SELEC 1",
    ],
)
def test_it_only_reads__F45(url, want, tmp_path, query):
    with pytest.raises(Failure):
        list(sql.fetch(from_query(url, query), want()))
    assert count(url, tmp_path) == 2


def test_it_stops_at_its_deadline_and_at_its_row_cap__F45(url, want):
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000) SELECT count(*) FROM n"
    many = slow.replace("count(*) FROM n", "i FROM n LIMIT 20001")
    if url.startswith("mysql"):
        digits = "(" + " UNION ALL ".join(f"SELECT {n} AS i" for n in range(10)) + ")"
        slow, many = "SELECT sleep(60)", f"SELECT a.i FROM {', '.join(f'{digits} {one}' for one in 'abcde')}"
    with pytest.raises(Failure) as caught:
        list(sql.fetch(from_query(url, slow, timeout="300ms"), want()))
    assert caught.value.kind == "timeout"
    with pytest.raises(Failure) as caught:
        list(sql.fetch(from_query(url, many, max_rows=20_000), want()))
    assert caught.value.kind == "too_large"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("mssql://x/y", "is not read"),
        ("mysql://x@127.0.0.1/y?local_infile=1", "has options"),
        ("oracle://x@127.0.0.1/y", "is not installed"),
        ("dm://x@127.0.0.1/y", "is not installed"),
        ("postgresql://u:canary@h/d", "holds a password"),
        ("nonsense", "no address"),
        ("sqlite:///absent.db", "no database file"),
    ],
)
def test_it_names_what_is_wrong_with_the_address(want, given, words):
    with pytest.raises(Failure, match=words) as caught:
        list(sql.fetch(from_query(given, "SELECT 1"), want()))
    assert "canary" not in caught.value.what


@pytest.mark.parametrize("kind", ["postgresql", "mysql", "mariadb", "kingbase"])
def test_it_says_that_the_database_is_away(want, kind):
    with pytest.raises(Failure) as caught:
        list(sql.fetch(from_query(f"{kind}://u@127.0.0.1:1/d", "SELECT 1"), want(secret="canary")))
    assert caught.value.kind == "connect"
    assert "canary" not in caught.value.what


def test_it_names_a_parameter_it_does_not_know(url, want):
    with pytest.raises(Failure, match=":from_"):
        list(sql.fetch(from_query(url, "SELECT * FROM permits WHERE changed >= :from_"), want()))


@pytest.mark.mariadb
def test_a_user_who_may_only_read_is_told_when_the_secret_is_wrong(mariadb_server, want):
    with mariadb_server.owner("permits", MAKE):
        pass
    mine = mariadb_server.url("permits", "reader")
    assert one(sql.fetch(from_query(mine, "SELECT count(*) AS n FROM permits"), want(secret="read-me"))).rows == [{"n": 0}]
    with pytest.raises(Failure) as caught:
        list(sql.fetch(from_query(mine, "SELECT 1"), want(secret="canary")))
    assert caught.value.kind == "permission"
    assert "canary" not in caught.value.what + caught.value.hint


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_that_says_nothing_is_given_up__F25(want, monkeypatch, kind):
    monkeypatch.setattr(_databases, "GRACE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = from_query(f"{kind}://u@127.0.0.1:{silent.getsockname()[1]}/d", "SELECT 1", timeout="1s")
        began = time.monotonic()
        with pytest.raises(Failure) as caught:
            list(sql.fetch(source, want()))
        assert caught.value.kind in ("timeout", "connect")
        assert time.monotonic() - began < 12


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_database_in_a_private_network_is_asked_only_by_name(want, monkeypatch, kind):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.0.0.1", 1))])
    with pytest.raises(Failure, match=r"leads to 10\.0\.0\.1, in a private network"):
        list(sql.fetch(from_query(f"{kind}://u@records.example/d", "SELECT 1"), want()))
