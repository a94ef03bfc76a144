"""The fixtures themselves: a test that stands on sand proves nothing."""

from sqlalchemy import create_engine, inspect, select

from metrics.tables import metadata, revision


def test_it_gives_a_database_with_every_table_and_no_data(database_url: str) -> None:
    engine = create_engine(database_url)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.execute(select(revision)).all() == []
    engine.dispose()
