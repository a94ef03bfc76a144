"""One case on its own page."""

from __future__ import annotations

from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from access import saw_whole
from dashboards import _case
from dashboards._cards import Setting
from dashboards._charts import rows
from dashboards._shell import notice, page, panel
from dashboards._site import asked
from dashboards._text import name
from dashboards._view import view
from metrics import reading

dash.register_page(__name__, path="/case")


def layout(source: str = "", id: str = "", **query: Any) -> Component:
    look = view("/case", {**query, "source": source, "id": id})
    with asked(look) as ask:
        given = ask.workspace.sources.get(source)
        case = reading.case(ask, source, id) if given and id else None
        setting = Setting(look, ask.now, ask.workspace.zone, ask.workspace.units)
        if case is not None and given is not None and case.whole and given.personal:
            saw_whole(f"{source} {id}")
        crumbs = [(look.t("menu.overview"), look.href("/")), (look.t("menu.cases"), look.href("/cases", source=source))]
        if case is None or given is None:
            missing = notice(look, "unknown", detail=look.t("case.unknown"), action=(look.t("menu.cases"), look.href("/cases")))
            return page(
                look, active="cases", title=look.t("case.title"), crumbs=crumbs, children=panel(look.t("case.title"), missing)
            )
        history = rows(
            [
                (look.t("from.revision"), False),
                (look.t("from.run"), False),
                (look.t("table.state"), False),
                (look.t("case.changed"), False),
            ],
            _case.versions(case, ask, given, setting),
            label=look.t("case.versions"),
        )
        return page(
            look,
            active="cases",
            title=_case.subject(case.row, given),
            sub=f"{case.row.external_id} · {name(given.name, look.lang)}",
            summary=html.Span([_case.verdict(case.row, given, setting), _case.suspect(case.row, setting)], className="sum"),
            crumbs=[*crumbs, (case.row.external_id, None)],
            children=html.Div(
                [
                    html.Div(
                        [
                            panel(
                                look.t("case.course"),
                                [
                                    _case.course(case, ask, setting),
                                    _case.timeline(case, ask, given, setting),
                                    html.P(look.t("case.calendar"), className="hint ft"),
                                ],
                            ),
                            panel(look.t("case.versions"), history),
                        ],
                        className="main",
                    ),
                    html.Aside([html.H2(look.t("case.fields")), _case.fields(case, ask, given, setting)], className="pn side"),
                ],
                className="ind",
            ),
            revision=case.row.known_from,
        )
