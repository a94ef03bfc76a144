"""Reminders of what offices owe: messages that belong to no alert"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("grain", sa.String(length=8), nullable=False),
        sa.Column("period_start", Big, autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "grain", "period_start", "stage", name=op.f("pk_reminder")),
    )
    _messages(nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM attempt WHERE outbox_id IN (SELECT id FROM outbox WHERE episode_id IS NULL)")
    op.execute("DELETE FROM outbox WHERE episode_id IS NULL")
    _messages(nullable=False)
    op.drop_table("reminder")


def _messages(nullable: bool) -> None:
    """SQLite changes a column by making the table anew, which what refers to its rows forbids: attempts step aside meanwhile."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("outbox", "episode_id", existing_type=Big, nullable=nullable)
        return
    op.execute("CREATE TABLE attempt_aside AS SELECT id, outbox_id, at, outcome, detail, epoch FROM attempt")
    op.drop_table("attempt")
    with op.batch_alter_table("outbox", recreate="always") as batch:
        batch.alter_column("episode_id", existing_type=Big, nullable=nullable)
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
    op.create_index("ix_attempt_outbox_id", "attempt", ["outbox_id"])
    op.execute("INSERT INTO attempt (id, outbox_id, at, outcome, detail, epoch) SELECT * FROM attempt_aside")
    op.drop_table("attempt_aside")
