import json
from pathlib import Path

import pytest

from dashboards import _map
from dashboards._live import encode
from dashboards._view import View
from tests.dashboards import made

SQUARES = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"adcode": code},
         "geometry": {"type": "Polygon", "coordinates": [[[x, 30], [x, 31], [x + 1, 31], [x + 1, 30], [x, 30]]]}}
        for code, x in (("1", 100), ("2", 101))
    ],
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "squares.geojson"
    path.write_text(json.dumps(SQUARES))
    return path


def test_it_fits_the_shapes_in_the_box_and_keeps_common_borders(file):
    plan = _map.shapes(file)
    assert plan.width <= 300
    assert plan.height <= 256
    assert [s.code for s in plan.shapes] == ["1", "2"]
    assert all(s.d.startswith("M") and s.d.endswith("Z") for s in plan.shapes)
    assert plan.shapes[0].x < plan.shapes[1].x


@pytest.mark.parametrize(
    ("name", "short"),
    [("阿坝藏族羌族自治州", "阿坝"), ("甘孜藏族自治州", "甘孜"), ("凉山彝族自治州", "凉山"), ("成都市", "成都"),
     ("攀枝花市", "攀枝花"), ("渠县", "渠县"), ("北川羌族自治县", "北川"), ("木里藏族自治县", "木里")],
)  # fmt: skip
def test_it_says_regions_short(name, short):
    assert _map.short(name, "zh") == short


def test_it_hatches_what_is_missing_and_never_colours_it(file):
    units = [made.unit("1", "87.9", "serious", 1), made.unit("2", None, "nrep")]
    view = View("/")
    tips = _map.tips(units, made.indicator(), "%", view)
    changes = _map.changes(units, tips)
    assert changes["map-1"]["className"] == "rg s-serious"
    assert changes["map-2"]["className"] == "rg s-hatched"
    assert "未上报" in tips["2"]
    drawn = encode(_map.drawing(file, units, view, tips)).decode()
    assert drawn.count('"id":"map-') == 2
    assert '"/region/1"' in drawn


def test_it_draws_the_21_shapes_of_the_province(workspaces):
    file = workspaces / "sichuan" / "shapes" / "cities.geojson"
    plan = _map.shapes(file)
    assert len(plan.shapes) == 21
    assert sum(len(s.d) for s in plan.shapes) < 60_000


def test_it_lists_who_fails_worst_first_and_who_did_not_report():
    units = [
        made.unit("1", "94", "off", 2),
        made.unit("2", "87.9", "serious", 3),
        made.unit("3", "99", "ok", 1),
        made.unit("4", None, "nrep"),
    ]
    text = made.words(_map.failing(units, made.indicator(), View("/")))
    assert text.index("87.9") < text.index("94.0")
    assert "99" not in text
    assert "未上报" in text


def test_it_counts_the_regions_in_each_band():
    units = [made.unit("1", "94", "off", 2), made.unit("2", "87.9", "serious", 3), made.unit("3", "99", "ok", 1)]
    text = encode(_map.legend(units, made.indicator(), "%", View("/"))).decode()
    for part in ("<90%", "90–95", "95–98", "≥98", "严重 1", "预警 1", "关注 0", "正常 1"):
        assert part in text
    assert text.count('"Circle"') >= 3


def test_it_never_calls_everything_fine_where_nothing_was_judged():
    units = [made.unit("1", None, "stale"), made.unit("2", None, "nrep")]
    text = made.words(_map.failing(units, made.indicator(), View("/")))
    assert "全部达标" not in text
    assert "没有可评判的数据" in text
