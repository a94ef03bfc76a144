"""Whose port is it? Asked before anything starts: what answers there may be another program, and would be taken for ours."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

PROC = Path("/proc")
LISTENING = "0A"
SYSTEMS = 6
"""Ports of a demonstration: its control's and those that follow."""


def refusal(host: str, port: int, control: str | None = None) -> list[str]:
    """What is in the way of the web server, or of the demonstration whose control has this address, and what to change.
    Empty: everything is free."""
    told = _in_the_way(host, port)
    if told:
        other = _free(host, max(port + 1, 8050))
        change = f"Stop it, or take another port: make run PORT={other}" if other else "Set HOST to an address of this machine."
        return [f"{told} {change}"]
    first = (urlsplit(control).port or 0) if control else 0
    for number in range(first, first + SYSTEMS) if first else ():
        told = _in_the_way("127.0.0.1", number)
        if told:
            other = first // 100 + 1
            return [f"{told} The demonstration needs it: stop it, or take other ports: make run YUNCHA_DEMO_PORTS={other}"]
    return []


def _in_the_way(host: str, port: int) -> str:
    try:
        _listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {port} is in use by {_listener(port) or 'another program'}."
        return f"Nothing can listen on port {port} of {host}: {error.strerror or error}."
    return ""


def _listen(host: str, port: int) -> None:
    """For a moment, as the server will: what just ended is no obstacle. OSError where it cannot."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(address)
        tried.listen()


def _free(host: str, first: int) -> int | None:
    for number in range(first, min(first + 100, 65536)):
        with contextlib.suppress(OSError):
            _listen(host, number)
            return number
    return None


def _listener(port: int) -> str:
    """The program that listens there, by its command and process id; nothing where this system, or its rights, do not tell."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = (PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        fields = [row.split() for row in rows]
        inodes |= {f"socket:[{row[9]}]" for row in fields if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port}
    for process in sorted(PROC.glob("[0-9]*"), key=lambda path: int(path.name)):
        if inodes & set(_opened(process)):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            except OSError:
                command = ""
            return f"`{command[:120]}` (process {process.name})"
    return ""


def _opened(process: Path) -> Iterator[str]:
    """What its file descriptors are; what is not ours to see, or is gone meanwhile, is left out."""
    try:
        for one in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                yield os.readlink(one)
    except OSError:
        return
