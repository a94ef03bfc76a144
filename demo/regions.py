"""The counties and cities cases come from, with weights about like their populations."""

from __future__ import annotations

import csv
from pathlib import Path

DEPARTMENTS = {
    "czt": "财政厅", "jyt": "教育厅", "fgw": "发展改革委", "gat": "公安厅", "wjw": "卫生健康委", "jtt": "交通运输厅",
    "sthjt": "生态环境厅", "rst": "人力资源社会保障厅", "zrzyt": "自然资源厅", "mzt": "民政厅", "kjt": "科技厅",
    "jxt": "经济和信息化厅", "zjt": "住房城乡建设厅",
}  # fmt: skip
CITY_WEIGHT = {
    "5101": 90, "5103": 16, "5104": 8, "5105": 26, "5106": 22, "5107": 30, "5108": 15, "5109": 18, "5110": 20, "5111": 20,
    "5113": 38, "5114": 19, "5115": 30, "5116": 20, "5117": 34, "5118": 10, "5119": 20, "5120": 16, "5132": 7, "5133": 6,
    "5134": 28,
}  # fmt: skip


def counties() -> list[tuple[str, str, str, int]]:
    """(adcode, name, city adcode, weight) of every county."""
    with (Path(__file__).parent / "regions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "district"]
    many: dict[str, int] = {}
    for row in rows:
        many[row["parent_adcode"]] = many.get(row["parent_adcode"], 0) + 1
    return [
        (
            row["adcode"],
            row["name"],
            row["parent_adcode"],
            max(1, 10 * CITY_WEIGHT[row["parent_adcode"][:4]] // many[row["parent_adcode"]]),
        )
        for row in rows
    ]
