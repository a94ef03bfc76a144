"""Every table of the alerts, on the metadata of the core. Instants are UTC epoch microseconds (BIGINT)."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from metrics.tables import metadata

Big = BigInteger().with_variant(Integer, "sqlite")
unclosed = text("closed_at IS NULL")

rule_version = Table(
    "rule_version", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("rule", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("since", Big, nullable=False),
    Column("author", String(64), nullable=False, server_default=""),
    Column("revision", Big, nullable=False),
    UniqueConstraint("rule", "number"),
)  # fmt: skip

alert_state = Table(
    "alert_state", metadata,
    Column("rule", String(64), primary_key=True),
    Column("series_id", Big, primary_key=True, autoincrement=False),
    Column("rule_version", Integer, nullable=False),
    Column("definition", Integer, nullable=False),
    Column("condition", String(10), nullable=False),
    Column("level", Integer, nullable=False),
    Column("breach_since", Big), Column("breach_count", Integer, nullable=False),
    Column("recover_since", Big), Column("recover_count", Integer, nullable=False),
    Column("paused", Big, nullable=False),
    Column("recent", Text, nullable=False),
    Column("last_start", Big), Column("last_end", Big), Column("last_value", String(64)),
    Column("revision", Big, nullable=False),
    Index("ix_alert_state_series", "series_id"),
    postgresql_with={"fillfactor": 45},  # a state moves at every value: it stays on its page without touching an index
)  # fmt: skip

episode = Table(
    "episode", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("rule", String(64), nullable=False),
    Column("series_id", Big, nullable=False, server_default="0"),
    Column("source", String(64), nullable=False, server_default=""),
    Column("seq", Integer, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("definition", Integer, nullable=False, server_default="0"),
    Column("condition", String(10), nullable=False),
    Column("level", Integer, nullable=False),
    Column("severity", String(10), nullable=False), Column("worst_severity", String(10), nullable=False),
    Column("since", Big, nullable=False),
    Column("fired_at", Big, nullable=False),
    Column("period_start", Big), Column("period_end", Big),
    Column("value", String(64)),
    Column("op", String(2), nullable=False, server_default=""), Column("threshold", String(64)),
    Column("by_correction", Boolean, nullable=False, server_default=text("false")),
    Column("closed_at", Big), Column("closed", String(16), nullable=False, server_default=""),
    Column("handling", String(10), nullable=False, server_default="NEW"),
    Column("acked_by", String(64), nullable=False, server_default=""),
    Column("acked_name", String(200), nullable=False, server_default=""),
    Column("acked_at", Big), Column("comment", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("revision", Big, nullable=False),
    UniqueConstraint("rule", "series_id", "source", "seq"),
    # The database, not code, forbids a second open episode.
    Index("one_open_episode", "rule", "series_id", "source", unique=True, sqlite_where=unclosed, postgresql_where=unclosed),
    Index("ix_episode_fired_at", "fired_at"),
)  # fmt: skip

alert_event = Table(
    "alert_event", metadata,
    Column("seq", Big, primary_key=True, autoincrement=True),
    Column("episode_id", Big, ForeignKey("episode.id"), index=True),
    Column("rule", String(64), nullable=False), Column("rule_version", Integer, nullable=False),
    Column("series_id", Big, nullable=False, server_default="0"),
    Column("at", Big, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("severity", String(10)),
    Column("period_start", Big), Column("value", String(64)),
    Column("actor", String(64), nullable=False, server_default=""), Column("text", Text, nullable=False, server_default=""),
    Column("revision", Big, nullable=False),
    Index("ix_alert_event_rule_series", "rule", "series_id", "at"),  # how often it turned is asked at every turn
)  # fmt: skip

alert_input = Table(
    "alert_input", metadata,
    Column("seq", Big, primary_key=True, autoincrement=True),
    Column("kind", String(8), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("series_id", Big, nullable=False, server_default="0"),
    Column("source", String(64), nullable=False, server_default=""),
    Column("at", Big, nullable=False),
    Column("body", Text, nullable=False),
    Column("revision", Big, nullable=False),
)  # fmt: skip

outbox = Table(
    "outbox", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("message_id", String(64), nullable=False, unique=True),
    Column("episode_id", Big, ForeignKey("episode.id"), index=True),  # none: a reminder belongs to no alert
    Column("order_id", Big, index=True),
    Column("event_seq", Big, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("receiver", String(64), nullable=False), Column("channel", String(32), nullable=False),
    Column("subject", Text, nullable=False), Column("body", Text, nullable=False), Column("facts", Text, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", Big, nullable=False),
    Column("lease_until", Big), Column("epoch", Big),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("repeated", Boolean, nullable=False, server_default=text("false")),
    Column("sent_at", Big), Column("error", Text, nullable=False, server_default=""),
    Column("group_key", String(160), nullable=False, server_default=""),
    Column("merged_into", Big),
    Column("held_by", String(96), nullable=False, server_default=""),
    Column("fell_back", Boolean, nullable=False, server_default=text("false")),
    Column("step", Integer, nullable=False, server_default="0"),
    UniqueConstraint("event_seq", "receiver"),
    Index("ix_outbox_merged_into", "merged_into"),
    Index("ix_outbox_state_due_at", "state", "due_at"),
)  # fmt: skip

attempt = Table(
    "attempt", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("outbox_id", Big, ForeignKey("outbox.id"), nullable=False, index=True),
    Column("at", Big, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("epoch", Big),
)  # fmt: skip

reminder = Table(
    "reminder", metadata,
    Column("source", String(64), primary_key=True), Column("grain", String(8), primary_key=True),
    Column("period_start", Big, primary_key=True, autoincrement=False), Column("stage", String(8), primary_key=True),
    Column("at", Big, nullable=False),
    Column("owed", Integer, nullable=False), Column("expected", Integer, nullable=False),
)  # fmt: skip

seen = Table(
    "seen", metadata,
    Column("episode_id", Big, ForeignKey("episode.id"), primary_key=True, autoincrement=False),
    Column("person", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("at", Big, nullable=False),
)  # fmt: skip

silence = Table(
    "silence", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("match", Text, nullable=False),
    Column("begins", Big, nullable=False), Column("ends", Big, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", String(64), nullable=False), Column("author_name", String(200), nullable=False),
    Column("made_at", Big, nullable=False),
    Column("needs_second", Boolean, nullable=False),
    Column("second", String(64), nullable=False, server_default=""),
    Column("second_name", String(200), nullable=False, server_default=""),
    Column("ended_by", String(200), nullable=False, server_default=""), Column("ended_at", Big),
)  # fmt: skip

shift = Table(
    "shift", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("roster", String(64), nullable=False), Column("receiver", String(64), nullable=False),
    Column("begins", Big, nullable=False), Column("ends", Big, nullable=False),
    Column("author", String(200), nullable=False), Column("made_at", Big, nullable=False),
    Column("removed_at", Big), Column("removed_by", String(200), nullable=False, server_default=""),
    Index("ix_shift_roster_ends", "roster", "ends"),
)  # fmt: skip

follow = Table(
    "follow", metadata,
    Column("episode_id", Big, ForeignKey("episode.id"), primary_key=True, autoincrement=False),
    Column("route", String(64), primary_key=True),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("due_at", Big, nullable=False),
    Column("again_at", Big),
    Index("ix_follow_due_at", "due_at"),
)  # fmt: skip

flapping = Table(
    "flapping", metadata,
    Column("rule", String(64), primary_key=True),
    Column("series_id", Big, primary_key=True, autoincrement=False),
    Column("since", Big, primary_key=True, autoincrement=False),
    Column("last_edge", Big, nullable=False),
    Column("ended_at", Big),
)  # fmt: skip

rule_edit = Table(
    "rule_edit", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("rule", String(64), nullable=False, index=True),
    Column("base", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("author", String(64), nullable=False), Column("author_name", String(200), nullable=False),
    Column("made_at", Big, nullable=False),
    Column("state", String(10), nullable=False),
    Column("needs_second", Boolean, nullable=False),
    Column("second", String(64), nullable=False, server_default=""),
    Column("second_name", String(200), nullable=False, server_default=""),
    Column("decided_at", Big),
    Column("dry_run", Text, nullable=False, server_default="{}"),
    Column("version_id", Integer),
)  # fmt: skip
