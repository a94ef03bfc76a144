from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.answers import AlertCounts, AlertEvent, AlertRow
from alerts.orders.model import SYSTEM
from dashboards import _alerts, _attention, _boards, _ranking
from metrics.answers import Ask, SourceState
from metrics.rulebook import Match, Route
from tests.alerts import small
from tests.dashboards import made

ASK = Ask(None, replace(small.workspace(), indicators={"on_time": made.indicator()}), made.WHO, made.NOW)


def source(health: str, minutes: int | None) -> SourceState:
    last = None if minutes is None else made.NOW - timedelta(minutes=minutes)
    return SourceState(
        "hotline", {"zh": "热线", "en": "Hotline"}, "http_json", "d1", health, None, last, [], None, None, None, ["on_time"], []
    )


NOTHING = AlertCounts(0, 0, 0, 0, 0, 0, 0)


def test_it_is_calm_when_nothing_needs_anyone():
    text = made.words(_attention.attention(NOTHING, [], [source("FRESH", 4)], made.setting()))
    assert "现在没有需要您处理的事" in text


def test_it_names_a_source_that_is_down_and_what_it_touches():
    text = made.words(_attention.attention(NOTHING, [], [source("SOURCE_ERROR", 144), source("LATE", 60)], made.setting()))
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
    units = [replace(made.unit(*one), tied=one[0] in "AB") for one in (*ranked, *apart)]
    text = made.words(_ranking.ranking(units, made.indicator(), made.setting()))
    assert text.count("1=") == 2
    assert "27/31" in text
    for part in ("不参与排名", "无应办 1", "样本不足 (n<10) 1", "未上报 1"):
        assert part in text


def test_it_shortens_a_long_ranking_in_the_middle():
    units = [made.unit(f"U{n}", str(100 - n), "ok", n) for n in range(1, 31)]
    text = made.words(_ranking.ranking(units, made.indicator(), made.setting()))
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


def test_it_names_the_sources_in_trouble_first():
    found = [source(health, 4) for health in ("FRESH", "SUSPECT", "LATE", "SOURCE_ERROR")]
    strip = _boards.source_strip(found, made.setting())
    assert [link.title.split()[1] for link in strip[1].children] == ["来源中断", "过期", "关注", "正常"]


def test_it_counts_the_indicators_that_are_here_where_no_other_number_is_given():
    fields = {"service": {"zh": "为民服务", "en": "Services"}}
    assert "2 项指标" in made.words(_boards.columns([made.card(), made.card("off")], made.setting(), fields, {}))


def test_it_shows_one_panel_for_one_field():
    fields = {"service": {"zh": "为民服务", "en": "Services"}}
    text = made.words(_boards.columns([made.card(), made.card("off")], made.setting(), fields, {"service": 7}))
    assert "为民服务" in text
    assert "7 项指标" in text


def alert(**changes) -> AlertRow:
    base = {
        "id": 7, "kind": "threshold", "rule": "late", "rule_name": {"zh": "偏低"}, "severity": "serious", "worst": "serious",
        "condition": "FIRING", "closed": "", "handling": "NEW", "indicator": "on_time", "indicator_name": {"zh": "按时办结率"},
        "field": "service", "unit": "percent", "series": None, "source": None, "department": "_T",
        "department_name": {"zh": "省"}, "region": "_T", "region_name": {"zh": "省"},
        "since": made.NOW, "fired_at": made.NOW, "closed_at": None,
        "period_start": None, "period_end": None, "value": None, "op": "<", "threshold": None, "by_correction": False,
        "seen_by": 0, "acknowledged_by": "", "acknowledged_at": None, "comment": "", "version": 1,
    }  # fmt: skip
    return AlertRow(**{**base, **changes})


@pytest.mark.parametrize("seen", [0, 2])
def test_an_alert_that_an_order_handles_names_the_order_and_asks_nobody_to_take_it(seen):
    row = alert(handling="ORDERED", order="2026-0003", seen_by=seen)
    on_board = made.words(_attention.alert_list([row], 1, ASK, made.setting()))
    in_the_inbox = made.words(_alerts.handled(row, made.setting()))
    for text in (on_board, in_the_inbox):
        assert "督办〔2026〕3号" in text
        assert "待认领" not in text
        assert "无人查看" not in text


@pytest.mark.parametrize(
    ("kind", "op", "threshold", "value", "zh", "en"),
    [
        ("threshold", "<", "92", "91.4", "按时办结率 91.4%，低于 92%", "Closed on time 91.4%, below 92%"),
        ("threshold", "<", "92", "93.3", "按时办结率 93.3%（界线：低于 92%）", "Closed on time 93.3% (limit: below 92%)"),
        ("threshold", "<=", "92", "92", "按时办结率 92%，不高于 92%", "Closed on time 92%, at or below 92%"),
        ("threshold", ">", "5", "6", "按时办结率 6%，高于 5%", "Closed on time 6%, above 5%"),
        (
            "rank",
            "<=",
            "2",
            "2",
            "按时办结率 倒数第 2 名（界线：倒数 2 名以内）",
            "Closed on time: 2 from the bottom (limit: the last 2)",
        ),
        ("volume", ">", "3", "4", "按时办结率 4 件，高于 3 件", "Closed on time 4 cases, above 3 cases"),
    ],
)  # fmt: skip
def test_a_limit_is_said_to_be_crossed_only_where_the_value_is_beyond_it(kind, op, threshold, value, zh, en):
    rules = {"late": small.rule(kind=kind, op=op)}
    ask = replace(ASK, workspace=replace(ASK.workspace, rules=rules))
    row = alert(
        op=op, threshold=Decimal(threshold), value=Decimal(value), indicator_name={"zh": "按时办结率", "en": "Closed on time"}
    )
    for lang, words in (("zh", zh), ("en", en)):
        assert _alerts.sentence(row, ask, made.setting(lang)) == words
        assert words in made.words(_attention.alert_list([row], 1, ask, made.setting(lang)))


@pytest.mark.parametrize(
    ("lang", "by", "called"),
    [("zh", "立督办单 系统", "上报 值班，第 2 级"), ("en", "Order raised the system", "escalated On call, step 2")],
)
def test_the_course_of_an_alert_names_the_system_and_the_step_of_a_route_in_words(lang, by, called):
    route = Route("service", {"zh": "值班", "en": "On call"}, Match(), ())
    ask = replace(ASK, workspace=replace(ASK.workspace, routes={"service": route}))
    taken_in = AlertEvent(1, made.NOW, "ordered", "warning", None, None, SYSTEM, "2026-0001")
    escalated = AlertEvent(2, made.NOW, "escalated", "warning", None, None, "", "service 2")
    shown = [" ".join(made.words(_alerts.event(one, alert(), ask, made.setting(lang))).split()) for one in (taken_in, escalated)]
    assert by in shown[0]
    assert called in shown[1]


@pytest.mark.parametrize(("lang", "words"), [("zh", "对方报错"), ("en", "The system answered with an error")])
def test_an_alert_of_a_source_says_in_words_how_it_failed(lang, words):
    lost = AlertEvent(1, made.NOW, "firing", "warning", None, None, "", "http")
    text = made.words(_alerts.event(lost, alert(kind="source", indicator=None), None, made.setting(lang)))
    assert words in text
    assert "http" not in text


def test_the_first_line_says_how_many_nobody_has_looked_at():
    counts = AlertCounts(open=5, serious=0, warning=5, reminder=0, unacknowledged=3, unattended=2, sources=0)
    assert "其中无人查看 2 条，未关闭共 5 条" in made.words(_attention.attention(counts, [], [], made.setting()))


def test_a_ranking_says_how_each_unit_moved_with_a_mark_and_a_word():
    units = [
        replace(made.unit("1", "99", "ok", 1), rank_before=3), replace(made.unit("2", "97", "off", 2), rank_before=1),
        replace(made.unit("3", "90", "serious", 3), rank_before=3), made.unit("4", "89", "serious", 4),
    ]  # fmt: skip
    for lang, said in (("zh", ("▲升2", "▼降1", "持平", "新进")), ("en", ("▲ up 2", "▼ down 1", "same", "new"))):
        text = made.words(_ranking.ranking(units, made.indicator(), made.setting(lang)))
        assert [text.index(word) for word in said] == sorted(text.index(word) for word in said)
    first = [replace(one, rank_before=None) for one in units]
    assert "新进" not in made.words(_ranking.ranking(first, made.indicator(), made.setting()))
