"""The period a screen is of: read from the address, written into it, offered in a menu, said in words."""

from datetime import UTC, datetime, timedelta

import flask
import pytest

from dashboards import _period
from dashboards._overview import compose, look, made
from dashboards._site import asked
from dashboards._view import View, view
from tests.dashboards.made import NOW, WHO, ZONE, words


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-10-31", datetime(2026, 10, 31, 16, tzinfo=UTC)),
        ("2026-11-20T14:00", datetime(2026, 11, 20, 6, tzinfo=UTC)),
    ],
)
def test_it_reads_what_it_writes(text, end):
    assert _period.read(text, ZONE, NOW) == end
    assert _period.written(end, ZONE) == text


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "2026-11-22", "9999-12-31", "0001-01-01", "2026-10-31T25:00"])
def test_it_takes_what_is_no_past_day_for_the_newest(text):
    assert _period.read(text, ZONE, NOW) is None


def test_it_keeps_the_period_on_every_link_and_drops_it_on_request():
    seen = View("/", {"until": "2026-10-31", "map": "x"})
    assert seen.href("/region/x") == "/region/x?until=2026-10-31"
    assert seen.href(until=None) == "/?map=x"


def test_it_offers_what_lies_around_a_past_choice_and_nothing_before_the_first_figure():
    oldest = NOW - timedelta(days=200)
    newest = _period._past("day", None, NOW, oldest, ZONE)
    assert newest[0][1] <= NOW < newest[0][1] + timedelta(days=1)
    chosen = _period.read("2026-08-15", ZONE, NOW)
    around = [end for _, end in _period._past("day", chosen, NOW, oldest, ZONE)]
    assert chosen in around
    assert around[0] > chosen > around[-1]
    assert all(start >= oldest for start, _ in _period._past("month", chosen, NOW, oldest, ZONE))


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "正在查看往期：截至 2015年10月31日"), ("en", "A past period is shown: until 31 Oct 2015")]
)
def test_a_page_of_a_past_period_says_so_and_stands_still(server, lang, said):
    with server.test_request_context("/"):
        flask.g.principal = WHO
        seen = view("/", {"lang": lang, "until": "2015-10-31"})
        with asked() as ask:
            shown = look(ask, seen)
            page = compose(ask, seen, shown, made(ask, seen, shown))
    assert said in words(page)
    assert "data-board" not in str(page)
