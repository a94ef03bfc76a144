"""Grouping, silences, duty rosters, repeats and escalation, flapping, and rules edited on screen"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ADDED = (
    sa.Column("group_key", sa.String(length=160), server_default="", nullable=False),
    sa.Column("merged_into", Big, nullable=True),
    sa.Column("held_by", sa.String(length=96), server_default="", nullable=False),
    sa.Column("fell_back", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("step", sa.Integer(), server_default="0", nullable=False),
)


def upgrade() -> None:
    for column in ADDED:  # one by one: a table that others refer to is not made anew on SQLite
        op.add_column("outbox", column)
    op.create_index("ix_outbox_merged_into", "outbox", ["merged_into"])
    op.create_table(
        "silence",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("begins", Big, nullable=False),
        sa.Column("ends", Big, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("made_at", Big, nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("second", sa.String(length=64), server_default="", nullable=False),
        sa.Column("second_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ended_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ended_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("roster", sa.String(length=64), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("begins", Big, nullable=False),
        sa.Column("ends", Big, nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("made_at", Big, nullable=False),
        sa.Column("removed_at", Big, nullable=True),
        sa.Column("removed_by", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index("ix_shift_roster_ends", "shift", ["roster", "ends"])
    op.create_table(
        "follow",
        sa.Column("episode_id", Big, autoincrement=False, nullable=False),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Big, nullable=False),
        sa.Column("again_at", Big, nullable=True),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_follow_episode_id")),
        sa.PrimaryKeyConstraint("episode_id", "route", name=op.f("pk_follow")),
    )
    op.create_index("ix_follow_due_at", "follow", ["due_at"])
    op.create_table(
        "flapping",
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("series_id", Big, autoincrement=False, nullable=False),
        sa.Column("since", Big, autoincrement=False, nullable=False),
        sa.Column("last_edge", Big, nullable=False),
        sa.Column("ended_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("rule", "series_id", "since", name=op.f("pk_flapping")),
    )
    op.create_table(
        "rule_edit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("made_at", Big, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("second", sa.String(length=64), server_default="", nullable=False),
        sa.Column("second_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("decided_at", Big, nullable=True),
        sa.Column("dry_run", sa.Text(), server_default="{}", nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_edit")),
    )
    op.create_index(op.f("ix_rule_edit_rule"), "rule_edit", ["rule"])


def downgrade() -> None:
    for name in ("rule_edit", "flapping", "follow", "shift", "silence"):
        op.drop_table(name)
    op.drop_index("ix_outbox_merged_into", "outbox")
    for column in reversed(ADDED):
        op.drop_column("outbox", column.name)
