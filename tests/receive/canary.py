"""Plants secrets, lets sources be collected that give them back in every way, and looks for them in every answer of the product.

A process of its own: `python -m tests.receive.canary WORKSPACE DATA PORT` prints what was looked at, and every place where a
secret was found.
"""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

SECRETS = ("canary-env-7f3a9c", "canary-file-51d0b8", "canary-db-e2a46d")
SOURCES = ("requests", "bearer", "db")
"""The first is called as `tests.access.every_answer` calls a source."""


def main(workspace: str, data: str) -> None:
    import alerts
    from access import passwords, source_tokens
    from access.store import accounts
    from app import create_app
    from collectors._run import run_source
    from metrics.catalogue import load
    from metrics.store.engine import connect
    from settings import from_environment
    from tests.access.conftest import PASSWORD, update_body
    from tests.access.every_answer import ORIGIN, answers, post

    settings = from_environment({"WORKSPACE": workspace, "DATA": data})
    dash = create_app(settings)
    store, now = connect(settings.database_url), datetime.now(UTC)
    loaded, _ = load(settings.workspace)
    assert loaded is not None
    for key in SOURCES:
        for _ in range(2):
            run = run_source(loaded.sources[key], loaded, store, datetime.now(UTC), (alerts.evaluate(loaded),))
            print(json.dumps(["run", key, run.outcome, run.error_class, run.counts]))
            look("run", str(run))
    with store.write() as connection:
        accounts.add(connection, "boss", "boss", "administrator", ("_T",), ("_T",), passwords.hashed(PASSWORD), now)
        token = source_tokens.make(connection, "meters", now)
    client = dash.server.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    wrong = {"items": [{"indicator": "visits"}]}
    sent = dash.server.test_client().post("/api/v1/observations?source=meters", json=wrong, headers=bearer)
    assert sent.status_code == 422
    look("push", sent.text, token)
    client.post("/login", data={"name": "boss", "password": PASSWORD}, headers=ORIGIN)
    draw = next(output for output in dash.callback_map if "_pages_content" in output)
    count = 0
    for address, answer in answers(dash, client, loaded):
        count += 1
        look(address, answer.data, token)
    for key in SOURCES:
        for path in (f"/sources/{key}", f"/cases?source={key}", f"/api/v1/runs?source={key}", f"/api/v1/records?source={key}"):
            body = update_body(dash, draw)
            answer = client.get(path) if path.startswith("/api") else post(client, body, [path.split("?")[0], "?lang=en"], [])
            count += 1
            assert answer.status_code < 500, path
            look(path, answer.data, token)
    print(json.dumps(["answers", count]))
    look("process list", Path("/proc/self/cmdline").read_bytes())
    look("process list", b"".join(one.read_bytes() for one in Path("/proc").glob("[0-9]*/cmdline") if os.access(one, os.R_OK)))
    for file in Path(data).rglob("*"):
        if file.is_file():
            look(f"file {file.name}", file.read_bytes(), token)
    store.close()


def look(where: str, given: bytes | str, *more: str) -> None:
    data = given.encode() if isinstance(given, str) else given
    parts = [data]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    for secret in (*SECRETS, *more):
        if any(secret.encode() in part for part in parts):
            print(json.dumps(["found", where, secret]))


if __name__ == "__main__":
    main(*sys.argv[1:3])
