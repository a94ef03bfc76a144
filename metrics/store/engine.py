"""Engines. SQLite: one to read, one to write with BEGIN IMMEDIATE, WAL. PostgreSQL: READ COMMITTED with a lock timeout."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, cast

from sqlalchemy import Connection, Engine, Select, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

BUSY_MS = 10_000
"""How long a writer waits for another before the whole unit is tried again."""
IDLE_MS = 30_000
"""How long a writer may say nothing within a transaction before PostgreSQL ends it: one that is frozen there keeps all others
out, whoever leads. Nothing ends it on SQLite: the lock is the file's, and the system gives it back when the process ends."""
TOGETHER = 50
"""Rows in one statement, of up to 19 columns: an older SQLite takes 999 values."""
IN_MEMORY = ("cache_size=-64000", "temp_store=MEMORY")
ON_DISK = ("cache_size=-4000", "temp_store=FILE")
"""KiB of pages held, which is also how much is sorted at a time where it may go to a file; and whether it may."""


def to_json(value: object) -> str:
    """The same text for the same value, readable, and never a NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True)
class Store:
    """The database of one workspace."""

    url: str
    readers: Engine
    writers: Engine
    refused: list[str] = field(default_factory=list, hash=False, compare=False)
    """Why nothing is to be written here; empty: it may."""
    turn: Lock | None = field(default=None, hash=False, compare=False)
    """Of the one that may write into an SQLite file: threads of a process wait here, where the next one is called at once.
    SQLite itself lets others look again after up to a tenth of a second."""
    busy_ms: int = BUSY_MS

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database until it is closed; it writes nothing."""
        with self.readers.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed whole at the end, or rolled back whole."""
        if self.refused:
            raise OperationalError("", None, RuntimeError(self.refused[0]))
        with self._in_turn(), self.writers.begin() as connection:
            yield connection

    @contextmanager
    def write_one(self) -> Iterator[Connection]:
        """The same for what is one statement on PostgreSQL: it is a transaction by itself, and the server is asked once."""
        if self.turn is not None or self.refused:
            with self.write() as connection:
                yield connection
            return
        with self.writers.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Whoever waits as long as SQLite would goes on and hears from SQLite that it is busy."""
        mine = self.turn is not None and self.turn.acquire(timeout=self.busy_ms / 1000)
        try:
            yield
        finally:
            if mine and self.turn is not None:
                self.turn.release()

    def refuse(self, why: str) -> None:
        """Nothing more is written through this store: it would contradict what was accepted."""
        self.refused.append(why)

    def close(self) -> None:
        self.readers.dispose()
        self.writers.dispose()


def connect(url: str, *, busy_ms: int = BUSY_MS, idle_ms: int = IDLE_MS) -> Store:
    """Engines for a SQLAlchemy URL (`sqlite:///file` or `postgresql://...`)."""
    if make_url(url).get_backend_name() == "sqlite":
        return Store(url, _sqlite(url, "BEGIN", busy_ms), _sqlite(url, "BEGIN IMMEDIATE", busy_ms), turn=Lock(), busy_ms=busy_ms)
    options = f"-c lock_timeout={busy_ms} -c timezone=UTC"
    cut = f"{options} -c idle_in_transaction_session_timeout={idle_ms}"
    shared: dict[str, Any] = {"pool_pre_ping": True, "json_serializer": to_json}
    readers = create_engine(url, isolation_level="REPEATABLE READ", connect_args={"options": options}, **shared)
    return Store(url, readers, create_engine(url, isolation_level="READ COMMITTED", connect_args={"options": cut}, **shared))


def _sqlite(url: str, begin: str, busy_ms: int) -> Engine:
    made = make_url(url)
    if made.database and made.database != ":memory:":
        Path(made.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": busy_ms / 1000, "check_same_thread": False}, json_serializer=to_json)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin before the first write only; ours begin at the first statement.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", *IN_MEMORY):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def sorting_on_disk(connection: Connection) -> Iterator[None]:
    """Within it SQLite puts much in order by files, a few MB at a time, where it would hold all of it; PostgreSQL does so anyway.

    For reading at a pinned revision: what the connection sees before, within and after may be different states."""
    if not is_sqlite(connection):
        yield
        return
    _set(connection, ON_DISK)
    try:
        yield
    finally:
        _set(connection, IN_MEMORY)


def _set(connection: Connection, pragmas: Sequence[str]) -> None:
    """SQLite takes them between two transactions only."""
    connection.exec_driver_sql("COMMIT")
    for pragma in pragmas:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    connection.exec_driver_sql("BEGIN")


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def plain(connection: Connection, query: Select[Any], given: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
    """Rows as the driver gives them, where they are many; only of columns whose type needs nothing done (whole numbers, text)."""
    answer = connection.execute(query, given)
    cursor: Any = answer.cursor
    found: Sequence[tuple[Any, ...]] = cursor.fetchall()
    answer.close()
    return found


def insert(connection: Connection, into: str, rows: Sequence[tuple[Any, ...]], then: str = "") -> None:
    """Many rows of one width into SQLite, some to a statement: it is asked anew for each statement, not for each row.

    into: up to VALUES; then: what follows the rows (ON CONFLICT)."""
    if not rows:
        return
    cursor = cast(Any, connection.connection.driver_connection).cursor()
    one = f"({', '.join('?' * len(rows[0]))})"
    whole = len(rows) - len(rows) % TOGETHER
    statement = f"{into} VALUES {', '.join([one] * TOGETHER)} {then}"
    for at in range(0, whole, TOGETHER):
        cursor.execute(statement, tuple(chain.from_iterable(rows[at : at + TOGETHER])))
    cursor.executemany(f"{into} VALUES {one} {then}", rows[whole:])
    cursor.close()
