"""What people ask of sources, and what sources gave last"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "source_ask",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("since", Big),
        sa.Column("until", Big),
        sa.Column("taken", Big),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_ask")),
    )
    op.create_index("ix_source_ask_taken", "source_ask", ["taken"])
    op.create_table(
        "source_pause",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Big, nullable=False),
        sa.Column("until", Big),
        sa.Column("ended", Big),
        sa.Column("ended_by", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_pause")),
    )
    op.create_index("ix_source_pause_ended", "source_pause", ["ended"])
    op.create_table(
        "payload",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("run_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("source", "good", name=op.f("pk_payload")),
    )
