"""The fixtures themselves: a test that stands on sand proves nothing."""

from sqlalchemy import create_engine, inspect

from metrics.tables import metadata


def test_it_gives_an_empty_database_with_every_table(database_url: str) -> None:
    engine = create_engine(database_url)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.execute(metadata.tables["revision"].select()).all() == []
    engine.dispose()
