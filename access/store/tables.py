"""Tables of access. Secrets (session ids, tokens, links) are kept only as SHA-256 of a random value; passwords as argon2."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, false

from metrics.tables import Big, metadata

account = Table(
    "account", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("display", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("departments", Text, nullable=False, server_default='["_T"]'),
    Column("regions", Text, nullable=False, server_default='["_T"]'),
    Column("password", String(200), nullable=False, server_default=""),
    Column("permission_version", Integer, nullable=False, server_default="1"),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("made", Big, nullable=False),
)  # fmt: skip

session = Table(
    "session", metadata,
    Column("hash", String(64), primary_key=True),
    Column("account_id", Big, nullable=False, index=True),
    Column("permission_version", Integer, nullable=False),
    Column("made", Big, nullable=False),
    Column("seen", Big, nullable=False, index=True),
)  # fmt: skip

token = Table(
    "token", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("account_id", Big, nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("actions", String(100), nullable=False),
    Column("made", Big, nullable=False),
    Column("expires", Big, nullable=False),
)  # fmt: skip

source_token = Table(
    "source_token", metadata,
    Column("source", String(64), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("made", Big, nullable=False),
)  # fmt: skip

welcome_link = Table(
    "welcome_link", metadata,
    Column("hash", String(64), primary_key=True),
    Column("account_id", Big, nullable=False, index=True),
    Column("expires", Big, nullable=False),
)  # fmt: skip

login_lock = Table(
    "login_lock", metadata,
    Column("kind", String(8), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", Big, nullable=False),
    Column("until", Big, nullable=False),
)  # fmt: skip

audit = Table(
    "audit", metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("at", Big, nullable=False, index=True),
    Column("who", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("object", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("result", String(16), nullable=False),
    Column("hash", String(64), nullable=False),
)  # fmt: skip

audit_head = Table(
    "audit_head", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("count", Big, nullable=False),
    Column("hash", String(64), nullable=False),
)  # fmt: skip
