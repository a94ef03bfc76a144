"""From which period on each feed reports, and since when that is known: of how many places a total is depends on it"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

# What was known earlier reached as far back as it did; a figure of a period before all of those takes the feed further back.
FILL = """INSERT INTO reach (feed_id, revision, first_period)
    SELECT feed_id, known_from, min(first_period) FROM (
        SELECT feed_id, known_from, min(period_start) OVER (PARTITION BY feed_id ORDER BY known_from) AS first_period,
            min(period_start) OVER (
                PARTITION BY feed_id ORDER BY known_from RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP
            ) AS before
        FROM observation) AS told
    WHERE before IS NULL OR first_period < before GROUP BY feed_id, known_from"""
NEVER = 2**63 - 1
NEWEST = f"""UPDATE feed SET first_period =
    coalesce((SELECT min(reach.first_period) FROM reach WHERE reach.feed_id = feed.id), {NEVER})"""


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("feed", sa.Column("first_period", big, nullable=False, server_default="0"))
    op.create_table(
        "reach",
        sa.Column("feed_id", big, primary_key=True, autoincrement=False),
        sa.Column("revision", big, primary_key=True, autoincrement=False),
        sa.Column("first_period", big, nullable=False),
    )
    op.execute(FILL)
    op.execute(NEWEST)
