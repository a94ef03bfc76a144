"""Every table of the core. Instants are UTC epoch microseconds (BIGINT); days are ordinals of the local date."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text

from metrics.model import MAX

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
Big = BigInteger().with_variant(Integer, "sqlite")
current = text(f"known_to = {MAX}")


def _one_current(table: str, *columns: str) -> Index:
    """At most one row still known for a key: the database forbids a second."""
    return Index(f"one_current_{table}", *columns, unique=True, sqlite_where=current, postgresql_where=current)


head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Big, nullable=False),
    Column("at", Big, nullable=False),
)

revision = Table(
    "revision", metadata,
    Column("number", Big, primary_key=True, autoincrement=False),
    Column("at", Big, nullable=False, index=True),
    Column("recorded_at", Big, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False, server_default=""),
    Column("run_id", Big, index=True),
)  # fmt: skip

touched = Table(
    "touched", metadata,
    Column("topic", String(96), primary_key=True),
    Column("revision", Big, primary_key=True),
)  # fmt: skip

run = Table(
    "run", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("started", Big, nullable=False),
    Column("ended", Big, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("counts", Text, nullable=False, server_default="{}"),
    Column("payload_hash", String(64)),
    Column("error_class", String(32), nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("hint", Text, nullable=False, server_default=""),
    Column("refusals", Text, nullable=False, server_default="[]"),
    Column("mark", Text, nullable=False, server_default="{}"),
    Column("newest_period", Big),
    Index("ix_run_source_id", "source", "id"),
    Index("ix_run_source_newest_period", "source", "newest_period"),
)  # fmt: skip

passport = Table(
    "passport", metadata,
    Column("code", String(10), primary_key=True),
    Column("indicator", String(64), nullable=False),
    Column("grain", String(8), nullable=False),
    Column("department_id", String(32), nullable=False),
    Column("region_id", String(32), nullable=False),
    Column("dims", String(200), nullable=False),
    Column("period_start", Big, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Big, nullable=False),
    Column("evaluated_at", Big, nullable=False),
    Column("num", Big), Column("den", Big), Column("n", Big), Column("apart", Big),
    Column("status", String(1), nullable=False),
    Column("have", Integer), Column("want", Integer),
    Column("query", Text, nullable=False),
    Column("made_at", Big, nullable=False),
    Column("made_by", String(64), nullable=False),
)  # fmt: skip

series = Table(
    "series", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("indicator", String(64), nullable=False),
    Column("grain", String(8), nullable=False),
    Column("department_id", String(32), nullable=False),
    Column("region_id", String(32), nullable=False),
    Column("dims", String(200), nullable=False),
    UniqueConstraint("indicator", "grain", "department_id", "region_id", "dims"),
)  # fmt: skip

feed = Table(
    "feed", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("series_id", Big, nullable=False),
    Column("source", String(64), nullable=False),
    Column("revision", Big, nullable=False, server_default="0"),
    Column("first_period", Big, nullable=False, server_default="0"),
    UniqueConstraint("series_id", "source"),
)  # fmt: skip

# Each first period a feed was known to begin with, with the revision it became known at; feed.first_period is the last of them.
reach = Table(
    "reach", metadata,
    Column("feed_id", Big, primary_key=True, autoincrement=False),
    Column("revision", Big, primary_key=True, autoincrement=False),
    Column("first_period", Big, nullable=False),
)  # fmt: skip

definition = Table(
    "definition", metadata,
    Column("indicator", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("meaning_hash", String(64), nullable=False),
    Column("from_period", Big, nullable=False, server_default="0"),
    Column("to_period", Big, nullable=False, server_default=str(MAX)),
    Column("reason", Text, nullable=False, server_default=""),
    Column("revision", Big, nullable=False),
)  # fmt: skip

# In the order of time: what arrives lands beside what arrived last, however much is kept. What is current has known_to = MAX, so
# the key itself forbids a second current row.
observation = Table(
    "observation", metadata,
    Column("period_start", Big, primary_key=True, autoincrement=False),
    Column("feed_id", Big, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("known_to", Big, primary_key=True, autoincrement=False),
    Column("known_from", Big, nullable=False, index=True),
    Column("num", Big), Column("den", Big), Column("n", Big),
    Column("status", String(1), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("source_rev", Big, nullable=False, server_default="0"),
    Column("run_id", Big),
    sqlite_with_rowid=False,
)  # fmt: skip

ruling = Table(
    "ruling", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("series_id", Big, nullable=False),
    Column("everywhere", Boolean, nullable=False, server_default=text("false")),
    Column("from_period", Big, nullable=False), Column("to_period", Big, nullable=False),
    Column("feed_id", Big, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("known_from", Big, nullable=False),
    Column("known_to", Big, nullable=False),
    Column("ended_by", String(64), nullable=False, server_default=""),
    Column("ended_reason", Text, nullable=False, server_default=""),
    Index("ix_ruling_series", "series_id", "known_to"),
)  # fmt: skip

inhabitants = Table(
    "inhabitants", metadata,
    Column("region_id", String(32), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("known_from", Big, primary_key=True, autoincrement=False),
    Column("known_to", Big, nullable=False),
    Column("people", Big, nullable=False),
    Column("source", Text, nullable=False),
)  # fmt: skip

doubted = Table(
    "doubted", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("series_id", Big, nullable=False),
    Column("source", String(64), nullable=False),
    Column("period_start", Big, nullable=False),
    Column("version", Integer, nullable=False),
    Column("num", Big),
    Column("den", Big),
    Column("n", Big),
    Column("status", String(1), nullable=False),
    Column("source_rev", Big, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("against", String(60), nullable=False, server_default=""),
    Column("run_id", Big),
    Column("revision", Big, nullable=False),
    Column("at", Big, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", Big),
    Index("ix_doubted_source_period", "source", "period_start"),
    Index("ix_doubted_verdict", "verdict", "held"),
)  # fmt: skip

bulletin = Table(
    "bulletin", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("department_id", String(32), nullable=False),
    Column("month", Big, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("revision", Big, nullable=False),
    Column("content", Text, nullable=False),
    Column("published_at", Big, nullable=False),
    Column("published_by", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    UniqueConstraint("department_id", "month", "edition"),
)  # fmt: skip

chosen = Table(
    "chosen", metadata,
    Column("series_id", Big, primary_key=True, autoincrement=False),
    Column("period_start", Big, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("feed_id", Big),
    Column("num", Big), Column("den", Big), Column("n", Big), Column("apart", Big),
    Column("status", String(1), nullable=False),
    Column("have", Integer), Column("want", Integer),
    Column("revision", Big, nullable=False),
    Column("evaluated_at", Big, nullable=False),
    Column("corrected", Big),
    Index("ix_chosen_revision", "revision"),  # what changed since is read by what moved, not through all there is
    sqlite_with_rowid=False,
)  # fmt: skip

record = Table(
    "record", metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("external_id", String(200), nullable=False),
    UniqueConstraint("source", "external_id"),
)  # fmt: skip

record_version = Table(
    "record_version", metadata,
    Column("record_id", Big, primary_key=True, autoincrement=False),
    Column("known_from", Big, primary_key=True, autoincrement=False),
    Column("known_to", Big, nullable=False),
    Column("source", String(64), nullable=False),
    Column("source_rev", Big, nullable=False, server_default="0"),
    Column("department_id", String(32), nullable=False),
    Column("region_id", String(32), nullable=False),
    Column("category", String(100), nullable=False, server_default=""),
    Column("opened", Big), Column("due", Big), Column("closed", Big), Column("entered", Big),
    Column("opened_day", Integer), Column("due_day", Integer), Column("closed_day", Integer), Column("entered_day", Integer),
    Column("worked_days", Integer),
    Column("state", String(40), nullable=False, server_default=""),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("extra", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("run_id", Big),
    _one_current("record_version", "record_id"),
    Index("ix_rv_opened", "source", "opened_day", "known_to"),
    Index("ix_rv_due", "source", "due_day", "known_to"),
    Index("ix_rv_closed", "source", "closed_day", "known_to"),
    Index("ix_rv_still_open", "source", "known_to", "closed"),
)  # fmt: skip

record_place = Table(
    "record_place", metadata,
    Column("record_id", Big, primary_key=True, autoincrement=False),
    Column("known_from", Big, primary_key=True, autoincrement=False),
    Column("event", String(8), primary_key=True),
    Column("department_id", String(32), nullable=False),
    Column("region_id", String(32), nullable=False),
)  # fmt: skip

record_event = Table(
    "record_event", metadata,
    Column("record_id", Big, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("known_from", Big, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("at", Big, nullable=False),
    Column("known_to", Big, nullable=False),
)  # fmt: skip


def _tree(name: str) -> tuple[Table, Table, Table]:
    node = Table(name, metadata, Column("id", String(32), primary_key=True))
    code = Table(
        f"{name}_code", metadata,
        Column(f"{name}_id", String(32), primary_key=True), Column("from_", Integer, primary_key=True, autoincrement=False),
        Column("to_", Big, nullable=False), Column("code", String(32), nullable=False), Column("name", Text, nullable=False),
    )  # fmt: skip
    parent = Table(
        f"{name}_parent", metadata,
        Column(f"{name}_id", String(32), primary_key=True), Column("from_", Integer, primary_key=True, autoincrement=False),
        Column("to_", Big, nullable=False), Column("parent_id", String(32)),
    )  # fmt: skip
    return node, code, parent


region, region_code, region_parent = _tree("region")
department, department_code, department_parent = _tree("department")

wake = Table(
    "wake", metadata,
    Column("kind", String(16), primary_key=True), Column("key", String(200), primary_key=True),
    Column("at", Big, nullable=False, index=True),
)  # fmt: skip

lease = Table(
    "lease", metadata,
    Column("id", Integer, primary_key=True), Column("epoch", Big, nullable=False),
    Column("holder", String(100), nullable=False), Column("until", Big, nullable=False), Column("beat", Big, nullable=False),
)  # fmt: skip
