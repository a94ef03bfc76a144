"""Rulings of people on sources that disagree"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("series_id", Big, nullable=False),
        sa.Column("from_period", Big, nullable=False),
        sa.Column("to_period", Big, nullable=False),
        sa.Column("feed_id", Big, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("known_from", Big, nullable=False),
        sa.Column("known_to", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    op.create_index("ix_ruling_series", "ruling", ["series_id", "known_to"])
