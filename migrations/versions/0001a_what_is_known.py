"""What is known"""

import sqlalchemy as sa
from alembic import op

revision = "0001a"
down_revision = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "chosen",
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
        sa.PrimaryKeyConstraint("series_id", "period_start", "version", name=op.f("pk_chosen")),
    )
    op.create_table(
        "definition",
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("meaning_hash", sa.String(length=64), nullable=False),
        sa.Column("from_period", Big, server_default="0", nullable=False),
        sa.Column(
            "to_period",
            Big,
            server_default="9223372036854775807",
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.PrimaryKeyConstraint("indicator", "version", name=op.f("pk_definition")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    op.create_table(
        "department_code",
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("from_", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_", Big, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("department_id", "from_", name=op.f("pk_department_code")),
    )
    op.create_table(
        "department_parent",
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("from_", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_", Big, nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("department_id", "from_", name=op.f("pk_department_parent")),
    )
    op.create_table(
        "feed",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("series_id", Big, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("series_id", "source", name=op.f("uq_feed_series_id_source")),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head")),
    )
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", Big, nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("until", Big, nullable=False),
        sa.Column("beat", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
    )
    op.create_table(
        "observation",
        sa.Column("feed_id", Big, autoincrement=False, nullable=False),
        sa.Column("period_start", Big, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known_from", Big, autoincrement=False, nullable=False),
        sa.Column("known_to", Big, nullable=False),
        sa.Column("num", Big, nullable=True),
        sa.Column("den", Big, nullable=True),
        sa.Column("n", Big, nullable=True),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("source_rev", Big, server_default="0", nullable=False),
        sa.Column("run_id", Big, nullable=True),
        sa.PrimaryKeyConstraint("feed_id", "period_start", "version", "known_from", name=op.f("pk_observation")),
    )
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.create_index(
            "one_current_observation",
            ["feed_id", "period_start", "version"],
            unique=True,
            sqlite_where=sa.text("known_to = 9223372036854775807"),
            postgresql_where=sa.text("known_to = 9223372036854775807"),
        )
    op.create_table(
        "record",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_record_source_external_id")),
    )
    op.create_table(
        "record_event",
        sa.Column("record_id", Big, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known_from", Big, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("known_to", Big, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "seq", "known_from", name=op.f("pk_record_event")),
    )
    op.create_table(
        "record_version",
        sa.Column("record_id", Big, autoincrement=False, nullable=False),
        sa.Column("known_from", Big, autoincrement=False, nullable=False),
        sa.Column("known_to", Big, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_rev", Big, server_default="0", nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("region_id", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=100), server_default="", nullable=False),
        sa.Column("opened", Big, nullable=True),
        sa.Column("due", Big, nullable=True),
        sa.Column("closed", Big, nullable=True),
        sa.Column("entered", Big, nullable=True),
        sa.Column("opened_day", sa.Integer(), nullable=True),
        sa.Column("due_day", sa.Integer(), nullable=True),
        sa.Column("closed_day", sa.Integer(), nullable=True),
        sa.Column("entered_day", sa.Integer(), nullable=True),
        sa.Column("worked_days", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), server_default="", nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("run_id", Big, nullable=True),
        sa.PrimaryKeyConstraint("record_id", "known_from", name=op.f("pk_record_version")),
    )
    with op.batch_alter_table("record_version", schema=None) as batch_op:
        batch_op.create_index("ix_rv_closed", ["source", "closed_day", "known_to"], unique=False)
        batch_op.create_index("ix_rv_due", ["source", "due_day", "known_to"], unique=False)
        batch_op.create_index("ix_rv_opened", ["source", "opened_day", "known_to"], unique=False)
        batch_op.create_index("ix_rv_still_open", ["source", "known_to", "closed"], unique=False)
        batch_op.create_index(
            "one_current_record_version",
            ["record_id"],
            unique=True,
            sqlite_where=sa.text("known_to = 9223372036854775807"),
            postgresql_where=sa.text("known_to = 9223372036854775807"),
        )
    op.create_table(
        "region", sa.Column("id", sa.String(length=32), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_region"))
    )
    op.create_table(
        "region_code",
        sa.Column("region_id", sa.String(length=32), nullable=False),
        sa.Column("from_", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_", Big, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region_id", "from_", name=op.f("pk_region_code")),
    )
    op.create_table(
        "region_parent",
        sa.Column("region_id", sa.String(length=32), nullable=False),
        sa.Column("from_", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_", Big, nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("region_id", "from_", name=op.f("pk_region_parent")),
    )
    op.create_table(
        "revision",
        sa.Column("number", Big, autoincrement=False, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("recorded_at", Big, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), server_default="", nullable=False),
        sa.Column("run_id", Big, nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_revision")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revision_at"), ["at"], unique=False)
    op.create_table(
        "run",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("started", Big, nullable=False),
        sa.Column("ended", Big, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("counts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=True),
        sa.Column("error_class", sa.String(length=32), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("hint", sa.Text(), server_default="", nullable=False),
        sa.Column("refusals", sa.Text(), server_default="[]", nullable=False),
        sa.Column("mark", sa.Text(), server_default="{}", nullable=False),
        sa.Column("newest_period", Big, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_source_id", ["source", "id"], unique=False)
    op.create_table(
        "series",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("grain", sa.String(length=8), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("region_id", sa.String(length=32), nullable=False),
        sa.Column("dims", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint(
            "indicator",
            "grain",
            "department_id",
            "region_id",
            "dims",
            name=op.f("uq_series_indicator_grain_department_id_region_id_dims"),
        ),
    )
    op.create_table(
        "touched",
        sa.Column("topic", sa.String(length=96), nullable=False),
        sa.Column("revision", Big, nullable=False),
        sa.PrimaryKeyConstraint("topic", "revision", name=op.f("pk_touched")),
    )
    op.create_table(
        "wake",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_wake")),
    )
    with op.batch_alter_table("wake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wake_at"), ["at"], unique=False)


def downgrade() -> None:
    for table in (
        "wake",
        "touched",
        "series",
        "run",
        "revision",
        "region_parent",
        "region_code",
        "region",
        "record_version",
        "record_event",
        "record",
        "observation",
        "lease",
        "head",
        "feed",
        "department_parent",
        "department_code",
        "department",
        "definition",
        "chosen",
    ):
        op.drop_table(table)
