"""The whole database as lines of text, and back: every table, on either engine, so that a copy of one restores on the other."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, Table, func, insert, inspect, select, text

from metrics.store.engine import is_sqlite, to_json

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"
SEEDED = ("alembic_version", "head", "lease")
"""Tables that hold a row of their own before anything was ever stored."""
BLOCK = 2_000


class NotEmpty(RuntimeError):
    """Something is stored there already."""


class Unknown(RuntimeError):
    """The copy was made by a version of the product that this one does not know."""


@dataclass(frozen=True)
class Sum:
    """What a table holds, whatever the order it is read in."""

    rows: int
    sha256: str
    """The hashes of its rows, added up."""


class Summing:
    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, line: bytes) -> bytes:
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line).digest(), "big")) % 2**256
        return line

    @property
    def done(self) -> Sum:
        return Sum(self.rows, f"{self._sum:064x}")


def schema(connection: Connection) -> str:
    """Version of the schema; empty where there is none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def tables(connection: Connection) -> list[Table]:
    """Every table there is, those first that others refer to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """A row a line, as JSON: its values in the order of `columns`."""
    read = select(*_columns(table)).execution_options(stream_results=True, yield_per=BLOCK)
    for row in connection.execute(read):
        yield to_json([_plain(value) for value in row]).encode()


def columns(table: Table) -> list[str]:
    return [column.name for column in _columns(table)]


def prepare(connection: Connection, version: str) -> None:
    """An empty place gets the tables of that version; raises NotEmpty where anything is stored, Unknown for another product's."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version not in known:
        raise Unknown(f"it was made with version {version!r} of the tables, which this version of Yuncha does not know")
    at = schema(connection)
    there = [table for table in tables(connection) if table.name not in SEEDED]
    filled = [table.name for table in there if connection.execute(select(text("1")).select_from(table).limit(1)).first()]
    if filled:
        raise NotEmpty(f"the database is not empty: {', '.join(filled[:5])} hold rows")
    if at not in ("", version):
        raise NotEmpty("the database has tables of another version: give an empty one")
    if not at and inspect(connection).get_table_names():
        raise NotEmpty("the database holds tables of something else: give an empty one")
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def fill(connection: Connection, table: Table, names: list[str], given: Iterable[bytes]) -> None:
    """The rows of a table, in place of what is made with the schema."""
    readers = [_reader(table.c[name]) for name in names]
    connection.execute(table.delete())
    block: list[dict[str, Any]] = []
    for line in given:
        block.append({name: read(value) for name, read, value in zip(names, readers, json.loads(line), strict=True)})
        if len(block) == BLOCK:
            connection.execute(insert(table), block)
            block = []
    if block:
        connection.execute(insert(table), block)


def go_on(connection: Connection) -> None:
    """What gives out numbers goes on after the highest; then the newest version of the tables."""
    if not is_sqlite(connection):
        for table in tables(connection):
            for column in table.primary_key.columns:
                asked = text("SELECT pg_get_serial_sequence(:of, :named)")
                sequence = connection.execute(asked, {"of": f'"{table.name}"', "named": column.name}).scalar()
                if sequence and isinstance(column.type, Integer):
                    highest = connection.execute(select(func.max(column))).scalar()
                    connection.execute(
                        text("SELECT setval(:of, :to, :used)"), {"of": sequence, "to": highest or 1, "used": bool(highest)}
                    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _columns(table: Table) -> list[Column[Any]]:
    return sorted(table.columns, key=lambda column: column.name)


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, LargeBinary):
        return lambda value: None if value is None else base64.b64decode(value)
    return lambda value: value
