"""Which cases a complete collection lacked when it lacked too many: they count until a person decides"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "gone",
        sa.Column("doubt_id", big, primary_key=True, autoincrement=False),
        sa.Column("record_id", big, primary_key=True, autoincrement=False),
    )
