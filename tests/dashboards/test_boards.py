from datetime import timedelta

from alerts.answers import AlertCounts
from dashboards import _boards
from metrics.answers import SourceState
from tests.dashboards import made


def source(health: str, minutes: int | None) -> SourceState:
    last = None if minutes is None else made.NOW - timedelta(minutes=minutes)
    return SourceState(
        "hotline", {"zh": "热线", "en": "Hotline"}, "http_json", "d1", health, None, last, [], None, None, None, ["on_time"], []
    )


NOTHING = AlertCounts(0, 0, 0, 0, 0, 0, 0)


def test_it_is_calm_when_nothing_needs_anyone():
    text = made.words(_boards.attention(NOTHING, [], [source("FRESH", 4)], made.setting()))
    assert "现在没有需要您处理的事" in text


def test_it_names_a_source_that_is_down_and_what_it_touches():
    text = made.words(_boards.attention(NOTHING, [], [source("SOURCE_ERROR", 144), source("LATE", 60)], made.setting()))
    assert "个来源中断，1 个迟到" in text
    assert "影响 1 项指标" in text
    assert "没有需要" not in text


def test_it_counts_the_states_that_occur():
    text = made.words(_boards.tally([made.card(), made.card("serious"), made.card()], made.setting()))
    assert "3 项" in text
    assert "严重 1" in " ".join(text.split())
    assert "关注" not in text


def test_it_ranks_ties_alike_and_keeps_apart_who_cannot_be_ranked():
    ranked = [("A", "100", "ok", 1, 42, 42), ("B", "100", "ok", 1, 36, 36), ("C", "87.1", "serious", 3, 27, 31)]
    apart = [("D", None, "due"), ("E", "83.3", "few", None, 5, 6), ("F", None, "nrep")]
    units = [made.unit(*one) for one in (*ranked, *apart)]
    text = made.words(_boards.ranking(units, made.indicator(), made.setting()))
    assert text.count("1=") == 2
    assert "27/31" in text
    for part in ("不参与排名", "无应办 1", "样本不足 (n<10) 1", "未上报 1"):
        assert part in text


def test_it_shortens_a_long_ranking_in_the_middle():
    units = [made.unit(f"U{n}", str(100 - n), "ok", n) for n in range(1, 31)]
    text = made.words(_boards.ranking(units, made.indicator(), made.setting()))
    assert "中间" in text
    assert "U30市" in text
    assert "U15市" not in text


def test_it_says_how_old_a_source_is():
    text = made.words(
        _boards.source_strip([source("FRESH", 4), source("SOURCE_ERROR", 144), source("NEVER", None)], made.setting())
    )
    assert "4分" in text
    assert "中断 2时24分" in text
    assert "从未成功" in text


def test_it_shows_one_panel_for_one_field():
    fields = {"service": {"zh": "为民服务", "en": "Services"}}
    text = made.words(_boards.columns([made.card(), made.card("off")], made.setting(), fields, {"service": 7}))
    assert "为民服务" in text
    assert "7 项指标" in text
