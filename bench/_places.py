"""Where a measurement's databases are: SQLite files in a folder of their own, and a PostgreSQL server of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text

from bench._pairs import Clock, say
from metrics.store.engine import Store, connect
from metrics.store.schema import migrate


@dataclass(frozen=True)
class Places:
    engine: str
    folder: Path
    server: str | None
    clock: Clock

    def url(self) -> str:
        """Of a new, empty database."""
        name = f"b{uuid.uuid4().hex[:10]}"
        if self.server is None:
            return f"sqlite:///{self.folder / name}.db"
        admin = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def store(self) -> Store:
        made = connect(self.url())
        migrate(made)
        return made


@contextlib.contextmanager
def places(engine: str) -> Iterator[Places]:
    """Raises ImportError where there is no PostgreSQL to be had."""
    folder = Path(tempfile.mkdtemp(prefix="yuncha-bench-", dir=os.environ.get("BENCH_DIR")))
    folder.chmod(0o755)
    try:
        if engine == "sqlite":
            yield Places(engine, folder, None, Clock())
            return
        named = os.environ.get("TEST_DATABASE_URL")
        if named:
            url = make_url(named).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
            yield Places(engine, folder, url, Clock(_workers(url)))
            return
        import pgserver

        server = pgserver.get_server(folder / "postgres")
        server.psql("ALTER SYSTEM SET max_wal_size = '4GB'; ")
        server.psql("SELECT pg_reload_conf();")
        try:
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
            yield Places(engine, folder, url, Clock(_workers(url)))
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _workers(url: str):
    """The server's processes that serve us now."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    ours = text("SELECT pid FROM pg_stat_activity WHERE backend_type IN ('client backend', 'parallel worker')")

    def pids() -> list[int]:
        with engine.connect() as connection:
            return list(connection.execute(ours).scalars())

    return pids


def engines(wanted: list[str]) -> list[str]:
    """Those that there are."""
    found = ["sqlite"]
    try:
        if not os.environ.get("TEST_DATABASE_URL"):
            import pgserver  # noqa: F401
        found.append("postgres")
    except ImportError:
        say("no PostgreSQL here: pgserver has no wheel for this Python; name a server in TEST_DATABASE_URL")
    return [one for one in found if one in wanted]


def running(connection: Connection) -> Callable[[str], object]:
    """Runs a statement as written: a per cent sign is no placeholder."""
    alone = connection.dialect.name == "sqlite"
    return lambda statement: connection.exec_driver_sql(statement if alone else statement.replace("%", "%%"))
