"""/upload: forms for offices without a system. Plain pages without a script: by keyboard, by reader, on any browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from access import current, policy
from access.words import language
from collectors import _duties, _form, _upload
from collectors._errors import Failure
from collectors._take import Door
from collectors._upload import Checked
from metrics.catalogue.workspace import Workspace
from metrics.model import TOTAL, Source
from metrics.periods import label
from metrics.store import runs
from receive import words

LARGEST = 2 * 1024 * 1024
LOOKED_AT = 3600
"""Seconds a preview may lie before it is submitted."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(door: Door, clock: Callable[[], datetime]) -> Blueprint:
    pages = Blueprint("upload", __name__, template_folder="templates")
    workspace = door.workspace

    def mine() -> list[Source]:
        """The forms of the departments this person works for."""
        who = current()
        inside = frozenset[str]().union(
            *(workspace.departments.subtree(id) for id in who.departments if id in workspace.departments)
        )
        whole = TOTAL in who.departments
        return [one for one in workspace.sources.values() if one.type == "upload" and (whole or one.department in inside)]

    def named(key: str) -> Source:
        if key not in workspace.sources or workspace.sources[key].type != "upload":
            abort(404)
        return next((one for one in mine() if one.key == key), None) or abort(403)

    def name(text: Mapping[str, str]) -> str:
        return text.get(language()) or next(iter(text.values()))

    def page(template: str, status: int = 200, **values: Any) -> Answer:
        lang = language()
        theme = "dark" if request.cookies.get("theme") == "dark" else "light"
        shown = make_response(
            render_template(
                f"receive/{template}.html", lang=lang, theme=theme, workspace=workspace, who=current(), reason=words.reason,
                say=lambda key, **more: words.say(key, lang, **more), name=name,
                when=lambda at: _when(at, workspace, lang, clock()), **values,
            ),
            status,
        )  # fmt: skip
        shown.headers["Cache-Control"] = "no-store"
        return shown

    def form(source: Source, status: int = 200, **values: Any) -> Answer:
        now = workspace.now(clock())
        with door.store.read() as connection:
            owes = _duties.duties(connection, source, workspace, now)
            last = next((run for run in runs.last(connection, source.key, 30) if run.outcome != "error"), None)
        shown = [_duty(one, door, now) for one in sorted(owes, key=lambda one: one.given is not None)]  # what is owed first
        kept: Mapping[str, Any] = {"faults": (), "changes": None, "notice": "", "done": None, **values}
        return page(
            "form", status, source=source, duties=shown, last=last, office=workspace.departments.get(source.department), **kept
        )

    @pages.get("/upload")
    @policy("upload")
    def forms() -> Answer:
        now = workspace.now(clock())
        with door.store.read() as connection:
            listed = [(one, *_upload.open_duties(_duties.duties(connection, one, workspace, now), now)) for one in mine()]
        offices = {one.key: workspace.departments.get(one.department) for one, _, _ in listed}
        return page("forms", forms=listed, offices=offices)

    @pages.get("/upload/<key>")
    @policy("upload")
    def one(key: str) -> Answer:
        source = named(key)
        done = None
        if request.args.get("run", "").isdigit() and len(request.args["run"]) < 18:
            with door.store.read() as connection:
                done = runs.one(connection, int(request.args["run"]))
        return form(source, done=done if done is not None and done.source == key else None)

    @pages.get("/upload/<key>/form.xlsx")
    @policy("upload")
    def template(key: str) -> Response:
        source, lang = named(key), language()
        with door.store.read() as connection:
            owes = _duties.duties(connection, source, workspace, workspace.now(clock()))
        answer = Response(_form.template(source, workspace, owes, lang), mimetype=XLSX)
        title = quote(f"{source.name.get(lang, key)}.xlsx")
        answer.headers["Content-Disposition"] = f"attachment; filename=\"{quote(key)}.xlsx\"; filename*=UTF-8''{title}"
        return answer

    @pages.post("/upload/<key>")
    @policy("upload")
    def check(key: str) -> Answer:
        """Faults by cell (422), or what would change; nothing is stored, but a form that was refused is a Run."""
        source, now, lang, by = named(key), clock(), language(), current().user or ""
        request.max_content_length = LARGEST
        try:
            given = request.files.get("form")
            data = given.read() if given is not None else b""
        except RequestEntityTooLarge:
            return form(source, 413, notice=words.say("too_large", lang))
        if given is None or not data:
            return form(source, 422, notice=words.say("no_file", lang))
        try:
            checked = _upload.check(door, source, data, given.filename or "form.xlsx", now)
        except Failure as failure:
            _upload.refused(door, source, failure, (), now, by)
            said = words.FAILURES.get(failure.kind) if lang == "zh" else None
            return form(source, 422, notice=said or f"{failure.what}. {failure.hint}")
        if checked.faults:
            first = checked.faults[0]
            what = f"{len(checked.faults)} faults in the form; the first: {first.place} {first.reason}"
            said_so = Failure("bad_input", what, "whoever handed it in mends these cells")
            _upload.refused(door, source, said_so, checked.faults, now, by)
            return form(source, 422, faults=checked.faults)
        return form(source, **_preview(checked, door, source))

    @pages.post("/upload/<key>/submit")
    @policy("upload")
    def submit(key: str) -> Answer:
        """What was looked at, and nothing else, goes in."""
        source, now, lang = named(key), clock(), language()
        try:
            rows, lines = _signer(source).loads(request.form.get("looked_at", ""), max_age=LOOKED_AT)
        except BadSignature:
            return form(source, 422, notice=words.say("stale", lang))
        checked = _upload.again(door, source, rows, lines, now)
        if checked.faults:
            return form(source, 422, faults=checked.faults)
        done = _upload.store(door, source, checked, now, current().user or "")
        return redirect(f"/upload/{quote(source.key)}?run={done.run_id}", 303)

    return pages


def _signer(source: Source) -> URLSafeTimedSerializer:
    """A preview is good for the person who saw it, for this form."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"upload {source.key} {current().user}")


def _preview(checked: Checked, door: Door, source: Source) -> dict[str, Any]:
    workspace, lang = door.workspace, language()
    changes = []
    for change in checked.changes:
        indicator = workspace.indicators[change.one.indicator]
        changes.append(
            {
                "indicator": indicator, "period": label(change.one.grain, change.one.period_start, workspace.zone, lang),
                "place": _place(workspace, change.one.department, change.one.region), "kind": change.kind,
                "before": _form.shown(change.before, indicator.decimals), "now": _form.shown(change.now, indicator.decimals),
                "status": _form.STATUSES[change.one.status][lang] if change.one.status in _form.STATUSES else change.one.status,
            }
        )  # fmt: skip
    counts = {kind: sum(change.kind == kind for change in checked.changes) for kind in ("new", "changed", "same")}
    looked_at = _signer(source).dumps([list(map(dict, checked.rows)), list(checked.lines)])
    return {"changes": changes, "counts": counts, "looked_at": looked_at}


def _duty(one: _duties.Duty, door: Door, now: datetime) -> dict[str, Any]:
    lang, zone = language(), door.workspace.zone
    if one.given is not None:
        state = "given" if one.given.num is not None else "given_missing"
    else:
        state = "was_late" if one.deadline < now else "due_soon" if _duties.soon(one.deadline, now) else "waiting"
    return {
        "indicator": one.indicator, "period": label(one.grain, one.start, zone, lang),
        "deadline": _by(one.deadline, door.workspace, lang, now), "state": state,
        "place": _place(door.workspace, one.department, one.region), "figure": _form.shown(one.given, one.indicator.decimals),
    }  # fmt: skip


def _place(workspace: Workspace, department: str, region: str) -> Mapping[str, str]:
    tree, id = (workspace.regions, region) if region != TOTAL else (workspace.departments, department)
    return tree.get(id).name if id in tree else {"zh": id, "en": id}


def _by(deadline: datetime, workspace: Workspace, lang: str, now: datetime) -> str:
    """People say `by 5 November`, not `by 6 November 00:00`."""
    local = deadline.astimezone(workspace.zone)
    if (local.hour, local.minute) == (0, 0):
        return label("day", deadline - timedelta(seconds=1), workspace.zone, lang, now)
    return _when(deadline, workspace, lang, now)


def _when(at: datetime, workspace: Any, lang: str, now: datetime) -> str:
    local = at.astimezone(workspace.zone)
    day = label("day", at, workspace.zone, lang, now)
    return f"{day} {local:%H:%M}"
