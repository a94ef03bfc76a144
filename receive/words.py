"""The sentences of the pages for handing in, and the faults of a form in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

REASONS: Mapping[str, str] = {
    r"is not a number": "不是数",
    r"names no \w+": "没有填写",
    r"the row names no period": "没有填时期",
    r"is no id, code or name of a (department|region)": "不是已知的单位名称",
    r"is none of .*": "不是本表应报的内容",
    r"lies in the future": "时期还没有开始",
    r"is not a date and time of ISO 8601": "不是日期或时期，月份写作 2026-03",
    r"is no month": "不是月份",
    r"is no observation status .*": "不是可选的情况",
    r"is less than nothing": "不能小于零",
    r"is missing, though the status says there is a figure": "没有填数；没有数时请把情况选为缺报或未发生",
    r"a rate has a denominator": "率要填分母",
    r"is no unit of this form": "不是本表的单位",
    r"is larger than any figure can be": "数太大",
    r"has its thousands separators in the wrong places": "千分位的位置不对",
    r"ends in (\S+), which is no factor": r"以“\1”结尾，不是单位",
    r"is longer than (\d+) characters": r"超过 \1 个字",
    r"says otherwise than (\w+) of the same key: which one holds\?": r"与 \1 是同一项而数不同，以哪个为准？",
    r"is no .xlsx workbook": "不是 .xlsx 工作簿",
}  # fmt: skip
FAILURES: Mapping[str, str] = {
    "bad_input": "这不是完整的 .xlsx 工作簿。请下载模板填写后上传。",
    "schema_changed": "这不是本单位的模板，或者表头被改动。请重新下载模板。",
    "missing": "表里没有填数。请填写有底色的格子后再上传。",
    "truncated": "文件不完整。请重新保存后上传。",
    "too_large": "表太大。请使用下载的模板。",
    "blocked": "文件里有不允许的内容。请使用下载的模板。",
    "timeout": "文件读得太久。请使用下载的模板。",
}


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found


def say(key: str, lang: str, **values: object) -> str:
    return texts()[key][lang].format(**values) if values else texts()[key][lang]


def reason(text: str, lang: str) -> str:
    """What is wrong with a cell, in the reader's language; where nobody translated it, as it is."""
    if lang == "zh":
        for pattern, words in REASONS.items():
            if found := re.fullmatch(pattern, text):
                return found.expand(words)
    return text
