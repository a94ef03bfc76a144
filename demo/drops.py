"""Offices without a system: files dropped into a folder, and the approvals office's database."""

from __future__ import annotations

import os
import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path

from openpyxl import Workbook

from demo.cases import DISCLOSURES, MATTERS, PERMITS
from demo.life import LOCAL, Dated, at, dice
from demo.regions import DEPARTMENTS

COLUMNS = ("id", "item", "department", "city", "channel", "accepted", "promised", "closed", "on_spot", "rating", "applicant",
           "applicant_phone", "updated")  # fmt: skip


def matters(folder: Path, day: date) -> None:
    """The supervision office's list, each Monday at 07:00: every matter that was open in the last 60 days."""
    moment = at(day, 7 * 3600)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("督办事项")
    sheet.append([f"督办事项清单（{day:%Y年%m月%d日}）"])
    sheet.append(["编号", "事项", "来源", "牵头部门", "立项日期", "应反馈日期", "反馈日期", "应办结日期", "办结日期", "状态"])
    for case in MATTERS.still(moment - timedelta(days=60), moment):
        dates = {name: _day(case[name]) for name in ("opened", "replied", "due", "closed")}
        dates["reply_due"] = _minute(case["reply_due"])
        sheet.append(
            [
                case["_id"], case["title"], case["origin"], DEPARTMENTS[case["department"]], dates["opened"], dates["reply_due"],
                dates["replied"], dates["due"], dates["closed"], "已办结" if case["closed"] else "在办",
            ]
        )  # fmt: skip
    _drop(folder / f"督办事项_{day:%Y%m%d}.xlsx", moment, lambda path: book.save(path))


def disclosures(folder: Path, day: date) -> None:
    """The disclosure office's daily table at 06:30: what changed in the last ten days, as GBK with titles and notes."""
    moment = at(day, 6.5 * 3600)
    lines = [
        f"政府信息公开台账,,,,,,\r\n填报日期：{day:%Y年%m月%d日},,,,,,\r\n",
        "编号,类型,部门,受理日期,应答复日期,答复日期,渠道\r\n",
    ]
    for case in DISCLOSURES.changes(moment - timedelta(days=10), moment, moment):
        dates = [_day(case["opened"]), _minute(case["due"]), _day(case["closed"])]
        lines.append(",".join([case["_id"], case["kind"], DEPARTMENTS[case["department"]], *dates, case["channel"]]) + "\r\n")
    lines.append("注：本表由信息公开办汇总，单位：件,,,,,,\r\n")
    _drop(folder / f"公开_{day:%Y%m%d}.csv", moment, lambda path: path.write_bytes("".join(lines).encode("gbk")))


def forgotten(office: str, day: date) -> bool:
    """An office sends nothing one time in fifteen; what it left out is in the next file."""
    return dice("forgotten", office, day).random() < 1 / 15


def permits(database: sqlite3.Connection, since: datetime, until: datetime) -> None:
    """Rows that are new or changed between two instants, as the approvals system would write them."""
    rows = [_permit(case) for case in PERMITS.changes(since, until, until)]
    marks = ",".join("?" * len(COLUMNS))
    with database:
        database.executemany(f"INSERT OR REPLACE INTO permits({','.join(COLUMNS)}) VALUES({marks})", rows)


def open_permits(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, check_same_thread=False, timeout=10)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    kinds = ", ".join(f"{name} TEXT" if name != "id" else "id TEXT PRIMARY KEY" for name in COLUMNS)
    database.execute(f"CREATE TABLE IF NOT EXISTS permits({kinds})")
    database.execute("CREATE INDEX IF NOT EXISTS permits_updated ON permits(updated)")
    return database


def _permit(case: Dated) -> tuple[object, ...]:
    rating = case["rating"] if case["rated"] else None
    return (
        case["_id"], case["item"], case["department"], case["city"], case["channel"], _time(case["accepted"]), _time(case["due"]),
        _time(case["closed"]), case["on_spot"], rating, case["applicant"], case["applicant_phone"], _time(case["_updated"]),
    )  # fmt: skip


def _drop(path: Path, moment: datetime, write) -> None:  # type: ignore[no-untyped-def]
    """By atomic rename, with the time of the drop as its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    write(partial)
    os.utime(partial, (moment.timestamp(), moment.timestamp()))
    os.replace(partial, path)


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(LOCAL):%Y-%m-%d}" if moment else ""


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}" if moment else ""


def _time(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}" if moment else None
