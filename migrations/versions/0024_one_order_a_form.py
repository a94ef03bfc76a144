"""A form sent twice is one order: its key is unique beside whoever sent it"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("client_key", sa.String(length=36), nullable=True))
    op.create_index("ix_work_order_client_key", "work_order", ["author", "client_key"], unique=True)
