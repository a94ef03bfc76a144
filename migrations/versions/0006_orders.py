"""Supervision orders, their events and papers"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "work_order",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("episode_id", Big, nullable=True),
        sa.Column("rule", sa.String(length=64), server_default="", nullable=False),
        sa.Column("series_id", Big, server_default="0", nullable=False),
        sa.Column("source", sa.String(length=64), server_default="", nullable=False),
        sa.Column("indicator", sa.String(length=64), server_default="", nullable=False),
        sa.Column("op", sa.String(length=2), server_default="", nullable=False),
        sa.Column("threshold", sa.String(length=64), nullable=True),
        sa.Column("recovery", sa.String(length=64), nullable=True),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("recover_days", sa.Integer(), nullable=False),
        sa.Column("lead", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("assisting", sa.Text(), server_default="[]", nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("made_at", Big, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("light", sa.String(length=8), server_default="", nullable=False),
        sa.Column("closed", sa.String(length=8), server_default="", nullable=False),
        sa.Column("closed_at", Big, nullable=True),
        sa.Column("due", Big, nullable=True),
        sa.Column("next_at", Big, nullable=True),
        sa.Column("good", sa.Integer(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_work_order_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order")),
        sa.UniqueConstraint("number", name=op.f("uq_work_order_number")),
    )
    op.create_index(op.f("ix_work_order_next_at"), "work_order", ["next_at"])
    op.create_index("ix_work_order_matter", "work_order", ["rule", "series_id", "source"])
    op.create_index("ix_work_order_series", "work_order", ["series_id", "state"])
    op.create_table(
        "order_event",
        sa.Column("seq", Big, autoincrement=True, nullable=False),
        sa.Column("order_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name=op.f("fk_order_event_order_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_order_event")),
    )
    op.create_index(op.f("ix_order_event_order_id"), "order_event", ["order_id"])
    op.create_table(
        "order_paper",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("order_id", Big, nullable=False),
        sa.Column("event_seq", Big, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name=op.f("fk_order_paper_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_paper")),
        sa.UniqueConstraint("event_seq", "name", name=op.f("uq_order_paper_event_seq_name")),
    )
    op.create_index(op.f("ix_order_paper_order_id"), "order_paper", ["order_id"])
