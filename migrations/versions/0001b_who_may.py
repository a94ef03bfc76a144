"""Accounts and who did what"""

import sqlalchemy as sa
from alembic import op

revision = "0001b"
down_revision = "0001a"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("display", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("departments", sa.Text(), server_default='["_T"]', nullable=False),
        sa.Column("regions", sa.Text(), server_default='["_T"]', nullable=False),
        sa.Column("password", sa.String(length=200), server_default="", nullable=False),
        sa.Column("permission_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "audit",
        sa.Column("id", Big, autoincrement=False, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", Big, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "login_lock",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", Big, nullable=False),
        sa.Column("until", Big, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_login_lock")),
    )
    op.create_table(
        "session",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", Big, nullable=False),
        sa.Column("permission_version", sa.Integer(), nullable=False),
        sa.Column("made", Big, nullable=False),
        sa.Column("seen", Big, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_seen"), ["seen"], unique=False)
    op.create_table(
        "token",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", Big, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("actions", sa.String(length=100), nullable=False),
        sa.Column("made", Big, nullable=False),
        sa.Column("expires", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_account_id"), ["account_id"], unique=False)
    op.create_table(
        "welcome_link",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", Big, nullable=False),
        sa.Column("expires", Big, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_welcome_link")),
    )
    with op.batch_alter_table("welcome_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_welcome_link_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    for table in ("welcome_link", "token", "session", "login_lock", "audit_head", "audit", "account"):
        op.drop_table(table)
