"""/export/<what>.<kind>: what a screen shows, to take away. One format is one file of this folder with `write` and `MIME`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Flask, Response, abort, request

from access import current, policy
from metrics import links
from metrics.answers import Ask
from metrics.catalogue.workspace import Workspace
from metrics.model import Principal
from metrics.passport import shown
from metrics.store import passports
from metrics.store.engine import Store
from publish._cases import cases
from publish._figures import NotFound, trend, units
from publish._parameters import Wrong, as_of
from publish._sheet import Again, Sheet
from publish._words import words

SHEETS: Mapping[str, Callable[[Ask, Mapping[str, str], str, Again], Sheet]] = {"trend": trend, "units": units, "cases": cases}
KINDS = ("csv", "xlsx", "code")
"""`code` is that of the figure alone, for a picture made in the browser."""
LONGEST = 200


def install(server: Flask, store: Store, workspace: Workspace) -> None:
    def coded(sheet: Sheet, who: Principal, now: datetime) -> list[str | None]:
        """Every figure that leaves has its passport: the codes of `sheet.printed`, kept."""
        there = [one for one in sheet.printed if one is not None]
        codes = iter(passports.keep(store, there, who.user or who.name, now))
        return [shown(next(codes)) if one is not None else None for one in sheet.printed]

    @server.get("/export/<what>.<kind>")
    @policy("export")
    def export(what: str, kind: str) -> Response:
        """The figures as whoever asks may see them, at the revision the address names."""
        if what not in SHEETS or kind not in KINDS:
            abort(404)
        # What cannot be meant is refused: a filter that is silently left out gives figures that are silently wrong.
        if any(len(value) > LONGEST or links.CONTROL.search(value) for value in request.args.values()):
            abort(404)
        if any(len(request.args.getlist(key)) > 1 for key in request.args):
            abort(404)
        given = request.args.to_dict()
        lang = given.get("lang") if given.get("lang") in workspace.languages else workspace.languages[0]

        @contextmanager
        def again() -> Iterator[Ask]:
            """The same person's next look, after this one's connection is given back: nobody's slow line holds one."""
            with store.read() as later:
                yield Ask(later, workspace, who, now)

        with store.read() as connection:
            who, now = current(), workspace.now(datetime.now(UTC))
            ask = Ask(connection, workspace, who, now)
            try:
                ask = as_of(ask, given, datetime.now(UTC))
                sheet = SHEETS[what](ask, given, lang or "zh", again)
            except (NotFound, Wrong):
                abort(404)

        def finish() -> Sheet:
            whole = sheet.whole()
            return whole.coded(coded(whole, who, now), words("passport", lang or "zh"))

        if kind == "code":
            return Response(next(iter(coded(sheet.whole(), who, now)), "") or "", mimetype="text/plain")
        long = sheet.finish is not None
        writer = importlib.import_module(f"publish.{kind}")
        answer = Response(writer.write(replace(sheet, finish=finish) if long else finish()), mimetype=writer.MIME)
        answer.headers["Content-Disposition"] = (
            f"attachment; filename=\"yuncha-{what}.{kind}\"; filename*=UTF-8''{quote(sheet.file)}.{kind}"
        )
        return answer
