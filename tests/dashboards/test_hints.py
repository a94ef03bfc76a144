"""What a collector says to do about a fault is said in both languages: every hint there is in its code."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from dashboards import _changes
from dashboards._hints import hint, reason
from metrics.answers import Ask
from metrics.model import SYSTEM
from metrics.reading import changed
from tests.dashboards import made
from tests.metrics import small

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


def test_why_a_figure_is_blank_is_said_in_both_languages(store):
    """Each as a collector's mapper says it; where a figure that changed is shown, and what a person wrote as it was written."""
    small.put(store, small.calls(10), small.calls(7, region="y1"), now=small.NOW - timedelta(hours=2))
    blank = [small.calls(None, reason="the source says n/a"), small.calls(None, region="y1", reason="blank in the source")]
    small.put(store, *blank)
    with store.read() as connection:
        ask = Ask(connection, small.workspace(), SYSTEM, small.NOW)
        found = changed.figures(ask, 1, ["calls"], "a").items
        shown = {lang: str(_changes.figures(found, ask, made.setting(lang))) for lang in ("zh", "en")}
    assert "来源写的是“n/a”" in shown["zh"]
    assert "来源此处为空" in shown["zh"]
    assert "the source says" not in shown["zh"]
    assert "the source says n/a" in shown["en"]
    assert reason("counted twice", "zh") == "counted twice"
