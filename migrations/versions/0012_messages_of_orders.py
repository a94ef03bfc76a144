"""Which order a message is of: one raised by hand stands on no alert"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("order_id", Big, nullable=True))
    op.create_index("ix_outbox_order_id", "outbox", ["order_id"])


def downgrade() -> None:
    op.drop_index("ix_outbox_order_id", "outbox")
    op.drop_column("outbox", "order_id")
