"""Figures that are held back until a person decides, and those that are noted"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "doubted",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("series_id", Big, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("period_start", Big, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("num", Big),
        sa.Column("den", Big),
        sa.Column("n", Big),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("source_rev", Big, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("run_id", Big),
        sa.Column("revision", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", Big),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubted")),
    )
    op.create_index("ix_doubted_source_period", "doubted", ["source", "period_start"])
    op.create_index("ix_doubted_verdict", "doubted", ["verdict", "held"])
