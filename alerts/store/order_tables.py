"""Tables of supervision orders. Events and papers are only ever added; the order's row is what its events fold to."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from metrics.tables import metadata

Big = BigInteger().with_variant(Integer, "sqlite")

work_order = Table(
    "work_order", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("number", String(32), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("episode_id", Big, ForeignKey("episode.id")),
    Column("rule", String(64), nullable=False, server_default=""),
    Column("series_id", Big, nullable=False, server_default="0"),
    Column("source", String(64), nullable=False, server_default=""),
    Column("indicator", String(64), nullable=False, server_default=""),
    Column("op", String(2), nullable=False, server_default=""),
    Column("threshold", String(64)), Column("recovery", String(64)),
    Column("k", Integer, nullable=False),
    Column("answer_days", Integer, nullable=False), Column("recover_days", Integer, nullable=False),
    Column("lead", String(32), nullable=False), Column("region", String(32), nullable=False),
    Column("assisting", Text, nullable=False, server_default="[]"),
    Column("author", String(64), nullable=False), Column("author_name", String(200), nullable=False),
    Column("made_at", Big, nullable=False),
    Column("state", String(20), nullable=False), Column("light", String(8), nullable=False, server_default=""),
    Column("closed", String(8), nullable=False, server_default=""), Column("closed_at", Big),
    Column("due", Big), Column("next_at", Big, index=True),
    Column("good", Integer, nullable=False, server_default="0"),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("revision", Big, nullable=False),
    Column("client_key", String(36)),
    Index("ix_work_order_matter", "rule", "series_id", "source"),
    Index("ix_work_order_series", "series_id", "state"),
    Index("ix_work_order_client_key", "author", "client_key", unique=True),
)  # fmt: skip

order_event = Table(
    "order_event", metadata,
    Column("seq", Big, primary_key=True, autoincrement=True),
    Column("order_id", Big, ForeignKey("work_order.id"), nullable=False, index=True),
    Column("at", Big, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor", String(64), nullable=False), Column("name", String(200), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("data", Text, nullable=False, server_default="{}"),
    Column("revision", Big, nullable=False),
)  # fmt: skip

order_paper = Table(
    "order_paper", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("order_id", Big, ForeignKey("work_order.id"), nullable=False, index=True),
    Column("event_seq", Big, nullable=False),
    Column("name", String(200), nullable=False), Column("media", String(100), nullable=False),
    Column("size", Integer, nullable=False), Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("event_seq", "name"),
)  # fmt: skip
