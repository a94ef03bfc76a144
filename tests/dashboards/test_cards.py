from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dashboards import _cards
from metrics.answers import Change
from metrics.model import Measure, Part
from tests.dashboards import made

ABSENT = ("due", "nrep")


def shown(card, lang="zh"):
    return made.words(_cards.content(card, made.setting(lang)))


def test_it_shows_the_anatomy_of_a_number():
    text = shown(made.card())
    for part in (
        "按时办结率",
        "98.7",
        "%",
        "正常",
        "目标 ≥98%",
        "−0.4 百分点",
        "+1.9 百分点",
        "4,318",
        "13个单位中11个已报",
        "11月21日",
        "08:00 采",
    ):
        assert part in text


@pytest.mark.parametrize("state", ABSENT)
def test_it_shows_a_dash_and_the_reason_for_a_missing_number(state):
    card = made.card(state, None, None, None, on_period=None, on_year=None)
    text = shown(card)
    assert "—" in text
    assert "0.0" not in text
    assert "正常" not in text
    assert ("本期没有应办" if state == "due" else "本期未上报") in text


def test_it_shows_a_card_that_never_had_a_figure():
    text = shown(made.card("nrep", None, cell=None, spark=[], collected_at=None))
    assert "—" in text
    assert "尚未采集" in text


def test_it_shows_the_fraction_where_there_are_too_few():
    text = shown(made.card("few", "83.3", 5, 6))
    assert "5/6" in text
    assert "83.3" not in text
    assert "n<10" in text


@pytest.mark.parametrize("state", ["stale", "down", "paused"])
def test_it_does_not_judge_the_last_good_value(state):
    card = made.card(state, collected_at=made.NOW - timedelta(hours=2, minutes=24))
    text = shown(card)
    assert "98.7" in text
    assert "不评判" in text
    assert "2时24分" in text
    assert "百分点" not in text
    assert "faded" in _cards.class_name(card)


def test_it_writes_a_change_of_a_count_in_per_cent_and_large_numbers_short():
    count = made.indicator(unit="item", measure=made.COUNT, target=None, no_target={"zh": "只记录", "en": "Recorded"}, bands={})
    card = made.card("none", "236217", None, None, indicator=count, on_period=Change(Decimal("9.5"), False))
    text = shown(card)
    assert "23.6 万" in text
    assert "+9.5%" in text
    assert "只记录" in text
    assert "236,217" in shown(card, "en")


def test_it_says_the_instant_of_a_stock():
    stock = made.indicator(unit="item", measure=Measure("overdue", over=Part(None)), better="lower", target=Decimal(0), bands={})
    assert "08:06 时点" in shown(made.card("serious", "23", None, None, indicator=stock))


def test_it_marks_what_is_provisional():
    card = made.card()
    assert "暂定" in shown(replace(card, cell=replace(card.cell, status="P")))


def test_it_marks_a_rate_that_came_without_its_parts():
    alone = replace(made.cell("90", 90), only_rate=True)
    assert "仅有比率" in shown(made.card(cell=alone))


def test_it_puts_the_running_period_beside_the_settled_one():
    card = made.card(running=made.cell("31.0", 31, 100))
    assert "本期截至 08:06" in shown(card)


def test_it_carries_its_scope_down():
    card = made.card()
    scoped = replace(card, series=replace(card.series, region="510100"))
    assert _cards.link(scoped, made.setting().view) == "/indicator/on_time?region=510100"


@pytest.mark.parametrize(("lang", "words"), [("zh", "↺ 修订"), ("en", "↺ revised")])
def test_it_marks_a_figure_that_was_put_right_for_a_week_and_leads_to_what_it_was(lang, words):
    card = made.card()
    revised = replace(card, cell=replace(card.cell, corrected=made.NOW - timedelta(days=6)))
    (mark,) = _cards.tags(revised, made.setting(lang))
    assert (mark.children, mark.className) == (words, "tag rev")
    assert mark.href.startswith("/passport?")
    assert words not in shown(card, lang)
    old = replace(card, cell=replace(card.cell, corrected=made.NOW - timedelta(days=8)))
    assert words not in shown(old, lang)


@pytest.mark.parametrize(("lang", "words", "title"), [("zh", "↷ 迟报", "才报来"), ("en", "↷ came late", "after its time")])
def test_it_marks_a_figure_that_came_after_its_time(lang, words, title):
    card = made.card()
    late = replace(card, cell=replace(card.cell, late=made.NOW - timedelta(hours=2)))
    (tag,) = [one for one in _cards.tags(late, made.setting(lang)) if made.words(one) == words]
    assert title in tag.title
    assert words not in shown(card, lang)
