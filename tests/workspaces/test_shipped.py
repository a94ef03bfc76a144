"""What ships is sound: no fault, every meaning accepted, and what stands in comments works once it is one no longer."""

import re
import shutil
from pathlib import Path

import pytest

from commands import main
from metrics.catalogue import accept, load

SHIPPED = sorted(path.parent.name for path in (Path(__file__).resolve().parents[2] / "workspaces").glob("*/workspace.yaml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_check_finds_no_fault(name, workspaces):
    """But that data which does not come with the project is absent, and how to get it."""
    _, faults = load(workspaces / name)
    assert [str(fault) for fault in faults if not (fault.id == "missing-data" and fault.hint.startswith("run: make "))] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_its_lock_is_current(name, workspaces, tmp_path):
    copy = shutil.copytree(workspaces / name, tmp_path / name)
    assert accept(copy, "") == ([], [])


def test_the_receivers_in_comments_are_sound_ones(workspaces, tmp_path, capsys, monkeypatch):
    copy = shutil.copytree(workspaces / "sichuan", tmp_path / "sichuan")
    file = copy / "workspace.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not re.match(r"  - \{key: (duty|administrator),", line)]
    file.write_text("\n".join(re.sub(r"^  # (- |  )", r"  \1", line) for line in kept) + "\n", encoding="utf-8")
    monkeypatch.setenv("MAIL_PASSWORD", "x")
    monkeypatch.setenv("OPS_SECRET", "x")
    workspace, faults = load(copy)
    assert not faults
    assert workspace is not None
    told = {one.key: one.channel for one in workspace.receivers.values()}
    assert told == {"duty": "smtp", "administrator": "webhook", "director": "log", "finance": "log"}
    assert main(["check", str(copy)]) == 0, capsys.readouterr().out


def test_the_administrator_is_told_of_silent_sources(loaded):
    assert "administrator" in loaded("sichuan").receivers
