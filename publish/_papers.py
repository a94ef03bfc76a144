"""/orders/<order>/papers/<number>: a paper of an order, to take away; never shown by the browser as a page of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from flask import Flask, Response, abort

from access import current, policy
from alerts import orders
from metrics.answers import Ask
from metrics.catalogue.workspace import Workspace
from metrics.store.engine import Store


def install(server: Flask, store: Store, workspace: Workspace) -> None:
    @server.get("/orders/<int:order>/papers/<int:number>")
    @policy("export")
    def paper(order: int, number: int) -> Response:
        """Served as an attachment under its own name, of a type from a closed list."""
        if max(order, number) >= 2**63:
            abort(404)
        with store.read() as connection:
            found = orders.paper(Ask(connection, workspace, current(), workspace.now(datetime.now(UTC))), order, number)
        if found is None:
            abort(404)
        row, content = found
        answer = Response(content, mimetype=row.media)
        ending = row.name.rsplit(".", 1)[-1]
        names = f"filename=\"paper-{row.id}.{ending}\"; filename*=UTF-8''{quote(row.name)}"
        answer.headers["Content-Disposition"] = f"attachment; {names}"
        answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return answer
