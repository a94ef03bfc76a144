"""The words of exports, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "definition": ("口径", "Definition"),
    "version": ("第 {n} 版", "version {n}"),
    "source": ("来源", "Source"),
    "place": ("范围", "Place"),
    "period": ("期间", "Period"),
    "revision": ("修订", "Revision"),
    "known": ("所知截至", "As known at"),
    "evaluated": ("计算时点", "Evaluated at"),
    "made": ("导出时间", "Exported at"),
    "mark": ("说明", "Note"),
    "demo": ("演示数据：数字是虚构的", "Demo data: the figures are invented"),
    "crosses": ("自{period}起口径由第 {before} 版改为第 {after} 版", "From {period} on version {after}, before it {before}"),
    "passport": ("数字护照", "Passport"),
    "no_excerpt": (
        "这次采集的原始件开头没有留存，或保存期已过；采集记录仍在，指纹如有也在。",
        "The beginning of this payload is not kept, or no longer; its run stays, and its hash if it had one.",
    ),
    "withheld": ("原始件开头只给看得到全部事项的人。", "The beginning of the payload is for those who may see all of its cases."),
    "unit": ("单位", "Unit"),
    "value": ("数值", "Value"),
    "num": ("分子", "Numerator"),
    "den": ("分母", "Denominator"),
    "n": ("样本量", "n"),
    "apart": ("单列", "Apart"),
    "status": ("状态", "Status"),
    "have": ("已报", "Reported"),
    "want": ("应报", "Expected"),
    "missing": ("未报", "Missing"),
    "carries": ("标记", "Marks"),
    "stand_in": ("由 {names} 替代", "{names} stands in"),
    "of_versions": ("口径第 {versions} 版混合", "definitions {versions} in one sum"),
    "came_late": ("迟报（{when}）", "came late ({when})"),
    "rows_short": ("{n} 行有单位未报，名单见“未报”一列", "Rows that lack reports: {n}; the column Missing names who"),
    "rows_stand_in": (
        "{n} 行的权威来源未报，由 {names} 的数替代",
        "Rows where the source in authority has not reported: {n}; {names} stands in",
    ),
    "rows_mixed": ("{n} 行把口径第 {versions} 版的数合在一起", "Rows that hold definitions {versions} in one sum: {n}"),
    "rows_late": ("{n} 行的数迟报", "Rows whose figures came late: {n}"),
    "name": ("名称", "Name"),
    "rank": ("名次", "Rank"),
    "climbed": ("名次升降", "Places gained"),
    "peer": ("分组", "Peer group"),
    "id": ("编号", "Id"),
    "state": ("状态", "State"),
    "category": ("类别", "Category"),
    "department": ("部门", "Department"),
    "region": ("地区", "Region"),
    "opened": ("受理时间", "Opened"),
    "due": ("期限", "Due"),
    "closed": ("办结时间", "Closed"),
    "entered": ("录入时间", "Entered"),
    "worked": ("用时（工作日）", "Working days"),
    "overdue": ("超期", "Overdue"),
    "suspect": ("日期存疑", "Suspect dates"),
    "A": ("正常", "normal"),
    "only_rate": ("仅有比率", "rate only"),
    "P": ("暂定", "provisional"),
    "E": ("估计", "estimated"),
    "M": ("未报送", "not reported"),
    "L": ("已过保存期", "let go of"),
    "N": ("不适用", "not applicable"),
    "S": ("不公布", "suppressed"),
    "nothing": ("无应办事项", "nothing due"),
    "yes": ("是", "yes"),
    "count": ("件数", "Number of cases"),
    "cut": (
        "共 {n} 行，此处为前 {m} 行，工作表容不下更多；CSV 有全部",
        "{n} rows in all, the first {m} of them here: a sheet holds no more; the CSV has all",
    ),
    "further": ("另有未列出的字段：{names}", "Further fields, not shown: {names}"),
    "broken": (
        "导出中断（编号 {id}）：此文件不完整，请重新导出",
        "The export broke off (number {id}): this file is not whole, take it again",
    ),
    "cases": ("事项清单", "cases"),
}
LEVELS: Mapping[str, tuple[str, str]] = {
    "department": ("各部门", "departments"),
    "province": ("各省", "provinces"),
    "city": ("各市州", "cities"),
    "county": ("各区县", "counties"),
    "district": ("各区", "districts"),
    "neighborhood": ("各街区", "neighbourhoods"),
    "ward": ("各选区", "wards"),
    "airport": ("各机场", "airports"),
}


def words(key: str, lang: str, **given: object) -> str:
    return WORDS[key][0 if lang == "zh" else 1].format(**given)


def level_name(level: str, lang: str) -> str:
    """What the units of a level are called together; a workspace may have levels of its own."""
    return LEVELS.get(level, ("各区域", "regions"))[0 if lang == "zh" else 1]


def unit_name(unit: str, units: Mapping[str, Mapping[str, str]], lang: str) -> str:
    """As the pages write it."""
    return "%" if unit == "percent" else named(units[unit], lang) if unit in units else unit


def named(text: Mapping[str, str], lang: str) -> str:
    return text.get(lang) or next(iter(text.values()), "")
