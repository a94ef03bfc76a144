"""Connections to departments' databases that can only read, and end in time.

The database's own limits hold, not a look at the text of a query: a read-only transaction, a statement timeout, and, in the
department's hands, a user that may only read.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from collectors._errors import Failure, one_line
from collectors._lines import context
from collectors._net import Allow, named, resolve
from collectors._payload import Want
from collectors._settings import Duration, Settings

Tls = Literal["verify", "none"]
KINDS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
UNTRIED = {"oracle": "oracle+oracledb", "dm": "dm+dmPython", "kingbase": "postgresql+psycopg"}
"""Databases nobody has tried this with; the packages of the first two are not among ours."""
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "dm": 5236, "kingbase": 54321}
CONNECT, GRACE = 5, 5.0
"""After the statement's own timeout the connection itself is cut, for a server that no longer answers."""


class Database(Settings):
    url: str
    """`sqlite:///file` (relative to the workspace's folder) or `postgresql://user@host/database`; the password is `secret`."""
    allow: Allow = ()
    """The host and port of `url`, where its name leads into a private network."""
    tls: Tls = "verify"
    """`none` for a database without TLS; one on this machine needs none."""
    ca: str | None = None
    timeout: Duration


@contextmanager
def reading(settings: Any, want: Want, deadline: float) -> Iterator[Connection]:
    """A connection in a transaction that can only read, cut off after the deadline. `settings`: a Database."""
    url = _url(settings.url, want)
    kind = url.drivername
    if kind == "sqlite":
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
    milliseconds, inside = int(settings.timeout.total_seconds() * 1000), ""
    if url.host:
        port = url.port or PORTS[kind]
        inside = resolve(url.host.lower(), port, by_name=(url.host.lower(), port) in named(settings.allow))
    ca = str(want.base / settings.ca) if settings.ca else None
    plain = settings.tls == "none" or not url.host or inside.startswith("127.") or inside == "::1"
    make = _mysql if kind in ("mysql", "mariadb") else _postgresql if kind in ("postgresql", "kingbase") else _untried
    with make(url, milliseconds, inside, plain, ca).connect() as connection, _cut_after(connection, deadline + GRACE):
        yield connection


def _url(written_url: str, want: Want) -> URL:
    try:
        url = make_url(written_url)
    except (ArgumentError, ValueError):
        what = "`url` is no address of a database"
        raise Failure("settings", what, "sqlite:///file or postgresql://user@host/database") from None
    known = {**KINDS, **UNTRIED}
    url = url.set(drivername=url.drivername.partition("+")[0])
    if url.drivername not in known:
        raise Failure("settings", f"{one_line(url.drivername, 40)} is not read", f"one of {', '.join(known)}")
    if url.password:
        raise Failure("settings", "`url` holds a password", "put it into `secret`")
    if url.query and url.drivername != "postgresql":
        raise Failure("settings", "`url` has options, which are not taken", "name the database only")
    return url.set(password=want.secret) if want.secret else url


@contextmanager
def _cut_after(connection: Connection, deadline: float) -> Iterator[None]:
    """A server that hangs in the middle of an answer keeps no thread of ours."""
    raw: Any = connection.connection.dbapi_connection
    line: socket.socket | None = None
    with contextlib.suppress(AttributeError, OSError):
        line = socket.socket(fileno=os.dup(raw.pgconn.socket if hasattr(raw, "pgconn") else raw._sock.fileno()))
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), _shut, (line,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if line is not None:
            line.close()


def _shut(line: socket.socket | None) -> None:
    if line is not None:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


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
def _postgresql(url: URL, timeout_ms: int, address: str, plain: bool, ca: str | None) -> Engine:
    options = f"-c default_transaction_read_only=on -c statement_timeout={timeout_ms} -c lock_timeout={min(timeout_ms, 5000)}"
    arguments = {"options": options, "connect_timeout": max(2, min(CONNECT, timeout_ms // 1000)), "application_name": "yuncha"}
    if address:
        # Connected to the address that was looked at; the certificate is still that of the name.
        arguments |= {"hostaddr": address}
    if not plain:
        arguments |= {"sslmode": "verify-full", "sslrootcert": ca or "system"}
    # One connection kept; the level makes all pages one snapshot. A server-side cursor takes one statement that gives rows.
    return create_engine(
        url.set(drivername="postgresql+psycopg"), connect_args=arguments, isolation_level="REPEATABLE READ", pool_size=1,
        max_overflow=1, pool_pre_ping=True, pool_recycle=600,
    ).execution_options(postgresql_readonly=True)  # fmt: skip


@lru_cache(maxsize=64)
def _mysql(url: URL, timeout_ms: int, address: str, plain: bool, ca: str | None) -> Engine:
    def connect() -> Any:
        import pymysql

        seconds = timeout_ms / 1000
        made = pymysql.Connection(
            host=url.host, user=url.username, password=url.password or "", database=url.database, charset="utf8mb4",
            connect_timeout=min(CONNECT, seconds), read_timeout=seconds + GRACE, write_timeout=seconds + GRACE,
            local_infile=False, ssl=None if plain else context(ca), ssl_disabled=plain, defer_connect=True,
        )  # fmt: skip
        try:
            line = socket.create_connection((address, url.port or PORTS["mysql"]), min(CONNECT, seconds))
        except OSError:
            what = "no connection to the database"
            raise Failure("connect", what, "is the system running, and the network open?", retry=True) from None
        made.connect(line)
        with made.cursor() as cursor:
            # MariaDB counts seconds, MySQL milliseconds.
            one = "max_statement_time" if "MariaDB" in made.server_version else "max_execution_time"
            cursor.execute(f"SET SESSION {one} = {seconds if one == 'max_statement_time' else timeout_ms}")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return made

    # A connection for each run: what a query did to its session is nobody else's.
    return create_engine("mysql+pymysql://", creator=connect, poolclass=NullPool)


@lru_cache(maxsize=8)
def _untried(url: URL, timeout_ms: int, address: str, plain: bool, ca: str | None) -> Engine:
    try:
        made = create_engine(url.set(drivername=UNTRIED[url.drivername]), poolclass=NullPool)
    except (ImportError, NoSuchModuleError):
        what = f"the package that speaks to {url.drivername} is not installed"
        raise Failure("settings", what, "install it beside Yuncha; nobody has tried this yet") from None

    @event.listens_for(made, "connect")
    def _read_only(raw: Any, _: Any) -> None:
        with contextlib.closing(raw.cursor()) as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")

    return made
