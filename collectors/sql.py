"""A department's database, by one declared query: SQLite, PostgreSQL, MySQL and MariaDB, in a transaction that can only read."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from collectors._databases import Database, reading
from collectors._errors import Failure, one_line
from collectors._payload import MAX_ROWS, Payload, Want
from collectors._settings import Duration, settings_of
from collectors._since import Since, begin, newest, patch, written
from metrics.model import Source

EVER, NEVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
"""What `:since` and `:until` are where the collection has no bound."""
PAGE = 10_000
STATES = {
    1969: "57014", 3024: "57014", 1044: "28000", 1045: "28000", 1698: "28000", 1792: "25006", 1142: "42501", 1227: "42501",
    1290: "42501", 1054: "42703", 1146: "42P01", 1049: "28000", 2003: "08000", 2006: "08000", 2013: "08000", 1040: "53300",
    1205: "55P03", 1213: "40P01",
}  # fmt: skip
"""MySQL's and MariaDB's numbers of errors, as PostgreSQL calls the same."""


class SETTINGS(Database):
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
        with reading(settings, want, deadline) as connection:
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


def _too_slow(settings: SETTINGS) -> Failure:
    what = f"the query was not done within {settings.timeout.total_seconds():g} s"
    return Failure("timeout", what, "ask for less at a time, or give the database an index")


def _failure(error: SQLAlchemyError, settings: SETTINGS) -> Failure:
    """The database's own first line; never the query's parameters or the address, which may hold a secret."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    lines = str(cause if cause is not None else type(error).__name__).strip().splitlines()
    words = one_line(lines[0] if lines else type(error).__name__, 200)
    number = cause.args[0] if cause is not None and cause.args and isinstance(cause.args[0], int) else 0
    state, lower = getattr(cause, "sqlstate", None) or STATES.get(number, ""), words.lower()
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
