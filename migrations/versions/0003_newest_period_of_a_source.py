"""The newest period of a source is looked up, not searched for"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("ix_run_source_newest_period", "run", ["source", "newest_period"])
