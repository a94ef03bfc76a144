"""The guard over the whole product: every route and callback, enumerated from the app itself."""

import json
import shutil
from functools import cache
from pathlib import Path

import pytest

from access.policies import ACTIONS, VISITOR_ACTIONS
from tests.fixtures.processes import printed

ROOT = Path(__file__).resolve().parents[2]


@cache
def calls(demo: bool, folder: Path) -> list[list]:
    """[kind, who, what, action, status] of every call."""
    copy = folder / "boston311"
    shutil.copytree(ROOT / "workspaces" / "boston311", copy)
    head = copy / "workspace.yaml"
    lines = [line for line in head.read_text(encoding="utf-8").splitlines() if not line.startswith("demo:")]
    head.write_text("\n".join([*lines, f"demo: {str(demo).lower()}", ""]), encoding="utf-8")
    told = printed("tests.access.every_call", folder / "words", copy, folder / "data")
    return [json.loads(line) for line in told.splitlines() if line.startswith("[")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("product")


@pytest.fixture(scope="module")
def closed(folder):
    return calls(False, folder / "closed")


@pytest.fixture(scope="module")
def demo(folder):
    return calls(True, folder / "demo")


def test_it_answers_nobody_where_it_is_no_demo(closed):
    nobody = [call for call in closed if call[1] == "nobody"]
    assert len(nobody) >= 14
    assert [call for call in nobody if call[4] != 401] == []


def test_it_gives_every_role_what_the_policies_say(closed, demo):
    wrong = [
        call for call in (*closed, *demo)
        if call[1] != "nobody" and (call[4] in (401, 403)) is (call[1] in ACTIONS[call[3]])
    ]  # fmt: skip
    assert wrong == []


def test_it_lets_a_visitor_of_the_demo_pass_only_what_is_marked_view_or_export(demo):
    for kind, who, what, action, status in demo:
        if who == "nobody":
            passes = action in VISITOR_ACTIONS and (kind == "callback" or what.startswith("GET "))
            assert (status != 401) is passes, what


def test_it_has_a_policy_for_all_of_it(closed):
    assert [call for call in closed if call[3] is None] == []


def test_it_fails_at_no_call(closed, demo):
    assert [call for call in (*closed, *demo) if call[4] >= 500] == []


def test_it_draws_a_page_or_says_why_not_at_every_strange_address(closed):
    strange = [call for call in closed if call[0] == "strange"]
    assert len(strange) >= 24 * 10
    assert [call for call in strange if call[4] not in (200, 204, 400, 404)] == []
