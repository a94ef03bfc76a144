"""How many people live where, as known when: what a figure per head was divided by"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "inhabitants",
        sa.Column("region_id", sa.String(32), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("known_from", big, primary_key=True, autoincrement=False),
        sa.Column("known_to", big, nullable=False),
        sa.Column("people", big, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )
