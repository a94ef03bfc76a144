"""The schema, brought up to date by Alembic: every table of the product, in one history."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from metrics.store import head, leases
from metrics.store.engine import Store

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


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
