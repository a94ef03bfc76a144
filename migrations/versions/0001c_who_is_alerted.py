"""Rules, alerts and messages"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = "0001b"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alert_input",
        sa.Column("seq", Big, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("series_id", Big, server_default="0", nullable=False),
        sa.Column("source", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_input")),
    )
    op.create_table(
        "alert_state",
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("series_id", Big, autoincrement=False, nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("breach_since", Big, nullable=True),
        sa.Column("breach_count", sa.Integer(), nullable=False),
        sa.Column("recover_since", Big, nullable=True),
        sa.Column("recover_count", sa.Integer(), nullable=False),
        sa.Column("paused", Big, nullable=False),
        sa.Column("recent", sa.Text(), nullable=False),
        sa.Column("last_start", Big, nullable=True),
        sa.Column("last_end", Big, nullable=True),
        sa.Column("last_value", sa.String(length=64), nullable=True),
        sa.Column("revision", Big, nullable=False),
        sa.PrimaryKeyConstraint("rule", "series_id", name=op.f("pk_alert_state")),
    )
    with op.batch_alter_table("alert_state", schema=None) as batch_op:
        batch_op.create_index("ix_alert_state_series", ["series_id"], unique=False)
    op.create_table(
        "episode",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("series_id", Big, server_default="0", nullable=False),
        sa.Column("source", sa.String(length=64), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Integer(), server_default="0", nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("worst_severity", sa.String(length=10), nullable=False),
        sa.Column("since", Big, nullable=False),
        sa.Column("fired_at", Big, nullable=False),
        sa.Column("period_start", Big, nullable=True),
        sa.Column("period_end", Big, nullable=True),
        sa.Column("value", sa.String(length=64), nullable=True),
        sa.Column("op", sa.String(length=2), server_default="", nullable=False),
        sa.Column("threshold", sa.String(length=64), nullable=True),
        sa.Column("by_correction", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("closed_at", Big, nullable=True),
        sa.Column("closed", sa.String(length=16), server_default="", nullable=False),
        sa.Column("handling", sa.String(length=10), server_default="NEW", nullable=False),
        sa.Column("acked_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("acked_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("acked_at", Big, nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint("rule", "series_id", "source", "seq", name=op.f("uq_episode_rule_series_id_source_seq")),
    )
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.create_index("ix_episode_fired_at", ["fired_at"], unique=False)
        batch_op.create_index(
            "one_open_episode",
            ["rule", "series_id", "source"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
    op.create_table(
        "rule_version",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("since", Big, nullable=False),
        sa.Column("author", sa.String(length=64), server_default="", nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint("rule", "number", name=op.f("uq_rule_version_rule_number")),
    )
    op.create_table(
        "alert_event",
        sa.Column("seq", Big, autoincrement=True, nullable=False),
        sa.Column("episode_id", Big, nullable=True),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("series_id", Big, server_default="0", nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=True),
        sa.Column("period_start", Big, nullable=True),
        sa.Column("value", sa.String(length=64), nullable=True),
        sa.Column("actor", sa.String(length=64), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_alert_event_episode_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_event")),
    )
    with op.batch_alter_table("alert_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_event_episode_id"), ["episode_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("episode_id", Big, nullable=False),
        sa.Column("event_seq", Big, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", Big, nullable=False),
        sa.Column("lease_until", Big, nullable=True),
        sa.Column("epoch", Big, nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repeated", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("sent_at", Big, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_outbox_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_seq", "receiver", name=op.f("uq_outbox_event_seq_receiver")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_episode_id"), ["episode_id"], unique=False)
        batch_op.create_index("ix_outbox_state_due_at", ["state", "due_at"], unique=False)
    op.create_table(
        "seen",
        sa.Column("episode_id", Big, autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_seen_episode_id")),
        sa.PrimaryKeyConstraint("episode_id", "person", name=op.f("pk_seen")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("outbox_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("epoch", Big, nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_attempt_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_outbox_id"), ["outbox_id"], unique=False)


def downgrade() -> None:
    for table in ("attempt", "seen", "outbox", "alert_event", "rule_version", "episode", "alert_state", "alert_input"):
        op.drop_table(table)
