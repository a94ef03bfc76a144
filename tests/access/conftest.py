"""A small real Dash app behind the real guard, over both databases."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from dash import ALL, MATCH, Dash, Input, Output, State, ctx, dcc, html
from flask import Flask, abort

from access import accounts, current, guard, may, passwords, policy
from access.store import accounts as rows
from metrics.model import TOTAL

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
PASSWORD = "Correct-Horse-9"
ASSETS = Path(__file__).resolve().parents[2] / "assets"


@cache
def password_hash() -> str:
    return passwords.hashed(PASSWORD)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Settings:
    host: str = "127.0.0.1"
    public_url: str = ""


@dataclass
class Workspace:
    demo: bool = False


@dataclass
class Site:
    """The app, its store and its clock; `post` sends what a browser's page of this site sends."""

    server: Flask
    dash: Dash
    store: object
    clock: Clock
    origin: str = "http://localhost"
    calls: list = field(default_factory=list)

    def visitor(self):
        return self.server.test_client()

    def signed_in(self, name: str):
        client = self.server.test_client()
        answer = client.post("/login", data={"name": name, "password": PASSWORD}, headers={"Origin": self.origin})
        assert answer.status_code == 303, answer.text
        return client

    def update(self, client, output: str, **headers):
        """Calls one callback as dash-renderer does."""
        return client.post(
            "/_dash-update-component", json=update_body(self.dash, output), headers={"Origin": self.origin, **headers}
        )

    def audit(self) -> list[tuple[str, str, str, str]]:
        from access.store import audit

        with self.store.read() as connection:
            return [(row.who, row.action, row.object, row.result) for row in audit.entries(connection)]


def update_body(app: Dash, output: str, value=1) -> dict:
    entry = app.callback_map[output]

    def item(spec, **more):
        import json

        if not spec["id"].startswith("{"):
            return {"id": spec["id"], "property": spec["property"], **more}
        pattern = json.loads(spec["id"])
        id = {name: 1 if isinstance(value, list) else value for name, value in pattern.items()}
        one = {"id": id, "property": spec["property"], **more}
        return [one] if ["ALL"] in pattern.values() else one

    body = {
        "output": output, "changedPropIds": [],
        "inputs": [item(spec, value=value) for spec in entry["inputs"]],
        "state": [item(spec, value=value) for spec in entry["state"]],
    }  # fmt: skip
    if not entry["no_output"]:
        several = isinstance(entry["output"], list | tuple)
        outputs = [item(one.to_dict()) for one in (entry["output"] if several else [entry["output"]])]
        body["outputs"] = outputs if several else outputs[0]
    return body


def build(store, clock, *, demo=False, host="127.0.0.1", public_url="", before_install=None) -> Site:
    server = Flask("site")
    app = Dash(__name__, server=server, assets_folder=str(ASSETS), enable_mcp=False, suppress_callback_exceptions=True)
    app.layout = html.Div([dcc.Store(id="s"), html.Div(id="seen"), html.Button(id="b"), html.Div(id="done"), html.Div(id="two")])
    site = Site(server, app, store, clock, public_url or "http://localhost")

    @app.callback(Output("seen", "children"), Input("b", "n_clicks"), State("s", "data"))
    @policy("view")
    def seen(clicks: int | None, data: dict | float | list[str]):
        site.calls.append(("seen", current()))
        return current().name or "visitor"

    @policy("acknowledge")
    @app.callback(Output("done", "children"), Output("two", "children"), Input("b", "n_clicks"))
    def acknowledge(clicks):
        site.calls.append(("acknowledge", current()))
        return "done", ctx.triggered_id

    @app.callback(Output({"type": "row", "index": MATCH}, "children"), Input({"type": "row", "index": MATCH}, "n_clicks"),
                  State({"type": "row", "index": ALL}, "id"), prevent_initial_call=True)  # fmt: skip
    @policy("administer")
    def row(clicks, ids):
        return "row"

    @app.callback(Input("s", "data"))
    @policy("export")
    def silent(data):
        return None

    app.clientside_callback("function(x){return x}", Output("s", "data"), Input("done", "children"))

    @server.get("/export/cases.csv")
    @policy("export")
    def export():
        return "a,b\n"

    @server.get("/live")
    @policy("view", passive=True)
    def live():
        return "", 204

    @server.get("/other-department")
    @policy("view")
    def other():
        abort(403)

    @server.get("/broken")
    @policy("view")
    def broken():
        raise RuntimeError("secret inside words")

    @server.post("/api/v1/push")
    @policy("administer")
    def push():
        return {"ok": True}

    @server.get("/healthz")
    def healthz():
        return {"status": "ok", **({"sources": 3} if may("view") else {})}

    if before_install:
        before_install(server, app)
    guard.install(server, app, store, Workspace(demo), Settings(host, public_url), clock)
    return site


@pytest.fixture
def one_engine(sqlite_template: Path, tmp_path: Path) -> str:
    """For modules that are not about the database: `from ... import one_engine as database_url`."""
    shutil.copy(sqlite_template, tmp_path / "yuncha.db")
    return f"sqlite:///{tmp_path / 'yuncha.db'}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(store):
    with store.write() as connection:
        for role in accounts.ROLES:
            rows.add(connection, f"{role}-1", f"{role} 王", role, (TOTAL,), (TOTAL,), password_hash(), NOW)
    return store


@pytest.fixture
def site(people, clock) -> Site:
    return build(people, clock)


@pytest.fixture
def demo(people, clock) -> Site:
    return build(people, clock, demo=True)
