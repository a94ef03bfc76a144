"""What a stranger does, as a command (`make newcomer`): clone, run, look at every page, stop, start again.

Prints what each step took and ends with 1 at the first thing that does not hold.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.demo import story  # noqa: E402
from tests.fixtures.browser import ARGUMENTS, NAMES  # noqa: E402

HEALTHY_WITHIN = 420
"""Seconds for the first start: installation, migration and 45 days of history."""
BOARD_WITHIN = 150
"""Seconds from the end of installation to the first board with data: 45 are aimed at on two idle cores; more than three times as
long is a fault."""
COUNTING = 0.35
"""Seconds those take to count; a machine that is slower just now, as one that is shared may be, is given as many times longer."""
AGAIN_WITHIN = 15
GONE_WITHIN = 15
PAGES_AT_MOST = 30


class Failed(Exception):
    """Something a newcomer was promised does not hold."""


class Running:
    """`make run` in a folder, with everything it starts marked so that what is left of it can be found."""

    def __init__(self, folder: Path, port: int, log: Path) -> None:
        self.mark = f"newcomer-{uuid.uuid4().hex}"
        self.address = f"http://127.0.0.1:{port}"
        self.log = log
        keep = {
            name: value
            for name, value in os.environ.items()
            if name not in ("WORKSPACE", "DATA", "DATABASE_URL", "MAKEFLAGS", "MAKELEVEL")
        }
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=folder,
                env={**keep, "PORT": str(port), "YUNCHA_NEWCOMER": self.mark},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_healthy(self, within: float) -> float:
        started = time.monotonic()
        while time.monotonic() - started < within:
            if self.process.poll() is not None:
                raise Failed(f"make run ended by itself with {self.process.returncode}:\n{self.tail()}")
            if healthz(self.address) == 200:
                return time.monotonic() - started
            time.sleep(0.2)
        raise Failed(f"not healthy after {within} s:\n{self.tail()}")

    def press_ctrl_c(self) -> float:
        """As a terminal does it: SIGINT to the whole foreground group. Returns how long everything took to end."""
        started = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        while time.monotonic() - started < GONE_WITHIN:
            self.process.poll()
            if not self.left():
                return time.monotonic() - started
            time.sleep(0.1)
        left = [f"{one.pid} {' '.join(one.cmdline())}" for one in self.left()]
        raise Failed(f"still there {GONE_WITHIN} s after Ctrl-C: {left}\n{self.tail()}")

    def left(self) -> list[psutil.Process]:
        found = []
        for one in psutil.process_iter():
            try:
                if one.environ().get("YUNCHA_NEWCOMER") == self.mark and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
            except psutil.Error:
                continue
        return found

    def end(self) -> None:
        """Whatever happened, nothing of ours stays behind."""
        for one in self.left():
            one.kill()
        self.process.wait()

    def tail(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-40:])


def healthz(address: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def kind_of(path: str) -> str:
    """Two cities are one kind of page: the first part of a path tells them apart, and whether there is more."""
    parts = [part for part in path.split("/") if part]
    return "/".join([*parts[:1], *["*" for _ in parts[1:]]])


def look_at_every_page(address: str) -> list[str]:
    """Follows the links from the overview, one of every kind, in a real browser. Returns the paths seen."""
    from playwright.sync_api import sync_playwright

    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        if os.environ.get("YUNCHA_GATE"):
            raise Failed("no browser under the gate")
        print("newcomer: no Chrome or Chromium here, so only the overview's document was asked for")
        urllib.request.urlopen(address, timeout=10).close()
        return ["/"]
    seen: dict[str, str] = {}
    waiting = ["/"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "response", lambda response: faults.append(f"{response.status} {response.url}") if response.status >= 400 else None
        )
        while waiting and len(seen) < PAGES_AT_MOST:
            path = waiting.pop(0)
            if kind_of(urlsplit(path).path) in seen:
                continue
            seen[kind_of(urlsplit(path).path)] = path
            page.goto(address + path, wait_until="load")
            page.wait_for_selector("h1", timeout=20_000)
            page.wait_for_function("() => !document.title.startsWith('Updating')", timeout=20_000)
            if faults:
                raise Failed(f"{path}: {faults}")
            for link in page.eval_on_selector_all("a[href]", "links => links.map(a => a.getAttribute('href'))"):
                if link.startswith("/") and not re.match(r"/(export|api|assets|logout|login|lang|healthz)", link):
                    waiting.append(link)
        browser.close()
    return list(seen.values())


def fingerprint(data: Path, upto: int | None = None) -> tuple[int, str]:
    """(last revision, digest of every revision up to `upto`) over the SQLite files below a folder."""
    files = sorted(data.rglob("*.db"))
    if not files:
        raise Failed(f"no database below {data}")
    digest = hashlib.sha256()
    last = 0
    for file in files:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'revision'").fetchone():
                continue
            last = max(last, connection.execute("SELECT max(number) FROM revision").fetchone()[0] or 0)
            rows = connection.execute("SELECT number, at, kind FROM revision WHERE number <= ? ORDER BY number", (upto or last,))
            digest.update(json.dumps(rows.fetchall()).encode())
            if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise Failed(f"{file.name} is damaged")
    return last, digest.hexdigest()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def slower() -> float:
    """How many times as long as two idle cores this machine takes just now; at least once."""
    taken = []
    for _ in range(3):
        begun, total = time.perf_counter(), 0
        for number in range(5_000_000):
            total += number * number % 7
        taken.append(time.perf_counter() - begun)
    return max(1.0, min(taken) / COUNTING)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="newcomer-") as empty:
        folder, log, port = Path(empty) / "yuncha", Path(empty) / "log", free_port()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        running = Running(folder, port, log)
        try:
            whole = running.wait_until_healthy(HEALTHY_WITHIN)
            board = time.time() - (folder / ".venv" / "run.stamp").stat().st_mtime
            print(f"newcomer: first board {board:.1f} s after installation, {whole:.1f} s after `make run`")
            within = BOARD_WITHIN * slower()
            if board > within:
                raise Failed(f"the first board took {board:.1f} s, more than {within:.0f}")
            (database,) = (folder / "data").rglob("yuncha.db")
            if lacking := story.missing(database):
                raise Failed(f"45 days of the demo show no {', no '.join(one.split(' ', 1)[1] for one in lacking)}")
            print("newcomer: " + ", ".join(f"{name.split(' ', 1)[1]} {number}" for name, number in story.told(database).items()))
            print(f"newcomer: pages seen: {', '.join(look_at_every_page(running.address))}")
            print(f"newcomer: Ctrl-C ended everything in {running.press_ctrl_c():.1f} s")
        finally:
            running.end()
        last, before = fingerprint(folder / "data")
        if last == 0:
            raise Failed("no revision was stored")
        running = Running(folder, port, log)
        try:
            took = running.wait_until_healthy(60)
            if took > AGAIN_WITHIN:
                raise Failed(f"the second start took {took:.1f} s, more than {AGAIN_WITHIN}")
            if fingerprint(folder / "data", last)[1] != before:
                raise Failed("the second start does not have the data of the first")
            print(f"newcomer: second start healthy in {took:.1f} s with the same {last} revisions")
            running.press_ctrl_c()
        finally:
            running.end()
    print("newcomer: all held")


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        print(f"newcomer: FAILED: {failed}")
        sys.exit(1)
