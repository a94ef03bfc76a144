"""Whatever a mapping declares, what comes out of a file written by it is what a plain reader of the same declaration gives."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from hypothesis import given
from hypothesis import strategies as st

from collectors import _shape, _table
from collectors._mapping import to_batch
from tests.collectors.conftest import NOW, ZONE, a_source

FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y年%m月%d日", "%Y%m%d")
MARKS = ((",", "."), (".", ","), (" ", "."), ("'", "."))
BLANKS = ("", "-", "—", "N/A", "　")
TIMES = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


@st.composite
def declarations(draw):
    """(how figures and days are written, the rows: a day, a department, a figure or None)."""
    thousands, point = draw(st.sampled_from(MARKS))
    how = {
        "form": draw(st.sampled_from(FORMS)), "thousands": thousands, "point": point, "grouped": draw(st.booleans()),
        "wide": draw(st.booleans()), "unit": draw(st.sampled_from(sorted(TIMES))), "sign": draw(st.sampled_from(["", "￥", "%"])),
        "blank": draw(st.sampled_from(BLANKS)), "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])),
        "delimiter": draw(st.sampled_from([",", ";", "\t"])), "titles": draw(st.integers(0, 3)),
    }  # fmt: skip
    days = st.integers(1, 400).map(lambda n: (NOW - timedelta(days=n)).astimezone(ZONE).date())
    figures = st.none() | st.decimals(Decimal(-(10**6)), Decimal(10**6), places=2)
    keys = st.tuples(days, st.sampled_from(["tax", "hotline"]))
    return how, [(*key, draw(figures)) for key in draw(st.lists(keys, min_size=1, max_size=12, unique=True))]


def written(how, figure) -> str:
    if figure is None:
        return how["blank"]
    text = f"{figure:,.2f}" if how["grouped"] else f"{figure:.2f}"
    text = text.replace(",", "\0").replace(".", how["point"]).replace("\0", how["thousands"])
    if how["wide"]:
        text = text.translate({ord(str(n)): chr(ord("０") + n) for n in range(10)})
    return text + "%" if how["sign"] == "%" else how["sign"] + text


def a_file(how, rows) -> bytes:
    made = io.StringIO()
    made.write("".join(f"第{n}行 单位：{how['unit']}\n" for n in range(how["titles"])))
    out = csv.writer(made, delimiter=how["delimiter"])
    out.writerow(["日期", "部门", f"金额({how['unit']})"])
    out.writerows([day.strftime(how["form"]), department, written(how, figure)] for day, department, figure in rows)
    return made.getvalue().encode(how["encoding"])


@given(declarations())
def test_what_is_taken_is_what_a_plain_reader_gives(workspace, declared):
    how, rows = declared
    num = {"field": f"金额({how['unit']})", "thousands": how["thousands"], "point": how["point"]}
    num |= {"percent": True} if how["sign"] == "%" else {"unit": "￥"} if how["sign"] else {}
    mapping = {"period": {"field": "日期", "format": how["form"]}, "grain": "day", "department": "部门",
               "values": [{"indicator": "visits", "num": num, "counts": "元"}]}  # fmt: skip
    shape = _shape.Shape.model_validate({"header": {"contains": ["日期", "部门"]}})
    text = _table.decode(a_file(how, rows), "auto", "a.csv")
    made = _shape.table(_table.lines_of(text, "a.csv", "auto", shape.header.contains), "a.csv", shape, ragged=True)
    batch, refused = to_batch(a_source("files", {}, mapping, gives="observations"), workspace, made.rows, NOW)
    assert refused == []
    # `visits` keeps one decimal.
    plain = {
        (datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC), department):
            None if figure is None else int((figure * TIMES[how["unit"]] * 10).to_integral_value(ROUND_HALF_EVEN))
        for day, department, figure in rows
    }  # fmt: skip
    assert {(one.period_start, one.department): one.num for one in batch.observations} == plain
