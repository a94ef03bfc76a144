"""The schema, brought up to date by Alembic: every table of the product, in one history."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from metrics.store import head, leases
from metrics.store.engine import IDLE_MS, Store, connect, is_sqlite

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


class Unusable(RuntimeError):
    """The database cannot be worked with: why, and what to do."""


def opened(folder: Path, url: str, *, look_over: bool = False, idle_ms: int = IDLE_MS) -> Store:
    """The store in its folder, migrated; Unusable where there is none to work with. look_over: every page is read before."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        store = connect(url, idle_ms=idle_ms)
        if look_over:
            look_through(store)
        migrate(store)
    except (DBAPIError, OSError) as error:
        raise unusable(error) from None
    return store


def look_through(store: Store) -> None:
    """Reads every page of a SQLite file; Unusable where one is damaged. PostgreSQL looks after its own."""
    try:
        with store.read() as connection:
            said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()) if is_sqlite(connection) else "ok"
    except DBAPIError as error:
        raise unusable(error) from None
    if said != "ok":
        raise _damaged(said.splitlines()[-1])


def unusable(error: DBAPIError | OSError) -> Unusable:
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
    if "malformed" in said or "not a database" in said:
        return _damaged(said)
    if any(word in said for word in ("readonly", "read-only", "Read-only", "unable to open", "Permission denied")):
        return Unusable(f"the database cannot be written: {said}; let the user who runs this write the folder DATA")
    return Unusable(f"the database cannot be used: {said}")


def _damaged(said: str) -> Unusable:
    hint = "keep the file aside and put the newest backup into an empty DATA folder: python app.py restore FILE"
    return Unusable(f"the database is damaged ({said}); {hint}")


def migrate(store: Store) -> None:
    """To the newest version; whole or not at all."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if _is_current(store, config):
        return  # without waiting for whoever writes just now
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        head.ensure(connection)
        leases.ensure(connection)


def _is_current(store: Store, config: Config) -> bool:
    with store.read() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at is not None and at == ScriptDirectory.from_config(config).get_current_head()
