"""Figures in the order of time: what arrives lands where what arrived before it landed, however much is kept"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild("observation", _observation(), "period_start", "feed_id", "version", "known_to")
        _rebuild("chosen", _chosen(), "series_id", "period_start", "version")
    else:
        op.drop_index("one_current_observation", table_name="observation")
        op.drop_constraint("pk_observation", "observation", type_="primary")
        op.create_primary_key("pk_observation", "observation", ["period_start", "feed_id", "version", "known_to"])
    op.create_index("ix_observation_known_from", "observation", ["known_from"])
    op.create_index("ix_revision_run_id", "revision", ["run_id"])
    op.add_column("feed", sa.Column("revision", Big, server_default="0", nullable=False))
    op.execute(
        """UPDATE feed SET revision = COALESCE(
            (SELECT known.first FROM (SELECT feed_id, min(known_from) AS first FROM observation GROUP BY feed_id) AS known
             WHERE known.feed_id = feed.id), 0)"""
    )


def _rebuild(name: str, columns: tuple[sa.Column, ...], *key: str) -> None:
    """The same rows in a table that is kept in the order of its key, which SQLite cannot give to one that exists."""
    op.create_table(
        f"{name}_0015",
        *columns,
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )
    names = ", ".join(column.name for column in columns)
    op.execute(f"INSERT INTO {name}_0015 ({names}) SELECT {names} FROM {name} ORDER BY {', '.join(key)}")
    op.drop_table(name)
    op.rename_table(f"{name}_0015", name)


def _observation() -> tuple[sa.Column, ...]:
    return (
        sa.Column("feed_id", Big, autoincrement=False, nullable=False),
        sa.Column("period_start", Big, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known_from", Big, nullable=False),
        sa.Column("known_to", Big, autoincrement=False, nullable=False),
        sa.Column("num", Big, nullable=True),
        sa.Column("den", Big, nullable=True),
        sa.Column("n", Big, nullable=True),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("source_rev", Big, server_default="0", nullable=False),
        sa.Column("run_id", Big, nullable=True),
    )


def _chosen() -> tuple[sa.Column, ...]:
    return (
        sa.Column("series_id", Big, autoincrement=False, nullable=False),
        sa.Column("period_start", Big, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed_id", Big, nullable=True),
        sa.Column("num", Big, nullable=True),
        sa.Column("den", Big, nullable=True),
        sa.Column("n", Big, nullable=True),
        sa.Column("apart", Big, nullable=True),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("have", sa.Integer(), nullable=True),
        sa.Column("want", sa.Integer(), nullable=True),
        sa.Column("revision", Big, nullable=False),
        sa.Column("evaluated_at", Big, nullable=False),
    )
