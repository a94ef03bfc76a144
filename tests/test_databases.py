"""The fixtures themselves, and that migrations and tables say the same."""

import importlib

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, select

from metrics.tables import metadata

for package in ("alerts", "access"):
    importlib.import_module(f"{package}.store.tables")


def test_it_gives_an_empty_database_as_the_code_knows_it(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(select(metadata.tables["revision"])).all() == []
    engine.dispose()
