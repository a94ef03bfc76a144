"""POST /api/v1/records and /api/v1/observations: routes only; `collectors._push` decides what is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from access import current, policy
from collectors import _push
from collectors._push import Answer, problem
from collectors._take import Door


def install(server: Flask, door: Door, clock: Callable[[], datetime]) -> None:
    def answered(gives: str) -> Response:
        made = _answer(door, gives, clock())
        answer = jsonify(made.said)
        answer.status_code = made.status
        if made.again:
            answer.headers["Idempotent-Replay"] = "true"
        return answer

    @server.post("/api/v1/records")
    @policy("push")
    def push_records() -> Response:
        return answered("records")

    @server.post("/api/v1/observations")
    @policy("push")
    def push_observations() -> Response:
        return answered("observations")


def _answer(door: Door, gives: str, now: datetime) -> Answer:
    named = request.args.get("source", "")
    mine = (current().user or "").removeprefix("source:")
    if named != mine:
        what = "this token is for another source" if named else "which source? POST .../?source=KEY"
        return problem(403 if named else 400, "not_allowed" if named else "bad_parameter", what)
    if unknown := [name for name in request.args if name != "source"]:
        return problem(400, "bad_parameter", f"{unknown[0][:60]}: no such parameter", "source")
    source = door.workspace.sources.get(mine)
    if source is None or source.type != "push":
        return problem(403, "not_allowed", "this source does not send by itself any more", "ask who runs this workspace")
    if source.gives != gives:
        return problem(422, "wrong_address", f"{mine} gives {source.gives}", f"POST /api/v1/{source.gives}")
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        return problem(415, "not_json", "the body is not application/json", "send JSON in UTF-8, not compressed")
    request.max_content_length = _push.MAX_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _push.too_large(door, source, now)
    return _push.push(door, source, body, request.headers.get("Idempotency-Key"), now)
