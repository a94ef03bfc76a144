"""Lists of cases, one case, runs and alerts in words: pure parts, without a store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboards import _case, _cases, _runs
from dashboards._cards import Setting
from dashboards._view import View
from metrics import links
from metrics.answers import Ask, Case, CasePage, CaseQuery, CaseRow, RunRow
from metrics.model import SYSTEM, Source
from tests.metrics.small import DAY, NOW, ZONE, workspace

SOURCE = Source(
    "cases", {"zh": "热线", "en": "Hotline"}, "http_json", "a", "records", {}, {}, personal=("phone",),
    labels={"state.open": {"zh": "在办", "en": "open"}, "title": {"zh": "诉求", "en": "Subject"}},
)  # fmt: skip


def setting(lang="en", **query):
    return Setting(View("/cases", query, lang), NOW, ZONE, {})


def ask():
    return Ask(None, workspace(), SYSTEM, NOW)  # type: ignore[arg-type]


def row(**more):
    given = CaseRow("cases", "1", "a", "x1", "noise", "open", DAY, DAY + timedelta(days=2), None, None, None, True, False,
                    {"title": "Lift out of order", "phone": "138****1234"}, 7, 3)  # fmt: skip
    return replace(given, **more)


def texts(part):
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | tuple):
        for one in part:
            yield from texts(one)
    elif part is not None:
        yield from texts(getattr(part, "children", None))


def said(part):
    return " ".join(texts(part))


def test_it_opens_exactly_the_query_of_the_address():
    query = _cases.read(
        {"source": "cases", "indicator": "on_time", "role": "missed", "grain": "day", "period": links.text(DAY), "rev": "4"},
        ask(),
    )
    assert query == CaseQuery("cases", "on_time", "missed", "day", DAY, revision=4)


def test_it_forgets_a_period_that_belongs_to_no_figure():
    assert _cases.read({"period": links.text(DAY), "grain": "day"}, ask()) == CaseQuery("cases")


@pytest.mark.parametrize("given", [{"source": "calls"}, {"indicator": "calls"}, {"department": "nobody"}, {"rev": "x"}])
def test_it_refuses_what_it_does_not_know(given):
    with pytest.raises(links.BadQuery):
        _cases.read(given, ask())


def test_it_names_every_condition_and_a_way_to_drop_it():
    query = CaseQuery("cases", department="a", category="noise", search="12")
    found = _cases.chips(ask(), query, SOURCE, setting(department="a", category="noise", search="12"))
    links_ = [chip.href for chip in found.children[:-1]]
    assert ["department" in href for href in links_] == [False, True, True]
    assert "noise" in said(found)


def test_it_sums_what_a_facet_does_not_name():
    counts = [(f"c{i}", 10 - i) for i in range(9)]
    page = CasePage(sum(n for _, n in counts), [row()], {"category": counts, "region": [("x1", 54)]})
    found = said(_cases.facets(ask(), page, CaseQuery("cases"), SOURCE, setting()))
    assert "2 others" in found
    assert "Region" not in found


def test_it_sorts_by_the_columns_the_store_sorts_by():
    assert _cases.sorting([{"colId": "due", "sort": "desc"}], "") == "-due"
    assert _cases.sorting([{"colId": "subject", "sort": "asc"}], "-opened") == "-opened"


def test_it_marks_what_is_overdue_in_words():
    assert "overdue" in said(_case.verdict(row(), SOURCE, setting()))
    assert "closed late" in said(_case.verdict(row(closed=DAY + timedelta(days=4)), SOURCE, setting()))
    assert "overdue" not in said(_case.verdict(row(overdue=False), SOURCE, setting()))


def test_it_says_what_each_version_changed_but_never_a_personal_value():
    later = row(state="closed", closed=DAY + timedelta(days=1), extra={"title": "Lift out of order", "phone": "139****0000"})
    lines = _case.versions(Case(later, [], [row(), later], False), ask(), SOURCE, setting())
    assert "first received" in said(lines[-1])
    assert "phone" in said(lines[0])
    assert "139" not in said(lines[0])


def test_it_tells_that_personal_fields_are_masked():
    assert "masked" in said(_case.fields(Case(row(), [], [row()], False), ask(), SOURCE, setting()))


def test_it_says_why_a_run_failed_in_plain_words():
    run = RunRow(1, "cases", "collect", NOW, NOW, "error", {}, None, "http", "HTTP 503", "ask them", [])
    assert _runs.what(run, setting("zh")) == "对方报错：HTTP 503"
    assert _runs.what(replace(run, outcome="ok", error_class="", error="", counts={"records_new": 3}), setting("en")) == "3 new"


def test_every_kind_of_error_has_words():
    from typing import get_args

    from collectors._errors import Kind
    from dashboards._text import catalogue

    assert {f"error.{kind}" for kind in get_args(Kind)} <= set(catalogue())


def test_a_source_calls_the_instants_of_a_case_by_its_own_names():
    labels = {"field.closed": {"zh": "反馈", "en": "Replied"}, "closed_late": {"zh": "逾期反馈", "en": "Replied late"}}
    own = replace(SOURCE, labels=labels)
    heads = {one["field"]: one["headerName"] for one in _cases.columns(own, CasePage(1, [row()]), setting("zh"))}
    assert (heads["closed"], heads["due"]) == ("反馈", "期限")
    replied = row(closed=DAY + timedelta(days=3), overdue=True)
    assert _cases.record(ask(), replied, own, setting("zh"))["state"] == "逾期反馈"
    assert _cases.record(ask(), replied, SOURCE, setting("zh"))["state"] == "超期办结"
