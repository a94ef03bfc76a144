"""The measurements run, at a thousandth of their size, and say what they promise to say. What they measure then means nothing."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEYS = {"name", "ours", "reference", "ratio", "aim", "holds", "pairs", "n"}


def test_it_prints_one_line_an_aim():
    command = [sys.executable, "-m", "bench", "--scale", "0.001", "--engines", "sqlite"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert all(set(line) == KEYS and isinstance(line["holds"], bool) for line in lines)
    once = [line for line in lines if "memory" in line["name"]]  # what a process has grown by does not shrink for a second look
    assert all(line["pairs"] >= 7 for line in lines if line not in once), lines
    assert {line["name"].split()[0] for line in lines} == {"7", "8", "9", "10", "11", "12", "13"}
