"""Offices without a system: files dropped into a folder, and the approvals office's database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from openpyxl import Workbook

from demo.cases import DISCLOSURES, MATTERS, PERMITS
from demo.life import LOCAL, Dated, at, dice
from demo.regions import DEPARTMENTS

COLUMNS = ("id", "item", "department", "city", "channel", "accepted", "promised", "closed", "on_spot", "rating", "applicant",
           "applicant_phone", "updated")  # fmt: skip
AWAY = "permits_in_maintenance"
"""The table's name while the approvals system is away."""


def matters(folder: Path, day: date) -> None:
    """The supervision office's list, each Monday at 07:00: every matter that was open in the last 30 days."""
    moment = at(day, 7 * 3600)
    _matters(folder / f"督办事项_{day:%Y%m%d}.xlsx", moment, MATTERS.still(moment - timedelta(days=30), moment))


def _matters(path: Path, moment: datetime, cases: Iterable[Dated]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("督办事项")
    sheet.append([f"督办事项清单（{moment:%Y年%m月%d日}）"])
    sheet.append(["编号", "事项", "来源", "牵头部门", "立项日期", "应反馈日期", "反馈日期", "应办结日期", "办结日期", "状态"])
    for case in cases:
        dates = {name: _day(case[name]) for name in ("opened", "replied", "due", "closed")}
        dates["reply_due"] = _minute(case["reply_due"])
        sheet.append(
            [
                case["_id"], case["title"], case["origin"], DEPARTMENTS[case["department"]], dates["opened"], dates["reply_due"],
                dates["replied"], dates["due"], dates["closed"], "已办结" if case["closed"] else "在办",
            ]
        )  # fmt: skip
    _drop(path, moment, lambda path: book.save(path))


def disclosures(folder: Path, day: date) -> None:
    """The disclosure office's daily table at 06:30: what changed in the last five days, as GBK with titles and notes."""
    moment = at(day, 6.5 * 3600)
    changed = DISCLOSURES.changes(moment - timedelta(days=5), moment, moment)
    _disclosures(folder / f"公开_{day:%Y%m%d}.csv", moment, changed)


def _disclosures(path: Path, moment: datetime, cases: Iterable[Dated]) -> None:
    lines = [
        f"政府信息公开台账,,,,,,\r\n填报日期：{moment:%Y年%m月%d日},,,,,,\r\n",
        "编号,类型,部门,受理日期,应答复日期,答复日期,渠道\r\n",
    ]
    for case in cases:
        dates = [_day(case["opened"]), _minute(case["due"]), _day(case["closed"])]
        lines.append(",".join([case["_id"], case["kind"], DEPARTMENTS[case["department"]], *dates, case["channel"]]) + "\r\n")
    lines.append("注：主动公开事项的受理日期为信息形成日期、答复日期为公开日期；单位：件,,,,,,\r\n")
    _drop(path, moment, lambda path: path.write_bytes("".join(lines).encode("gbk")))


def archive(state: Path, day: date, since: datetime) -> None:
    """What both offices handed over when they began to drop files: everything since then, in one file each."""
    moment = at(day, 5 * 3600)
    _matters(state / "drops" / "supervision" / f"督办事项_存档_{day:%Y%m%d}.xlsx", moment, MATTERS.still(since, moment))
    _disclosures(state / "drops" / "disclosure" / f"公开_存档_{day:%Y%m%d}.csv", moment, DISCLOSURES.still(since, moment))


def forgotten(office: str, day: date) -> bool:
    """An office sends nothing one time in fifteen; what it left out is in the next file."""
    return dice("forgotten", office, day).random() < 1 / 15


def permits(database: sqlite3.Connection, since: datetime, until: datetime) -> None:
    """Rows that are new or changed between two instants, as the approvals system would write them."""
    _write(database, PERMITS.changes(since, until, until))


def old_permits(database: sqlite3.Connection, since: datetime, until: datetime, now: datetime) -> None:
    """Once: the rows that were last changed between, as they look now."""
    if database.execute("PRAGMA user_version").fetchone()[0] == 0:
        _write(database, PERMITS.changes(since, until, now))
        database.execute("PRAGMA user_version = 1")


def _write(database: sqlite3.Connection, cases: Iterable[Dated]) -> None:
    rows = [_permit(case) for case in cases]
    marks = ",".join("?" * len(COLUMNS))
    with database:
        database.executemany(f"INSERT OR REPLACE INTO {table(database)}({','.join(COLUMNS)}) VALUES({marks})", rows)


def newest(database: sqlite3.Connection) -> str | None:
    """The last change there is, in local time."""
    found: str | None = database.execute(f"SELECT max(updated) FROM {table(database)}").fetchone()[0]
    return found


def open_permits(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, check_same_thread=False, timeout=10)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    kinds = ", ".join(f"{name} TEXT" if name != "id" else "id TEXT PRIMARY KEY" for name in COLUMNS)
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (AWAY,)).fetchone():
        database.execute(f"CREATE TABLE IF NOT EXISTS permits({kinds})")
        database.execute("CREATE INDEX IF NOT EXISTS permits_updated ON permits(updated)")
    return database


def shut(database: sqlite3.Connection, away: bool) -> None:
    """While the approvals system is away its table is: whoever asks is told so at once."""
    there, wanted = table(database), AWAY if away else "permits"
    if there != wanted:
        database.execute(f"ALTER TABLE {there} RENAME TO {wanted}")
        database.commit()


def table(database: sqlite3.Connection) -> str:
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('permits', ?)", (AWAY,)).fetchone()
    return str(found[0])


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
