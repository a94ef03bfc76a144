"""What a collector says to do about a fault is said in both languages: every hint there is in its code."""

import ast
import re
from pathlib import Path

import pytest

from dashboards._hints import hint, reason

ROOT = Path(__file__).resolve().parents[2]


def hints() -> dict[str, str]:
    """Each hint written in a collector, what changes in it as `x`, and where."""
    found = {}
    for file in sorted((ROOT / "collectors").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            given = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Failure":
                given = next((word.value for word in node.keywords if word.arg == "hint"), None)
                given = given if given is not None else node.args[2] if len(node.args) > 2 else None
            elif isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["hint"]:
                given = node.value
            if isinstance(given, ast.Constant):
                found[given.value] = file.name
            elif isinstance(given, ast.JoinedStr):
                parts = (one.value if isinstance(one, ast.Constant) else "x" for one in given.values)
                found["".join(parts)] = file.name
    return found


PLACE = {"BadField": 1, "Refusal": 2, "fault": 1, "Unreadable": 0, "NotADate": 0}
"""Which argument is the reason."""


def reasons() -> dict[str, str]:
    found = {}
    for file in sorted((ROOT / "collectors").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            given = node.args[PLACE[name]] if name in PLACE and len(node.args) > PLACE[name] else None
            if isinstance(given, ast.Constant):
                found[given.value] = file.name
            elif isinstance(given, ast.JoinedStr):
                parts = (one.value if isinstance(one, ast.Constant) else "x" for one in given.values)
                found["".join(parts)] = file.name
    return found


def test_every_reason_a_row_is_refused_for_is_there_in_both_languages():
    known = reasons()
    assert len(known) > 35
    untold = {text: where for text, where in known.items() if not re.search("[\u4e00-\u9fff]", reason(text, "zh"))}
    assert untold == {}
    assert reason("ends in 打, which is no factor", "zh") == "以“打”结尾，不是倍数"
    assert reason("is not a number", "en") == "is not a number"


def test_every_hint_of_a_collector_is_there_in_both_languages():
    known = hints()
    assert len(known) > 120
    untold = {text: where for text, where in known.items() if not re.search("[\u4e00-\u9fff]", hint(text, "zh"))}
    assert untold == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the system is broken", "对方系统有毛病"),
        ("set YUNCHA_KEY to the secret of hotline", "请把 YUNCHA_KEY 设为 hotline 的凭据"),
        (
            "if that is right, add `allow: [a.cn]` to the source's settings",
            "若确实如此，请在来源的 settings 里加 `allow: [a.cn]`",
        ),
        ('send {"items": [...]}', '请发送 {"items": [...]}'),
        ("something nobody wrote down", "something nobody wrote down"),
    ],
)
def test_it_is_told_with_what_changes_in_it(text, told):
    assert hint(text, "zh") == told
    assert hint(text, "en") == text
