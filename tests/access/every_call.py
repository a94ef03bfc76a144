"""Calls every route and every callback of the whole product, as nobody, as a visitor and in every role; prints what came.
Strange addresses are asked for once, where it is no demo.

A process of its own: Dash's pages belong to one app a process. `python -m tests.access.every_call WORKSPACE DATA`.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from dash import Dash, page_registry
from flask.testing import FlaskClient

from access import accounts, passwords, policies
from access.store import accounts as rows
from app import create_app
from metrics.catalogue import load
from metrics.model import TOTAL
from metrics.store.engine import connect
from settings import from_environment
from tests.access.conftest import PASSWORD, update_body

STRANGE = ("x", "-1", "9" * 400, "'", "<script>", "2016-13-45", "_T", "%00", "²")
KEYS = ("source", "indicator", "role", "grain", "period", "department", "region", "state", "sort", "rev", "at", "offset", "lang",
        "theme", "cut", "level", "rank", "map", "compare", "open", "show", "run", "severity", "search")  # fmt: skip
ORIGIN = {"Origin": "http://localhost"}


def main(workspace: str, data: str) -> None:
    settings = from_environment({"WORKSPACE": workspace, "DATA": data})
    dash = create_app(settings)
    server = dash.server
    loaded, _ = load(settings.workspace)
    demo = loaded is not None and loaded.demo
    hash = passwords.hashed(PASSWORD)
    store = connect(settings.database_url)
    with store.write() as connection:
        for role in accounts.ROLES:
            rows.add(connection, f"{role}-1", role, role, (TOTAL,), (TOTAL,), hash, datetime.now(UTC))
    store.close()
    for who in ("nobody", *accounts.ROLES):
        client = server.test_client()
        if who != "nobody":
            client.post("/login", data={"name": f"{who}-1", "password": PASSWORD}, headers=ORIGIN)
        for rule in server.url_map.iter_rules():
            if rule.rule in policies.PUBLIC or rule.rule == "/logout" or rule.rule == policies.UPDATE:
                continue
            found = policies.of_route(server, rule.rule, rule.endpoint)
            for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
                address = server.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method=method)
                status = client.open(address, method=method, headers=ORIGIN).status_code
                print(json.dumps(["route", who, f"{method} {rule.rule}", found[0] if found else None, status]))
        for output, entry in dash.callback_map.items():
            if "callback" in entry:
                found = policies.of_callback(entry, output)
                body = update_body(dash, output, value="/" if output in policies.DASH_CALLBACKS else None)
                status = client.post("/_dash-update-component", json=body, headers=ORIGIN).status_code
                print(json.dumps(["callback", who, output, found[0] if found else None, status]))
        if who == "administrator" and not demo:
            strange_addresses(dash, client)


def strange_addresses(dash: Dash, client: FlaskClient) -> None:
    """Every page and every way out with what nobody means in its path and, in turn, in every part of its query."""
    for address in ("/live", "/export/cases.csv", "/export/trend.csv", "/export/units.csv"):
        for turn, key in enumerate((*KEYS, "board", "since", "path", "series", "periods")):
            strange = STRANGE[turn % len(STRANGE)]
            answer = client.get(address, query_string={"indicator": "on_time", "board": "overview", key: strange})
            print(json.dumps(["strange", "administrator", f"{address}?{key}={strange}", "view", answer.status_code]))
    drawing = next(iter(policies.DASH_CALLBACKS))
    for path in ("x", "", None, "//evil.example", "/../x", "/" + "x" * 5000):
        body = update_body(dash, drawing)
        body["inputs"][0]["value"], body["inputs"][1]["value"] = path, "x"
        answer = client.post("/_dash-update-component", json=body, headers=ORIGIN)
        print(json.dumps(["strange", "administrator", str(path)[:20], "view", answer.status_code]))
    for number, known in enumerate(page_registry.values()):
        for turn, (key, strange) in enumerate(zip(KEYS, cycle(STRANGE[number % len(STRANGE) :] + STRANGE), strict=False)):
            path = re.sub(r"<[^>]+>", STRANGE[turn % len(STRANGE)], known["path_template"] or known["path"])
            body = update_body(dash, drawing)
            body["inputs"][0]["value"], body["inputs"][1]["value"] = path, f"?{key}={strange}"
            answer = client.post("/_dash-update-component", json=body, headers=ORIGIN)
            print(json.dumps(["strange", "administrator", f"{path}?{key}={strange}", "view", answer.status_code]))


if __name__ == "__main__":
    main(sys.argv[1], str(Path(sys.argv[2])))
