"""Published bulletins"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("month", Big, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("published_at", Big, nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("department_id", "month", "edition", name=op.f("uq_bulletin_department_id_month_edition")),
    )
