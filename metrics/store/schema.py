"""The schema, brought up to date by Alembic: every table of the product, in one history."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from metrics.store import head, leases
from metrics.store.engine import Store

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


def migrate(store: Store) -> None:
    """To the newest version; whole or not at all."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        head.ensure(connection)
        leases.ensure(connection)
