"""What changed since is found by the revision of each figure, however many figures there are"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("ix_chosen_revision", "chosen", ["revision"])
