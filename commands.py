"""The command line of the product: `python app.py --help`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import by_hand
import ports
from metrics.catalogue import load
from opening import collect_garbage_seldom, opened
from settings import Settings, from_environment


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 done, 1 failed, 2 wrongly asked."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        settings = from_environment(_environment(given))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for noisy in ("apscheduler", "httpx", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR if noisy == "apscheduler" else logging.WARNING)
    status: int = given.call(given, settings)
    return status


def _run(given: argparse.Namespace, settings: Settings) -> int:
    from running import run

    workspace, faults = load(settings.workspace)
    told = [str(fault) for fault in faults if fault.id == "missing-data"]
    demo = workspace.replay if workspace is not None and workspace.demo else None
    told = told or ports.refusal(settings.host, settings.port, demo.advance if demo else None)
    if told:
        print("\n".join(told), file=sys.stderr)
        return 1
    return run(settings)


def _web(given: argparse.Namespace, settings: Settings) -> int:
    from running import serve

    told = ports.refusal(settings.host, settings.port)
    if told:
        print("\n".join(told), file=sys.stderr)
        return 1
    return serve(settings)


def _worker(given: argparse.Namespace, settings: Settings) -> int:
    from worker import Worker

    workspace, store = opened(settings, look_over=not given.with_parent)
    worker = Worker(store, workspace, settings)
    collect_garbage_seldom()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    if given.with_parent:
        threading.Thread(target=_end_with, args=(os.getppid(), worker.stopping), daemon=True).start()
    status = worker.run()
    store.close()
    # A hung source may hold a thread of the pool; its deadline is not ours to wait for.
    os._exit(status)


def _end_with(parent: int, stopping: threading.Event) -> None:
    """A worker whose starter was killed does not stay behind."""
    while not stopping.wait(1):
        if os.getppid() != parent:
            stopping.set()


def _user(given: argparse.Namespace, settings: Settings) -> int:
    from access import commands

    workspace, store = opened(settings)
    return commands.user(
        given, workspace, store, settings.public_url or f"http://{settings.host}:{settings.port}", datetime.now(UTC)
    )


def _token(given: argparse.Namespace, settings: Settings) -> int:
    from access import commands

    return commands.token(given, opened(settings)[1], datetime.now(UTC))


def _source(given: argparse.Namespace, settings: Settings) -> int:
    from receive import commands

    if given.action == "try":
        found, faults = load(settings.workspace)
        if found is None:
            print("\n".join(map(str, faults)), file=sys.stderr)
            return 1
        return commands.look(given, found, datetime.now(UTC))
    workspace, store = opened(settings)
    return commands.token(given, workspace, store, datetime.now(UTC))


def _audit(given: argparse.Namespace, settings: Settings) -> int:
    from access import commands

    return commands.show_audit(given, opened(settings)[1])


def _instant(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _environment(given: argparse.Namespace) -> dict[str, str]:
    found = dict(os.environ)
    if getattr(given, "workspace", None):
        found["WORKSPACE"] = given.workspace
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("app.py", description="Yuncha 云察: watch the work of a government's departments.")
    parser.add_argument("--workspace", help="folder of the workspace (default: $WORKSPACE, else workspaces/sichuan)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, call: object, words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.set_defaults(call=call)
        return made

    command("run", _run, "migrate, then start the demo's systems (where there are any), the worker and the web server")
    command("web", _web, "the web server alone")
    command("worker", _worker, "a worker alone: any number may run, one leads").add_argument(
        "--with-parent", action="store_true", help="end when the process that started it ends"
    )
    command("check", by_hand.check, "print every fault of a workspace at once").add_argument("folder", nargs="?", type=Path)
    collect = command("collect", by_hand.collect, "collect one source by hand")
    collect.add_argument("source")
    collect.add_argument("--dry-run", action="store_true", help="show what would be stored and what is refused; store nothing")
    collect.add_argument("--since", type=_instant, help="back-fill from this instant (ISO 8601)")
    collect.add_argument("--until", type=_instant, help="back-fill up to this instant")
    replay = command("replay", by_hand.replay, "make history: drive all sources from an instant up to now; only before live data")
    replay.add_argument("--from", dest="begin", type=_instant, help="the first instant (ISO 8601)")
    user = command("user", _user, "add, list and change accounts; a new one-time link for a lost password")
    user.add_argument("action", choices=("add", "list", "link", "change", "disable", "enable"))
    user.add_argument("name", nargs="?")
    user.add_argument("--display", help="the name shown")
    user.add_argument("--role", choices=("viewer", "staff", "supervisor", "administrator"))
    user.add_argument("--departments", nargs="+", help="ids of the departments in scope")
    user.add_argument("--regions", nargs="+", help="ids of the regions in scope")
    token = command("token", _token, "API tokens: add USER NAME, list, drop NUMBER")
    token.add_argument("action", choices=("add", "list", "drop"))
    token.add_argument("user", nargs="?", help="the account it acts for; with drop, the token's number")
    token.add_argument("name", nargs="?", help="what it is for")
    token.add_argument("--actions", nargs="+", choices=("view", "export", "acknowledge", "answer"), default=["view", "export"])
    token.add_argument("--days", type=int, default=365, help="how long it lives")
    source = command("source", _source, "try FILE-or-ADDRESS: propose its YAML; token KEY, revoke KEY, tokens: of what pushes")
    source.add_argument("action", choices=("try", "token", "revoke", "tokens"))
    source.add_argument("target", nargs="?", help="a file or an address to try; else the source's key")
    source.add_argument("--write", action="store_true", help="put what is proposed into the workspace")
    from copying import run_backup, run_restore

    backup = command("backup", run_backup, "all that is stored, in one file, while everything goes on")
    backup.add_argument("to", type=Path, help="the file to make, or a folder for a file named by time and revision")
    restore = command("restore", run_restore, "put a backup back, into an empty database and DATA folder")
    restore.add_argument("file", type=Path)
    retained = command("retain", by_hand.retain, "let go of raw payloads and of figures finer than a day, as `retention` says")
    retained.add_argument("--dry-run", action="store_true", help="only say how many rows")
    audit = command("audit", _audit, "who did what: the last rows, or verify that none was changed")
    audit.add_argument("action", choices=("list", "verify"), nargs="?", default="list")
    audit.add_argument("--last", type=int, default=50)
    audit.add_argument("--checkpoint", help="COUNT:HASH that an earlier verify printed")
    definitions = command("definitions", by_hand.definitions, "list the indicators, or accept a new meaning into the lock file")
    definitions.add_argument("action", choices=("list", "accept"), nargs="?", default="list")
    definitions.add_argument("--reason", default="", help="why the meaning changed")
    definitions.add_argument("--by", default="", help="who accepts it (default: $USER)")
    definitions.add_argument("--from", dest="since", type=date.fromisoformat, help="the first day of the new meaning (today)")
    return parser
