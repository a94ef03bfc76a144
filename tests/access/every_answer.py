"""Looks for planted personal values in every answer to everybody, on a small city with two cases. A process of its own.

`python -m tests.access.every_answer WORKSPACE DATA` prints [who, address, status, personal values found, cases found].
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

PLANTED = ("Zebediah Quill", "17 Larkspur Passage", "13812341234")
CHOICES = {"what": ("cases", "trend", "units"), "kind": ("csv", "xlsx")}
"""What an export's address may name."""
CASES = (("C1", "PWDx"), ("C2", "PARK"))
PEOPLE = (
    ("viewer", "viewer", "_T"), ("staff", "staff", "_T"), ("pwd-staff", "staff", "PWDx"), ("supervisor", "supervisor", "_T"),
    ("park-supervisor", "supervisor", "PARK"), ("administrator", "administrator", "_T"),
)  # fmt: skip
ORIGIN = {"Origin": "http://localhost"}
COLUMNS = {
    "CASE_ENQUIRY_ID": "", "Department": "", "ward": "Ward 3", "OPEN_DT": "01/05/2015 12:40:41 PM", "TARGET_DT": "",
    "CLOSED_DT": "01/06/2015 01:46:56 PM", "TYPE": "Pothole", "CASE_STATUS": "Closed", "OnTime_Status": "ONTIME",
    "neighborhood": "Back Bay", "SUBJECT": "Streets", "REASON": "Repair", "QUEUE": "Q1", "Source": "App",
    "Location": PLANTED[0], "LOCATION_STREET_NAME": PLANTED[1], "CLOSURE_REASON": f"Called {PLANTED[2]} {PLANTED[0]}",
}  # fmt: skip
"""A line of the city's export."""


def plant(folder: Path) -> None:
    """Two good cases and one whose date cannot be read, so that a refusal tells of it."""
    folder.mkdir(parents=True)
    with (folder / "planted.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        for id, department in CASES:
            table.writerow({**COLUMNS, "CASE_ENQUIRY_ID": id, "Department": department, "QUEUE": f"Queue of {id}"})
        table.writerow({**COLUMNS, "CASE_ENQUIRY_ID": "C3", "Department": "PWDx", "OPEN_DT": "no date"})
    os.utime(folder / "planted.csv", (1.7e9, 1.7e9))  # a file touched just now would be waited for


def main(workspace: str, data: str) -> None:
    plant(Path(data) / "export" / "boston311")
    os.environ["YUNCHA_REALDATA"] = str(Path(data) / "export")
    import alerts
    from access import passwords
    from access.store import accounts as rows
    from access.store import audit
    from app import create_app
    from collectors._run import run_source
    from metrics.catalogue import load
    from metrics.store.engine import connect
    from settings import from_environment
    from tests.access.conftest import PASSWORD

    settings = from_environment({"WORKSPACE": workspace, "DATA": data})
    dash = create_app(settings)
    store, now = connect(settings.database_url), datetime.now(UTC)
    loaded = load(settings.workspace)[0]
    run = run_source(loaded.sources["requests"], loaded, store, now, (alerts.evaluate(loaded),))
    assert run.counts.get("rows", 0) or run.outcome in ("ok", "refused"), run
    hash = passwords.hashed(PASSWORD)
    with store.write() as connection:
        for name, role, department in PEOPLE:
            rows.add(connection, name, name, role, (department,), ("_T",), hash, now)
    for who in ("nobody", *(() if loaded.demo else (name for name, _, _ in PEOPLE))):
        client = dash.server.test_client()
        if who != "nobody":
            client.post("/login", data={"name": who, "password": PASSWORD}, headers=ORIGIN)
        for address, answer in answers(dash, client, loaded):
            print(json.dumps([who, address, answer.status_code, *planted_in(answer.data)]))
    with store.read() as connection:
        for row in audit.entries(connection):
            print(json.dumps(["audit", row.who, row.action, row.object]))
    store.close()


def planted_in(body: bytes) -> tuple[list[str], list[str]]:
    """Personal values, and cases by what is open in them; also inside of an XLSX or PPTX."""
    parts = [body]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    text = "\n".join(part.decode("utf-8", "replace") for part in parts)
    return [one for one in PLANTED if one in text], [id for id, _ in CASES if f"Queue of {id}" in text]


def answers(dash, client, workspace) -> Iterator:
    """Every page and route with every place its address may name, and every callback of a list."""
    from dash import page_registry

    from access import policies
    from tests.access.conftest import update_body

    known = {"source": "requests", "key": "requests", "id": "C1", "indicator": "on_time", "place": "PWDx", "board": "overview",
             "external_id": "C1", "format": "csv", "kind": "cases", "path": "cases", "number": "1"}  # fmt: skip
    queries = ["", "source=requests&id=C1", "source=requests&id=C2", "source=requests&open=C1&indicator=on_time",
               "board=overview&since=-1", "source=requests&search=Zebediah"]  # fmt: skip
    for rule in dash.server.url_map.iter_rules():
        if rule.rule == policies.UPDATE or "GET" not in rule.methods or rule.rule.startswith("/_dash-component"):
            continue
        choices = [CHOICES.get(name, (known.get(name, "1"),)) for name in sorted(rule.arguments)]
        for chosen in product(*choices):
            values = dict(zip(sorted(rule.arguments), chosen, strict=True))
            address = dash.server.url_map.bind("localhost").build(rule.endpoint, values, method="GET")
            for query in queries:
                yield f"{address}?{query}", client.get(f"{address}?{query}")
    draw = next(iter(policies.DASH_CALLBACKS))
    for page in page_registry.values():
        template = page["path_template"] or page["path"]
        for value in ("PWDx", "requests", "on_time", "1") if "<" in template else ("",):
            path = re.sub(r"<[^>]+>", value, template)
            for query in queries[:4] if path in ("/case", "/cases") else queries[:1]:
                yield f"{path}?{query}", post(client, update_body(dash, draw), [path, f"?{query}"], [])
    request = {"startRow": 0, "endRow": 50, "sortModel": [], "filterModel": {}}
    for output, entry in dash.callback_map.items():
        if "callback" in entry and output != draw:
            for first in (request, [{"id": "C1", "source": "requests"}], 1):
                for state in ({"source": "requests"}, {"id": 1, "version": 1}):
                    yield output, post(client, update_body(dash, output, value=None), [first], [state, state])


def post(client, body, inputs, state):
    for item, value in [*zip(body["inputs"], inputs, strict=False), *zip(body["state"], state, strict=False)]:
        if isinstance(item, dict):
            item["value"] = value
    return client.post("/_dash-update-component", json=body, headers=ORIGIN)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
