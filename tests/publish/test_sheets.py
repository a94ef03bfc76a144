"""What people take away opens right and runs nothing."""

import csv as reader
import io
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl

from publish import csv, xlsx
from publish._sheet import Sheet

AT = datetime(2026, 5, 3, 8, 0, tzinfo=UTC)
SHEET = Sheet(
    "按时办结率 四川省",
    [("口径", "=HYPERLINK(1)"), ("说明", "演示数据")],
    ["期间", "数值", "分子", "受理时间"],
    [["2026年5月", Decimal("98.7"), 74, AT], ["@SUM(A1)", None, -3, None], ["\t=cmd|'/c calc'!A1", Decimal("-1.5"), 0, None]],
)


def test_it_writes_csv_that_excel_reads_as_chinese() -> None:
    made = b"".join(csv.write(SHEET))
    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(reader.reader(io.StringIO(made.decode("utf-8-sig"))))
    assert rows[0] == ["按时办结率 四川省"]
    assert rows[4] == ["期间", "数值", "分子", "受理时间"]
    assert rows[5] == ["2026年5月", "98.7", "74", "2026-05-03 08:00:00"]


def test_it_leaves_a_missing_figure_empty_and_a_negative_one_a_number() -> None:
    rows = list(reader.reader(io.StringIO(b"".join(csv.write(SHEET)).decode("utf-8-sig"))))
    assert rows[6][1:] == ["", "-3", ""]
    assert rows[7][1:3] == ["-1.5", "0"]


def test_it_hands_no_spreadsheet_a_formula() -> None:
    rows = list(reader.reader(io.StringIO(b"".join(csv.write(SHEET)).decode("utf-8-sig"))))
    assert [rows[1][1], rows[6][0], rows[7][0]] == ["'=HYPERLINK(1)", "'@SUM(A1)", "'\t=cmd|'/c calc'!A1"]
    page = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx.write(SHEET)))).active
    assert [cell.data_type for row in page.iter_rows() for cell in row if cell.data_type == "f"] == []


def test_it_writes_numbers_and_instants_as_such_into_xlsx() -> None:
    page = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx.write(SHEET)))).active
    lines = list(page.iter_rows(values_only=True))
    assert lines[0][0] == "按时办结率 四川省"
    assert lines[5] == ("2026年5月", 98.7, 74, AT.replace(tzinfo=None))
    assert lines[6][1] is None


def test_it_names_the_file_by_what_is_inside() -> None:
    assert SHEET.file == "按时办结率_四川省"
    assert Sheet("../a:b?", [], [], []).file == "a_b"
