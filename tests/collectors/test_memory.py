"""F27, F52: what a hostile system or file costs the worker that asks it. At most 150 MB above idle, whatever comes."""

import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.collectors.test_http_json import Raw

ROOT = Path(__file__).resolve().parents[2]
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


def _endless(talk, over):
    talk.recv(65536)
    talk.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not over.is_set():
        talk.sendall(CHUNK)


def _huge(talk, over):
    talk.recv(65536)
    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n")
    while not over.is_set():
        talk.sendall(b"[" + b" " * 0x10000)


def _bomb(talk, over):
    """Ten thousand million bytes in ten."""
    talk.recv(65536)
    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = pack.compress(b"0" * 1_000_000) + pack.flush(zlib.Z_FULL_FLUSH)
    again = pack.compress(b"0" * 1_000_000) + pack.flush(zlib.Z_FULL_FLUSH)
    for part in (first, *[again] * 10_000):
        if over.is_set():
            return
        talk.sendall(b"%x\r\n" % len(part) + part + b"\r\n")


def _many_values(talk, over):
    talk.recv(65536)
    body = b"[" + b"{}," * 6_900_000 + b"{}]"
    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _many_samples(talk, over):
    talk.recv(65536)
    body = b"# TYPE a gauge\n" + b'a{b="c"} 1\n' * 1_800_000
    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def a_zip_bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(512):
                sheet.write(b"0" * 1_048_576)
    return made.getvalue()


@pytest.fixture
def hostile(tmp_path):
    served = {"endless": _endless, "huge": _huge, "bomb": _bomb, "values": _many_values}
    raws = {name: Raw(serve) for name, serve in {**served, "samples": _many_samples}.items()}
    for name, data in (
        ("bomb.xlsx", a_zip_bomb()),
        ("rows.csv", b"id\n" + b"1\n" * 10_000_000),
        ("same.csv", b"1\n" * 10_000_000),
    ):
        (tmp_path / name).write_bytes(data)
        os.utime(tmp_path / name, (0, 0))
    with sqlite3.connect(tmp_path / "rows.db") as made:
        made.execute("CREATE TABLE t (a)")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000) SELECT i FROM n"
    yield [
        *({"key": name, "type": "http_json", "settings": {"url": raws[name].url}} for name in served),
        {"key": "samples", "type": "openmetrics", "settings": {"url": raws["samples"].url}},
        {"key": "zip", "type": "files", "settings": {"folder": ".", "pattern": "bomb.xlsx"}},
        {"key": "csv", "type": "files", "settings": {"folder": ".", "pattern": "rows.csv"}},
        {"key": "same", "type": "files", "settings": {"folder": ".", "pattern": "same.csv"}},
        {"key": "sql", "type": "sql", "settings": {"url": "sqlite:///rows.db", "query": endless}},
    ]
    for raw in raws.values():
        raw.close()


def test_nothing_a_source_sends_takes_more_than_150_megabytes__F27_F52(hostile, tmp_path):
    command = [sys.executable, "-m", "tests.collectors.hostile", json.dumps(hostile), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    found = {one["key"]: one for one in map(json.loads, done.stdout.splitlines())}
    words = {
        "endless": "more than 20971520 bytes", "huge": "more than 20971520 bytes", "bomb": "more than 20971520 bytes",
        "values": "more than 500000 values", "samples": "more than", "zip": "unpacks to 536870920 bytes",
        "csv": "more than 200000 rows", "same": "more than 200000 rows", "sql": "more than 200000 rows",
    }  # fmt: skip
    print({key: round(one["megabytes"]) for key, one in found.items()})
    for key, said in words.items():
        assert found[key]["said"].startswith("too_large: "), found[key]
        assert said in found[key]["said"]
        assert found[key]["megabytes"] <= 150, found[key]
