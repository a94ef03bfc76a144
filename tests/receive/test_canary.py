"""Acceptance (F93): a planted secret is nowhere: not in logs, database, pages, errors, exports or the process list."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from tests.receive.canary import SECRETS
from tests.receive.conftest import TOWN

SOURCES = """
- key: requests
  name: {zh: 甲, en: A}
  type: http_json
  department: hall
  gives: records
  every: 1d
  secret: env:YUNCHA_CANARY
  settings: {url: "http://127.0.0.1:PORT/a", allow: ["127.0.0.1:PORT"], rows: rows, auth: {kind: key, param: key}}
  map: {id: id, opened: {field: opened}, extra: [note]}
- key: bearer
  name: {zh: 乙, en: B}
  type: http_json
  department: hall
  gives: records
  every: 1d
  secret: file:secret.txt
  settings: {url: "http://127.0.0.1:PORT/b", allow: ["127.0.0.1:PORT"], auth: {kind: bearer}}
  map: {id: id, opened: {field: opened}}
- key: db
  name: {zh: 丙, en: C}
  type: sql
  department: hall
  gives: records
  every: 1d
  secret: env:YUNCHA_CANARY_DB
  settings: {url: "postgresql://reader@127.0.0.1:PORT/d", query: "SELECT id, opened FROM t"}
  map: {id: id, opened: {field: opened}}
"""


class Echo(http.server.BaseHTTPRequestHandler):
    """Gives back what it was asked with: as rows that cannot be read, then as an error page."""

    asked = 0
    timeout = 1
    """Who says nothing that HTTP knows, as the client of a database, is hung up on; its own patience would be ten seconds."""

    def do_GET(self) -> None:
        Echo.asked += 1
        said = f"{self.path} {self.headers.get('Authorization', '')}"
        good = [{"id": str(n), "opened": "2026-03-01", "note": "ok"} for n in range(4)]
        rows = [*good, {"id": "9", "opened": said, said: 1}]
        page = f"<html><title>error</title><p>{said}</p>".encode()
        body = json.dumps({"rows": rows}).encode() if self.path.startswith("/a") and Echo.asked == 1 else page
        self.send_response(200)
        self.send_header("X-Echo", said)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        pass


@pytest.fixture
def looked(tmp_path):
    Echo.asked = 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    folder = tmp_path / "town"
    shutil.copytree(TOWN, folder)
    (folder / "sources" / "canary.yaml").write_text(SOURCES.replace("PORT", str(server.server_port)), encoding="utf-8")
    (folder / "secret.txt").write_text(SECRETS[1], encoding="utf-8")
    environment = {**os.environ, "YUNCHA_CANARY": SECRETS[0], "YUNCHA_CANARY_DB": SECRETS[2]}
    command = [sys.executable, "-c", VERBOSE, str(folder), str(tmp_path / "data")]
    made = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    server.shutdown()
    server.server_close()
    assert made.returncode == 0, made.stderr[-3000:]
    return made


VERBOSE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from tests.receive.canary import main
main(*sys.argv[1:3])
"""


def test_a_planted_secret_is_nowhere(looked):
    said = [json.loads(line) for line in looked.stdout.splitlines() if line.startswith("[")]
    runs = [line[1:4] for line in said if line[0] == "run"]
    assert [f"{key} {outcome}" for key, outcome, _ in runs] == [
        "requests refused", "requests error", "bearer error", "bearer error", "db error", "db error",
    ]  # fmt: skip
    assert next(line[1] for line in said if line[0] == "answers") > 100
    assert [line for line in said if line[0] == "found"] == []
    for secret in SECRETS:
        assert secret not in looked.stdout.replace('["found"', "")
        assert secret not in looked.stderr
