"""A line that crosses a version of its definition says so, offers like with like, and both texts stand side by side."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboards import _figures, _indicator, _map, _ranking, _trend, _units, _versions
from dashboards._cards import Setting
from dashboards._view import View
from metrics import definitions, reading
from metrics.answers import Ask
from metrics.arrivals import Series
from metrics.model import SYSTEM
from metrics.store import engine, schema
from publish import _figures as sheets
from publish import api
from tests.metrics.small import NOW, ZONE, calls, case
from tests.metrics.test_definitions import SINCE, first, meaning, moved, put

BEFORE = "- key: a\n  measure: {count: {opened: in_period}}\n  unit: item\n"
AFTER = "- key: a\n  measure: {count: {closed: in_period}}\n  unit: item\n  decimals: 1\n"


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """A store whose catalogue came to its second version, and that catalogue."""
    store = engine.connect(f"sqlite:///{tmp_path_factory.mktemp('versions')}/y.db")
    schema.migrate(store)
    definitions.take_in(store, first(), NOW)
    put(store, first(), *(case(f"{day}", day=day, due=0, closed=1) for day in range(6)))
    put(store, first(), calls(10, "x1", day=9), calls(7, "y1", day=9), source="calls")
    workspace, _ = moved(store)
    put(store, workspace, calls(12, "x1", day=9), source="calls")
    yield store, workspace
    store.close()


@pytest.fixture
def ask(crossed):
    store, workspace = crossed
    with store.read() as connection:
        yield Ask(connection, workspace, SYSTEM, NOW)


def text(component) -> str:
    if component is None or isinstance(component, (str, int)):
        return str(component or "")
    if isinstance(component, (list, tuple)):
        return " ".join(text(one) for one in component)
    return text(getattr(component, "children", ""))


def test_a_chart_that_crosses_a_version_shows_a_line_and_words(ask):
    cells = reading.trend(ask, Series("on_time", "day"))
    found = _versions.breaks(ask, "on_time", cells, "en")
    assert [(one.before, one.after) for one in found] == [(1, 2)]
    assert found[0].at.astimezone(ZONE).date() == SINCE
    look = View("/indicator/on_time", {}, "en")
    points = [_figures.Point(cell.period_start, "", cell.value) for cell in cells]
    figure = _versions.drawn(_figures.trend(points, []), found, look, ZONE)
    line = [shape for shape in figure["layout"]["shapes"] if shape.get("xref") == "x"]
    assert [(shape["x0"], shape["y0"], shape["y1"]) for shape in line] == [("2026-03-05T00:00:00", 0, 1)]
    assert any("v1 → v2" in note["text"] for note in figure["layout"]["annotations"])


def test_it_offers_like_with_like_and_what_is_since_the_break(ask):
    look = View("/indicator/on_time", {}, "en")
    cells = reading.trend(ask, Series("on_time", "day"))
    offer = _versions.offer(ask, "on_time", _versions.breaks(ask, "on_time", cells, "en"), look)
    assert {"each by its own version", "all by version 2", "only since version 2"} <= {
        text(link) for part in offer.children if part.__class__.__name__ == "Div" for link in part.children
    }
    alike = reading.trend(replace(ask, alike=True), Series("on_time", "day"))
    assert _versions.breaks(ask, "on_time", alike, "en") == []
    shown = _versions.offer(ask, "on_time", [], View("/indicator/on_time", {"alike": "1"}, "en"))
    assert "computed anew by version 2" in text(shown), "the way back stays"
    assert _versions.offer(ask, "opened", [], look) is None


@pytest.mark.parametrize("seen", [{}, {"alike": "1"}, {"only": "new"}])
def test_what_is_taken_away_is_what_is_seen(ask, seen):
    """The line, all by the newest version or from the break on; the units, of a day before the break by the version chosen."""
    look = View("/indicator/on_time", {"grain": "day", **seen}, "en")
    line = _indicator.look(ask, look, "on_time").line
    rows = sheets.trend(ask, taken(_trend.parts(line, line_setting(ask, look))["ind-line-take"]), "en").rows
    values = [round(point.value, 4).normalize() for point in line.points if point.value is not None]
    assert [row[1] for row in rows if row[1] is not None] == values
    assert values == {"only": [100] * 3, "alike": [100] * 6}.get("".join(seen), [0] * 3 + [100] * 3)

    past = View("/indicator/on_time", {"grain": "day", "by": "county", "until": "2026-03-03", **seen}, "en")
    shown = _indicator.look(ask, past, "on_time")
    sheet = sheets.units(ask, taken(_units.parts(ask, shown.units, shown.card, shown.setting)["ind-units-take"]), "en")
    found = {one.place.name["en"]: one.cell.num for one in shown.units.found if one.cell is not None and one.cell.den}
    assert {row[3]: row[5] for row in sheet.rows if row[6]} == found == {"x1": 1 if "alike" in seen else 0}


def taken(part):
    """The parameters of the sheet that a part of a page offers."""
    (span,) = part["children"]
    address = getattr(next(one for one in span.children if one is not None), "data-code")
    return dict(parse_qsl(urlsplit(address).query))


def line_setting(ask, look):
    return Setting(look, ask.now, ZONE, {})


@pytest.mark.parametrize("wrong", [{"only": "old"}, {"alike": "yes"}])
def test_a_sheet_refuses_what_it_does_not_know_instead_of_leaving_it_out(ask, wrong):
    with pytest.raises(sheets.NotFound):
        sheets.trend(ask, {"indicator": "on_time", "grain": "day", **wrong}, "en")


def test_a_card_names_both_versions_of_one_sum(ask):
    card = reading.card(ask, "calls")
    assert (card.cell.num, card.cell.version, card.cell.mixed) == (19, 2, (1, 2))
    assert reading.card(ask, "on_time").cell.mixed == ()


def test_every_list_with_such_a_sum_names_both_too(ask):
    """A ranking, the table of a chart, a map's tooltip, what programs read, a sheet."""
    look = View("/", {}, "en")
    units = reading.units(ask, "calls", "city")
    assert [one.cell.mixed for one in units] == [(), ()], "each of one county"
    cells = [one for one in reading.marked(ask, reading.trend(ask, Series("calls", "day"), 2)) if one.settled]
    assert cells[-1].mixed == (1, 2)
    setting = Setting(look, ask.now, ZONE, {})
    row = _trend.points(cells, ask.workspace.indicators["calls"], setting)[-1].note
    assert "≠ v1 + v2 (definitions v1 + v2 in one sum)" in row
    whole = replace(units[0], cell=next(cell for cell in cells if cell.mixed))
    (tip,) = _map.tips([whole], ask.workspace.indicators["calls"], "", look).values()
    assert "≠ v1 + v2 (definitions v1 + v2 in one sum)" in tip
    ranked = text(_ranking.ranking([whole], ask.workspace.indicators["calls"], setting))
    assert "≠ v1 + v2" in ranked
    sheet = sheets.trend(ask, {"indicator": "calls", "grain": "day"}, "en")
    assert ("Note", "Rows that hold definitions 1, 2 in one sum: 1") in list(sheet.about)
    assert [row for row in sheet.rows if "definitions 1, 2 in one sum" in row]
    items = api.observations(ask, {"indicator": "calls", "grain": "day"})["items"]
    assert [one["mixed"] for one in items if one["settled"]][-1] == [1, 2]


def test_both_texts_stand_side_by_side_with_the_differences_marked():
    one = first().indicators["on_time"]
    was = replace(meaning(one), text=BEFORE, reason="first")
    now = replace(meaning(replace(one, version=2), SINCE), text=AFTER, reason="closing counts")
    table = _versions.beside(was, now, View("/definitions/a", {}, "en"))
    rows = table.children.children[1].children
    marks = [(row.children[0].className if hasattr(row.children[0], "className") else "", text(row)) for row in rows]
    assert len(rows) == 4
    assert "opened" in marks[1][1]
    assert "closed" in marks[1][1]
    assert [row.children[1].className for row in rows if getattr(row.children[1], "className", "")] == ["came", "came"]
    page = _versions.history((was, now), View("/definitions/a", {}, "en"))
    assert "closing counts" in text(page)
    assert "for periods from 2026-03-05 on" in text(page)
