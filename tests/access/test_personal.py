"""Personal values planted in a source are whole on the page of one case, for whom they concern, and nowhere else."""

import json
import shutil
from functools import cache
from pathlib import Path

import pytest

from tests.access.every_answer import PEOPLE
from tests.fixtures.processes import printed

ROOT = Path(__file__).resolve().parents[2]


@cache
def answers(demo: bool, folder: Path) -> list[list]:
    copy = folder / "boston311"
    shutil.copytree(ROOT / "workspaces" / "boston311", copy)
    with (copy / "workspace.yaml").open("a", encoding="utf-8") as head:
        head.write(f"\ndemo: {str(demo).lower()}\n")
    told = printed("tests.access.every_answer", folder / "words", copy, folder / "data")
    return [json.loads(line) for line in told.splitlines() if line.startswith("[")]


WHOLE = {"supervisor": {"C1", "C2"}, "pwd-staff": {"C1"}, "park-supervisor": {"C2"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("personal")


@pytest.mark.parametrize("who", ["visitor", "nobody", *(name for name, _, _ in PEOPLE)])
def test_it_shows_personal_values_to_whom_they_concern_on_the_page_of_one_case_only(folder, who):
    asked = answers(True, folder / "demo") if who == "visitor" else answers(False, folder / "closed")
    own = [answer for answer in asked if answer[0] == ("nobody" if who == "visitor" else who)]
    found = {address: planted for _, address, _, planted, _ in own if planted}
    assert len(own) > 70
    assert any(address.startswith("/case?source=requests&id=C1") and status == 200 for _, address, status, _, _ in own) is (
        who != "nobody"
    )
    assert set(found) == {f"/case?source=requests&id={id}" for id in WHOLE.get(who, ())}
    assert all(len(planted) == 3 for planted in found.values())


def test_it_writes_down_who_saw_what_whole(folder):
    rows = [row[1:] for row in answers(False, folder / "closed") if row[0] == "audit"]
    assert {(who, what) for who, action, what in rows if action == "see_whole"} == {
        (who, f"requests {id}") for who, ids in WHOLE.items() for id in ids
    }
    assert not [answer for answer in answers(True, folder / "demo") if answer[0] == "audit"]


@pytest.mark.parametrize(("who", "cases"), [("pwd-staff", ["C1"]), ("park-supervisor", ["C2"]), ("viewer", ["C1", "C2"])])
def test_it_shows_nothing_of_a_case_outside_of_the_scope_in_any_answer(folder, who, cases):
    seen = {id for answer in answers(False, folder / "closed") if answer[0] == who for id in answer[4]}
    assert sorted(seen) == cases
