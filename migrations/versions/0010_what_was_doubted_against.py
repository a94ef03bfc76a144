"""With what a doubted figure was compared; by whom and why a ruling was taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("doubted", sa.Column("against", sa.String(length=60), server_default="", nullable=False))
    op.add_column("ruling", sa.Column("ended_by", sa.String(length=64), server_default="", nullable=False))
    op.add_column("ruling", sa.Column("ended_reason", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("ruling", "ended_reason")
    op.drop_column("ruling", "ended_by")
    op.drop_column("doubted", "against")
