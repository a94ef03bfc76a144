"""Files whose reading is left to a child process: whatever they do to it, the worker gets rows, or a Failure in words."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from collectors._errors import Failure, one_line

CHILD = Path(__file__).with_name("_child.py")
DEADLINE = 60.0
LONGEST_LINE = 8 * 1024 * 1024
AT_ONCE = threading.BoundedSemaphore(2)
"""Children; each may take a processor and a gigabyte."""


def workbook(
    data: bytes, name: str, sheet: str | None, max_rows: int, deadline: float = DEADLINE
) -> Iterator[tuple[int, list[Any]]]:
    """(line, cells) of a workbook's sheet (.xlsx, .xlsb, .xls, .ods); a cell is text, a number, true or false, a date or None.

    Only values: formulas are not computed, macros not run, links not followed."""
    with AT_ONCE, tempfile.TemporaryFile() as given:
        given.write(data)
        given.seek(0)
        command = [sys.executable, "-I", str(CHILD), json.dumps({"sheet": sheet, "rows": max_rows})]
        child = subprocess.Popen(
            command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", start_new_session=True
        )
        late = threading.Timer(deadline, child.kill)
        late.daemon = True
        late.start()
        try:
            assert child.stdout is not None
            whole = False
            while line := child.stdout.readline(LONGEST_LINE):
                if not line.endswith(b"\n"):
                    break
                made = json.loads(line, object_hook=_date)
                if isinstance(made, dict):
                    _refuse(made, name)
                elif made[0] == 0:
                    whole = True
                else:
                    yield made[0], made[1:]
            if not whole:
                raise _broken(name, timed_out=not late.is_alive())
        finally:
            late.cancel()
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


def _date(found: dict[str, Any]) -> Any:
    text = found.get("d")
    if text is None:
        return found
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _refuse(made: dict[str, Any], name: str) -> None:
    if "failure" in made:
        kind, what, hint = made["failure"]
        raise Failure(kind, one_line(str(what).replace("{}", name), 400), hint)


def _broken(name: str, *, timed_out: bool) -> Failure:
    if timed_out:
        return Failure("timeout", f"{name} could not be read in time", "this is no ordinary workbook; save it again, or split it")
    what = f"{name} needs more memory or time than a workbook may, or breaks what reads it"
    return Failure("too_large", what, "this is no ordinary workbook; save it again, or split it")
