"""A department's database, by one declared query: SQLite and PostgreSQL, in a transaction that can only read.

The database's own limits hold, not a look at the text of the query: give the source a role that may only read, too.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from collectors._errors import Failure, one_line
from collectors._payload import MAX_ROWS, Payload, Want
from collectors._settings import Duration, Settings, settings_of
from collectors._since import Since, begin, newest, patch, written
from metrics.model import Source

EVER, NEVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
"""What `:since` and `:until` are where the collection has no bound."""
PAGE = 10_000


class SETTINGS(Settings):
    url: str
    """`sqlite:///file` (relative to the workspace's folder) or `postgresql://user@host/database`; the password is `secret`."""
    query: str
    """One SELECT. `:since` (changed at or after) and `:until` are bound where it names them."""
    window: str = ""
    """For a back-fill: cases closed and due from `:since` on and before `:until`. By default `query`, with everything bound."""
    since: Since | None = None
    timeout: Duration = timedelta(seconds=30)
    max_rows: int = 200_000


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """Payloads of at most MAX_ROWS rows, all of one snapshot. The mark moves with the last: {"since", "full"}."""
    settings = settings_of(source, SETTINGS)
    filled = want.since is not None or want.until is not None
    began = begin(settings.since, want.mark, want.now) if settings.since else None
    windowed = bool(settings.window) and filled and began is None
    query = text(settings.window if windowed else settings.query)
    form = settings.since.format if settings.since else "iso"
    low, high = (want.since, want.until) if windowed else (began, None)
    bound = _bound(query, low or EVER, high or NEVER, form, want.zone)
    deadline = time.monotonic() + settings.timeout.total_seconds()
    held: list[dict[str, Any]] = []
    count, seen, columns = 0, None, None
    try:
        with _reading(settings, want, deadline) as connection:
            found = connection.execution_options(stream_results=True, yield_per=PAGE).execute(query, bound)
            columns = list(found.keys())
            if len(set(columns)) < len(columns):
                raise Failure("bad_input", "the query gives two columns of one name", "name them apart with AS")
            for rows in found.mappings().partitions():
                if time.monotonic() > deadline:
                    raise _too_slow(settings)
                count += len(rows)
                if count > settings.max_rows:
                    what = f"the query gives more than {settings.max_rows} rows"
                    raise Failure("too_large", what, "ask for less, or raise `max_rows`")
                if len(held) + len(rows) > MAX_ROWS:
                    yield _payload(held, columns, {}, count)
                    held = []
                held += [dict(row) for row in rows]
                if settings.since:
                    at = newest(settings.since, held[-len(rows) :], want.zone, want.now)
                    seen = at if seen is None or (at is not None and at > seen) else seen
    except SQLAlchemyError as error:
        raise _failure(error, settings) from None
    mark = patch(want.mark, began, seen, want.now) if settings.since else {}
    whole = source.complete and began is None and not filled
    yield _payload(held, columns, mark, count, complete=whole)


def _payload(
    rows: list[dict[str, Any]], columns: list[str] | None, mark: Mapping[str, Any], count: int, *, complete: bool = False
) -> Payload:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(tuple(row.values())).encode("utf-8", "surrogatepass"))
    first = count - len(rows)
    lines = range(first + 1, count + 1)
    excerpt = ", ".join(columns or ())[:300]
    return Payload(rows, digest.hexdigest(), mark, excerpt, columns=columns, lines=lines, complete=complete)


def _bound(query: TextClause, low: datetime, high: datetime, form: str, zone: tzinfo) -> dict[str, Any]:
    named = set(query.compile().params)
    unknown = named - {"since", "until"}
    if unknown:
        what = f"the query names {', '.join(sorted(':' + name for name in unknown))}"
        raise Failure("settings", what, "only :since and :until are bound")
    values = {"since": low, "until": high}
    return {name: written(values[name], form, zone) for name in named}


@contextmanager
def _reading(settings: SETTINGS, want: Want, deadline: float) -> Iterator[Connection]:
    url = _url(settings.url, want)
    if url.get_backend_name() == "sqlite":
        path = want.base / (url.database or "")
        if not path.is_file():
            raise Failure("missing", f"there is no database file {url.database}", "put `url` right, or wait for the system")
        with _sqlite(path).connect() as connection:
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.set_authorizer(_only_reads)
            raw.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
            yield connection
        return
    with _postgresql(url, int(settings.timeout.total_seconds() * 1000)).connect() as connection:
        yield connection


def _url(written_url: str, want: Want) -> URL:
    try:
        url = make_url(written_url)
    except (ArgumentError, ValueError):
        what = "`url` is no address of a database"
        raise Failure("settings", what, "sqlite:///file or postgresql://user@host/database") from None
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise Failure("settings", f"{one_line(backend, 40)} is not read", "sqlite or postgresql")
    if url.password:
        raise Failure("settings", "`url` holds a password", "put it into `secret`")
    if url.query and backend == "sqlite":
        raise Failure("settings", "`url` of a file has no options", "sqlite:///file")
    return url.set(password=want.secret) if want.secret else url


@lru_cache(maxsize=64)
def _sqlite(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        # mode=ro: the file is never written or made. The authorizer, set before the query, leaves reading and nothing else.
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
                    sqlite3.SQLITE_TRANSACTION})  # fmt: skip


def _only_reads(action: int, first: str | None, second: str | None, *rest: str | None) -> int:
    if action == sqlite3.SQLITE_FUNCTION and second in ("load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


@lru_cache(maxsize=64)
def _postgresql(url: URL, timeout_ms: int) -> Engine:
    options = f"-c default_transaction_read_only=on -c statement_timeout={timeout_ms} -c lock_timeout={min(timeout_ms, 5000)}"
    arguments = {"options": options, "connect_timeout": 5, "application_name": "yuncha"}
    # One connection kept; the level makes all pages one snapshot. A server-side cursor takes one statement that gives rows.
    return create_engine(
        url.set(drivername="postgresql+psycopg"), connect_args=arguments, isolation_level="REPEATABLE READ", pool_size=1,
        max_overflow=1, pool_pre_ping=True, pool_recycle=600,
    ).execution_options(postgresql_readonly=True)  # fmt: skip


def _too_slow(settings: SETTINGS) -> Failure:
    what = f"the query was not done within {settings.timeout.total_seconds():g} s"
    return Failure("timeout", what, "ask for less at a time, or give the database an index")


def _failure(error: SQLAlchemyError, settings: SETTINGS) -> Failure:
    """The database's own first line; never the query's parameters or the address, which may hold a secret."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    lines = str(cause if cause is not None else type(error).__name__).strip().splitlines()
    words = one_line(lines[0] if lines else type(error).__name__, 200)
    state, lower = getattr(cause, "sqlstate", None) or "", words.lower()
    if state == "57014" or "interrupted" in lower:
        return _too_slow(settings)
    if state.startswith("28") or "password" in lower or "authentication" in lower:
        return Failure("permission", "the database does not let the source's user in", "put the user or the secret right")
    if state in ("25006", "42501") or "not authorized" in lower or "readonly" in lower or "read-only" in lower:
        return Failure("blocked", f"the query does more than read: {words}", "a source's query is one SELECT")
    if state in ("42703", "42P01") or "no such column" in lower or "no such table" in lower:
        return Failure("schema_changed", words, "the system renamed a table or a column: put the query right")
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    if broken or state[:2] in ("08", "57", "53") or "connect" in lower:
        return Failure("connect", "no connection to the database", "is the system running, and the network open?", retry=True)
    if "locked" in lower or state in ("55P03", "40001", "40P01"):
        return Failure("timeout", f"the database is locked: {words}", "the system itself is busy", retry=True)
    return Failure("bad_input", f"the database refuses the query: {words}", "try the query in the database's own tool")
