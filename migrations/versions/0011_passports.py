"""Passports of numbers, and how the payload of each run began"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "passport",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("grain", sa.String(length=8), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("region_id", sa.String(length=32), nullable=False),
        sa.Column("dims", sa.String(length=200), nullable=False),
        sa.Column("period_start", Big, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.Column("evaluated_at", Big, nullable=False),
        *(sa.Column(name, Big) for name in ("num", "den", "n", "apart")),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("have", sa.Integer()),
        sa.Column("want", sa.Integer()),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("made_at", Big, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_passport")),
    )
    op.create_table(
        "excerpt",
        sa.Column("run_id", Big, autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_excerpt")),
    )
    op.create_index("ix_excerpt_source_at", "excerpt", ["source", "at"])
