"""When a figure that had settled was last changed: what stands on a card says so without asking what it was before"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("chosen", sa.Column("corrected", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
