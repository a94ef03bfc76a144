"""`app.py backup` and `app.py restore`: all that a workspace has stored, in one file that either engine takes back.

The file is a zip: `tables/NAME.jsonl`, a row a line; the secret key of the DATA folder; and, last, `manifest.json` with
the rows and the hash of each. It has its name only once it is whole: what is cut off half way is called `.partial`, and is none.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from metrics.store import copies, head
from metrics.store.copies import NotEmpty, Sum, Summing, Unknown
from metrics.store.engine import Store, connect
from metrics.store.schema import unusable
from settings import Settings

FORMAT = 1
KEY = "secret.key"
NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY


class Damaged(RuntimeError):
    """What is in the file is not what its manifest says."""


def backup(store: Store, data: Path, workspace: str, to: Path, now: datetime) -> Path:
    """One state of the database, however much is written meanwhile, as a file that only its owner may read. Where it is."""
    with store.read() as connection:
        revision = head.newest(connection).number
        if to.is_dir():
            to = to / f"yuncha-{workspace}-{now:%Y%m%dT%H%M%SZ}-r{revision}.zip"
        if to.exists():
            raise FileExistsError(f"{to} is there already")
        partial = to.with_name(to.name + ".partial")
        partial.unlink(missing_ok=True)
        told: dict[str, Any] = {
            "product": "yuncha", "format": FORMAT, "workspace": workspace, "made_at": now.isoformat(), "revision": revision,
            "engine": connection.dialect.name, "schema": copies.schema(connection), "tables": {}, "files": {},
        }  # fmt: skip
        with open(os.open(partial, NEW, 0o600), "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as out:
                for table in copies.tables(connection):
                    summing = Summing()
                    with out.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as member:
                        for line in copies.lines(connection, table):
                            member.write(summing.add(line) + b"\n")
                    told["tables"][table.name] = {"columns": copies.columns(table), **asdict(summing.done)}
                if (data / KEY).is_file():
                    content = (data / KEY).read_bytes()
                    out.writestr(f"files/{KEY}", content)
                    told["files"][KEY] = hashlib.sha256(content).hexdigest()
                out.writestr("manifest.json", json.dumps(told, indent=1, ensure_ascii=False))
            raw.flush()
            os.fsync(raw.fileno())
    partial.rename(to)
    return to


def restore(file: Path, store: Store, data: Path) -> dict[str, Any]:
    """Everything, or nothing: into an empty database and a folder without a key; what stands there then is compared
    with the manifest.

    Raises Damaged, NotEmpty or Unknown, with nothing stored. The manifest.
    """
    told = manifest(file)
    if (data / KEY).exists():
        raise NotEmpty(f"{data / KEY} is there: give an empty DATA folder")
    try:
        _put_back(file, told, store, data)
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError) as fault:
        raise Damaged(f"{file} is damaged: {fault}") from fault
    return told


def _put_back(file: Path, told: dict[str, Any], store: Store, data: Path) -> None:
    with zipfile.ZipFile(file) as source:
        files = {name: source.read(f"files/{name}") for name in told["files"]}
        if any(hashlib.sha256(content).hexdigest() != told["files"][name] for name, content in files.items()):
            raise Damaged("a file in it was changed")
        with store.write() as connection:
            copies.prepare(connection, told["schema"])
            for table in copies.tables(connection):
                entry = told["tables"].get(table.name)
                if entry is None:
                    raise Damaged(f"it has no table {table.name}")
                with source.open(f"tables/{table.name}.jsonl") as member:
                    copies.fill(connection, table, entry["columns"], (line.rstrip(b"\n") for line in member))
                if _sum(copies.lines(connection, table)) != Sum(entry["rows"], entry["sha256"]):
                    raise Damaged(f"the rows of {table.name} are not what the manifest says")
            copies.go_on(connection)
            for name, content in files.items():
                _keep(data / name, content)


def manifest(file: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(file) as source:
            told = json.loads(source.read("manifest.json"))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as fault:
        raise Damaged(f"{file} is no backup: {fault}") from fault
    if told.get("product") != "yuncha" or told.get("format") != FORMAT:
        raise Damaged(f"{file} is no backup of this product, or of a newer version of it")
    return told


def _sum(lines: Iterator[bytes]) -> Sum:
    summing = Summing()
    for line in lines:
        summing.add(line)
    return summing.done


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, NEW, 0o600), "wb") as file:
        file.write(content)


def run_backup(given: argparse.Namespace, settings: Settings) -> int:
    store = connect(settings.database_url)
    try:
        made = backup(store, settings.data, settings.workspace.name, given.to, datetime.now(UTC))
    except FileExistsError as fault:
        print(f"nothing was backed up: {fault}", file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"nothing was backed up: the file cannot be written: {fault}", file=sys.stderr)
        return 1
    except DBAPIError as fault:
        print(f"nothing was backed up: {unusable(fault)}; is DATA or DATABASE_URL the place it is in?", file=sys.stderr)
        return 1
    finally:
        store.close()
    told = manifest(made)
    rows = sum(one["rows"] for one in told["tables"].values())
    print(f"{made}: revision {told['revision']}, {rows} rows of {len(told['tables'])} tables")
    print("It holds the accounts and the secret key: keep it as you keep those. The workspace's folder is not in it.")
    return 0


def run_restore(given: argparse.Namespace, settings: Settings) -> int:
    settings.data.mkdir(parents=True, exist_ok=True)
    store = connect(settings.database_url)
    try:
        told = restore(given.file, store, settings.data)
    except (Damaged, NotEmpty, Unknown) as fault:
        print(f"nothing was restored: {fault}", file=sys.stderr)
        return 1
    finally:
        store.close()
    print(f"restored: revision {told['revision']} of {told['made_at']}, every table compared")
    return 0
