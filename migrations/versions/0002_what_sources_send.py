"""Tokens of sources that send by themselves, and what was answered to them"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "source_token",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made", Big, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_source_token_hash")),
    )
    op.create_table(
        "receipt",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_receipt")),
    )
