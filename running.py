"""`app.py run`: starts the demo's systems, the worker and the web server, and stops all of them together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from settings import ROOT, Settings

if TYPE_CHECKING:
    from metrics.catalogue import Workspace

GRACE = 10
"""Seconds a process has to end by itself."""


def serve(settings: Settings) -> int:
    """The web server in this process: one process, many threads; the work of every request is short."""
    from gunicorn.app.base import BaseApplication

    from app import create_app
    from opening import collect_garbage_seldom

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            self.cfg.set("bind", f"{settings.host}:{settings.port}")
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("workers", int(os.environ.get("WEB_PROCESSES") or 1))
            self.cfg.set("threads", 16)
            self.cfg.set("keepalive", 30)
            self.cfg.set("timeout", 120)
            self.cfg.set("loglevel", "warning")
            self.cfg.set("control_socket_disable", True) if "control_socket_disable" in self.cfg.settings else None

        def load(self) -> object:
            server = create_app(settings).server
            collect_garbage_seldom()
            return server

    Server().run()
    return 0


def run(settings: Settings) -> int:
    """Until Ctrl-C or until one of the processes ends; then every process is stopped."""
    from opening import opened

    workspace, store = opened(settings, look_over=True)
    announce(settings, workspace, store)
    store.close()
    children: list[subprocess.Popen[str]] = []
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        if workspace.demo and workspace.replay is not None and (ROOT / "demo").is_dir():
            _demo_tokens(settings, workspace)
            children.append(_start([sys.executable, "-m", "demo", "--state", str(settings.data / "demo")], settings))
            _wait_for(workspace.replay.advance)
            os.environ.setdefault("YUNCHA_AFTER_STEP", "demo.people:act")
        children.append(_start([sys.executable, "app.py", "worker", "--with-parent"], settings, listen=True))
        children.append(_start([sys.executable, "app.py", "web"], settings))
        address = f"http://{'127.0.0.1' if settings.host == '0.0.0.0' else settings.host}:{settings.port}/"
        _until_healthy(address, stopping, children)
        while not stopping.wait(0.5):
            ended = [child for child in children if child.poll() is not None]
            if ended:
                print(f"a process ended by itself ({ended[0].args}); stopping", file=sys.stderr)
                return 1
        return 0
    finally:
        _stop(children)


def announce(settings: Settings, workspace: object, store: object) -> None:
    """First start: who may sign in. Passwords and links are printed once and kept nowhere."""
    from access import accounts
    from metrics.catalogue import Workspace
    from metrics.store.engine import Store

    assert isinstance(workspace, Workspace)
    assert isinstance(store, Store)
    now = datetime.now(UTC)
    with store.read() as connection:
        if accounts.list_users(connection):
            return
    with store.write() as connection:
        if workspace.demo:
            print("Demo accounts (shown once):")
            for user in accounts.demo_users(connection, workspace, now):
                print(f"  {user}")
        link = accounts.first_administrator(connection, now)
        if link:
            print(f"Set the administrator's password: http://{settings.host}:{settings.port}{link}")


def _demo_tokens(settings: Settings, workspace: Workspace) -> None:
    """The demo's systems that send by themselves are given the token of their source, a new one at each start."""
    from access import source_tokens
    from demo.offices import tokens
    from metrics.store.engine import connect

    store, now = connect(settings.database_url), datetime.now(UTC)
    with store.write() as connection:
        keys = [key for key, one in workspace.sources.items() if one.type == "push"]
        made = [(key, source_tokens.make(connection, key, now)) for key in keys]
    store.close()
    tokens(settings.data / "demo", made)


def _start(command: list[str], settings: Settings, listen: bool = False) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "WORKSPACE": str(settings.workspace),
        "DATA": str(settings.data.parent),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "YUNCHA_DEMO_STATE": str(settings.data / "demo"),
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, start_new_session=True, stdout=subprocess.PIPE if listen else None
    )
    if listen:
        threading.Thread(target=_show_progress, args=(process,), daemon=True).start()
    return process


def _show_progress(process: subprocess.Popen[str]) -> None:
    words = {"history": "building history", "back-fill": "filling in the months before"}
    last: dict[str, int] = {}
    assert process.stdout is not None
    for line in process.stdout:
        try:
            said = json.loads(line)
            done = int(said["done"] * 100)
            if done // 10 > last.get(said["progress"], -1):
                last[said["progress"]] = done // 10
                print(f"{words.get(said['progress'], said['progress'])}: {done} %", flush=True)
        except (ValueError, KeyError, TypeError):
            print(line, end="", flush=True)


def _wait_for(url: str | None) -> None:
    """Until the demo's control process answers; it is a matter of a second or two."""
    for _ in range(150):
        try:
            urllib.request.urlopen(url or "", timeout=2).read()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the demo's systems did not start: no answer from {url}")


def _until_healthy(address: str, stopping: threading.Event, children: list[subprocess.Popen[str]]) -> None:
    while not stopping.wait(0.3):
        if any(child.poll() is not None for child in children):
            return
        try:
            urllib.request.urlopen(f"{address}healthz", timeout=2).read()
        except OSError:
            continue
        print(f"Yuncha is ready: {address}   (Ctrl-C stops everything)", flush=True)
        return


def _stop(children: list[subprocess.Popen[str]]) -> None:
    for child in reversed(children):
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
