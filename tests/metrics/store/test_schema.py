import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from metrics.store import schema
from metrics.store.engine import connect
from metrics.tables import metadata


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_it_makes_every_table_and_is_done_again_without_harm(empty_database_url, engine):
    store = connect(empty_database_url(engine))
    schema.migrate(store)
    schema.migrate(store)
    with store.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    store.close()
    assert differences == []
