"""Tables as offices send them, in every shape they were seen in."""

import io

import openpyxl
import pytest
import xlwt

from collectors import _apart, _shape, _table
from collectors._errors import Failure


def read(text, **shape):
    made = _shape.Shape.model_validate(shape)
    lines = _table.lines_of(text, "a.csv", "auto", made.header.contains, made.header.row)
    return _shape.table(lines, "a.csv", made, ragged=True)


def test_it_joins_a_header_of_two_lines():
    text = "2026年一季度办件\n部门,一季度,,二季度,\n,受理,办结,受理,办结\n税务局,1,2,3,4\n"
    made = read(text, header={"row": 2, "lines": 2})
    assert made.rows == [{"部门": "税务局", "一季度 受理": "1", "一季度 办结": "2", "二季度 受理": "3", "二季度 办结": "4"}]
    assert made.lines == [4]


def test_it_reads_tables_that_stand_below_each_other():
    text = (
        "表一 各局办件,,\n单位：件,,\n部门,受理,办结\n税务局,1,2\n民政局,3,4\n\n"
        "表二 各局金额,,\n单位：万元,,\n部门,受理,退回\n税务局,5,6\n注：截至当日,,\n"
    )
    made = read(text, header={"contains": ["部门", "受理"]}, stacked=True, from_title={"unit": "unit", "table": "表(.)"})
    assert made.rows == [
        {"部门": "税务局", "受理": "1", "办结": "2", "unit": "件", "table": "一"},
        {"部门": "民政局", "受理": "3", "办结": "4", "unit": "件", "table": "一"},
        {"部门": "税务局", "受理": "5", "退回": "6", "unit": "万元", "table": "二"},
    ]
    assert made.columns == ["部门", "受理", "办结", "unit", "table", "退回"]
    assert made.lines == [4, 5, 10]
    assert made.refusals == []


def test_it_leaves_out_a_header_that_is_printed_again():
    assert [row["a"] for row in read("a,b\n1,2\na,b\n3,4\n").rows] == ["1", "3"]


def test_it_turns_columns_into_rows():
    made = read("地区,2024年,2023年\n北京市,1,\n", unpivot={"columns": r"(?P<year>\d{4})年", "value": "人"})
    assert made.rows == [{"地区": "北京市", "year": "2024", "人": "1"}, {"地区": "北京市", "year": "2023", "人": ""}]
    assert made.lines == ["2, 2024年", "2, 2023年"]
    assert made.columns == ["地区", "year", "人"]
    with pytest.raises(Failure, match="line 1: no column is named like"):
        read("地区,二四年\n北京市,1\n", unpivot={"columns": r"(?P<year>\d{4})年"})


def test_it_fills_down_and_leaves_out_totals():
    text = "部门,科室,数\n税务局,一科,1\n,二科,2\n合　计,,3\n民政局,,4\n"
    made = read(text, fill=["部门"], skip={"部门": ["合 计"]})
    assert [(row["部门"], row["科室"], row["数"]) for row in made.rows] == [
        ("税务局", "一科", "1"), ("税务局", "二科", "2"), ("民政局", "", "4")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "unit"),
    [("单位：万元", "万元"), ("指标：城镇单位就业人员(万人)", "万人"), ("地区生产总值（亿元）", "亿元"),
     ("金额 单位:亿元 2026年", "亿元"),
     ("Unit: km", "km"),
     ("固定资产投资(不含农户)实际到位资金_比上年增长(%)", "%")],
)  # fmt: skip
def test_it_finds_the_unit_in_a_title(title, unit):
    assert read(f"{title}\na,b\n1,2\n", header={"contains": ["a"]}, from_title={"u": "unit"}).rows[0]["u"] == unit


def test_it_says_that_a_title_no_longer_has_the_unit():
    with pytest.raises(Failure, match="nothing in the lines above line 2 says u") as caught:
        read("地区生产总值\na,b\n1,2\n", header={"contains": ["a"]}, from_title={"u": "unit"})
    assert caught.value.kind == "schema_changed"


def test_it_stops_at_its_row_cap():
    with pytest.raises(Failure, match="more than 3 rows"):
        read("a\n" + "1\n" * 4, max_rows=3)


@pytest.mark.parametrize("encoding", ["big5", "cp1252", "shift_jis"])
def test_it_guesses_what_is_neither_utf_8_nor_chinese(encoding):
    texts = {
        "big5": "編號,承辦機關,受理時間,備註\n一,臺北市政府環境保護局,民國一百一十五年三月,關於噪音的檢舉\n" * 5,
        "cp1252": "id,ministère,reçu,observations\n1,Ministère de l'éducation,à traiter,réponse différée à l'été\n" * 5,
        "shift_jis": "番号,担当部署,受付日,内容\n一,東京都環境局です,三月,騒音についてのお問い合わせがありました\n" * 5,
    }
    assert _table.decode(texts[encoding].encode(encoding), "auto", "a.csv") == texts[encoding]


def an_xls(*lines, merged=(), hidden=False):
    book = xlwt.Workbook()
    if hidden:
        book.add_sheet("内部").visibility = 1
    sheet = book.add_sheet("清单")
    for top, bottom, left, right, text in merged:
        sheet.write_merge(top, bottom, left, right, text)
    for at, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(at, column, cell)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def an_xlsx(*lines, merged=()):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(list(line))
    for top, bottom, left, right, text in merged:
        book.active.cell(top + 1, left + 1, text)
        book.active.merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


MERGED = (
    (0, 0, 0, 4, "各局办件（件）"),
    (1, 2, 0, 0, "部门"),
    (1, 1, 1, 2, "一季度"),
    (1, 1, 3, 4, "二季度"),
    (3, 4, 0, 0, "税务局"),
)
LINES = ([], [], [None, "受理", "办结", "受理", "办结"], [None, 1, 2.5, 3, 4], [None, 5, 6, 7, 8])


@pytest.mark.parametrize("make", [an_xls, an_xlsx])
def test_it_reads_merged_cells_of_old_and_new_workbooks(make):
    shape = _shape.Shape.model_validate({"header": {"row": 2, "lines": 2}, "from_title": {"unit": "unit"}})
    made = _shape.table(_apart.workbook(make(*LINES, merged=MERGED), "a.xls", None, 100), "a.xls", shape, ragged=False)
    assert made.rows == [
        {"部门": "税务局", "一季度 受理": 1, "一季度 办结": 2.5, "二季度 受理": 3, "二季度 办结": 4, "unit": "件"},
        {"部门": "税务局", "一季度 受理": 5, "一季度 办结": 6, "二季度 受理": 7, "二季度 办结": 8, "unit": "件"},
    ]


def test_it_reads_the_first_visible_sheet_of_an_old_workbook():
    assert list(_apart.workbook(an_xls(["a"], [1], hidden=True), "a.xls", None, 100)) == [(1, ["a"]), (2, [1])]
