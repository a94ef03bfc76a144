import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

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


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_messages_and_their_attempts_outlive_the_change_of_their_table(empty_database_url, engine):
    store, config = connect(empty_database_url(engine)), Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        for line in ROWS:
            connection.execute(text(line))
    schema.migrate(store)
    with store.write() as connection:
        assert connection.execute(text("SELECT id, message_id, kind, repeated FROM outbox")).all() == [(7, "m", "firing", False)]
        assert connection.execute(text("SELECT outbox_id, detail FROM attempt")).all() == [(7, "told")]
        with pytest.raises(Exception, match="(?i)foreign key"), connection.begin_nested():
            connection.execute(text("INSERT INTO attempt (outbox_id, at, outcome) VALUES (8, 1, 'sent')"))
    store.close()


ROWS = (
    "INSERT INTO episode (id, rule, seq, rule_version, condition, level, severity, worst_severity, since, fired_at, revision)"
    " VALUES (1, 'r', 1, 1, 'FIRING', 1, 'warning', 'warning', 1, 1, 1)",
    "INSERT INTO outbox (id, message_id, episode_id, event_seq, kind, receiver, channel, subject, body, facts, created_at, state,"
    " due_at) VALUES (7, 'm', 1, 1, 'firing', 'a', 'log', 's', 'b', '{}', 1, 'sent', 1)",
    "INSERT INTO attempt (outbox_id, at, outcome, detail) VALUES (7, 1, 'sent', 'told')",
)
