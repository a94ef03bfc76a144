"""Figures are plain values: what they hold can be read, gaps stay gaps, labels do not lie on one another."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

import plotly.graph_objects as go
import pytest

from dashboards import _figures, _small_figures, _template
from dashboards._figures import Bound, Mark, Point
from dashboards._small_figures import Panel

START = datetime(2026, 11, 1)  # noqa: DTZ001  axes show local time


def line(*values):
    return [
        Point(START + timedelta(days=i), f"d{i}", None if v is None else Decimal(str(v)), provisional=i == len(values) - 1)
        for i, v in enumerate(values)
    ]


def colours(part):
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("color", "bgcolor", "bordercolor", "gridcolor", "tickcolor"):
                yield from value if isinstance(value, list) else [value]
            else:
                yield from colours(value)
    elif isinstance(part, list):
        for value in part:
            yield from colours(value)


def figures():
    yield _figures.trend(line(97, 98.2, None, 96), [Bound(Decimal(98), "target"), Bound(Decimal(95), "off", "off")], rate=True,
                         state="watch", marks=[Mark(START, "serious", "x")], lane="alerts", last_text="now")  # fmt: skip
    yield _figures.trend(line(*range(60)))
    yield _figures.trend(line(None, None))
    yield _figures.trend([])
    yield _small_figures.multiples([Panel("a", "1", "ok", [Decimal(1), None]), Panel("b", "—", "nrep", [])], Decimal(2))


@pytest.mark.parametrize("figure", list(figures()))
def test_it_is_plain_json_that_plotly_takes(figure):
    json.dumps(figure, allow_nan=False)
    go.Figure(figure)


@pytest.mark.parametrize("figure", list(figures()))
def test_it_names_colours_by_token_only(figure):
    for colour in colours(figure):
        assert colour.startswith("var(--"), colour


def test_it_leaves_gaps_open():
    drawn = _figures.trend(line(97, None, 96, 95))["data"][0]
    assert drawn["y"] == [97.0, None, 96.0, 95.0]
    assert drawn["connectgaps"] is False


def test_it_marks_the_last_judged_period_not_the_running_one():
    drawn = _figures.trend(line(97, 96, 12), state="watch")
    assert drawn["data"][1]["y"] == [96.0]
    assert drawn["data"][1]["marker"]["symbol"] == "triangle-up"


def test_it_says_which_threshold_lies_off_the_chart_and_squeezes_no_line():
    drawn = _figures.trend(line(97, 98, 97, 97), [Bound(Decimal(20), "serious 20", "serious")], beyond="{} off the chart")
    low, _ = drawn["layout"]["yaxis"]["range"]
    assert low > 90
    assert "serious 20 off the chart" in [a["text"] for a in drawn["layout"]["annotations"]]


def test_it_pushes_labels_apart():
    bounds = [Bound(Decimal("98"), "a"), Bound(Decimal("97.9"), "b", "watch"), Bound(Decimal("97.8"), "c", "off")]
    drawn = _figures.trend(line(97, 98.5, 97, 96), bounds)
    low, high = drawn["layout"]["yaxis"]["range"]
    heights = sorted(a["y"] for a in drawn["layout"]["annotations"] if a["text"] in "abc")
    assert all(b - a >= (high - low) * 0.05 for a, b in zip(heights, heights[1:], strict=False))


def test_it_never_starts_below_zero_what_cannot_be_negative():
    low, _ = _figures.span([Decimal(0), Decimal(3)], [], rate=False)
    assert low == 0


def test_its_graph_has_no_bar_and_sends_nothing_away():
    config = _template.config("zh")
    assert (config["displayModeBar"], config["showSendToCloud"], config["locale"]) == (False, False, "zh-CN")
