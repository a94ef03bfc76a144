"""The fixed words of messages, in both languages."""

SEVERITY = {
    "reminder": {"zh": "提醒", "en": "Reminder"},
    "warning": {"zh": "预警", "en": "Warning"},
    "serious": {"zh": "严重", "en": "Serious"},
    "": {"zh": "督办", "en": "Order"},
}
"""An order that stands on no alert has no severity."""
KIND = {
    "firing": {"zh": "发生", "en": "raised"},
    "severity_up": {"zh": "升级", "en": "raised further"},
    "recovered": {"zh": "已恢复", "en": "recovered"},
    "overdue": {"zh": "已转为超期（未办结）", "en": "overdue now, not done"},
    "corrected": {"zh": "已撤回（数据更正）", "en": "retracted (data corrected)"},
    "rule_changed": {"zh": "已关闭（规则修改）", "en": "closed (rule changed)"},
    "paused": {"zh": "已关闭（规则暂停）", "en": "closed (rule paused)"},
    "merged": {"zh": "已关闭（单位已并入其他单位，由后者接续判定）", "en": "closed (merged; where it went is judged now)"},
    "ended": {"zh": "已关闭（单位已撤销）", "en": "closed (there is no such office or region any more)"},
    "rule_removed": {"zh": "已关闭（规则取消）", "en": "closed (rule removed)"},
    "source_removed": {"zh": "已关闭（数据源撤销）", "en": "closed (source removed)"},
    "retired": {"zh": "已关闭（指标停用）", "en": "closed (indicator retired)"},
    "decided": {"zh": "已全部处理", "en": "all decided"},
    "repeated": {"zh": "仍未处置", "en": "still open, nobody has it"},
    "reminded": {"zh": "认领后仍未恢复", "en": "still open since it was taken on"},
    "escalated": {"zh": "上报", "en": "escalated"},
    "released": {"zh": "仍在发生（静默已结束）", "en": "still open (silence over)"},
    "order_issued": {"zh": "督办单下达", "en": "order issued"},
    "order_answered": {"zh": "督办单已答复", "en": "order answered"},
    "order_corrected": {"zh": "督办依据已更正", "en": "the grounds of the order were corrected"},
    "order_returned": {"zh": "督办答复被退回", "en": "answer to the order returned"},
    "order_blue": {"zh": "督办提醒：临近时限", "en": "order: the limit is near"},
    "order_yellow": {"zh": "督办黄灯：已逾期", "en": "order: overdue"},
    "order_red": {"zh": "督办红灯：严重逾期", "en": "order: long overdue"},
    "order_relapsed": {"zh": "督办单因复发重开", "en": "order opened again by a relapse"},
    "order_reminded": {"zh": "催办", "en": "order: reminded"},
    "unsent": {"zh": "通知滞留", "en": "messages do not arrive"},
    "order_closed": {"zh": "督办单办结", "en": "order closed"},
    "retro": {"zh": "曾超出界限，事后才知", "en": "was beyond its limit, known only now"},
    "flapping": {"zh": "反复波动，以后只进摘要", "en": "flapping: from now on only in the digest"},
    "owed_before": {"zh": "填报期限临近", "en": "figures are due soon"},
    "owed_on": {"zh": "填报最后一天", "en": "last day to hand figures in"},
    "owed_after": {"zh": "填报已过期限", "en": "figures are overdue"},
}
OPERATOR = {
    "<": {"zh": "低于", "en": "below"}, "<=": {"zh": "不高于", "en": "at or below"},
    ">": {"zh": "高于", "en": "above"}, ">=": {"zh": "不低于", "en": "at or above"},
}  # fmt: skip
DOUBT = {
    "bounds": {"zh": "超出合理范围", "en": "outside of what is possible"},
    "jump": {"zh": "与此前相差悬殊", "en": "far from what it was before"},
    "future": {"zh": "该周期尚未开始", "en": "the period has not begun"},
    "parts": {"zh": "与下级合计不符", "en": "its parts add up to something else"},
    "falls": {"zh": "累计数下降", "en": "a cumulative figure fell"},
    "frozen": {"zh": "连续几期完全相同", "en": "the same for several periods in a row"},
    "": {"zh": "存疑", "en": "in question"},
}
"""Why a figure is not believed."""
REPEATED = {"zh": "（可能重复）", "en": "(possible duplicate)"}
