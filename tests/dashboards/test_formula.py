from typing import get_args, get_type_hints

from dashboards._formula import formula, part
from metrics.model import Condition, Indicator, Measure, Part, Source

DUE = Part("due")
ON_TIME = Part("due", (Condition("closed", "by", "due"),))
SOURCE = Source("hotline", {"zh": "热线", "en": "Hotline"}, "http_json", "d1", "records", {}, {},
                labels={"channel": {"zh": "渠道", "en": "channel"}, "channel.phone": {"zh": "电话", "en": "phone"}})  # fmt: skip


def indicator(measure, key="k"):
    return Indicator(key, {"zh": "甲", "en": "A"}, "service", "percent", "higher", ("day",), {"day": ((),)}, measure, "hotline",
                     "d1", {"zh": "依据", "en": "basis"}, 1)  # fmt: skip


def test_it_says_a_ratio_in_words():
    found = indicator(Measure("ratio", DUE, ON_TIME))
    assert formula(found, {}, SOURCE, "zh") == "按时办结 ÷ 期内到期"
    assert formula(found, {}, SOURCE, "en") == "closed on time ÷ cases due in the period"


def test_it_calls_fields_and_values_as_the_source_does():
    phone = Part("opened", (Condition("channel", "eq", ("phone", "web")), Condition("due", "missing")))
    assert part(phone, SOURCE, "zh") == "期内受理，且渠道为电话或web，且无期限"
    assert part(phone, SOURCE, "en") == "cases opened in the period, channel is phone or web, no due date"


def test_it_names_what_a_derived_figure_is_made_of():
    inputs = {"a": indicator(Measure("count", DUE), "a")}
    assert formula(indicator(Measure("derived_ratio", inputs=("a", "b"))), inputs, None, "en") == "A ÷ b"
    assert formula(indicator(Measure("derived_sum", inputs=("a", "a"))), inputs, None, "zh") == "甲 + 甲"


def test_it_has_words_for_every_kind_of_measure():
    for kind in get_args(get_type_hints(Measure)["kind"]):
        for lang in ("zh", "en"):
            said = formula(indicator(Measure(kind, DUE, ON_TIME, field="worked_days", inputs=("a", "b"))), {}, SOURCE, lang)
            assert said
            assert "{" not in said


def test_it_says_the_newer_measures_in_words(loaded):
    workspace = loaded("sichuan")
    said = {
        key: [
            formula(one, workspace.indicators, workspace.sources.get(one.source or ""), lang, workspace.population)
            for lang in ("zh", "en")
        ]
        for key, one in workspace.indicators.items()
    }
    assert said["hotline_p90"] == [
        "期内办结的用时（工作日）第90百分位（最近秩法）", "P90 of working days of cases closed in the period (nearest rank)",
    ]  # fmt: skip
    assert said["permit_departments"][0] == "期内办结中不同部门的个数"
    assert said["hotline_per_million"][0] == "热线受理量 ÷ 常住人口 × 1,000,000（2020年，第七次全国人口普查常住人口）"
    assert said["documents_entered_late"][0] == "登记迟于受理时间超过1天 ÷ 期内录入，且有登记，且有受理时间"
    assert said["documents_entered_late"][1].startswith("Registered more than 1d after opening ÷ cases entered in the period")
    assert said["documents_per_workday"][0] == "收文办理量 ÷ 全期法定工作日数"
    assert said["documents_per_workday"][1] == "Documents received ÷ working days of the whole period"
