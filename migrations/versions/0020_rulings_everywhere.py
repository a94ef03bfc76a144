"""A ruling may be one for every place of an indicator, those that are reported later too"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("ruling", sa.Column("everywhere", sa.Boolean(), nullable=False, server_default=sa.text("false")))
