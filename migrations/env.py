"""Alembic runs here; `metrics.store.schema.migrate` hands in the connection, so a migration is one transaction."""

import importlib

from alembic import context
from sqlalchemy import create_engine

from metrics import crash
from metrics.tables import metadata

for module in ("metrics.tables_of_sources", "alerts.store.tables", "alerts.store.order_tables", "access.store.tables"):
    importlib.import_module(module)


def run(connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True,
        on_version_apply=lambda **_: crash.point("in_migration"),
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "sqlite://").begin() as opened:
        run(opened)
