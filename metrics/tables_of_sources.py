"""Tables beside the ledger: what people asked of sources, how their payloads began, what is gone from them, what was answered to
those that send."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from metrics.tables import Big, metadata

source_ask = Table(
    "source_ask", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Big, nullable=False),
    Column("since", Big), Column("until", Big),
    Column("taken", Big),
    Index("ix_source_ask_taken", "taken"),
)  # fmt: skip

source_pause = Table(
    "source_pause", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Big, nullable=False),
    Column("until", Big),
    Column("ended", Big),
    Column("ended_by", String(64), nullable=False, server_default=""),
    Index("ix_source_pause_ended", "ended"),
)  # fmt: skip

payload = Table(
    "payload", metadata,
    Column("source", String(64), primary_key=True),
    Column("good", Boolean, primary_key=True),
    Column("run_id", Big, nullable=False),
    Column("at", Big, nullable=False),
    Column("columns", Text, nullable=False),
    Column("rows", Text, nullable=False),
    Column("excerpt", Text, nullable=False, server_default=""),
)  # fmt: skip

excerpt = Table(
    "excerpt", metadata,
    Column("run_id", Big, primary_key=True, autoincrement=False),
    Column("source", String(64), nullable=False),
    Column("at", Big, nullable=False),
    Column("columns", Text, nullable=False),
    Column("rows", Text, nullable=False),
    Index("ix_excerpt_source_at", "source", "at"),
)  # fmt: skip

gone = Table(
    "gone", metadata,
    Column("doubt_id", Big, primary_key=True, autoincrement=False),
    Column("record_id", Big, primary_key=True, autoincrement=False),
)  # fmt: skip

receipt = Table(
    "receipt", metadata,
    Column("source", String(64), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Big, nullable=False),
)  # fmt: skip
