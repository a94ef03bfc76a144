import json
from decimal import Decimal

from dashboards import _marks
from dashboards._live import encode

STATES = ("ok", "watch", "off", "serious", "none", "due", "few", "nrep", "stale", "down", "paused")


def drawn(component):
    return json.loads(encode(component))


def test_it_gives_every_state_a_shape_and_a_word():
    for state in STATES:
        chip = drawn(_marks.status(state, "zh"))
        assert chip["props"]["children"][0]["type"] == "Svg"
        assert chip["props"]["children"][1]


def test_it_tells_the_judged_states_apart_without_colour():
    shapes = {json.dumps(drawn(_marks.shape(state))["props"]["children"]) for state in ("ok", "watch", "off", "serious", "down")}
    assert len(shapes) == 5


def test_it_leaves_gaps_in_the_line():
    line = drawn(_marks.spark([Decimal(1), Decimal(2), None, Decimal(3), Decimal(4)], None, "ok"))
    assert sum(part["type"] == "Path" for part in line["props"]["children"]) == 2


def test_it_draws_no_line_through_one_point():
    assert drawn(_marks.spark([Decimal(1)], Decimal(2), "ok"))["props"].get("children") is None


def test_it_draws_no_last_point_where_the_last_value_is_missing():
    line = drawn(_marks.spark([Decimal(1), Decimal(2), None], None, "nrep"))
    assert not any(part["type"] == "G" for part in line["props"]["children"])
